"""A local Qdrant folder: those that mem0ai 1.0.5 and 2.2.1 wrote, and some made for a purpose."""

from __future__ import annotations

import json
import pickle
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient, models

from mem0_support.reading import check, read_all
from mem0_support.store_rows import identity_payload, many, python_payload, row_id
from synap_import import (
    ConfigurationError,
    MemoryRecord,
    Page,
    SourceError,
    SourceUnavailableError,
    State,
)
from synap_import.testing import in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.files.source import Files
from synap_import_mem0.stores.opened import OpenedStore
from synap_import_mem0.stores.qdrant_folder import QdrantFolder

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture(params=["1.0.5", "2.2.1"])
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def folder_of(release: str, tmp_path: Path) -> Path:
    """A folder as the release left it, with the lock file that git does not keep."""
    folder = tmp_path / f"qdrant-{release}"
    shutil.copytree(DATA / f"oss-{release}" / "qdrant", folder)
    (folder / ".lock").write_text("tmp lock file")
    return folder


@pytest.fixture
def folder(release: str, tmp_path: Path) -> Path:
    return folder_of(release, tmp_path)


def made_folder(tmp_path: Path, **collections: Sequence[tuple[str | int, Any]]) -> Path:
    folder = tmp_path / "made"
    client = QdrantClient(path=str(folder))
    for name, points in collections.items():
        size = models.VectorParams(size=2, distance=models.Distance.COSINE)
        client.create_collection(name, vectors_config=size)
        made = [models.PointStruct(id=one, vector=[1, 0], payload=what) for one, what in points]
        if made:
            client.upsert(name, made)
    client.close()
    return folder


def opened(folder: Path, **options: Any) -> OpenedStore:
    return QdrantFolder().open(folder, Mem0Config(trust_local_files=True, **options), NOW)


def test_numbers_as_ids_and_what_cannot_be_read_are_no_obstacle(tmp_path: Path) -> None:
    numbers = [(number, python_payload()) for number in range(1, 401)]
    folder = made_folder(tmp_path, mem0=[*numbers, (row_id(1), {"text": "foreign"})])
    first, last = pages(folder)
    assert {record.id for page in (first, last) for record in page.records} == {
        str(number) for number in range(1, 401)
    }
    assert pages(folder, first.cursor)[0].records == last.records
    assert [one.where for one in last.unreadable] == [f"made:{row_id(1)}"]


def pages(folder: Path, cursor: str | None = None, **options: Any) -> list[Page]:
    return list(opened(folder, **options).pages(cursor))


def records(folder: Path, **options: Any) -> dict[str, MemoryRecord]:
    return {record.id: record for page in pages(folder, **options) for record in page.records}


