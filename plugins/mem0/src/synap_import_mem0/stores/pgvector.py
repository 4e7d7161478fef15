"""The pgvector store of the open-source library and of the self-hosted server, read directly."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from synap_import import (
    ConfigurationError,
    Finding,
    Page,
    Partition,
    ScopeCount,
    Source,
    SourceCheck,
    SourceError,
)
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.holds import HOLDS

from .choosing import choose, to_count
from .holes import find_holes
from .postgres_session import PostgresAddress, ReadOnlySession, read_only_session
from .postgres_tables import Survey, Table, TableReader, find_tables
from .rows import Row, page_of
from .server_history import ServerHistory, open_history
from .tables_to_skip import is_beside, skipped_identities, skipped_tables

if TYPE_CHECKING:
    from synap_import import SourceContext

_ROWS_PER_PAGE = 500
_IDS_PER_PAGE = 2_000


class _Sight(NamedTuple):
    table: Table
    survey: Survey
    skipped: dict[str, int | None]


class PgVector(Source[Mem0Config]):
    """One table, in the order of its ids.

    The version of its partition comes from all of its rows: what changed since is found by the
    next run. A resumed run begins anew when somebody wrote meanwhile, because a new id may lie
    before the cursor; that is a fast read, and what is known is recognised.
    """

    holds = HOLDS

    def __init__(self, config: Mem0Config, context: SourceContext) -> None:
        super().__init__(config, context)
        self._now = datetime.now(UTC)
        self._sight: _Sight | None = None
        self._history: ServerHistory | None = None

    async def check(self) -> SourceCheck:
        """Which table it is, and what is in it."""
        async with read_only_session(self._address) as session:
            table, survey, skipped = await self._look(session)
        history = await self._opened_history()
        earlier = history.expected if history else 0
        return SourceCheck(
            account=f"postgresql://{self._address}/{table}",
            title=f"pgvector table {table} at {self._address}",
            expected=survey.rows - survey.identities + earlier,
            findings=(
                *skipped_tables(skipped),
                *skipped_identities(survey.identities),
                *(history.findings if history else ()),
            ),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """The table, and the history that is asked for."""
        async with read_only_session(self._address) as session:
            table, survey, _ = await self._look(session)
        expected = survey.rows - survey.identities
        yield Partition(str(table), str(table), survey.version, expected)
        if history := await self._opened_history():
            yield history.partition

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Rows behind the id that the cursor is."""
        history = await self._opened_history()
        if history and partition.id == history.partition.id:
            async with aclosing(history.pages(cursor)) as earlier:
                async for page in earlier:
                    yield page
            return
        async with read_only_session(self._address) as session:
            reader = await self._reader(session)
            while True:
                rows = await reader.after(cursor, _ROWS_PER_PAGE)
                cursor = str(rows[-1].id) if len(rows) == _ROWS_PER_PAGE else None
                yield page_of(rows, cursor, place=partition.id, now=self._now)
                if cursor is None:
                    return

    async def scopes(self) -> Sequence[ScopeCount]:
        """Counted by the database."""
        async with read_only_session(self._address) as session:
            return await (await self._reader(session)).scopes()

    async def reconcile(self) -> Sequence[Finding]:
        """Ids that are in the table now and did not come out."""
        async with read_only_session(self._address) as session:
            reader = await self._reader(session)
            ids = _pages_of_ids(reader)
            return await find_holes(ids, reader.named, self.context.exported, self._now)

    @cached_property
    def _address(self) -> PostgresAddress:
        postgres = self.config.postgres
        return PostgresAddress(postgres.get_secret_value() if postgres else "")

    async def _reader(self, session: ReadOnlySession) -> TableReader:
        return TableReader(session, (await self._look(session)).table)

    async def _opened_history(self) -> ServerHistory | None:
        if self._history is None:
            self._history = await open_history(self.config, self._rows_named, self._now)
        return self._history

    async def _rows_named(self, ids: Sequence[str]) -> Sequence[Row]:
        async with read_only_session(self._address) as session:
            return await (await self._reader(session)).named(ids)

    async def _look(self, session: ReadOnlySession) -> _Sight:
        if self._sight is None:
            tables = await find_tables(session)
            readable = {str(one): one for one in tables if one.readable}
            wanted = _full_name(self.config.collection, tables)
            _refuse_unreadable(wanted, tables, f"PostgreSQL at {self._address}")
            counts = dict[str, int | None].fromkeys(readable)
            for one in to_count(readable, wanted):
                counts[one] = await TableReader(session, readable[one]).count()
            name = choose(counts, wanted, noun="table", where=f"PostgreSQL at {self._address}")
            survey = await TableReader(session, readable[name]).survey()
            _refuse_unclear_ids(name, survey)
            skipped = {one: counts[one] for one in counts if one != name and is_beside(one)}
            self._sight = _Sight(readable[name], survey, skipped)
        return self._sight


async def _pages_of_ids(reader: TableReader) -> AsyncIterator[Sequence[str | int]]:
    cursor = None
    while ids := await reader.ids_after(cursor, _IDS_PER_PAGE):
        yield ids
        cursor = ids[-1]


def _full_name(wanted: str | None, tables: Sequence[Table]) -> str | None:
    """``--collection`` may leave the schema out, where only one has such a table."""
    same = [str(one) for one in tables if one.name == wanted]
    if len(same) > 1 and wanted is not None:
        raise ConfigurationError(
            f"'{wanted}' is in more than one schema: {', '.join(same)}.",
            remedy="Give the schema too, as in --collection " + same[0],
        )
    return same[0] if same else wanted


def _refuse_unreadable(wanted: str | None, tables: Sequence[Table], where: str) -> None:
    closed = [str(one) for one in tables if not one.readable and not is_beside(one.name)]
    nothing_open = not any(one.readable for one in tables)
    if closed and (wanted in closed or (wanted is None and nothing_open)):
        table = wanted or closed[0]
        raise SourceError(
            f"{where} does not let this user read {table}.",
            remedy=f"Its owner can allow it: GRANT SELECT ON {table} TO the user, and USAGE on "
            "its schema.",
        )


def _refuse_unclear_ids(name: str, survey: Survey) -> None:
    """Reading goes from id to id, so each row needs its own."""
    if survey.ids != survey.rows:
        raise SourceError(
            f"{name} has rows without an id, or with the same one: {survey.rows} rows, "
            f"{survey.ids} ids.",
            remedy="The table that Mem0 makes has a primary key; check --collection.",
        )
