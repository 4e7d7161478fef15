"""Files of local stores: made, opened, read to their end, and proved to be as they were."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from synap_import import Finding, MemoryRecord, Page, Unreadable
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.files.formats import FileFormat, OpenedFile

DATA = Path(__file__).resolve().parent.parent / "data"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Reading:
    """All that came out of a file."""

    file: OpenedFile
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
    def findings(self) -> dict[str, Finding]:
        return {finding.code: finding for finding in self.file.findings}

    def one(self, text: str) -> MemoryRecord:
        """The only record with this text."""
        (record,) = (record for record in self.records if record.text == text)
        return record


def open_file(file_format: FileFormat, path: Path, **config: Any) -> OpenedFile:
    return file_format.open(path, Mem0Config(**config), NOW)


def read(file_format: FileFormat, path: Path, **config: Any) -> Reading:
    """Open a file and read it to its end."""
    opened = open_file(file_format, path, **config)
    return Reading(opened, list(opened.pages(None)))


def assert_resumes_everywhere(file_format: FileFormat, path: Path, **config: Any) -> None:
    """From every cursor on, exactly the rest comes, also in a later run."""
    pages = read(file_format, path, **config).pages
    assert len(pages) > 1
    assert [page.cursor is None for page in pages] == [False] * (len(pages) - 1) + [True]
    for number, page in enumerate(pages[:-1], start=1):
        rest = list(open_file(file_format, path, **config).pages(page.cursor))
        assert _contents(rest) == _contents(pages[number:])


def _contents(pages: Sequence[Page]) -> tuple[list[MemoryRecord], list[Unreadable]]:
    records = [record for page in pages for record in page.records]
    return records, [item for page in pages for item in page.unreadable]


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Nothing in a folder is written, added or taken away."""
    before = _snapshot(folder)
    yield
    assert _snapshot(folder) == before


def _snapshot(folder: Path) -> Mapping[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make_database(path: Path, *statements: str | tuple[str, Sequence[Any]]) -> Path:
    """A database file after these statements."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = off")
        for statement in statements:
            sql, values = (statement, ()) if isinstance(statement, str) else statement
            connection.execute(sql, values)
    return path


def payload(text: str = "Alice likes tea.", **more: Any) -> dict[str, Any]:
    """What the Python library stores of a memory."""
    return {
        "user_id": "alice",
        "data": text,
        "hash": "d41d8cd98f00b204e9800998ecf8427e",
        "created_at": "2026-01-02T03:04:05.000006+00:00",
        **more,
    }


def shown_by_get_all(release: str, store: str) -> dict[str, dict[str, Any]]:
    """What ``get_all`` of that release showed of all the scopes, by id."""
    files = (DATA / release).glob(f"{store}-get_all-*.json")
    return {one["id"]: one for file in files for one in json.loads(file.read_text())["results"]}


def assert_as_shown(
    records: Sequence[MemoryRecord], shown: Mapping[str, Mapping[str, Any]]
) -> None:
    """The same memories with the same words, owners, metadata and times."""
    assert {record.id for record in records} == set(shown)
    for record in records:
        item = shown[record.id]
        scope = (record.scope.user, record.scope.agent, record.scope.session)
        assert record.text == item["memory"]
        assert scope == tuple(item.get(name) for name in ("user_id", "agent_id", "run_id"))
        assert record.metadata == (item["metadata"] or {})
        assert (record.role, record.name) == (item.get("role"), item.get("actor_id"))
        assert record.created_at == _moment(item["created_at"])
        assert record.updated_at == _moment(item["updated_at"])


def _moment(written: str | None) -> datetime | None:
    """The library writes naive times in UTC, and none at all before the first change."""
    if written is None:
        return None
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


VECTORS = "CREATE TABLE vectors (id TEXT PRIMARY KEY, vector BLOB NOT NULL, payload TEXT)"


def typescript_database(path: Path, rows: Mapping[Any, Any]) -> Path:
    """A store of the TypeScript library; payloads that are no objects are kept as they are."""
    insert = "INSERT INTO vectors VALUES (?, x'00', ?)"
    stored = ((id_, json.dumps(one) if isinstance(one, dict) else one) for id_, one in rows.items())
    return make_database(
        path,
        VECTORS,
        "CREATE TABLE memory_migrations (id INTEGER PRIMARY KEY, user_id TEXT)",
        "INSERT INTO memory_migrations VALUES (1, 'somebody')",
        *((insert, row) for row in stored),
    )


HISTORY = """CREATE TABLE history (
    id TEXT PRIMARY KEY, memory_id TEXT, old_memory TEXT, new_memory TEXT, event TEXT,
    created_at DATETIME, updated_at DATETIME, is_deleted INTEGER, actor_id TEXT, role TEXT
)"""


def history_database(path: Path, *changes: tuple[str, str | None, str | None, str]) -> Path:
    """A history.db of changes: memory, old text, new text, event; their ids are h1, h2, …"""
    insert = "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, 'user')"
    created, updated = "2026-01-02T03:04:05+00:00", "2026-02-03T04:05:06+00:00"
    rows = (
        (f"h{number}", memory, old, new, event, created, updated, int(event == "DELETE"))
        for number, (memory, old, new, event) in enumerate(changes, start=1)
    )
    return make_database(path, HISTORY, *((insert, row) for row in rows))
