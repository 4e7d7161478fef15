"""The source ``sql``: what the host asks, passed on to the parts that know."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from anyio.lowlevel import checkpoint

from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    ScopeCount,
    Source,
    SourceCheck,
    Unreadable,
)

from .address import Address
from .checking import SAMPLES, after_reading, findings_of, require_own_ids
from .config import SqlConfig
from .keys import Place, cursor_of, place_of
from .late import LastPass, Seen
from .making import SYSTEM
from .owners import count_owners, owner_columns
from .plan import Plan, make_plan
from .session import Session
from .values import plain

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import import SourceContext

    from .rows import RowReader, Stretch

_EXCERPT = 200
_LATE = " (what is new)"

Made = tuple[list[MemoryRecord], list[Unreadable], Place]


class SqlSource(Source[SqlConfig]):
    """One table or query, in the order of its key.

    Two partitions: the rows, whose cursor is the last key, and the last pass over all of them,
    which every run makes anew.
    """

    name: ClassVar[str] = "sql"
    Config: ClassVar[type[BaseModel]] = SqlConfig

    def __init__(self, config: SqlConfig, context: SourceContext) -> None:
        super().__init__(config, context)
        self._session: Session | None = None
        self._plan: Plan | None = None
        self._seen = Seen()
        self._run = uuid4().hex

    async def check(self) -> SourceCheck:
        """What is read, how many rows there are, and what the first ones look like."""
        async with self._opened() as plan:
            return await self._checked(plan)

    async def partitions(self) -> AsyncIterator[Partition]:
        """The rows, and the last pass over them."""
        async with self._opened() as plan:
            name, title, version = plan.relation.name, plan.relation.title, plan.version
        yield Partition(name, title, version)
        yield Partition(f"{name}{_LATE}", f"{title}{_LATE}", self._run)

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Rows behind the key that the cursor is."""
        async with self._opened() as plan:
            late = partition.id.endswith(_LATE)
            all_pages = self._last_pass(plan).pages() if late else self._rows(plan, cursor)
            async with aclosing(all_pages) as pages:
                async for page in pages:
                    await checkpoint()
                    yield page

    async def scopes(self) -> Sequence[ScopeCount] | None:
        """Counted by the database; None where only reading tells whose a row is."""
        async with self._opened() as plan:
            columns = owner_columns(plan.document, plan.relation.columns)
            if columns is None:
                return None
            return await plan.session.read(
                lambda connection: count_owners(
                    connection, plan.session.database, plan.relation, columns
                )
            )

    async def reconcile(self) -> Sequence[Finding]:
        """The rows that there are now, compared with what came out."""
        async with self._opened() as plan:
            now = await plan.session.read(plan.relation.count)
            exported = sum(count for _, count in self.context.exported.scopes())
            return list(after_reading(plan, self._seen, now, exported))

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Plan]:
        """The plan, and a connection for as long as it is used."""
        if self._session is None:
            address = Address(self.config.dsn.get_secret_value())
            self._session = Session(address, self.config.statement_timeout)
        try:
            if self._plan is None:
                self._plan = await make_plan(self._session, self.config)
            yield self._plan
        finally:
            self._session.close()

    async def _checked(self, plan: Plan) -> SourceCheck:
        await plan.session.read(lambda connection: require_own_ids(connection, plan))
        count = await plan.session.read(plan.relation.count)
        reader = plan.reader()
        stretch = await reader.behind(None)
        sample = stretch._replace(rows=stretch.rows[:SAMPLES])
        records = [one for made in self._made(plan, reader, sample) for one in made[0]]
        address = plan.session.address
        return SourceCheck(
            account=f"{address.account} {plan.relation.name}",
            title=f"{plan.relation.title} in {plan.session.database.title} at {address}",
            expected=count,
            findings=(
                *plan.findings,
                *findings_of(self.config, sample, reader.columns, records),
            ),
        )

    async def _rows(self, plan: Plan, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Records only: rows that cannot become one are told by the last pass, once a run."""
        reader = plan.reader()
        place = None if cursor is None else place_of(cursor)
        ended = False
        while not ended:
            stretch = await reader.behind(place)
            ended = stretch.is_last
            for records, _, place in self._made(plan, reader, stretch):
                yield Page(records, cursor_of(place))
        yield Page((), None)

    def _last_pass(self, plan: Plan) -> LastPass:
        reader = plan.reader()
        self._seen = Seen()
        return LastPass(
            system=plan.document.system or SYSTEM,
            reader=reader,
            glance=plan.glance(),
            make=lambda stretch: self._made(plan, reader, stretch),
            exported=self.context.exported,
            seen=self._seen,
        )

    def _made(self, plan: Plan, reader: RowReader, stretch: Stretch) -> Iterator[Made]:
        """Records and unreadable rows, a page at a time, with the place of the last row."""
        make = plan.maker(reader)
        for begin in range(0, len(stretch.rows), self.config.page_size):
            records: list[MemoryRecord] = []
            unreadable: list[Unreadable] = []
            rows = stretch.rows[begin : begin + self.config.page_size]
            for row in rows:
                try:
                    records.append(make(row, stretch.converters))
                except ValueError as error:
                    where = f"{plan.relation.title}, {plan.key.described(reader.place(row))}"
                    unreadable.append(Unreadable(where, str(error), _excerpt(reader, row)))
            yield records, unreadable, reader.place(rows[-1])


def _excerpt(reader: RowReader, row: Sequence[Any]) -> str:
    pairs = zip(reader.columns, row, strict=True)
    return ", ".join(f"{name}={str(plain(value))[:60]}" for name, value in pairs)[:_EXCERPT]