def hashes(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (
            sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def answered(release: str) -> dict[str, dict[str, Any]]:
    """All that ``get_all`` of the release answered for its own folder."""
    dumps = (DATA / f"oss-{release}").glob("qdrant-get_all-*.json")
    items = [item for dump in dumps for item in json.loads(dump.read_text())["results"]]
    return {item["id"]: item for item in items}


def test_it_gives_what_get_all_of_the_release_gave(release: str, folder: Path) -> None:
    found, items = records(folder), answered(release)
    assert found.keys() == items.keys()
    assert {one: record.text for one, record in found.items()} == {
        one: item["memory"] for one, item in items.items()
    }
    assert {one: record.metadata or None for one, record in found.items()} == {
        one: item["metadata"] for one, item in items.items()
    }
    assert {one: record.scope.user for one, record in found.items()} == {
        one: item.get("user_id") for one, item in items.items()
    }


def test_release_1_0_5_wrote_californian_times_and_none_of_a_change(tmp_path: Path) -> None:
    found = list(records(folder_of("1.0.5", tmp_path)).values())
    assert {record.created_at and record.created_at.utcoffset() for record in found} == {
        timedelta(hours=-8)
    }
    changed = [record.text for record in found if record.updated_at is not None]
    assert changed == ["Alice lives in Bergen."]


def test_release_2_2_1_kept_the_times_that_it_was_given(tmp_path: Path) -> None:
    found = {record.text: record for record in records(folder_of("2.2.1", tmp_path)).values()}
    naive = found["Old facts have old dates."]
    assert naive.created_at == datetime(2019, 7, 4, 9, tzinfo=UTC)
    assert "naive-time:created_at" in naive.assumptions
    pacific = found["California wrote this."]
    assert pacific.created_at == datetime(2025, 7, 16, 18, 8, 21, 112000, UTC)
    assert found["The trial ends in spring."].state is State.EXPIRED


def test_memories_without_a_user_and_speakers_are_there(folder: Path) -> None:
    found = {record.text: record for record in records(folder).values()}
    assert found["The concierge answers briefly."].scope.owner() == ("agent", "concierge")
    assert found["This run is about invoices."].scope.owner() == ("session", "run-7")
    assert found["I moved to Berlin."].name == "Bob"
    assert found["Grüße aus Köln 🦊"].scope.agent == "concierge"


def test_the_folder_stays_as_it_was(folder: Path) -> None:
    before = hashes(folder)
    records(folder)
    assert hashes(folder) == before


def test_nothing_of_the_copy_is_left_when_reading_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made_folder(tmp_path, mem0=many(700))
    private = tmp_path / "temporary"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    reading = opened(folder).pages(None)
    next(reading)
    (copy,) = private.iterdir()
    assert copy.stat().st_mode & 0o077 == 0
    reading.close()
    assert not list(private.iterdir())


def test_it_is_recognised_by_its_content(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for content in ("{", "[]", '{"collections": []}', '{"collections": {"mem0": {}}}'):
        (other / "meta.json").write_text(content)
        assert not QdrantFolder().recognises(other)
    assert QdrantFolder().recognises(folder)
    assert not QdrantFolder().recognises(folder / "meta.json")
    assert not QdrantFolder().recognises(tmp_path / "nowhere")


def test_without_trust_no_pickle_is_opened(tmp_path: Path) -> None:
    folder, trace = malicious_folder(tmp_path)
    with pytest.raises(ConfigurationError) as error:
        QdrantFolder().open(folder, Mem0Config(), NOW)
    assert "pickles" in error.value.message
    assert "--trust-local-files" in error.value.remedy
    assert QdrantFolder().recognises(folder)
    assert not trace.exists()
    assert opened(folder).expected == 2
    assert not trace.exists(), "looking opens no pickle even in a trusted folder"


def test_only_the_chosen_collection_is_unpickled(tmp_path: Path) -> None:
    folder, trace = malicious_folder(tmp_path, infected="mem0_entities")
    assert len(records(folder)) == 1
    assert not trace.exists()


def test_every_point_comes_once_and_from_every_cursor(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, mem0=many(1100))
    all_pages = pages(folder)
    assert [len(page.records) for page in all_pages] == [300, 300, 300, 200]
    for number, page in enumerate(all_pages[:-1], start=1):
        rest = pages(folder, page.cursor)
        together = [*all_pages[:number], *rest]
        assert [record.id for one in together for record in one.records] == [
            row_id(number) for number in range(1, 1101)
        ]


def test_what_is_beside_the_memories_is_skipped_and_counted(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, mem0=many(2), mem0_entities=many(4), mem0migrations=[])
    (finding,) = opened(folder).findings
    assert finding.examples == ("mem0_entities (4 rows)", "mem0migrations (0 rows)")
    assert len(records(folder)) == 2


def test_points_that_only_note_who_uses_the_store_are_skipped_and_counted(tmp_path: Path) -> None:
    about_it = (row_id(8), python_payload("The type user_identity is old."))
    folder = made_folder(tmp_path, mem0=[*many(3), about_it, (row_id(9), identity_payload())])
    found = opened(folder)
    assert len(records(folder)) == found.expected == 4
    assert [(one.code, one.count) for one in found.findings] == [("user-identity-rows", 1)]


def test_the_history_beside_it_brings_earlier_texts(release: str, folder: Path) -> None:
    history = DATA / f"oss-{release}" / "qdrant-history.db"
    before = sha256(history.read_bytes()).hexdigest()
    found = records(folder, with_history=True, history_db=history)
    by_text = {record.text: record for record in found.values()}
    now, then = by_text["Alice lives in Bergen."], by_text["Alice lives in Oslo."]
    assert then.state is State.SUPERSEDED
    assert then.links[0].id == now.id
    assert then.scope == now.scope
    assert by_text["Alice regrets having said this."].state is State.DELETED
    assert sha256(history.read_bytes()).hexdigest() == before


def test_the_folder_is_given_like_any_file(release: str, folder: Path) -> None:
    config = Mem0Config(files=(str(folder),), trust_local_files=True)
    seen = in_one_run(lambda context: Files(config, context), check)
    found = in_one_run(lambda context: Files(config, context), read_all)
    assert len(found) == seen.expected == len(answered(release))
    assert "Qdrant folder, collection mem0" in seen.title


def test_of_several_collections_one_must_be_named(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, mem0=many(2), other=many(3))
    with pytest.raises(ConfigurationError, match=r"mem0 \(2 rows\), other \(3 rows\)"):
        opened(folder)
    assert len(records(folder, collection="other")) == 3
    with pytest.raises(ConfigurationError, match="no collection 'nope'"):
        opened(folder, collection="nope")


def test_another_content_is_another_version(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, mem0=many(2))
    before = opened(folder)
    assert opened(folder).version == before.version
    client = QdrantClient(path=str(folder))
    point = models.PointStruct(id=row_id(1), vector=[1, 0], payload=python_payload("Changed."))
    client.upsert("mem0", [point])
    client.close()
    assert opened(folder).version != before.version
    with pytest.raises(SourceError, match="has changed"):
        next(before.pages(None))


def test_a_folder_that_an_application_has_open_is_left_alone(folder: Path) -> None:
    holding = (
        "import sys; from qdrant_client import QdrantClient\n"
        "client = QdrantClient(path=sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as application:
        assert application.stdout is not None
        assert application.stdout.readline() == b"open\n"
        with pytest.raises(SourceUnavailableError) as error:
            opened(folder)
        application.communicate()
    assert "is open in another program" in error.value.message
    assert "copy the folder" in error.value.remedy
    assert records(folder), "a lock file that nobody holds is no obstacle"


def test_an_application_can_start_while_the_copy_is_read(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, mem0=many(700))
    reading = opened(folder).pages(None)
    next(reading)
    QdrantClient(path=str(folder)).close()
    reading.close()


def test_a_change_that_a_crash_left_half_done_is_taken_back_in_the_copy(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, mem0=many(3))
    storage = folder / "collection" / "mem0" / "storage.sqlite"
    with closing(sqlite3.connect(storage, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_spill = 1")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM points")
        connection.execute("CREATE TABLE filler AS SELECT randomblob(100000) AS bytes")
        crashed = tmp_path / "crashed"
        shutil.copytree(folder, crashed)
        connection.execute("ROLLBACK")
    assert (crashed / "collection" / "mem0" / "storage.sqlite-journal").exists()
    before = hashes(crashed)
    assert len(records(crashed)) == 3
    assert hashes(crashed) == before


def test_a_collection_whose_name_is_a_path_is_refused(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, mem0=many(1))
    meta = json.loads((folder / "meta.json").read_text())
    meta["collections"]["../../outside"] = meta["collections"]["mem0"]
    (folder / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(SourceError, match="whose name is a path"):
        opened(folder)


def test_a_collection_whose_file_is_gone_is_empty(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, mem0=many(2), other=many(1))
    (folder / "collection" / "other" / "storage.sqlite").unlink()
    assert opened(folder, collection="other").expected == 0
    assert records(folder, collection="other") == {}


def test_a_folder_without_a_lock_file_is_read(folder: Path) -> None:
    (folder / ".lock").unlink()
    assert records(folder)
    assert not (folder / ".lock").exists()


def test_a_damaged_storage_is_a_sentence(folder: Path) -> None:
    (folder / "collection" / "mem0" / "storage.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(SourceError, match="cannot be read as a Qdrant folder"):
        opened(folder)


def test_what_qdrant_client_cannot_open_is_a_sentence(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "collection" / "mem0" / "storage.sqlite")) as connection:
        connection.execute("UPDATE points SET point = x'00'")
        connection.commit()
    with pytest.raises(SourceError, match="qdrant-client cannot open") as error:
        pages(folder)
    assert "qdrant-client==VERSION" in error.value.remedy


def test_a_missing_library_says_how_to_get_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    with pytest.raises(ConfigurationError) as error:
        opened(folder)
    assert error.value.remedy == "pip install 'synap-import-mem0[qdrant]'"


class _Trap:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return Path.touch, (self.trace,)


def malicious_folder(tmp_path: Path, infected: str = "mem0") -> tuple[Path, Path]:
    """A folder with a pickle that leaves a trace when it is opened."""
    trace = tmp_path / "trace"
    folder = made_folder(tmp_path, mem0=many(1), mem0_entities=many(1))
    storage = folder / "collection" / infected / "storage.sqlite"
    with closing(sqlite3.connect(storage)) as connection:
        connection.execute("INSERT INTO points VALUES ('x', ?)", (pickle.dumps(_Trap(trace)),))
        connection.commit()
    return folder, trace
