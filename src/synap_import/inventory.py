"""Who is in a source: every owner with how many records are theirs, of what kind and from when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from .identity import SourceOwner
from .ledger import SqliteLedger
from .ledger.staging import OTHER_CONTENT

if TYPE_CHECKING:
    from .ledger import Ledger
    from .records import Kind, MemoryRecord, ScopeKind
    from .sources import Finding, Source

Owner = tuple["ScopeKind", str]


@dataclass(frozen=True, slots=True)
class Inventory:
    """Whose a source's records are. ``unowned`` records carry no id of anybody.

    ``records`` is None when the source said who is there without being read. Otherwise
    ``findings`` are what it says is missing.
    """

    owners: Sequence[SourceOwner]
    records: int | None = None
    unowned: int = 0
    unreadable: int = 0
    findings: Sequence[Finding] = ()


@contextmanager
def passing_ledger(folder: Path | None = None) -> Iterator[Ledger]:
    """A ledger for one command, in a folder of its own that goes away with it."""
    with TemporaryDirectory(prefix=".synap-import-", dir=folder) as made:
        ledger = SqliteLedger(Path(made) / "ledger.sqlite")
        try:
            yield ledger
        finally:
            ledger.close()


async def read_all(
    source: Source[Any], ledger: Ledger, on_records: Callable[[int], None] = lambda _: None
) -> Sequence[Finding]:
    """Stage every page of every partition; returns what the source says is different.

    ``on_records`` is told how many records came with each page.
    """
    source.context.exported = ledger.reading
    async for partition in source.partitions():
        start = ledger.reading.open_partition(partition)
        if not start.done:
            async for page in source.pages(partition, start.cursor):
                ledger.reading.stage(partition, page)
                on_records(len(page.records))
    return await source.reconcile()


async def take_inventory(
    source: Source[Any],
    ledger: Ledger,
    *,
    read: bool = False,
    on_records: Callable[[int], None] = lambda _: None,
) -> Inventory:
    """Who is there: as the source tells, or else (or to ``read``) by reading all of it."""
    told = await source.scopes()
    if told is not None and not read:
        return Inventory([SourceOwner(one.kind, one.id, one.records, one.note) for one in told])
    findings = await read_all(source, ledger, on_records)
    tallies = _tallies(ledger)
    unowned = tallies.pop(None, _Tally()).count
    notes = {(one.kind, one.id): one.note for one in told or ()}
    for owner in notes:
        if owner is not None:
            tallies.setdefault(owner, _Tally())
    return Inventory(
        list(_owners(tallies, notes)),
        records=unowned + sum(tally.count for tally in tallies.values()),
        unowned=unowned,
        unreadable=sum(1 for _ in ledger.listing.unreadable()),
        findings=findings,
    )


@dataclass(slots=True)
class _Tally:
    """What the records of one owner have in common."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def count(self) -> int:
        return self.kinds.total()

    def add(self, record: MemoryRecord) -> None:
        self.kinds[record.kind] += 1
        for time in (record.created_at, record.updated_at):
            if time is not None:
                self.first = time if self.first is None else min(self.first, time)
                self.last = time if self.last is None else max(self.last, time)


def _tallies(ledger: Ledger) -> dict[Owner | None, _Tally]:
    """Each record once, though several partitions may have shown it."""
    tallies: dict[Owner | None, _Tally] = {}
    for item in ledger.listing.identified():
        if item.hold not in OTHER_CONTENT:
            tallies.setdefault(item.record.scope.owner(), _Tally()).add(item.record)
    return tallies


def _owners(
    tallies: Mapping[Owner | None, _Tally], notes: Mapping[Owner, str]
) -> Iterator[SourceOwner]:
    for owner, tally in tallies.items():
        if owner is not None:
            kind, own_id = owner
            yield SourceOwner(
                kind,
                own_id,
                tally.count,
                notes.get(owner, ""),
                tally.kinds.most_common(),
                tally.first,
                tally.last,
            )
