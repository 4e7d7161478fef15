"""The source ``json``: what the host asks, passed on to the parts that know."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, ClassVar, TypeVar

from anyio import from_thread, to_thread
from anyio.lowlevel import checkpoint
from pydantic import BaseModel, Field

from synap_import import HoldReason, Page, Partition, Setting, Source, SourceCheck, SourceError

from .addresses import is_address
from .checking import Sighting, findings_of, look_at, title_of
from .files import STANDARD_INPUT, account_of, find_files
from .guessing import guess
from .inputs import Input, StandardInput
from .items import Position
from .objects import find_objects
from .paging import PageReader
from .pieces import Piece, pieces_of
from .reading import Reading, reading_of
from .reasons import HOLDS
from .storage import changed
from .waiting import one_by_one, side_by_side

T = TypeVar("T")

MEGABYTE = 1024 * 1024


class JsonConfig(BaseModel):
    """What to read, and how."""

    files: Annotated[tuple[str, ...], Setting(argument=True, metavar="FILE…")] = Field(
        min_length=1,
        description="Files, folders or patterns, also as s3://, gs://, az:// or file://; '-' is "
        "standard input. JSON Lines, JSON or CSV, plain or packed with gzip or zstd; zip "
        "archives; Parquet.",
    )
    mapping: Annotated[Path | None, Setting(metavar="FILE")] = Field(
        default=None, description="Mapping file (YAML) that says what the fields are."
    )
    user: Annotated[str | None, Setting(metavar="ID")] = Field(
        default=None,
        min_length=1,
        description="Whose the memories are that name nobody, as in files of one person.",
    )
    page_size: int = Field(default=300, ge=1, le=10_000, description="Records per page.")
    range_size: Annotated[int, Setting(metavar="MB")] = Field(
        default=128,
        ge=1,
        description="Large objects behind an address are read in pieces of about this size.",
    )


class JsonSource(Source[JsonConfig]):
    """Files with one record per line, array element or row."""

    name: ClassVar[str] = "json"
    Config: ClassVar[type[BaseModel]] = JsonConfig
    holds: ClassVar[Mapping[str, HoldReason]] = HOLDS
    guesses_mappings: ClassVar[bool] = True

    @classmethod
    def guess_mapping(cls, config: JsonConfig) -> str:
        """A mapping file for the first of the files."""
        return guess(_inputs_of(config.files)[0])

    async def check(self) -> SourceCheck:
        """Find out what each file is; raises SourceError when one cannot be read."""
        inputs = await self._aside(lambda: self._inputs)
        looks = [partial(self._look, source) for source in inputs]
        sightings = await (side_by_side(looks) if self._is_far else one_by_one(looks))
        findings = await self._aside(partial(findings_of, sightings))
        return SourceCheck(account_of(self.config.files), title_of(sightings), findings=findings)

    async def partitions(self) -> AsyncIterator[Partition]:
        """One for each file, or several of a large object.

        Changed content or another mapping make it another version.
        """
        for source in await self._aside(lambda: self._inputs):
            for piece in await self._aside(partial(self._pieces, source)):
                yield piece.partition

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """The records of a partition, from its beginning or from behind an earlier page."""
        piece = await self._aside(partial(self._piece_of, partition))
        position = Position.of(cursor)
        reading = self._reading(piece.source)
        reader = PageReader(
            piece.readable(position),
            piece.order,
            reading.make,
            self.config.page_size,
            identity=reading.identity,
            knows=self._knows,
        )
        with closing(reader.pages(position)) as pages:
            while (page := await self._aside(partial(next, pages, None))) is not None:
                if page.cursor is None:
                    await self._aside(piece.confirm)
                yield page

    @cached_property
    def _inputs(self) -> Sequence[Input]:
        return _inputs_of(self.config.files)

    @cached_property
    def _places(self) -> Mapping[str, Input]:
        return {source.place: source for source in self._inputs}

    @cached_property
    def _readings(self) -> dict[str, Reading]:
        return {}

    @cached_property
    def _is_far(self) -> bool:
        """Whether something comes over the network, so that reading is waiting."""
        return any(map(is_address, self.config.files))

    async def _aside(self, work: Callable[[], T]) -> T:
        """Do it; where it waits for the network, in a thread, so that sending goes on meanwhile."""
        if self._is_far:
            return await to_thread.run_sync(work)
        await checkpoint()
        return work()

    def _knows(self, digest: str) -> bool:
        knows = self.context.exported.knows
        return from_thread.run_sync(knows, digest) if self._is_far else knows(digest)

    def _look(self, source: Input) -> Sighting:
        return look_at(self._reading(source))

    def _reading(self, source: Input) -> Reading:
        """How an input is read: found out once, since everything else must fit to it."""
        reading = self._readings.get(source.place)
        if reading is None:
            reading = reading_of(source, self.config.mapping, self.config.user)
            self._readings[source.place] = reading
        return reading

    def _pieces(self, source: Input) -> Sequence[Piece]:
        return pieces_of(self._reading(source), self.config.range_size * MEGABYTE)

    def _piece_of(self, partition: Partition) -> Piece:
        """The piece that is this partition, of this version."""
        place, _, _ = partition.id.rpartition("#")
        for source in filter(None, map(self._places.get, (partition.id, place))):
            for piece in self._pieces(source):
                if (piece.partition.id, piece.partition.version) == (
                    partition.id,
                    partition.version,
                ):
                    piece.confirm()
                    return piece
        raise changed(partition.title)


def _inputs_of(files: Sequence[str]) -> Sequence[Input]:
    if STANDARD_INPUT not in files:
        addresses = [one for one in files if is_address(one)]
        paths = [one for one in files if not is_address(one)]
        return [
            *(find_files(paths) if paths else ()),
            *(find_objects(addresses) if addresses else ()),
        ]
    if len(files) > 1:
        raise SourceError("Standard input ('-') cannot be read together with files.")
    return [StandardInput()]
