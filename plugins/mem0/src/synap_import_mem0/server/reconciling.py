"""What a server holds in the end, compared with what came out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from synap_import import Exported, Finding, Severity
from synap_import_mem0.memories import SYSTEM

from .entities import SCAN_LIMIT, Entity, Item
from .pages import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from .lists import Items
    from .survey import Survey

_EXAMPLES = 5
_AGAIN = "Run the same command again: it reads what was written since. "


class Listed(NamedTuple):
    """What the server lists now of an entity whose count leaves a doubt."""

    entity: Entity
    items: Items


def compare(
    survey: Survey, listed: Sequence[Listed], exported: Exported, now: datetime
) -> tuple[Finding, ...]:
    """A finding for each hole; nothing when all that the server tells of came out."""
    return tuple(_findings(survey, listed, exported, now))


def _findings(
    survey: Survey, listed: Sequence[Listed], exported: Exported, now: datetime
) -> Iterator[Finding]:
    for entity, items in listed:
        absent = _absent(list(items.values()), exported, now)
        unlisted = 0 if survey.shows_everything else max(0, entity.total - len(items))
        if absent or unlisted:
            yield _hole(survey, entity.title, absent, unlisted)
    absent = _absent(survey.unscoped.items, exported, now)
    if absent:
        yield _hole(survey, "the list of all", absent, 0)
    if survey.has_doubtful_totals:
        rows = set().union(*(one.items for one in listed))
        if len(rows) >= SCAN_LIMIT:
            yield _untrusted(survey)


def _absent(items: Sequence[Item], exported: Exported, now: datetime) -> list[str]:
    """Ids that did not come out; what cannot be read is accounted for as such."""
    made, _ = records_of(items, now)
    return exported.missing(SYSTEM, [record.id for _, record in made])


def _hole(survey: Survey, whose: str, absent: list[str], unlisted: int) -> Finding:
    said = [f"{len(absent)} that it lists did not come out"] if absent else []
    said += [f"{unlisted} that it counts are in none of its lists"] if unlisted else []
    return Finding(
        Severity.ERROR,
        "memories-missing",
        f"Of the server's memories of {whose}, {' and '.join(said)}.",
        _AGAIN + survey.store.route if unlisted else _AGAIN.strip(),
        count=len(absent) + unlisted,
        examples=tuple(absent[:_EXAMPLES]),
    )


def _untrusted(survey: Survey) -> Finding:
    return Finding(
        Severity.ERROR,
        "totals-untrusted",
        f"The server has {SCAN_LIMIT} memories or more and counts no further, so nobody can tell "
        "from its lists whether these were all.",
        survey.store.route,
    )
