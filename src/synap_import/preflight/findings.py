"""What the pre-flight finds once a source was read: the ledger's counts under their codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from synap_import.assumptions import told
from synap_import.ledger import Seen
from synap_import.planning import Hold, Unmapped
from synap_import.sources import Finding, HoldReason, Severity
from synap_import.transcripts import TRANSCRIPT

from .codes import CATALOG, held
from .marks import Mark
from .outlook import Outlook
from .visibility import Owners

if TYPE_CHECKING:
    from synap_import.ledger import Ledger, Survey
    from synap_import.planning import PlanRules
    from synap_import.records import MemoryRecord

EXAMPLES = 5
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}

_CODE_OF_MARK = {
    Mark.TIME_ODD: "time-odd",
    Mark.TIME_FUTURE: "time-future",
    Mark.TEXT_OVERSIZED: "text-oversized",
    Mark.TEXT_UNDECODABLE: "text-undecodable",
    Mark.METADATA_OVERSIZED: "metadata-oversized",
    Mark.UNLABELLED: "conversation-unlabelled",
}
_CODE_OF_PRIVACY = {Mark.SECRET: "possible-secret", Mark.PERSONAL: "personal-data"}
_GIVES_AWAY = int(Mark.SECRET | Mark.PERSONAL)

_CONVERSATION_TYPE = "ai-chat-conversation"


class Preflight(NamedTuple):
    """What was found, errors first, and what a load will come to."""

    findings: list[Finding]
    outlook: Outlook


def look(
    ledger: Ledger,
    rules: PlanRules,
    holds: Mapping[str, HoldReason],
    *,
    scanned: bool,
) -> Preflight:
    """Everything there is to say about what was read and planned.

    ``holds`` explains the source's own reasons to hold; ``scanned`` says that texts were searched
    for secrets and personal data.
    """
    survey = ledger.surveying.survey([*map(int, Mark), _GIVES_AWAY], EXAMPLES)
    owners = Owners.of(ledger.surveying.planned_owners(), rules)
    found = chain(
        _held(ledger, survey, rules, holds),
        owners.findings(),
        _marked(survey),
        _privacy(survey, rules, scanned=scanned),
        _conversations(survey, rules),
        _times_and_assumptions(survey.notices),
        _copies(survey),
        _unreadable(ledger, survey.unreadable),
    )
    outlook = Outlook.of(
        survey.documents,
        owners.users,
        ledger.sending.unsent(),
        _learned_rate(ledger),
        ledger.sending.unsent_of(TRANSCRIPT),
    )
    return Preflight(in_order(found), outlook)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, and what concerns most records."""
    return sorted(findings, key=lambda one: (_ORDER[one.severity], -one.count, one.code))


def _learned_rate(ledger: Ledger) -> float | None:
    """Requests a second that the server let through in earlier runs, if it ever refused any."""
    paces = [sample.pace for sample in ledger.samples.kept() if sample.pace is not None]
    return paces[-1] if paces else None


def _held(
    ledger: Ledger, survey: Survey, rules: PlanRules, holds: Mapping[str, HoldReason]
) -> Iterator[Finding]:
    for reason, seen in survey.held.items():
        if reason == Hold.UNMAPPED_USER:
            owners = ledger.accounting.held_owners(reason)
            names = [
                f"{kind} {owner} ({count:,} record{'' if count == 1 else 's'})"
                for kind, owner, count in owners
            ]
            finding = CATALOG[reason].found(seen.records, names[:EXAMPLES])
            is_told = rules.unmapped is not Unmapped.FAIL
            yield replace(finding, severity=Severity.INFO) if is_told else finding
        else:
            yield held(reason, holds).found(seen.records, map(named, seen.examples))


def _marked(survey: Survey) -> Iterator[Finding]:
    for mark, code in _CODE_OF_MARK.items():
        seen = survey.marked.get(int(mark))
        if seen:
            describe = _DESCRIBED.get(mark, named)
            yield CATALOG[code].found(seen.records, map(describe, seen.examples))


def _conversations(survey: Survey, rules: PlanRules) -> Iterator[Finding]:
    """Dialogues that go as something else than a conversation: Synap extracts less from those."""
    dialogues = survey.marked.get(int(Mark.DIALOGUE), Seen(0))
    told = rules.document_type
    turns = survey.turns if told is not None and told != _CONVERSATION_TYPE else 0
    if told != _CONVERSATION_TYPE and dialogues.records + turns:
        yield CATALOG["conversation-as-document"].found(
            dialogues.records + turns, map(named, dialogues.examples)
        )


def _times_and_assumptions(notices: dict[str, int]) -> Iterator[Finding]:
    rest = dict(notices)
    missing = rest.pop("no-time:created_at", 0)
    if missing:
        yield CATALOG["time-missing"].found(missing)
    naive = {code: rest.pop(code) for code in notices if code.startswith("naive-time:")}
    for code, some in (("time-naive", naive), ("assumed", rest)):
        if some:
            examples = [told(what, count) for what, count in some.items()]
            yield CATALOG[code].found(sum(some.values()), examples[:EXAMPLES])


def _copies(survey: Survey) -> Iterator[Finding]:
    if survey.repeated.records:
        repeated = survey.repeated
        yield CATALOG["same-text"].found(repeated.records, map(named, repeated.examples))
    if survey.seen_again:
        yield CATALOG["seen-again"].found(survey.seen_again)


def _unreadable(ledger: Ledger, count: int) -> Iterator[Finding]:
    if count:
        examples = [f"{one.where}: {one.reason}" for one in ledger.accounting.unreadable(EXAMPLES)]
        yield CATALOG["unreadable-item"].found(count, examples)


def _privacy(survey: Survey, rules: PlanRules, *, scanned: bool) -> Iterator[Finding]:
    if not scanned:
        yield CATALOG["privacy-not-checked"].found(1)
    elif rules.redact:
        seen = survey.marked.get(_GIVES_AWAY, Seen(0))
        message = f"In {seen.records:,} records something is masked, as --redact says."
        yield CATALOG["redacted"].found(seen.records, map(named, seen.examples), message)
    else:
        for mark, code in _CODE_OF_PRIVACY.items():
            if mark in survey.marked:
                seen = survey.marked[mark]
                yield CATALOG[code].found(seen.records, map(named, seen.examples))


def named(record: MemoryRecord) -> str:
    """A record in a few words: its id and whose it is; never what it says."""
    owner = record.scope.owner()
    return f"{record.id} ({owner[0]} {owner[1]})" if owner else record.id


def _with_time(record: MemoryRecord) -> str:
    return f"{named(record)}: {record.created_at and record.created_at.isoformat()}"


def _with_length(record: MemoryRecord) -> str:
    return f"{named(record)}: {len(record.text):,} characters"


_DESCRIBED: dict[Mark, Callable[[MemoryRecord], str]] = {
    Mark.TIME_ODD: _with_time,
    Mark.TIME_FUTURE: _with_time,
    Mark.TEXT_OVERSIZED: _with_length,
}
