"""The library's history of a store that is a server: a partition of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from anyio import from_thread, to_thread

from synap_import import ConfigurationError, Finding, Page, Partition, Scope

from .changes import History
from .history import JoinedHistory
from .rows import Row, page_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from synap_import_mem0.config import Mem0Config

Fetch = Callable[[Sequence[str]], Coroutine[Any, Any, Sequence[Row]]]


class ServerHistory:
    """Earlier and deleted texts; whose they are is asked of the server.

    The history is read in a thread, which asks the server back through the event loop.
    """

    def __init__(self, joined: JoinedHistory, name: str) -> None:
        self._joined = joined
        self.partition = Partition(f"history:{name}", name, joined.version, joined.expected)
        self.findings: tuple[Finding, ...] = joined.findings

    @property
    def expected(self) -> int:
        """How many texts it brings."""
        return self._joined.expected

    async def pages(self, cursor: str | None) -> AsyncGenerator[Page, None]:
        """The texts behind a cursor."""
        pages = cast("Generator[Page, None, None]", self._joined.pages(cursor))
        with closing(pages):
            while (page := await to_thread.run_sync(next, pages, None)) is not None:
                yield page


async def open_history(config: Mem0Config, fetch: Fetch, now: datetime) -> ServerHistory | None:
    """The history that is asked for. Raises ConfigurationError when it is not said where it is."""
    if not config.with_history:
        return None
    path = config.history_db
    if path is None:
        raise ConfigurationError(
            "--with-history needs the library's history, which is a file and not on the server.",
            remedy="Name it with --history-db FILE (usually ~/.mem0/history.db where the "
            "application runs).",
        )

    def scopes_of(ids: Sequence[str]) -> Mapping[str, Scope]:
        rows = from_thread.run(fetch, ids)
        records = page_of(rows, None, place="", now=now).records
        return {record.id: record.scope for record in records}

    joined = await to_thread.run_sync(lambda: JoinedHistory(History(path), scopes_of))
    return ServerHistory(joined, str(path))
