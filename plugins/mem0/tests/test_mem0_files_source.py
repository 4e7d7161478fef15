"""Which files are read, what they are called, and what is said about others."""

from __future__ import annotations

import json
import os
import sqlite3
import tracemalloc
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from mem0_support.exports import (
    DATA,
    make_files,
    memories,
    memory,
    page,
    partitions,
    read,
    write_json,
    write_text,
)
from mem0_support.reading import pages_of
from support.thorough import a_few_of
from synap_import import SourceError
from synap_import.testing import in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source


def refused(*paths: Path | str) -> str:
    with pytest.raises(SourceError) as refusal:
        read(*paths)
    return str(refusal.value)


def test_files_are_the_form_when_files_are_given(tmp_path):
    path = write_json(tmp_path / "dump.json", memories(2))

    async def title(source):
        return (await source.check()).title

    config = Mem0Config(files=(str(path),))
    title_of = in_one_run(lambda context: Mem0Source.of(config, context), title)
    assert title_of == "dump.json: get_all dump, 2 memories"


def test_each_file_is_a_partition_whose_version_follows_its_content(tmp_path):
    path = write_json(tmp_path / "dump.json", memories(2))
    write_json(tmp_path / "more.json", memories(3))
    before = partitions(tmp_path)
    assert [one.title for one in before] == ["dump.json", "more.json"]
    assert [one.expected for one in before] == [2, 3]
    write_json(path, memories(4))
    after = partitions(tmp_path)
    assert after[0].id == before[0].id
    assert after[0].version != before[0].version
    assert after[1] == before[1]


def test_the_account_is_the_same_from_every_folder(tmp_path, monkeypatch):
    path = write_json(tmp_path / "data" / "dump.json", memories(1))
    monkeypatch.chdir(path.parent)
    here = read("dump.json").check.account
    monkeypatch.chdir("/")
    assert read(path).check.account == here


def test_a_file_that_is_named_twice_is_read_once(tmp_path):
    path = write_json(tmp_path / "dump.json", memories(2))
    link = tmp_path / "link.json"
    link.symlink_to(path)
    assert len(read(path, link, tmp_path).records) == 2


def test_two_files_of_one_name_have_places_of_their_own(tmp_path):
    for folder in ("a", "b"):
        write_json(tmp_path / folder / "dump.json", [memory(), {"id": "x", "memory": None}])
    places = [item.where for item in read(tmp_path / "a", tmp_path / "b").unreadable]
    assert places == ["a/dump.json[1]", "b/dump.json[1]"]


def test_folders_within_folders_are_read_and_hidden_files_are_not(tmp_path):
    write_json(tmp_path / "2026" / "03" / "dump.json", [memory(1)])
    write_json(tmp_path / ".hidden" / "dump.json", [memory(2)])
    write_json(tmp_path / ".dump.json", [memory(3)])
    write_text(tmp_path / "notes.txt", "something else")
    reading = read(tmp_path)
    assert reading.texts == ["memory 1"]
    assert reading.finding("files-not-read").examples == (str(tmp_path / "notes.txt"),)


def test_a_link_that_leads_out_of_its_folder_is_followed(tmp_path):
    outside = write_json(tmp_path / "outside.json", [memory(5)])
    write_json(tmp_path / "inside" / "dump.json", [memory(1)])
    (tmp_path / "inside" / "link.json").symlink_to(outside)
    assert sorted(read(tmp_path / "inside").texts) == ["memory 1", "memory 5"]


def test_a_store_in_a_folder_is_found_among_exports(tmp_path):
    docstore = {"docstore": {"m1": {"data": "likes tea", "user_id": "ada"}}, "index_to_id": {}}
    write_json(tmp_path / "mem0.json", docstore)
    write_json(tmp_path / "dump.json", [memory()])
    assert sorted(read(tmp_path).texts) == ["likes tea", "memory 0"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"users": {}, "version": 3}, "a JSON object with the keys users, version"),
        ([{"question": "?", "answer": "!"}], "a JSON list of objects with the keys question"),
        ([1, "a"], "a JSON list of numbers and texts"),
        ({"user_profile": {"name": "Ada"}}, "with the keys user_profile"),
    ],
)
def test_other_json_is_described_and_shown_the_way(tmp_path, value, found):
    path = write_json(tmp_path / "other.json", value)
    assert found in refused(path)
    assert f"synap-import json {path} --mapping" in refused(path)


def test_another_database_is_described_by_its_tables(tmp_path):
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id)")
    assert "a SQLite database with the tables orders" in refused(path)


def test_another_archive_is_described_by_its_members(tmp_path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.jpg", b"")
    assert "a zip archive with one.jpg" in refused(path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"just words", "a text that is not JSON"),
        (b"\x89PNG\r\n\0\0", "bytes that are no text"),
        (b"SQLite format 3\0 and no more", "a damaged SQLite database"),
        (b"\xff\xfe\xfd not UTF-8 \xe9", "no known form"),
        (b"{", "no known form"),
    ],
)
def test_what_is_nothing_of_mem0s_gets_a_sentence(tmp_path, content, found):
    path = tmp_path / "thing"
    path.write_bytes(content)
    assert found in refused(path)


def test_a_folder_without_anything_known_is_described(tmp_path):
    write_text(tmp_path / "notes.txt", "words")
    assert "a folder with notes.txt" in refused(tmp_path)


def test_a_missing_file_gets_a_sentence(tmp_path):
    assert "There is no file" in refused(tmp_path / "missing.json")


def test_a_pipe_gets_a_sentence(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "a pipe or a device" in refused(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_gets_a_sentence(tmp_path):
    path = write_json(tmp_path / "dump.json", memories(1))
    path.chmod(0)
    assert "cannot be read" in refused(path)


def test_a_cursor_of_something_else_gets_a_sentence(tmp_path):
    path = write_json(tmp_path / "dump.json", memories(1))
    with pytest.raises(SourceError, match="is not one of this source"):
        read(path, cursor="history:7")


@pytest.mark.parametrize("path", sorted((DATA / "dumps").iterdir()), ids=lambda path: path.name)
def test_nothing_is_written_beside_or_into_the_files(path):
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir()))
    read(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())) == before


@pytest.mark.parametrize("size", a_few_of([1_000, 5_000], [1_000]))
def test_memory_does_not_grow_with_the_dump(tmp_path, size):
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.json"
        with path.open("w") as file:
            file.write(json.dumps(page([], count=count))[:-2])
            for number in range(count):
                item = memory(number, metadata={"note": "x" * 500})
                file.write(("," if number else "") + json.dumps(item))
            file.write("]}")

        async def run(source):
            await source.check()
            async for partition in source.partitions():
                number = 0
                async for one in source.pages(partition, None):
                    number += len(one.records)
            return number

        tracemalloc.start()
        try:
            assert in_one_run(make_files(path), run) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(3 * size) < 1.5 * peak(size)


def test_a_file_that_changed_while_it_was_read_is_not_read_on(tmp_path):
    path = write_json(tmp_path / "dump.json", memories(5))

    async def run(source):
        await source.check()
        (partition,) = [one async for one in source.partitions()]
        write_json(path, memories(2))
        return await pages_of(source, partition)

    with pytest.raises(SourceError, match="has changed"):
        in_one_run(make_files(path), run)
