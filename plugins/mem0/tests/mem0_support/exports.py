"""Export files to read, and all that reading them gives."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mem0_support.reading import pages_of
from synap_import import Finding, MemoryRecord, Page, Partition, Source, SourceCheck, Unreadable
from synap_import.testing import in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.files.source import Files

DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True)
class Reading:
    """What check said, and what came out."""

    check: SourceCheck
    pages: list[Page]

    @property
    def records(self) -> list[MemoryRecord]:
        return [record for page in self.pages for record in page.records]

    @property
    def record(self) -> MemoryRecord:
        (only,) = self.records
        return only

    @property
    def ids(self) -> list[str]:
        return [record.id for record in self.records]

    @property
    def texts(self) -> list[str]:
        return [record.text for record in self.records]

    @property
    def unreadable(self) -> list[Unreadable]:
        return [item for page in self.pages for item in page.unreadable]

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.check.findings]

    def finding(self, code: str) -> Finding:
        (only,) = [one for one in self.check.findings if one.code == code]
        return only


def make_files(*paths: Path | str, **options: Any) -> partial[Files]:
    return partial(Files, Mem0Config(files=tuple(map(str, paths)), **options))


def read(*paths: Path | str, cursor: str | None = None, **options: Any) -> Reading:
    """Everything, or what is behind a cursor of the only file."""

    async def run(source: Source[Mem0Config]) -> Reading:
        checked = await source.check()
        pages = []
        async for partition in source.partitions():
            pages += await pages_of(source, partition, cursor)
        return Reading(checked, pages)

    reading: Reading = in_one_run(make_files(*paths, **options), run)
    return reading


def partitions(*paths: Path | str, **options: Any) -> list[Partition]:
    async def run(source: Source[Mem0Config]) -> list[Partition]:
        return [one async for one in source.partitions()]

    found: list[Partition] = in_one_run(make_files(*paths, **options), run)
    return found


def memory(number: int = 0, **more: Any) -> dict[str, Any]:
    """A memory as get_all shows it."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "memory": f"memory {number}",
        "user_id": "ada",
        "metadata": None,
        "created_at": "2026-03-01T08:00:00+00:00",
        "updated_at": "2026-03-01T08:00:00+00:00",
        **more,
    }


def memories(count: int) -> list[dict[str, Any]]:
    return [memory(number) for number in range(count)]


def page(items: Sequence[Any], *, count: int, following: bool = False) -> dict[str, Any]:
    """A page of the Platform's listing."""
    url = "https://api.mem0.ai/v3/memories/?page=2" if following else None
    return {"count": count, "next": url, "previous": None, "results": list(items)}


def write_json(path: Path, value: Any) -> Path:
    return write_text(path, json.dumps(value))


def write_lines(path: Path, values: Sequence[Any]) -> Path:
    return write_text(path, "".join(json.dumps(value) + "\n" for value in values))


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode("utf-8", "surrogatepass")
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
