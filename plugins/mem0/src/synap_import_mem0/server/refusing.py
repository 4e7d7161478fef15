"""Refusals of servers whose lists cannot show all, each with the way around."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synap_import import SourceError

from .entities import LIST_LIMIT, SCAN_LIMIT, Entity, reachable_of, rows_at_least
from .survey import Survey, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def refuse_what_cannot_be_whole(survey: Survey) -> None:
    """Raise SourceError where it is clear already that the lists leave something out."""
    if _takes_its_store_wrongly(survey):
        raise SourceError(
            f"The server cannot list its own store ({survey.store.provider}): it knows no users, "
            "and instead of memories it shows empty ones.",
            remedy=survey.store.route,
        )
    problem = None if survey.shows_everything else next(_problems(survey), None)
    if problem is not None:
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
            f"{len(unaskable)} of these: {names_of(unaskable)}."
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
