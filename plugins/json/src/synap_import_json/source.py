"""The source ``json``: what the host asks, passed on to the parts that know."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar

from anyio.lowlevel import checkpoint
from pydantic import BaseModel, Field

from synap_import import HoldReason, Page, Partition, Setting, Source, SourceCheck, SourceError

from .checking import findings_of, look_at, title_of
from .files import STANDARD_INPUT, account_of, find_files
from .guessing import guess
from .inputs import Input, StandardInput
from .items import Position
from .paging import PageReader
from .reading import Reading, reading_of
from .reasons import HOLDS


class JsonConfig(BaseModel):
    """What to read, and how."""

    files: Annotated[tuple[str, ...], Setting(argument=True, metavar="FILE…")] = Field(
        min_length=1,
        description="Files, folders or patterns; '-' is standard input. JSON Lines, JSON or CSV, "
        "plain or packed with gzip or zstd; zip archives; Parquet.",
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
        sightings = []
        for source in self._inputs:
            sightings.append(look_at(self._reading(source)))
            await checkpoint()
        findings = findings_of(sightings)
        return SourceCheck(account_of(self.config.files), title_of(sightings), findings=findings)

    async def partitions(self) -> AsyncIterator[Partition]:
        """One for each file; changed content or another mapping make it another version."""
        for source in self._inputs:
            yield Partition(source.place, source.name, self._version(source))

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """The records of a file, from its beginning or from behind an earlier page."""
        source = self._input_of(partition)
        knows = self.context.exported.knows
        reading = self._reading(source)
        reader = PageReader(
            source,
            reading.layout,
            reading.make,
            self.config.page_size,
            identity=reading.identity,
            knows=knows,
        )
        with closing(reader.pages(Position.of(cursor))) as pages:
            for page in pages:
                await checkpoint()
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

    def _reading(self, source: Input) -> Reading:
        """How an input is read: found out once, since everything else must fit to it."""
        reading = self._readings.get(source.place)
        if reading is None:
            reading = reading_of(source, self.config.mapping, self.config.user)
            self._readings[source.place] = reading
        return reading

    def _version(self, source: Input) -> str:
        return source.version(self._reading(source).fingerprint)

    def _input_of(self, partition: Partition) -> Input:
        source = self._places.get(partition.id)
        if source and self._version(source) == partition.version:
            return source
        raise SourceError(
            f"{partition.title} is not as it was: it has changed or is gone.",
            remedy="Run the command again; records that arrived are not loaded twice.",
        )


def _inputs_of(files: Sequence[str]) -> Sequence[Input]:
    if STANDARD_INPUT not in files:
        return find_files(files)
    if len(files) > 1:
        raise SourceError("Standard input ('-') cannot be read together with files.")
    return [StandardInput()]
