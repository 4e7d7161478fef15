"""What is known of a server before its memories are read, and whether that can be all of them."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from synap_import import Finding, Severity, SourceError

from .entities import (
    LIST_LIMIT,
    SCAN_LIMIT,
    Entity,
    Item,
    owners,
    reachable_of,
    rows_at_least,
    rows_at_most,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .behind import StoreBehind
    from .dialect import Dialect

_LISTED_WHOLE = (None, "pgvector")
_NAMED = 5


class Unscoped(NamedTuple):
    """The list without any id: the only one that shows memories which carry none."""

    items: tuple[Item, ...] = ()
    visible: bool = True

    @property
    def ended_by_itself(self) -> bool:
        """Whether the list ended before its limit."""
        return self.visible and len(self.items) < LIST_LIMIT

    @property
    def without_owner(self) -> int:
        """How many carry no id at all."""
        return sum(not owners(item) for item in self.items)

    def digest(self) -> str:
        """Differs when something was added, changed or taken away."""
        known = sorted(json.dumps([one.get("id"), one.get("updated_at")]) for one in self.items)
        return sha256("\n".join(known).encode()).hexdigest()[:16]


class Survey(NamedTuple):
    """The answers to the first questions."""

    dialect: Dialect
    store: StoreBehind
    entities: tuple[Entity, ...]
    unscoped: Unscoped

    @property
    def listed(self) -> tuple[Entity, ...]:
        """The entities whose own list is worth asking for."""
        if not self.dialect.has_top_k:
            return ()
        return tuple(one for one in self.entities if one.can_be_asked_for)

    @property
    def oversized(self) -> tuple[Entity, ...]:
        """Those with more memories than one list shows."""
        return tuple(one for one in self.listed if one.total > LIST_LIMIT)

    @property
    def shows_everything(self) -> bool:
        """Whether the list of all is complete, and not just cut short by the store's driver."""
        counted = rows_at_least(self.entities)
        return self.unscoped.ended_by_itself and counted <= len(self.unscoped.items)

    @property
    def expected(self) -> int | None:
        """The number of memories, where the answers tell."""
        if self.shows_everything:
            return len(self.unscoped.items)
        at_least = rows_at_least(self.entities)
        return at_least if at_least == rows_at_most(self.entities) else None

    @property
    def has_doubtful_totals(self) -> bool:
        """Whether the server may have counted a part only."""
        return not self.shows_everything and rows_at_most(self.entities) >= SCAN_LIMIT


def refuse_what_cannot_be_whole(survey: Survey) -> None:
    """Raise SourceError where it is clear already that the lists leave something out."""
    if _takes_its_store_wrongly(survey):
        raise SourceError(
            f"The server cannot list its own store ({survey.store.provider}): it knows no users, "
            "and instead of memories it shows empty ones.",
            remedy=survey.store.route,
        )
    if survey.shows_everything:
        return
    for problem in _problems(survey):
        raise SourceError(problem, remedy=survey.store.route)


def _takes_its_store_wrongly(survey: Survey) -> bool:
    """Qdrant's driver answers a pair, which the server takes for two rows (August 2026)."""
    nameless = any(item.get("id") is None for item in survey.unscoped.items)
    return nameless or (survey.store.provider == "qdrant" and not survey.entities)


def incomplete(entity: Entity, shown: int, survey: Survey) -> SourceError:
    """For an entity whose lists, split as far as they can be, do not show all."""
    return SourceError(
        f"There are {entity.total} memories of {entity.title}, and the server's lists show at "
        f"most {shown} of them: a list ends at {LIST_LIMIT}, also when it is split by runs, "
        "agents and users. Nothing was read.",
        remedy=survey.store.route,
    )


def _problems(survey: Survey) -> Iterator[str]:
    if not survey.dialect.has_top_k:
        admin = "" if survey.unscoped.visible else ", and only for an admin's key"
        yield (
            "This Mem0 server is from before 2026-06-24: the list of one user's memories ends at "
            f"its default (20, or 100), and the list of all at {LIST_LIMIT}{admin}."
        )
    unaskable = [one for one in survey.entities if not one.can_be_asked_for]
    if unaskable:
        yield (
            f"The server refuses to list memories of ids with spaces in them, and has "
            f"{len(unaskable)} of these: {_names(unaskable)}."
        )
    if rows_at_least(survey.entities) >= SCAN_LIMIT:
        yield (
            f"The server counts the memories of at most {SCAN_LIMIT} rows and has that many or "
            "more, so neither its totals nor its list of users can be trusted."
        )
    if survey.unscoped.without_owner:
        yield (
            f"There are memories without user, agent and run, and the only list that shows them "
            f"ends at {LIST_LIMIT}."
        )
    for entity in survey.oversized:
        reachable = reachable_of(entity, survey.entities)
        if reachable < entity.total:
            yield incomplete(entity, reachable, survey).message


def findings_of(survey: Survey) -> Iterator[Finding]:
    """What the owner of the data should know before anything is read."""
    whole = survey.shows_everything
    if not survey.entities and not survey.unscoped.items:
        yield Finding(
            Severity.WARNING,
            "no-memories",
            "The server shows no memories at all.",
            "Check that it is the right server and collection, and that its store is up.",
        )
    if survey.store.provider not in _LISTED_WHOLE:
        yield Finding(
            Severity.WARNING,
            "other-store",
            f"The server keeps its memories in {survey.store.provider}. Some of its drivers end "
            "lists early or answer with an empty one when the store is down.",
            "Compare the counts with the store's own.",
        )
    if survey.oversized:
        yield Finding(
            Severity.INFO,
            "long-lists",
            f"More than {LIST_LIMIT} memories have: {_names(survey.oversized)}. Their lists are "
            "split by further ids; before anything is loaded it is clear whether that shows all.",
            count=len(survey.oversized),
        )
    if not survey.unscoped.visible:
        yield Finding(
            Severity.WARNING,
            "not-an-admin",
            "The key is not an admin's: memories without user, agent and run stay unseen.",
            "Use the server's ADMIN_API_KEY to see whether there are any.",
        )
    elif not whole:
        yield Finding(
            Severity.INFO,
            "unscoped-list-ends",
            f"The list of all memories ends at {LIST_LIMIT}. None of these is without user, agent "
            "and run; of the others the server does not tell.",
        )
    if not whole and survey.dialect.has_top_k and not survey.dialect.has_show_expired:
        yield Finding(
            Severity.WARNING,
            "expired-hidden",
            "The server is from before 2026-06-25 and may hide memories that have expired.",
            "What is missing of its totals is reported at the end.",
        )
    if survey.has_doubtful_totals:
        yield Finding(
            Severity.WARNING,
            "doubtful-totals",
            f"The server counts {SCAN_LIMIT} rows at most and may have reached that.",
            "It is clear at the end; if so, it is an error then.",
        )


def _names(entities: tuple[Entity, ...] | list[Entity]) -> str:
    shown = ", ".join(f"{one.title} ({one.total})" for one in entities[:_NAMED])
    more = len(entities) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
