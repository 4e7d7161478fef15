"""Reading a database source in pieces, as runs that are interrupted and resumed read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import anyio
from pydantic import BaseModel

from synap_import import Finding, Page, Partition, Source
from synap_import.testing import InMemoryExported


@dataclass
class Run:
    """A run of a source; ``seen`` of an earlier one makes it a resumed run."""

    adapter: type[Source[Any]]
    config: BaseModel
    seen: InMemoryExported = field(default_factory=InMemoryExported)

    @property
    def exported(self) -> InMemoryExported:
        return self.seen

    def http_client(self, **_: Any) -> NoReturn:
        raise AssertionError("a database is not read over HTTP")

    def partitions(self) -> list[Partition]:
        async def act() -> list[Partition]:
            return [one async for one in self._source().partitions()]

        return anyio.run(act)

    def pages(self, partition: Partition, cursor: str | None = None) -> Iterator[Page]:
        """Page by page; what a test does in between happens between two queries."""
        with anyio.from_thread.start_blocking_portal() as portal:
            pages = self._source().pages(partition, cursor)
            try:
                while (page := portal.call(anext, pages, None)) is not None:
                    self.seen.add(page)
                    yield page
            finally:
                portal.call(pages.aclose)

    def reconcile(self) -> Sequence[Finding]:
        return anyio.run(self._source().reconcile)

    def read(self) -> Run:
        """Everything, to its end."""
        for partition in self.partitions():
            list(self.pages(partition))
        return self

    def _source(self) -> Source[Any]:
        return self.adapter(self.config, self)


def assert_resumes_everywhere(adapter: type[Source[Any]], config: BaseModel) -> None:
    """Interrupted behind any page, reading goes on to the same set, without a second copy."""
    whole = Run(adapter, config).read().seen.records
    cursors = 0
    for partition in Run(adapter, config).partitions():
        taken = list(Run(adapter, config).pages(partition))
        assert taken[-1].cursor is None
        for number, page in enumerate(taken[:-1], start=1):
            resumed = Run(adapter, config)
            for earlier in taken[:number]:
                resumed.seen.add(earlier)
            rest = list(resumed.pages(partition, page.cursor))
            assert _ids(rest) == _ids(taken[number:])
            assert {key: whole[key] for key in resumed.seen.records} == resumed.seen.records
            cursors += 1
    assert cursors > 1


def _ids(pages: Sequence[Page]) -> list[str]:
    return [record.id for page in pages for record in page.records]
