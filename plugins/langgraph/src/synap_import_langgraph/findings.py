"""What the owner of the data should know, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from synap_import import Finding, Kind, MemoryRecord, Severity

if TYPE_CHECKING:
    from .namespaces import Owners

NOTE = "a namespace; --owner can say whose it is"
_EXAMPLES = 5

Counts = Sequence[tuple[tuple[str, ...], int]]


def before_reading(
    namespaces: Counts, owners: Owners, samples: Sequence[MemoryRecord], has_checkpoints: bool
) -> Iterator[Finding]:
    """What is seen by the namespaces and the first items."""
    if not namespaces:
        yield Finding(
            Severity.WARNING,
            "langgraph-empty",
            "There is nothing in the store.",
            "Is it the database that the application uses?",
        )
    if unnamed := [".".join(one) for one, _ in namespaces if owners.named(one) is None]:
        yield Finding(
            Severity.WARNING,
            "langgraph-no-owner-named",
            "Nothing says whose these namespaces are; each is taken for a group.",
            "If a user's id is in them, say where: --owner 'memories.{user}'. Otherwise rows of "
            "the user map decide about them (scope group).",
            len(unnamed),
            tuple(unnamed[:_EXAMPLES]),
        )
    written = [one.id for one in samples if one.kind is Kind.DOCUMENT]
    if written:
        yield Finding(
            Severity.INFO,
            "langgraph-fields-as-text",
            f"{len(written)} of the first {len(samples)} items have no field that is known to be "
            "their text: all their fields are written out, a line for each.",
            "If one of them is the text, name it: --text FIELD.",
            len(written),
            tuple(written[:_EXAMPLES]),
        )
    if has_checkpoints:
        yield Finding(
            Severity.INFO,
            "langgraph-checkpoints-not-read",
            "There are checkpoints of conversations, too. They are not read: they hold the state "
            "of programs, without users, and only the program itself can decode it.",
            "To bring conversations along, write their messages as JSON Lines from the "
            "application (get_state), and use: synap-import json.",
        )


def after_reading(seen: int, now: int) -> Sequence[Finding]:
    """Whether the store has grown behind the last look."""
    if now <= seen:
        return []
    return [
        Finding(
            Severity.WARNING,
            "langgraph-added-meanwhile",
            "Items were added while the end of the store was read.",
            "Run the same command again: it loads what is new.",
            now - seen,
        )
    ]


def counted(items: int, namespaces: int) -> str:
    """How much there is, in words."""
    return (
        f"{items:,} item{'' if items == 1 else 's'} in {namespaces:,} "
        f"namespace{'' if namespaces == 1 else 's'}"
    )
