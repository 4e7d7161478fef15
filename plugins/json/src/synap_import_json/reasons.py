"""Why records of known formats are held: what they are, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synap_import import HoldReason

from .readers.chatgpt import HIDDEN
from .readers.mcp_memory import BARE, RELATION
from .readers.parts import ABANDONED, MACHINE

HOLDS: Mapping[str, HoldReason] = MappingProxyType(
    {
        ABANDONED: HoldReason(
            "Messages that an edit or a new answer replaced; the conversation went on without them",
            "Nothing to do: they are not what was said in the end.",
        ),
        HIDDEN: HoldReason(
            "Messages that the application hid from the conversation, as its own instructions",
            "Nothing to do: no person said or saw them.",
        ),
        MACHINE: HoldReason(
            "System prompts, thinking, tool calls and their output",
            "Nothing to do: no person said them.",
        ),
        RELATION: HoldReason(
            "Relations between entities of a graph: three names, not a sentence",
            "Nothing to do: Synap finds relations by itself in what is said of the entities.",
        ),
        BARE: HoldReason(
            "Entities about which the graph holds nothing but a name",
            "Nothing to do: there is nothing to remember in them.",
        ),
    }
)
