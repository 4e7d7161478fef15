"""Why records of Letta are held, and what whoever reads the account is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synap_import import HoldReason

PERSONA = "persona-block"
POLICY = "read-only-block"
TEMPLATE = "template-block"
COPY_OF_FILE = "memory-file-copy"
CHUNK = "file-chunk"
SYSTEM_PROMPT = "system-message"
REASONING = "reasoning"
TOOL = "tool-message"
APPROVAL = "approval-message"
EVENT = "event-message"
COMPACTION = "compaction-alert"
LOGIN = "login-notice"
HEARTBEAT = "heartbeat"
BOOT = "boot-message"
UNKNOWN = "unknown-message"
BACKGROUND_COPY = "sleeptime-copy"
AGENT = "agent-definition"
IDENTITY = "identity"

_SAID_BY_NOBODY = "Nothing to do: nobody said this."

HOLDS: Mapping[str, HoldReason] = MappingProxyType(
    {
        PERSONA: HoldReason("Blocks that say who the agent is, not who the user is"),
        POLICY: HoldReason("Texts that operators gave to agents, which may not change them"),
        TEMPLATE: HoldReason("Blocks from which those of new agents are copied"),
        COPY_OF_FILE: HoldReason(
            "Blocks in which the Cloud shows a memory file once more",
            "Nothing to do: the files are records of their own. Included, each would load twice.",
        ),
        CHUNK: HoldReason(
            "Passages that are pieces of a file, cut for searching",
            "--with-files loads the files whole.",
        ),
        SYSTEM_PROMPT: HoldReason(
            "Compiled prompts of agents, and notes of operators",
            "Nothing to do: the blocks in them are records of their own. Included, those would "
            "load once more.",
        ),
        REASONING: HoldReason("Thoughts of the model, which it told nobody"),
        TOOL: HoldReason("Calls of tools, and what they returned"),
        APPROVAL: HoldReason("Requests for approval, and their answers"),
        EVENT: HoldReason("Events in conversations"),
        COMPACTION: HoldReason(
            "Summaries in the place of older messages in an agent's context",
            "Nothing to do: the messages themselves come. Where they do not, as in agent files, "
            f"--include {COMPACTION} loads the summaries.",
        ),
        LOGIN: HoldReason("Notices of logins, stored as messages of a user", _SAID_BY_NOBODY),
        HEARTBEAT: HoldReason(
            "Notices of heartbeats, stored as messages of a user", _SAID_BY_NOBODY
        ),
        BOOT: HoldReason("The made-up first words of old agents", _SAID_BY_NOBODY),
        UNKNOWN: HoldReason("Messages of a type that this version does not know"),
        BACKGROUND_COPY: HoldReason(
            "Messages of sleeptime agents, which repeat another agent's conversation",
            "Nothing to do: that conversation loads. Included, it would load twice.",
        ),
        AGENT: HoldReason("Agents themselves: name, description, prompt, tags and metadata"),
        IDENTITY: HoldReason("Identities, with what the application keeps about them"),
    }
)
