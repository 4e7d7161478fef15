"""Jobs to write reports of, made through the ledger: each record by what shall become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from synap_import.jobs import Job, JobIdentity, Workdir
from synap_import.ledger import (
    Answer,
    Confirmation,
    DocumentState,
    Ingested,
    Ledger,
    PlannedDocument,
    Sample,
)
from synap_import.records import Kind, MemoryRecord, Scope
from synap_import.report import Facts, gather
from synap_import.sources import Finding, Page, Partition, Unreadable

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
PARTITION = Partition("p", "a partition")

_STATES = {
    "loaded": DocumentState.LOADED,
    "already there": DocumentState.ALREADY_THERE,
    "rejected": DocumentState.REJECTED,
}


@dataclass(frozen=True)
class Told:
    """A record and its end: a key of ``_STATES``, ``held``, or anything else for undecided."""

    end: str
    record: MemoryRecord
    reason: str = "empty-text"


def told(number: int, end: str = "loaded", reason: str = "empty-text", **given: Any) -> Told:
    """A record of its own, one day after the one before."""
    fields: dict[str, Any] = {
        "system": "json",
        "id": f"m-{number}",
        "kind": Kind.FACT,
        "text": f"memory {number}",
        "scope": Scope(user=f"user-{number % 3}"),
        "created_at": FIRST + timedelta(days=number),
        **given,
    }
    return Told(end, MemoryRecord(**fields), reason)


def make_job(
    folder: Path,
    records: Sequence[Told] = (),
    *,
    title: str = "a file",
    unreadable: Sequence[Unreadable] = (),
    findings: Sequence[Finding] = (),
    samples: Sequence[Sample] = (),
    confirmed: bool = True,
) -> Job:
    """A job in which the records came to their ends."""
    job = Workdir(folder).job(JobIdentity("json", "account", "inst_0123456789abcdef"), title)
    ledger = job.open_ledger()
    ledger.reading.open_partition(PARTITION)
    ledger.reading.stage(PARTITION, Page([one.record for one in records], None, unreadable))
    _bring_to_their_ends(ledger, dict(enumerate(records, start=1)))
    if confirmed:
        _confirm(ledger)
    ledger.findings.keep(findings)
    for sample in samples:
        ledger.samples.keep(sample)
    ledger.close()
    return job


def _bring_to_their_ends(ledger: Ledger, records: dict[int, Told]) -> None:
    sent = {n: one for n, one in records.items() if one.end in _STATES}
    held = [(n, one.reason) for n, one in records.items() if one.end == "held"]
    documents = [
        PlannedDocument((n,), f"legacy_json_{one.record.id}", f"u-{n % 3}", None)
        for n, one in sent.items()
    ]
    ledger.planning.plan(documents, held)
    while claimed := ledger.sending.claim(1000):
        ledger.sending.answer(
            [
                Answer(
                    one.number,
                    _STATES[sent[one.number].end],
                    f"ing-{one.number}",
                    sent[one.number].reason if sent[one.number].end == "rejected" else None,
                )
                for one in claimed
            ]
        )


def _confirm(ledger: Ledger) -> None:
    ledger.confirming.choose(sample=None)
    behind = 0
    while waiting := ledger.confirming.unconfirmed(behind, 1000):
        completed = [
            (one.number, Ingested(Confirmation.COMPLETED, (f"mem-{one.number}",)))
            for one in waiting
        ]
        ledger.confirming.confirm(completed)
        behind = waiting[-1].number


def facts_of(folder: Path, *records: Told, with_text: bool = True, **given: Any) -> Facts:
    """The facts of such a job."""
    job = make_job(folder, records, **given)
    ledger = job.open_ledger()
    try:
        return gather(job, ledger, with_text=with_text)
    finally:
        ledger.close()


def samples(seconds: int, run: float = 1_800_000_000.0) -> list[Sample]:
    """A run that loads a hundred records a second."""
    return [
        Sample(run, run + second, 100 * second, 100 * second, 0, 0, 0, 0, 0, 4, None)
        for second in range(seconds)
    ]
