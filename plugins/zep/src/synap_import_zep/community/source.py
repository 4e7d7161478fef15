"""Messages of a self-hosted Zep, with their sessions and users."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar

from synap_import import (
    Finding,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Severity,
    Source,
    SourceCheck,
    SourceContext,
    SourceError,
)

from .config import CommunityConfig
from .messages import SYSTEM, record_of
from .session import Address, read_only_session
from .tables import Place, Survey, Tables, find_tables

if TYPE_CHECKING:
    from pydantic import BaseModel

_READING, _ADDED, _AT = "read", "added", "@"
_EXAMPLES = 5


class CommunityEdition(Source[CommunityConfig]):
    """One partition: all messages, in the order in which Zep took them in.

    A transaction may commit a message behind the cursor, so reading ends with a look for messages
    that have not come out. A cursor says in which of the two parts it is.
    """

    name: ClassVar[str] = "zep"
    Config: ClassVar[type[BaseModel]] = CommunityConfig
    messages_per_page: ClassVar[int] = 500
    ids_per_page: ClassVar[int] = 2_000

    def __init__(self, config: CommunityConfig, context: SourceContext) -> None:
        super().__init__(config, context)
        self._address = Address(config.ce_dsn.get_secret_value())

    async def check(self) -> SourceCheck:
        """What is in the database."""
        async with self._tables() as tables:
            survey = await tables.survey()
            version = "0.x" if tables.is_legacy else "1.x"
        if not survey.messages:
            raise SourceError(
                f"The Zep at {self._address} has no messages.",
                remedy="Check the database in --ce-dsn.",
            )
        return SourceCheck(
            account=f"zep-ce://{self._address}",
            title=f"Zep Community Edition {version} at {self._address}: {survey.sessions} sessions",
            expected=survey.messages,
            findings=_findings(survey),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """All messages."""
        async with self._tables() as tables:
            survey = await tables.survey()
        yield Partition("messages", "messages", survey.version, survey.messages)

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Behind the message that the cursor names, then what was added meanwhile."""
        step, _, place_text = (cursor or _READING).partition(_AT)
        place = Place.read(place_text)
        async with self._tables() as tables:
            if step == _READING:
                while rows := await tables.after(place, self.messages_per_page):
                    place = Place(rows[-1]["id"], rows[-1]["uuid"])
                    yield Page([record_of(row) for row in rows], f"{_READING}{_AT}{place}")
                place = Place()
            async for last, missing in self._missing(tables, place):
                rows = await tables.named(missing)
                yield Page([record_of(row) for row in rows], f"{_ADDED}{_AT}{last}")
        yield Page((), None)

    async def scopes(self) -> Sequence[ScopeCount]:
        """Users with their names, and sessions that have none."""
        async with self._tables() as tables:
            rows = await tables.scopes()
        return [
            ScopeCount(ScopeKind.USER, row["user_id"], row["messages"], row["note"] or "")
            if row["user_id"]
            else ScopeCount(
                ScopeKind.SESSION, row["session_id"], row["messages"], "a session without a user"
            )
            for row in rows
            if row["user_id"] or row["session_id"]
        ]

    async def reconcile(self) -> Sequence[Finding]:
        """Messages that are in the database now and did not come out."""
        holes: list[str] = []
        async with self._tables() as tables:
            async for _, missing in self._missing(tables, Place()):
                holes += missing
        return [_hole(holes)] if holes else []

    @asynccontextmanager
    async def _tables(self) -> AsyncIterator[Tables]:
        async with read_only_session(self._address) as session:
            yield await find_tables(session, self._address)

    async def _missing(
        self, tables: Tables, place: Place
    ) -> AsyncIterator[tuple[Place, list[str]]]:
        """Up to where was looked, and the messages up to there that did not come out."""
        while places := await tables.places_after(place, self.ids_per_page):
            place = places[-1]
            ids = [one.uuid for one in places]
            if missing := self.context.exported.missing(SYSTEM, ids):
                yield place, missing


def _findings(survey: Survey) -> tuple[Finding, ...]:
    findings = [
        Finding(
            Severity.INFO,
            "zep-time-of-receipt",
            "The times of messages are when Zep received them; it kept no others.",
            count=survey.messages,
        ),
        Finding(
            Severity.INFO,
            "zep-facts-elsewhere",
            "Facts are not in this database: Zep kept them in Graphiti's Neo4j.",
            remedy="They repeat what the messages say; to have them: synap-import graphiti.",
        ),
    ]
    if survey.deleted:
        findings.append(
            Finding(
                Severity.INFO,
                "zep-deleted-messages",
                "Messages that were deleted, or whose session or user was, are held.",
                remedy="--include state-deleted loads them.",
                count=survey.deleted,
            )
        )
    return tuple(findings)


def _hole(ids: Sequence[str]) -> Finding:
    return Finding(
        Severity.ERROR,
        "zep-not-exported",
        "Messages are in the database and did not come out.",
        remedy="Run the same command again: they may have been written meanwhile.",
        count=len(ids),
        examples=tuple(ids[:_EXAMPLES]),
    )
