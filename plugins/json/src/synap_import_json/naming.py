"""What is said about inputs whose format was recognised: what it is, and what that means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING

from synap_import import Finding, MemoryRecord, Scope, ScopeKind, Severity

from .archives import ZipMember
from .items import Position

if TYPE_CHECKING:
    from .known import Known
    from .reading import Reading

_LOOKED_AT = 20
_MOST_NAMES = 10


def about_known(readings: Sequence[Reading]) -> Iterator[Finding]:
    """The findings about formats, one for all inputs of the same one."""
    recognised = [(one.known, one) for one in readings if one.known is not None]
    recognised.sort(key=lambda pair: pair[0].name)
    for _, pairs in groupby(recognised, key=lambda pair: pair[0].name):
        same = list(pairs)
        known = same[0][0]
        group = [reading for _, reading in same]
        yield from _about(known, group)


def about_archives(readings: Sequence[Reading]) -> Iterator[Finding]:
    """What lies in archives and is no data: pictures, web pages."""
    archives = {
        one.source.archive: one.source for one in readings if isinstance(one.source, ZipMember)
    }
    for name, first in archives.items():
        if first.unread:
            yield Finding(
                Severity.INFO,
                "archive-not-read",
                f"Of {name}, only JSON and CSV files are read.",
                count=len(first.unread),
                examples=first.unread[:_MOST_NAMES],
            )


def _about(known: Known, readings: Sequence[Reading]) -> Iterator[Finding]:
    names = tuple(one.source.name for one in readings)
    first = readings[0]
    if known.aside:
        yield Finding(
            Severity.INFO,
            "format-part",
            f"{_listed(names)} looks like {known.title}, because {first.because}; {known.aside}.",
            count=len(names),
            examples=names[:_MOST_NAMES],
        )
        return
    yield Finding(
        Severity.INFO,
        "format-recognised",
        " ".join(
            filter(
                None,
                (
                    f"{_listed(names)} looks like {known.title}, because {first.because}.",
                    known.loses,
                ),
            )
        ),
        "If that is wrong, say what the fields are: --mapping mapping.yaml (docs/mapping.md).",
        count=len(names),
        examples=names[:_MOST_NAMES],
    )
    if known.better:
        yield Finding(
            Severity.WARNING,
            "format-read-better",
            f"{_listed(names)} looks like {known.title}.",
            known.better.format(file=first.source.place),
            count=len(names),
        )
    yield from _about_users(known, readings)


def _about_users(known: Known, readings: Sequence[Reading]) -> Iterator[Finding]:
    owners = sorted({one.whose.user for one in readings if one.whose.user})
    records = [record for one in readings for record in first_records(one)]
    nobodys = [one for one in records if _names_nobody(one.scope)]
    if nobodys:
        yield Finding(
            Severity.WARNING,
            "format-without-user",
            f"{len(nobodys)} of the first {len(records)} records of {known.title} say nothing "
            "about whose they are.",
            "If all of it is one person's, say whose: --user ID.",
            count=len(nobodys),
        )
    elif any(one.whose.user and not one.whose.assumed for one in readings):
        yield Finding(
            Severity.INFO,
            "format-owner",
            f"What names nobody is {', '.join(owners[:3])}'s, as the file says.",
        )


def _names_nobody(scope: Scope) -> bool:
    """Whether it has no id, or none but that of a conversation."""
    owner = scope.owner()
    return owner is None or owner[0] is ScopeKind.SESSION


def first_records(reading: Reading) -> list[MemoryRecord]:
    """The records of the first items."""
    found: list[MemoryRecord] = []
    items = reading.layout.items(reading.source.look(), Position())
    for item in islice(items, _LOOKED_AT):
        try:
            made = [] if item.flaw else list(reading.make(item.content))
        except ValueError:
            continue
        found += [one for one in made if isinstance(one, MemoryRecord)]
    return found


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
