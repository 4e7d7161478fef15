"""The files of local stores through the source itself, as a command gives them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mem0_support.local_stores import DATA, history_database, payload, typescript_database
from mem0_support.reading import check, read_all
from synap_import import MemoryRecord, SourceCheck, State
from synap_import.testing import in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source


def records(*files: Path, **config: Any) -> list[MemoryRecord]:
    """Everything that the command would read."""
    settings = Mem0Config(files=tuple(map(str, files)), **config)
    return in_one_run(lambda context: Mem0Source.of(settings, context), read_all)


def checked(*files: Path, **config: Any) -> SourceCheck:
    """What the command would say first."""
    settings = Mem0Config(files=tuple(map(str, files)), **config)
    return in_one_run(lambda context: Mem0Source.of(settings, context), check)


@pytest.fixture
def home(tmp_path):
    """What the TypeScript library leaves in ~/.mem0, beside the history of the Python one."""
    folder = tmp_path / ".mem0"
    shutil.copytree(DATA / "oss-ts-3.3.1", folder)
    shutil.copy(DATA / "oss-2.2.1" / "qdrant-history.db", folder / "history.db")
    (folder / "config.json").write_text('{"user_id": "somebody"}')
    return folder


def test_a_folder_of_the_typescript_library_gives_its_memories(home):
    assert len(records(home)) == 9
    assert {record.hold for record in records(home)} == {None}


def test_a_history_in_the_folder_hides_no_memory_of_the_store(home):
    """A history has the same ids without users, and its name comes first."""
    found = {finding.code: finding for finding in checked(home).findings}
    assert found["history-beside-store"].examples == ("history.db", "memory.db")
    assert {record.scope.user for record in records(home)} == {"alice", "bob", None}


def test_with_history_the_folder_gives_earlier_texts_with_their_users(home):
    by_text = {record.text: record for record in records(home, with_history=True)}
    assert len(by_text) == 11
    assert by_text["Alice lives in Oslo."].state is State.SUPERSEDED
    assert by_text["Alice lives in Oslo."].scope.user == "alice"


def test_a_history_by_itself_is_read(home):
    assert len(records(home / "history.db")) == 14


@pytest.mark.parametrize(
    ("path", "count"),
    [("oss-2.2.1/chroma", 13), ("oss-1.0.5/chroma", 13), ("oss-2.2.1/faiss", 14)],
)
def test_folders_of_the_python_library_give_their_memories(path, count):
    assert len(records(DATA / path)) == count


def test_two_stores_that_share_a_history_give_each_text_once(tmp_path):
    for name in ("a", "b"):
        rows = {name: payload(f"{name} now.", user_id=name)}
        typescript_database(tmp_path / f"{name}.db", rows)
    history = history_database(
        tmp_path / "history.db",
        ("a", "a before.", "a now.", "UPDATE"),
        ("b", "b before.", "b now.", "UPDATE"),
        ("c", "c before.", None, "DELETE"),
    )
    files = (tmp_path / "a.db", tmp_path / "b.db")
    by_text = {record.text: record for record in records(*files, with_history=True)}
    assert by_text.keys() == {"a before.", "a now.", "b before.", "b now.", "c before."}
    assert by_text["a before."].scope.user == "a"
    assert by_text["b before."].scope.user == "b"
    assert len(records(*files, with_history=True, history_db=history)) == 5
