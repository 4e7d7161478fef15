"""The report of a job of 100,000 records: how long it takes to write, and how large it is.

    .venv/bin/python benchmarks/report.py [--records N] [--keep FOLDER]

The job is made through the ledger, as an import would: several users and kinds, eight months of
original times, records held and rejected for several reasons, two runs with their samples.
Prints Markdown for docs/report.md; with ``--keep`` the job stays, for a look at its report.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from synap_import.jobs import Job, JobIdentity, Workdir
from synap_import.ledger import (
    Answer,
    Confirmation,
    DocumentState,
    Ingested,
    PlannedDocument,
    Sample,
    SqliteLedger,
)
from synap_import.planning import Hold
from synap_import.records import Kind, MemoryRecord, Scope
from synap_import.report import gather
from synap_import.report.html import as_html
from synap_import.report.json_form import as_json
from synap_import.report.markdown import as_markdown
from synap_import.sources import Finding, Page, Partition, Severity, Unreadable

_PAGE = 500
_OPENINGS = 5
_FIRST = datetime(2026, 3, 2, tzinfo=UTC)
_DAYS = 243
_NAMES = ("ada.lovelace", "grace", "alan.turing", "mary.j", "katherine", "edsger", "barbara")
_WORDS = (
    "Prefers the window seat and green tea in the morning.",
    "Asked for the invoice of the second quarter to be sent again.",
    "Is allergic to nuts; the kitchen was told.",
    "Works from Lisbon until the end of the summer.",
    "The daughter starts school in September, calls only after nine.",
    "Wants release notes by e-mail, never by telephone.",
)
_REFUSALS = (
    "document_id exceeds 255 characters",
    "ingestion failed: extraction timed out after 120 s",
    "metadata is too large (91 KB of 64 KB)",
)
_HOLDS = (*(Hold.SKIPPED_USER,) * 9, *(Hold.EMPTY_TEXT,) * 4, Hold.NO_OWNER, "state-superseded")


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        job = make_job(options.keep or Path(scratch), options.records)
        _measure(job, options.records)
        if options.keep:
            print(f"\nsynap-import report --workdir {options.keep}")


def make_job(folder: Path, records: int, seed: int = 7) -> Job:
    """A job whose ledger looks like that of a real import."""
    identity = JobIdentity("mem0", "bench", "inst_0123456789abcdef")
    job = Workdir(folder).job(identity, "Mem0 Platform, project Concierge (production)")
    ledger = job.open_ledger()
    chance = random.Random(seed)
    partition = Partition("memories", "memories", version="1")
    ledger.reading.open_partition(partition)
    for first in range(0, records, _PAGE):
        page = [_record(n, chance) for n in range(first, min(first + _PAGE, records))]
        last = first + _PAGE >= records
        bad = (
            [Unreadable("export.jsonl:17", "not JSON: unexpected end", '{"id": "m-1')]
            if last
            else []
        )
        ledger.reading.stage(partition, Page(page, None if last else str(first), bad))
    _decide_and_load(ledger, chance)
    ledger.findings.keep(_FOUND)
    for sample in _samples(records):
        ledger.samples.keep(sample)
    ledger.close()
    return job


def _record(number: int, chance: random.Random) -> MemoryRecord:
    kind = chance.choices((Kind.FACT, Kind.DOCUMENT, Kind.SUMMARY, Kind.BLOCK), (70, 18, 9, 3))[0]
    person = int(chance.paretovariate(0.9))
    user = _NAMES[person] if person < len(_NAMES) else f"customer-{person % 900:03}"
    scope = Scope(agent=f"concierge-{person % 3}") if chance.random() < 0.02 else Scope(user=user)
    day = min(_DAYS, _DAYS * chance.betavariate(2.2, 1.2))
    at = _FIRST + timedelta(days=day, seconds=chance.randrange(86_400))
    return MemoryRecord(
        system="mem0",
        id=f"{chance.getrandbits(64):016x}",
        kind=kind,
        text=chance.choice(_WORDS),
        scope=scope,
        created_at=None if chance.random() < 0.01 else at,
        assumptions=("naive-time:created_at",) if chance.random() < 0.03 else (),
        raw={"memory": chance.choice(_WORDS)},
    )


def _decide_and_load(ledger: SqliteLedger, chance: random.Random) -> None:
    while staged := ledger.planning.unplanned(1000):
        documents, holds = [], []
        for item in staged:
            owner = item.record.scope.owner()
            if chance.random() < 0.03 or owner is None:
                holds.append((item.number, str(chance.choice(_HOLDS))))
            else:
                user = f"u_{owner[1]}"
                document_id = f"legacy_mem0_{item.record.id}"
                documents.append(PlannedDocument((item.number,), document_id, user, None))
        ledger.planning.plan(documents, holds)
    while claimed := ledger.sending.claim(500):
        ledger.sending.answer([_answer(one.number, chance) for one in claimed])
    ledger.confirming.choose(sample=None)
    behind = 0
    while waiting := ledger.confirming.unconfirmed(behind, 1000):
        ledger.confirming.confirm([(one.number, _ingested(one.number, chance)) for one in waiting])
        behind = waiting[-1].number


def _answer(number: int, chance: random.Random) -> Answer:
    draw = chance.random()
    if draw < 0.008:
        return Answer(number, DocumentState.REJECTED, reason=chance.choice(_REFUSALS))
    state = DocumentState.ALREADY_THERE if draw < 0.02 else DocumentState.LOADED
    return Answer(number, state, f"ing-{number}")


def _ingested(number: int, chance: random.Random) -> Ingested:
    if chance.random() < 0.01:
        return Ingested(Confirmation.PROCESSING)
    return Ingested(
        Confirmation.COMPLETED, tuple(f"mem-{number}-{n}" for n in range(1 + number % 3))
    )


_FOUND = (
    Finding(
        Severity.WARNING,
        "mem0-missing-in-export",
        "The Platform counts more memories of some users than came out",
        "Memories written while reading are the usual reason: run the same command again.",
        3,
        ("user grace: 412 of 413", "user mary.j: 98 of 99", "user edsger: 40 of 41"),
    ),
    Finding(Severity.INFO, "mem0-graph-not-read", "Graph memory is on, and has no export", ""),
)


def _samples(records: int) -> Iterator[Sample]:
    begun = datetime(2026, 11, 20, 9, 30, tzinfo=UTC).timestamp()
    chance = random.Random(3)
    done, in_flight = 0.0, 2
    for run, seconds in ((0, 180), (4000, 300)):
        for second in range(seconds):
            share = min(1.0, second / 30)
            if second > 20 and chance.random() < 0.03:
                in_flight = max(2, in_flight - 3)
            in_flight = min(10, in_flight + (chance.random() < 0.3))
            rate = records / 400 * share * (0.8 + 0.06 * in_flight) * chance.uniform(0.9, 1.05)
            done = min(records, done + rate)
            confirming = done >= records
            yield Sample(
                begun + run,
                begun + run + second,
                *(round(done), round(done * 0.95), round(done * 0.01), round(done * 0.03)),
                *(round(done * 0.01), 0),
                confirmed=second if confirming else 0,
                in_flight=0 if confirming else in_flight,
                pace=None,
            )


def _measure(job: Job, records: int) -> None:
    started = time.perf_counter()
    ledger = job.open_ledger()
    facts = gather(job, ledger)
    ledger.close()
    gathered = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"Facts of {records:,} records: {gathered:.1f} s; peak of the process {peak:.0f} MB\n")
    print("| form | to write | size |\n|---|---:|---:|")
    for name, form in (("HTML", as_html), ("Markdown", as_markdown), ("JSON", as_json)):
        started = time.perf_counter()
        size = len(form(facts).encode())
        print(f"| {name} | {time.perf_counter() - started:.2f} s | {size / 1e6:.2f} MB |")
    page = job.folder / "report.html"
    page.write_text(as_html(facts))
    print(f"\nThe page opens in {_opening(page):.2f} s, the slowest of {_OPENINGS} times.")


def _opening(page: Path) -> float:
    """Until a headless Chromium has drawn it."""
    times = []
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for _ in range(_OPENINGS):
            tab = browser.new_page()
            started = time.perf_counter()
            tab.goto(page.as_uri())
            tab.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
            times.append(time.perf_counter() - started)
            tab.close()
        browser.close()
    return max(times)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
