"""The source ``mcp-memory``: one file, read as it was when reading began."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO, ClassVar

from anyio.lowlevel import checkpoint
from pydantic import BaseModel, Field

from synap_import import (
    Finding,
    HoldReason,
    MemoryRecord,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Setting,
    Source,
    SourceCheck,
    SourceError,
    SourceUnavailableError,
    Unreadable,
)

from . import findings
from .holds import HOLDS
from .lines import Line, Place, decode, digest_of, read_lines
from .records import SYSTEM, Flaw, records_of

_LOOKED_AT = 100
_EXCERPT = 200
_PAGE_BYTES = 4 * 1024 * 1024


class McpMemoryConfig(BaseModel):
    """Which file to read, and whose it is."""

    file: Annotated[Path, Setting(argument=True, metavar="FILE")] = Field(
        description="The file that MEMORY_FILE_PATH names for the server, or its memory.jsonl."
    )
    user: Annotated[str | None, Setting(metavar="ID")] = Field(
        default=None,
        min_length=1,
        description="Whose memory it is: the file does not say. The user map says who that is.",
    )
    page_size: int = Field(default=500, ge=1, le=10_000, description="Lines per page.")


class McpMemory(Source[McpMemoryConfig]):
    """A file of JSON Lines. Its one partition has the digest of the content as version.

    The server puts a new file in the place of the old one, so what is open stays whole; older
    ones wrote into it, which another digest shows.
    """

    name: ClassVar[str] = SYSTEM
    Config: ClassVar[type[BaseModel]] = McpMemoryConfig
    holds: ClassVar[Mapping[str, HoldReason]] = HOLDS

    async def check(self) -> SourceCheck:
        """Whether it is such a file. Raises SourceError when it is another one."""
        with self._opened() as file:
            first = list(islice(read_lines(file, Place()), _LOOKED_AT))
            size = os.fstat(file.fileno()).st_size
        if first and not any(map(_is_of_a_graph, first)):
            raise findings.another_file(self._path)
        return SourceCheck(
            # Ids hold the user: for another one, all is new.
            account=self._path if self.config.user is None else f"{self._path} {self.config.user}",
            title=f"MCP memory in {self.config.file.name}, {size:,} bytes",
            findings=tuple(findings.before_reading(self.config.user, is_empty=not first)),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """The file."""
        with self._opened() as file:
            self._digest = digest_of(file)
        yield Partition(self._path, self.config.file.name, self._digest)

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Whole lines, so that an entity comes with all its observations."""
        place = Place.of(cursor)
        with self._opened() as file:
            if digest_of(file) != partition.version:
                raise SourceUnavailableError(
                    f"{self._path} was changed just now.",
                    remedy="Run the same command again; what came out is not loaded twice.",
                )
            size = os.fstat(file.fileno()).st_size
            for lines in _portions(read_lines(file, place), self.config.page_size):
                records, unreadable = self._made(lines)
                end = lines[-1].end
                yield Page(records, end.cursor(), unreadable, min(1.0, end.offset / size))
                await checkpoint()
        yield Page((), None, fraction_read=1.0)

    async def scopes(self) -> Sequence[ScopeCount]:
        """The one that ``--user`` names."""
        user = self.config.user
        return [] if user is None else [ScopeCount(ScopeKind.USER, user, note="named by --user")]

    async def reconcile(self) -> Sequence[Finding]:
        """Whether the file is still what was read."""
        with self._opened() as file:
            return [] if digest_of(file) == self._digest else [findings.changed(self._path)]

    @property
    def _path(self) -> str:
        return os.fsencode(self.config.file.absolute()).decode("utf-8", "backslashreplace")

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        try:
            file = self.config.file.open("rb")
        except OSError as error:
            raise SourceError(
                f"{self._path} cannot be read: {error.strerror or error}.",
                remedy="It is the file that MEMORY_FILE_PATH names in the server's settings.",
            ) from None
        with file:
            yield file

    def _made(self, lines: Sequence[Line]) -> tuple[list[MemoryRecord], list[Unreadable]]:
        records: list[MemoryRecord] = []
        unreadable: list[Unreadable] = []
        for line in lines:
            where = f"{self.config.file.name}:{line.number}"
            raw = line.text[: 4 * _EXCERPT].decode("utf-8", "replace").strip()[:_EXCERPT]
            try:
                made = list(records_of(decode(line), self.config.user))
            except ValueError as error:
                unreadable.append(Unreadable(where, str(error), raw))
                continue
            records += [one for one in made if isinstance(one, MemoryRecord)]
            unreadable += [
                Unreadable(f"{where}{_part(one)}", one.reason, raw)
                for one in made
                if isinstance(one, Flaw)
            ]
        return records, unreadable


def _portions(lines: Iterator[Line], most: int) -> Iterator[list[Line]]:
    """So many lines at once, or fewer that are long."""
    portion: list[Line] = []
    size = 0
    for line in lines:
        portion.append(line)
        size += len(line.text)
        if len(portion) >= most or size >= _PAGE_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _is_of_a_graph(line: Line) -> bool:
    try:
        return any(isinstance(one, MemoryRecord) for one in records_of(decode(line), None))
    except ValueError:
        return False


def _part(flaw: Flaw) -> str:
    return "" if flaw.observation is None else f", observation {flaw.observation}"
