"""Mem0 in files: dumps and exports, and the files of local stores."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from anyio.lowlevel import checkpoint

from synap_import import Finding, Page, Partition, Source, SourceCheck, SourceError
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.holds import HOLDS

from .companions import without_histories
from .finding_files import Found, account_of, find_files, printable

if TYPE_CHECKING:
    from collections.abc import Generator

    from pydantic import BaseModel

    from .formats import OpenedFile


class Files(Source[Mem0Config]):
    """Each file, or folder that is a store, is a partition of its own."""

    name: ClassVar[str] = "mem0"
    Config: ClassVar[type[BaseModel]] = Mem0Config
    holds = HOLDS

    async def check(self) -> SourceCheck:
        """Find out what each file is. Raises SourceError when one cannot be read as asked."""
        opened = []
        for found in self._files:
            opened.append((found, self._open(found)))
            await checkpoint()
        counts = [file.expected for _, file in opened]
        known = [count for count in counts if count is not None]
        return SourceCheck(
            account_of(self.config.files),
            _title(opened),
            expected=sum(known) if len(known) == len(counts) else None,
            findings=(*self._skipped, *(one for _, file in opened for one in file.findings)),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """One for each file; a version of its own for each content."""
        for found in self._files:
            file = self._open(found)
            yield Partition(found.place, found.name, file.version, file.expected)

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """The records of a file, from its beginning or from behind an earlier page."""
        found = next((one for one in self._files if one.place == partition.id), None)
        if found is None:
            raise SourceError(
                f"{partition.title} is gone.",
                remedy="Run the command again; records that arrived are not loaded twice.",
            )
        pages = cast("Generator[Page, None, None]", self._open(found).pages(cursor))
        with closing(pages):
            for page in pages:
                await checkpoint()
                yield _renamed(page, found)

    @cached_property
    def _found(self) -> tuple[list[Found], list[Finding]]:
        found, skipped = find_files(self.config.files)
        files, beside = without_histories(found)
        return files, [*skipped, *beside]

    @property
    def _files(self) -> Sequence[Found]:
        return self._found[0]

    @property
    def _skipped(self) -> Sequence[Finding]:
        return self._found[1]

    @cached_property
    def _opened(self) -> dict[Path, OpenedFile]:
        return {}

    def _open(self, found: Found) -> OpenedFile:
        """Opened once a run: for a large file, finding out what it holds means reading it."""
        if found.path not in self._opened:
            self._opened[found.path] = found.format.open(found.path, self.config, self._now)
        return self._opened[found.path]

    @cached_property
    def _now(self) -> datetime:
        return datetime.now(UTC)


def _title(opened: Sequence[tuple[Found, OpenedFile]]) -> str:
    titles = [f"{found.name}: {file.title}" for found, file in opened]
    if len(titles) <= 2:
        return "; ".join(titles)
    return f"{len(titles)} files: {titles[0]}; {titles[1]}; …"


def _renamed(page: Page, found: Found) -> Page:
    """The page with places that are unique among all files: formats know only their own name."""
    own = printable(Path(found.path.name))
    if own == found.name or not page.unreadable:
        return page
    items = (
        replace(item, where=found.name + item.where.removeprefix(found.path.name))
        if item.where.startswith(found.path.name)
        else item
        for item in page.unreadable
    )
    return replace(page, unreadable=tuple(items))
