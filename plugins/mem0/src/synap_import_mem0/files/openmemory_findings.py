"""What is said about an OpenMemory export before it is read, above all about its times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from synap_import import Finding, Severity

from .zones import as_offset, rounded, unshifted

if TYPE_CHECKING:
    from .openmemory_census import Census

_SLACK = timedelta(minutes=5)


def findings_of(name: str, census: Census, zone: tzinfo | None, now: datetime) -> Iterator[Finding]:
    """Findings about one export. A shift that is not corrected is an error."""
    if not census.memories:
        yield Finding(
            Severity.WARNING, "empty-file", f"{name} has no memories.", "Look into the file."
        )
        return
    if not census.has_user:
        yield Finding(
            Severity.WARNING,
            "openmemory-no-user",
            f"{name} does not say whose its memories are.",
            "Give memories.json or the whole zip instead, which do.",
        )
    filters = [key for key in ("app_id_filter", "from_date", "to_date") if census.meta.get(key)]
    if filters:
        yield Finding(
            Severity.WARNING,
            "openmemory-filtered",
            f"{name} is an excerpt: it was exported with {', '.join(filters)}.",
            "Export without filters to have everything.",
            examples=tuple(f"{key} = {census.meta[key]}" for key in filters),
        )
    if census.state_changes:
        yield Finding(
            Severity.INFO,
            "openmemory-state-history",
            f"{name} also tells when memories changed their state; that is not exported.",
            count=census.state_changes,
        )
    yield from _about_times(name, census, zone, now)


def _about_times(
    name: str, census: Census, zone: tzinfo | None, now: datetime
) -> Iterator[Finding]:
    if census.newest is None:
        return
    limit = census.generated_at or now
    made = "the export was made" if census.generated_at else "now"
    newest = census.newest if zone is None else unshifted(census.newest, zone)
    late = newest - limit
    if late <= _SLACK:
        if zone is None:
            yield _undecided(name)
        return
    by = _spoken(rounded(late))
    if zone is not None:
        yield Finding(
            Severity.ERROR,
            "openmemory-wrong-zone",
            f"{name}: in the zone of --openmemory-tz its times still lie up to {by} after {made} "
            f"({limit.isoformat()}).",
            "Give the zone of the host that wrote it.",
        )
        return
    yield Finding(
        Severity.ERROR,
        "openmemory-time-shift",
        f"{name}: its times lie up to {by} after {made} ({limit.isoformat()}). OpenMemory's "
        "export takes UTC for the local time of its host.",
        "Say in which time zone that host was, and the times are corrected: --openmemory-tz ZONE "
        f"(America/Los_Angeles, or --openmemory-tz={as_offset(rounded(late))} as it seems).",
    )


def _undecided(name: str) -> Finding:
    return Finding(
        Severity.INFO,
        "openmemory-zone-unknown",
        f"{name}: its times may be off. OpenMemory's export takes UTC for the local time of its "
        "host; east of UTC they come out too early, which nothing in the file shows.",
        "If that host was not in UTC, give its zone: --openmemory-tz Europe/Berlin.",
    )


def _spoken(shift: timedelta) -> str:
    hours, minutes = divmod(round(shift / timedelta(minutes=1)), 60)
    return f"{hours} h {minutes:02} min"
