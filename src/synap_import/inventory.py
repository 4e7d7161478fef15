"""Who is in a source: every owner with how many records are theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from .identity import SourceOwner
from .ledger import SqliteLedger

if TYPE_CHECKING:
    from .ledger import Ledger
    from .records import ScopeKind
    from .sources import Finding, Source


@dataclass(frozen=True, slots=True)
class Inventory:
    """Whose a source's records are. ``unowned`` records carry no id of anybody.

    ``records`` is None when the source said who is there without being read.
    """

    owners: Sequence[SourceOwner]
    records: int | None = None
    unowned: int = 0
    unreadable: int = 0


@contextmanager
def passing_ledger(folder: Path | None = None) -> Iterator[Ledger]:
    """A ledger for one command, in a folder of its own that goes away with it."""
    with TemporaryDirectory(prefix=".synap-import-", dir=folder) as made:
        ledger = SqliteLedger(Path(made) / "ledger.sqlite")
        try:
            yield ledger
        finally:
            ledger.close()


async def read_all(source: Source[Any], ledger: Ledger) -> Sequence[Finding]:
    """Stage every page of every partition; returns what the source says is different."""
    source.context.exported = ledger
    async for partition in source.partitions():
        start = ledger.open_partition(partition)
        if not start.done:
            async for page in source.pages(partition, start.cursor):
                ledger.stage(partition, page)
    return await source.reconcile()


async def take_inventory(source: Source[Any], ledger: Ledger) -> Inventory:
    """Who is there: as the source tells, or else by reading all of it into the ledger."""
    told = await source.scopes()
    if told is not None:
        return Inventory([SourceOwner(one.kind, one.id, one.records, one.note) for one in told])
    await read_all(source, ledger)
    counts: dict[tuple[ScopeKind, str] | None, int] = {}
    for scope, count in ledger.scopes():
        owner = scope.owner()
        counts[owner] = counts.get(owner, 0) + count
    return Inventory(
        [SourceOwner(*owner, count) for owner, count in counts.items() if owner is not None],
        records=sum(counts.values()),
        unowned=counts.get(None, 0),
        unreadable=sum(1 for _ in ledger.every_unreadable()),
    )
