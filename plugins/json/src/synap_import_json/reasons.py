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
            "Nothing: they are not what was said in the end.",
        ),
        HIDDEN: HoldReason(
            "Messages that the application hid from the conversation, as its own instructions",
            "Nothing: no person said or saw them.",
        ),
        MACHINE: HoldReason(
            "System prompts, thinking, tool calls and their output",
            "Nothing: no person said them.",
        ),
        RELATION: HoldReason("Relations between entities of a graph, as short sentences"),
        BARE: HoldReason(
            "Entities about which the graph holds nothing but a name",
            "Nothing: there is nothing to remember in them.",
        ),
    }
)
