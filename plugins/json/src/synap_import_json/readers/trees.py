"""Conversations that branch: the way from the last message back to the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping


def way_to(leaf: str | None, parent_of: Callable[[str], str | None]) -> list[str]:
    """The nodes from the root to a leaf; a circle ends where it would begin again."""
    way: dict[str, None] = {}
    while leaf is not None and leaf not in way:
        way[leaf] = None
        leaf = parent_of(leaf)
    return [*reversed(way)]


def depths(nodes: Mapping[str, object], parent_of: Callable[[str], str | None]) -> dict[str, int]:
    """How far each node is from its root: its place in the conversation, whatever branch."""
    known: dict[str, int] = {}
    for node in nodes:
        climbed: dict[str, None] = {}
        at: str | None = node
        while at is not None and at not in known and at not in climbed:
            climbed[at] = None
            at = parent_of(at)
        start = known[at] + 1 if at in known else 0
        known |= {step: depth for depth, step in enumerate(reversed(climbed), start)}
    return known
