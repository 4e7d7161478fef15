"""Reads the facts of a report out of a ledger: records go by once, and only counts are kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from synap_import.ledger import Confirmation, DocumentState, Origin
from synap_import.preflight.findings import in_order
from synap_import.sources import Severity

from . import tallies
from .allotment import allot
from .facts import (
    About,
    Account,
    Assumption,
    Confirmed,
    Facts,
    Listed,
    Moment,
    OfKind,
    OfUser,
    PluginSection,
    Reason,
    Users,
)
from .tallies import Tally, outcome_of
from .timelines import Times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synap_import.jobs import Job
    from synap_import.ledger import Books, Identified, Ledger, Sample

MOST_USERS = 15
UNREADABLE = "unreadable"
IN_DOUBT = "outcome unknown"

_NO_REASON = "no reason given"
# A little more than anybody shows: where it is cut can then be told.
_MOST_TEXT = 400


def gather(
    job: Job, ledger: Ledger, *, with_text: bool = True, sections: tuple[PluginSection, ...] = ()
) -> Facts:
    """The facts of a job as of now. Without text, no words of memories are among them.

    ``sections`` are those of plugins, made of the same ledger.
    """
    books = ledger.books()
    passing = _Passing(_lists(books), with_text=with_text)
    for one in ledger.listing.identified():
        passing.add(one)
    passing.add_unreadable(ledger)
    return Facts(
        about=_about(job),
        account=_account(ledger, books),
        confirmed=_confirmed(ledger, books),
        users=_users(ledger, books),
        kinds=passing.of_kinds(),
        timeline=passing.times.timeline(),
        held=passing.reasons("held", books.held),
        rejected=passing.reasons("rejected", books.rejected),
        in_doubt=passing.reasons("in_doubt", _in_doubt(books)),
        findings=tuple(in_order(ledger.findings.kept())),
        assumptions=tuple(Assumption(code, count) for code, count in books.notices.items()),
        moments=tuple(map(_moment, ledger.samples.kept())),
        sections=sections,
    )


@dataclass(slots=True)
class _Passing:
    """What is kept of the records that went by; ``room`` is how many of each reason to list."""

    room: dict[tuple[str, str], int]
    with_text: bool
    times: Times = field(default_factory=Times)
    _kinds: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Counter))
    _listed: defaultdict[tuple[str, str], list[Listed]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, one: Identified) -> None:
        """A record goes by."""
        outcome = outcome_of(one)
        self._kinds[one.record.kind.value][outcome] += 1
        self.times.add(one.record.created_at, outcome)
        if outcome in ("held", "rejected", "in_doubt"):
            group = (outcome, _reason_of(one, outcome))
            if group in self.room and len(self._listed[group]) < self.room[group]:
                self._listed[group].append(_listed(one, outcome, with_text=self.with_text))

    def add_unreadable(self, ledger: Ledger) -> None:
        """Items that could not become records are rejected, and have neither kind nor time."""
        group = ("rejected", UNREADABLE)
        for item in ledger.accounting.unreadable(self.room.get(group, 0)):
            raw = item.raw[:_MOST_TEXT] if self.with_text else None
            self._listed[group].append(Listed(item.where, text=raw, detail=item.reason))

    def of_kinds(self) -> tuple[OfKind, ...]:
        """What became of each kind, the most frequent first."""
        by_count = sorted(self._kinds.items(), key=lambda item: (-item[1].total(), item[0]))
        return tuple(OfKind(kind, tallies.outcomes(tally)) for kind, tally in by_count)

    def reasons(self, outcome: str, counts: Mapping[str, int]) -> tuple[Reason, ...]:
        """The reasons for an outcome with their records, the most frequent first."""
        told = [reason for reason in counts if (outcome, reason) in self.room]
        told.sort(key=lambda reason: -counts[reason])
        reasons = [
            Reason(reason, counts[reason], tuple(self._listed[outcome, reason])) for reason in told
        ]
        rest = sum(counts.values()) - sum(reason.count for reason in reasons)
        if rest:
            others = len(counts) - len(reasons)
            reasons.append(Reason(f"{others:,} other reasons", rest, ()))
        return tuple(reasons)


def _lists(books: Books) -> dict[tuple[str, str], int]:
    groups = {("held", reason): count for reason, count in books.held.items()}
    groups |= {("rejected", reason): count for reason, count in books.rejected.items()}
    groups |= {("in_doubt", reason): count for reason, count in _in_doubt(books).items()}
    return allot(groups)


def _in_doubt(books: Books) -> dict[str, int]:
    return {IN_DOUBT: books.in_doubt} if books.in_doubt else {}


def _reason_of(one: Identified, outcome: str) -> str:
    if outcome == "held":
        return one.hold or _NO_REASON
    return IN_DOUBT if outcome == "in_doubt" else one.reason or _NO_REASON


def _listed(one: Identified, outcome: str, *, with_text: bool) -> Listed:
    record = one.record
    scope, owner = record.scope.owner() or (None, None)
    return Listed(
        id=record.id,
        kind=record.kind.value,
        scope=scope.value if scope else None,
        owner=owner,
        created_at=record.created_at,
        document_id=one.document_id,
        text=record.text[:_MOST_TEXT] if with_text else None,
        detail=one.reason if outcome == "in_doubt" else None,
    )


def _about(job: Job) -> About:
    return About(
        job=job.name,
        source=job.source,
        title=job.title,
        destination=job.destination,
        started_at=job.started_at,
        written_at=datetime.now(UTC).replace(microsecond=0),
        tool_version=version("synap-import"),
    )


def _account(ledger: Ledger, books: Books) -> Account:
    compared = ledger.findings.kept(Origin.RECONCILE)
    return Account(
        exported=books.exported,
        outcomes=tallies.of_books(books),
        unaccounted=books.unaccounted,
        documents=books.documents,
        seen_again=books.seen_again,
        incomplete=any(finding.severity is Severity.ERROR for finding in compared),
        gone=books.gone,
        replaced=sum(books.replaced.values()),
        replaced_removed=books.replaced.get(DocumentState.REMOVED, 0),
    )


def _confirmed(ledger: Ledger, books: Books) -> Confirmed:
    counts = Counter(ledger.outcomes.confirmed_records())
    return Confirmed(
        ingested=counts[Confirmation.COMPLETED],
        partly=counts[Confirmation.PARTIAL],
        processing=sum(counts[one] for one in Confirmation if one.is_open),
        unasked=counts[""],
        unknown=counts[Confirmation.UNKNOWN],
        memories=books.confirmation.get("memories", 0),
    )


def _users(ledger: Ledger, books: Books) -> Users:
    owners = ledger.outcomes.owners(MOST_USERS)
    most = tuple(
        OfUser(one.kind, one.id, one.user_id, one.targets, tallies.of_owner(one))
        for one in owners.most
    )
    readable = tallies.minus(
        tallies.of_books(books), tallies.outcomes({"rejected": books.rejected.get(UNREADABLE, 0)})
    )
    others = tallies.minus(readable, *(one.outcomes for one in most))
    return Users(owners.owners, most, others)


def _moment(sample: Sample) -> Moment:
    when = {"run": _time(sample.run), "at": _time(sample.at)}
    return Moment(**{**sample._asdict(), **when})


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
