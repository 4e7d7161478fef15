"""Files to read, and a source that reads them to the end."""

from __future__ import annotations

import gzip
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
import zstandard

from synap_import import MemoryRecord, Page, SourceCheck, Unreadable
from synap_import.host import HostContext
from synap_import_json.source import JsonConfig, JsonSource


@dataclass
class Reading:
    """All that a source gave."""

    pages: list[Page] = field(default_factory=list)

    @property
    def records(self) -> list[MemoryRecord]:
        return [record for page in self.pages for record in page.records]

    @property
    def unreadable(self) -> list[Unreadable]:
        return [item for page in self.pages for item in page.unreadable]

    @property
    def texts(self) -> list[str]:
        return [record.text for record in self.records]

    @property
    def reasons(self) -> dict[str, str]:
        return {item.where: item.reason for item in self.unreadable}


def make_source(*files: Path | str, **config: Any) -> JsonSource:
    named = tuple(map(str, files))
    return JsonSource(JsonConfig(files=named, **config), HostContext(AsyncExitStack()))


async def _read(source: JsonSource, cursor: str | None = None) -> Reading:
    reading = Reading()
    async for partition in source.partitions():
        async for page in source.pages(partition, cursor):
            reading.pages.append(page)
    return reading


@pytest.fixture
def read():
    """Read files to their end: records and what is unreadable."""

    def run(*files: Path | str, cursor: str | None = None, **config: Any) -> Reading:
        return anyio.run(_read, make_source(*files, **config), cursor)

    return run


@pytest.fixture
def source_of():
    """The source of files, to be asked step by step."""
    return make_source


@pytest.fixture
def check():
    """What a source says about files before it reads them."""

    def run(*files: Path | str, **config: Any) -> SourceCheck:
        return anyio.run(make_source(*files, **config).check)

    return run


@pytest.fixture
def partition_ids():
    """The ids and versions of the partitions of files."""

    async def ids(source: JsonSource) -> list[str]:
        return [(one.id, one.version) async for one in source.partitions()]

    return lambda *files, **config: anyio.run(ids, make_source(*files, **config))


@pytest.fixture
def write(tmp_path):
    """Write a file of text, bytes or lines of JSON, packed as its name says."""

    def run(name: str, content: str | bytes | list[Any]) -> Path:
        if isinstance(content, list):
            content = "".join(json.dumps(item) + "\n" for item in content)
        if isinstance(content, str):
            content = content.encode()
        if name.endswith(".gz"):
            content = gzip.compress(content)
        if name.endswith(".zst"):
            content = zstandard.compress(content)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return run


@pytest.fixture
def three():
    """Three small memories."""
    return [{"id": f"m{n}", "content": f"memory {n}", "user_id": "ada"} for n in range(3)]
