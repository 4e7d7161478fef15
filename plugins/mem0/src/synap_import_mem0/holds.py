"""Why records of Mem0 are held, and what whoever reads the account is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synap_import import HoldReason

WITHOUT_USER = "history-without-user"
ARCHIVED = "openmemory-archived"
RELATION = "graph-relation"

HOLDS: Mapping[str, HoldReason] = MappingProxyType(
    {
        WITHOUT_USER: HoldReason(
            "Texts of the history whose memory is in no store that says whose it is",
            "Where a store still has the memories, read that, with --with-history and "
            "--history-db: it knows the users. Of deleted ones nobody does.",
        ),
        ARCHIVED: HoldReason("Memories that were archived in OpenMemory"),
        RELATION: HoldReason(
            "Edges of the graph of Mem0 1.x: names without a time and an owner",
            "Nothing to do: Synap finds relations by itself in what the memories say.",
        ),
    }
)
