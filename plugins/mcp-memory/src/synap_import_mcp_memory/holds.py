"""Why records of the memory server are held, and what whoever reads the account is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synap_import import HoldReason

RELATION = "graph-relation"
BARE = "entity-without-observations"

HOLDS: Mapping[str, HoldReason] = MappingProxyType(
    {
        RELATION: HoldReason(
            "Relations: three names, not a sentence",
            "Nothing to do: Synap finds relations by itself in what the observations say.",
        ),
        BARE: HoldReason("Names about which nothing is known"),
    }
)
