"""Numbers, times and texts of a report as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from synap_import.destinations import is_elsewhere

from .facts import About, Account, Facts, OfUser, Outcomes, Step

NAMES = {
    "loaded": "loaded",
    "already_there": "already there",
    "held": "held",
    "rejected": "rejected",
    "in_doubt": "in doubt",
    "rolled_back": "rolled back",
    "unfinished": "not finished",
}
"""What the fields of :class:`~synap_import.report.facts.Outcomes` are called."""

# Joiners make one picture or word of several characters; alone they do nothing.
_HARMLESS = {"\u200c", "\u200d"}


def number(count: float) -> str:
    """A count with thousands separated."""
    return f"{count:,.0f}"


def percent(part: int, whole: int) -> str:
    """A share that says 0 or 100 % only where that is exactly so."""
    if whole == 0 or part == 0:
        return "0 %"
    if part == whole:
        return "100 %"
    share = 100 * part / whole
    if share < 0.1:
        return "under 0.1 %"
    return "over 99.9 %" if share > 99.9 else f"{share:.1f}".removesuffix(".0") + " %"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """A span of time in the units that a person would use."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    if whole < 90 * 60:
        return f"{round(whole / 60)} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def clock(seconds: float) -> str:
    """A moment of a run, counted from its beginning."""
    if 0 < seconds < 10 and not float(seconds).is_integer():
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02} h" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes}:{rest:02} min" if rest else f"{minutes} min"
    return f"{rest} s"


def shown(text: str, limit: int = 200) -> str:
    """The text in one line, cut to a length, with what is invisible in it made visible.

    Line ends become spaces. What else Unicode does not call printable (control characters,
    overrides of the direction of writing) is written as its code.
    """
    part = " ".join(text[: limit + 1].split())
    inert = "".join(
        c if c.isprintable() or c in _HARMLESS else c.encode("unicode_escape").decode()
        for c in part
    )
    if len(text) <= limit and len(inert) <= limit:
        return inert
    return inert[: limit - 1].rstrip() + "…"


def moment(at: datetime) -> str:
    """A time to the minute, in UTC."""
    try:
        at = at.astimezone(UTC)
    except OverflowError:  # within a day of the calendar's ends
        return at.isoformat()
    return f"{_day(at.date())}, {at:%H:%M} UTC"


def day(at: date | None) -> str:
    """A date, or that there is none."""
    return "none" if at is None else _day(at)


def span(start: date, step: Step) -> str:
    """The name of a step in time."""
    match step:
        case Step.DAY:
            return _day(start)
        case Step.WEEK:
            return f"week of {_day(start)}"
        case Step.MONTH:
            return f"{start:%b} {start.year}"
        case Step.QUARTER:
            return f"Q{(start.month + 2) // 3} {start.year}"
        case Step.YEAR:
            return str(start.year)


def owner(user: OfUser) -> str:
    """An owner by id, or in words where there is none."""
    return "nobody's" if user.id is None else shown(user.id, 80)


def parts(outcomes: Outcomes) -> list[tuple[str, str, int]]:
    """Field, name and count of each outcome that occurs."""
    counts = ((field, name, getattr(outcomes, field)) for field, name in NAMES.items())
    return [(field, name, count) for field, name, count in counts if count]


def listed(outcomes: Outcomes) -> str:
    """The outcomes that occur, in words."""
    return ", ".join(f"{number(count)} {name}" for _, name, count in parts(outcomes)) or "none"


def started(about: About) -> str:
    """When the job began."""
    try:
        return moment(datetime.fromisoformat(about.started_at))
    except ValueError:
        return shown(about.started_at, 40)


def older(account: Account) -> list[str]:
    """What re-syncs left of the past."""
    said = []
    if account.gone:
        said.append(f"{number(account.gone)} of these are not in the source any more")
    removed = f"{number(account.replaced_removed)} were removed"
    if account.replaced:
        versions = counted(account.replaced, "document was", "documents were")
        said.append(f"{versions} replaced by newer versions, of the older {removed}")
    return said


def destination(facts: Facts) -> str:
    """Where the job went, as people call it."""
    name = facts.about.destination
    if is_elsewhere(name):
        return name
    return "the local sandbox" if name == "sandbox" else f"Synap instance {name}"


def _day(at: date) -> str:
    return f"{at.day} {at:%b} {at.year}"
