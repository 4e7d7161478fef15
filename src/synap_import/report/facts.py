"""What a report tells about a job, as one value; renderers add nothing to it but words.

Its JSON form is published in docs/report.schema.json; ``report_version`` changes when a reader
of an older form could be misled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

# The types of fields must be known when the form of the JSON is described.
from synap_import.sources import Finding  # noqa: TC001

REPORT_VERSION: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Records by what became of them."""

    loaded: int = 0
    already_there: int = 0
    held: int = 0
    rejected: int = 0
    in_doubt: int = 0
    rolled_back: int = 0
    unfinished: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(getattr(self, name) for name in self.__slots__)

    @property
    def in_synap(self) -> int:
        """Those that Synap holds, whoever brought them."""
        return self.loaded + self.already_there


@dataclass(frozen=True, slots=True)
class About:
    """Which job this is, and when its report was written by which version of the tool."""

    job: str
    source: str
    title: str
    destination: str
    started_at: str
    written_at: datetime
    tool_version: str


@dataclass(frozen=True, slots=True)
class Account:
    """The books: ``exported`` is counted by itself, ``unaccounted`` is what is missing of it.

    ``documents`` are what the records became; several turns of a conversation share one.
    ``seen_again`` came out of the source more than once and are counted once. ``incomplete`` says
    that the source counts more records than came out of it. ``gone`` records are not in the source
    any more. In the place of ``replaced`` documents came newer versions; of them
    ``replaced_removed`` are gone from Synap.
    """

    exported: int
    outcomes: Outcomes
    unaccounted: int
    documents: int
    seen_again: int
    incomplete: bool = False
    gone: int = 0
    replaced: int = 0
    replaced_removed: int = 0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Loaded records by what Synap said of their documents, and the memories it made.

    ``unasked`` documents were not chosen to be asked about, ``unknown`` ones it does not know.
    """

    ingested: int = 0
    partly: int = 0
    processing: int = 0
    unasked: int = 0
    unknown: int = 0
    memories: int = 0


@dataclass(frozen=True, slots=True)
class OfKind:
    """What became of the records of a kind."""

    kind: str
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class OfUser:
    """What became of the records of an owner in the source.

    ``scope`` says what ``id`` is the id of; both are None for records that carry none.
    ``user_id`` is who they became in Synap, ``user_ids`` how many users that is.
    """

    scope: str | None
    id: str | None
    user_id: str | None
    user_ids: int
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Users:
    """The owners with most records, and the others together."""

    count: int
    most: tuple[OfUser, ...]
    others: Outcomes


class Step(StrEnum):
    """How long each span of a timeline is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Span:
    """What became of the records whose original time lies in the step that starts then."""

    start: date
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Timeline:
    """Records by their original time (``created_at``, UTC); spans without any are left out.

    ``timeless`` records have none. ``earlier`` and ``later`` lie so far from all others that a
    picture with them would show nothing else; they are not in ``spans``.
    """

    first: date | None
    last: date | None
    timeless: int
    step: Step
    spans: tuple[Span, ...]
    earlier: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A record that was not loaded; an item that could not be read has no more than its place."""

    id: str
    kind: str | None = None
    scope: str | None = None
    owner: str | None = None
    created_at: datetime | None = None
    document_id: str | None = None
    text: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """All records that were not loaded for one reason; the first of them are listed."""

    reason: str
    count: int
    listed: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Assumption:
    """What had to be assumed about so many records while reading them."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a run was; ``run`` is when it began.

    Records are counted over all runs of the job, ``confirmed`` documents in this one.
    ``in_flight`` batches were under way, at most ``pace`` a second where that was learned.
    """

    run: datetime
    at: datetime
    exported: int
    loaded: int
    already_there: int
    held: int
    rejected: int
    in_doubt: int
    confirmed: int
    in_flight: int
    pace: float | None


@dataclass(frozen=True, slots=True)
class PluginSection:
    """What a plugin has to say: a sentence, a table, or both, all of it plain text."""

    title: str
    plugin: str
    text: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a report tells."""

    about: About
    account: Account
    confirmed: Confirmed
    users: Users
    kinds: tuple[OfKind, ...]
    timeline: Timeline
    held: tuple[Reason, ...]
    rejected: tuple[Reason, ...]
    in_doubt: tuple[Reason, ...]
    findings: tuple[Finding, ...]
    assumptions: tuple[Assumption, ...]
    moments: tuple[Moment, ...]
    sections: tuple[PluginSection, ...] = ()
    report_version: Literal[1] = REPORT_VERSION
