"""Starts a real Letta V1 server, fills it, reads it with the adapter, and counts in its database.

    python -m live.compare            a fresh server, stopped at the end
    python -m live.compare --running  the one of ``python -m live.server start``, filled already

Ends with an error when a row of the database came out neither as a record nor for a reason that
is known, when something came out that is in no row, or with other words or another time.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import anyio
import click

from synap_import import MemoryRecord, Unreadable
from synap_import.testing import read_source
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

from .seed import SECRET, seed
from .server import LiveServer, load, running
from .truth import Row, Truth, truths

Records = Mapping[str, Sequence[MemoryRecord]]

_PREFIXES = {
    "agent": "agents",
    "identity": "identities",
    "block": "blocks",
    "passage": "passages",
    "message": "messages",
    "file": "files",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows of one kind beside what came out of them."""

    name: str
    rows: int
    for_loading: int
    held: Counter[str]
    beyond_reach: Counter[str]
    wrong: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Rows that became records."""
        return self.for_loading + self.held.total()


def compare(truth: Truth, records: Records) -> Comparison:
    """Every row must have come out as it is, or not at all for a reason."""
    held, beyond, wrong, loaded = Counter[str](), Counter[str](), list[str](), 0
    for row in truth.rows:
        found = records.get(row.id, ())
        if not found:
            beyond[row.beyond_reach] += 1
            wrong += [] if row.beyond_reach else [f"{row.id} did not come out"]
            continue
        wrong += _differences(row, found)
        if all(record.hold for record in found):
            held[str(found[0].hold)] += 1
        else:
            loaded += 1
    known = {row.id for row in truth.rows}
    wrong += [f"{one} is in no row" for one in records if one not in known]
    wrong += _out_of_order(truth, records)
    return Comparison(truth.name, len(truth.rows), loaded, held, beyond, wrong)


def _differences(row: Row, found: Sequence[MemoryRecord]) -> Iterator[str]:
    if row.words is not None and row.words not in {record.text for record in found}:
        yield f"{row.id} has other words"
    if row.created_at is not None and not all(_is_at(row.created_at, one) for one in found):
        yield f"{row.id} has another time"
    if row.conversation is not None and any(
        record.scope.session != row.conversation for record in found
    ):
        yield f"{row.id} is in another conversation"


def _is_at(moment: datetime, record: MemoryRecord) -> bool:
    """Messages are shown without fractions of seconds."""
    seen = record.created_at
    return seen in (moment, moment.replace(microsecond=0))


def _out_of_order(truth: Truth, records: Records) -> Iterator[str]:
    """Positions within a conversation follow the order of the rows."""
    last: dict[tuple[str | None, str | None], int] = defaultdict(lambda: -1)
    for row in truth.rows:
        for record in records.get(row.id, ()):
            if record.position is None:
                continue
            place = (record.scope.agent, record.scope.session)
            if record.position <= last[place]:
                yield f"{record.id} is out of order"
            last[place] = record.position


def by_row(records: Sequence[MemoryRecord]) -> dict[str, dict[str, list[MemoryRecord]]]:
    """The records of each kind by the row that they came from: a message can be several."""
    found: dict[str, dict[str, list[MemoryRecord]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        row = record.id.partition("/")[0]
        found[_PREFIXES[row.partition("-")[0]]][row].append(record)
    return found


def table(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Markdown."""
    yield "| what | rows in SQL | read | for loading | held, by reason | never shown |"
    yield "|---|--:|--:|--:|---|---|"
    for one in comparisons:
        cells = [one.rows, one.read, one.for_loading, _counts(one.held), _counts(one.beyond_reach)]
        yield f"| {one.name} | {' | '.join(map(str, cells))} |"


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counted.items())) or "none"


def compare_all(live: LiveServer) -> bool:
    """Print the table, and what is wrong; whether nothing is."""
    config = LettaConfig(base_url=live.base_url, with_files=True)
    reading = anyio.run(read_source, LettaSource, config)
    records = by_row(reading.records)
    compared = [compare(truth, records[truth.name]) for truth in truths(live.database)]
    for line in table(compared):
        click.echo(line)
    for finding in (*reading.check.findings, *(reading.findings or ())):
        click.echo(f"{finding.severity}: {finding.message}")
    wrong = [line for one in compared for line in one.wrong]
    wrong += [f"{record.id} holds a secret" for record in reading.records if _tells(record)]
    wrong += _holes(compared, reading.unreadable)
    for line in wrong:
        click.echo(f"WRONG: {line}")
    return not wrong


def _holes(compared: Sequence[Comparison], unreadable: Sequence[Unreadable]) -> Iterator[str]:
    """What is beyond reach must have been told, and nothing else be unreadable."""
    told = [item for item in unreadable if item.where.startswith("archive-")]
    if any(one.beyond_reach for one in compared) and not told:
        yield "nobody is told that passages are beyond reach"
    for item in unreadable:
        click.echo(f"unreadable: {item.where}: {item.reason}")
        if item not in told:
            yield f"{item.where} is unreadable"


def _tells(record: MemoryRecord) -> bool:
    return SECRET in record.model_dump_json()


@contextmanager
def _filled(use_running: bool) -> Iterator[LiveServer]:
    if use_running:
        yield load()
        return
    with running() as live:
        seed(live.base_url)
        yield live


@click.command()
@click.option("--running", "use_running", is_flag=True, help="Use the server that runs already.")
def main(*, use_running: bool) -> None:
    """Read a real server, and compare."""
    with _filled(use_running) as live:
        sys.exit(0 if compare_all(live) else 1)


if __name__ == "__main__":
    main()
