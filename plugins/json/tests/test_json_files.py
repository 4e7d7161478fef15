"""Which files are read, what they are called, and when they are the same again."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack

import pytest

from synap_import import SourceError


def line(text):
    return [{"text": text}, {"text": text + " again"}]


def test_a_folder_gives_its_files_in_order(read, write, tmp_path):
    for name in ("b.jsonl", "a.ndjson", "sub/deep/c.json.gz"):
        write(name, line(name))
    write("d.CSV", "id,text\n1,d.CSV\n2,d.CSV again\n")
    assert read(tmp_path).texts[::2] == ["a.ndjson", "b.jsonl", "d.CSV", "sub/deep/c.json.gz"]


def test_hidden_files_and_other_endings_are_left_out(read, write, tmp_path):
    write("a.jsonl", line("a"))
    for name in ("notes.txt", ".hidden.jsonl", ".git/x.jsonl"):
        write(name, line(name))
    assert read(tmp_path).texts == ["a", "a again"]


def test_a_pattern_gives_the_files_that_match(read, write, tmp_path):
    write("x1.log", line("x1"))
    write("sub/x2.log", line("x2"))
    write("y.log", line("y"))
    assert read(f"{tmp_path}/x*.log").texts == ["x1", "x1 again"]
    assert len(read(f"{tmp_path}/**/*.log").records) == 6


def test_a_name_with_brackets_is_a_file_before_it_is_a_pattern(read, write):
    assert read(write("a[1].jsonl", line("a"))).texts == ["a", "a again"]


def test_a_file_that_is_meant_twice_is_read_once(read, write, tmp_path):
    path = write("a.jsonl", line("a"))
    (tmp_path / "link.jsonl").symlink_to(path)
    assert len(read(path, tmp_path, f"{tmp_path}/*.jsonl").records) == 2


@pytest.mark.parametrize(
    ("argument", "problem"),
    [
        ("missing.jsonl", "There is no file .*missing.jsonl"),
        ("*.nothing", r"No file matches .*\*\.nothing"),
        ("empty", r"has no files that end in \.jsonl, \.ndjson, \.json or \.csv"),
        ("pipe", "is a pipe or a device"),
    ],
)
def test_arguments_without_files_are_refused(check, tmp_path, argument, problem):
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match=problem):
        check(tmp_path / argument)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(check, write):
    path = write("a.jsonl", line("a"))
    path.chmod(0)
    with pytest.raises(SourceError, match=r"a\.jsonl cannot be read: Permission denied"):
        check(path)


def test_files_of_the_same_name_are_told_apart(read, write):
    first, second = (
        write("one/a.jsonl", '{"text":"x"}\n!\n'),
        write("two/a.jsonl", '{"text":"x"}\n!\n'),
    )
    assert list(read(first, second).reasons) == ["one/a.jsonl:2", "two/a.jsonl:2"]


def test_the_account_does_not_depend_on_the_folder_one_is_in(
    check, read, write, monkeypatch, tmp_path
):
    path = write("data/a.jsonl", '{"text":"x"}\n!\n')
    account, reasons = check(path).account, read(path).reasons
    monkeypatch.chdir(tmp_path / "data")
    assert check("a.jsonl").account == account == str(path)
    assert read("../data/a.jsonl").reasons == reasons


def test_the_account_of_many_files_is_short(check, write):
    paths = [write(f"a-rather-long-name-of-a-file-{n}.jsonl", line("a")) for n in range(40)]
    account = check(*paths).account
    assert len(account) < 300
    assert check(*reversed(paths)).account == account
    assert check(*paths[1:]).account != account


def test_a_folder_is_the_same_account_when_a_file_is_added(check, write, tmp_path):
    write("a.jsonl", line("a"))
    account = check(tmp_path).account
    write("b.jsonl", line("b"))
    assert check(tmp_path).account == account


def test_a_partition_changes_with_the_content_and_nothing_else(partition_ids, write):
    path = write("a.jsonl", line("a"))
    (before,) = partition_ids(path)
    os.utime(path, (0, 0))
    assert partition_ids(path) == [before]
    write("a.jsonl", line("b"))
    assert partition_ids(path) != [before]


def test_a_partition_changes_with_the_mapping(partition_ids, write):
    path = write("a.jsonl", line("a"))
    mapping = write("m.yaml", "version: 1\ncontent: text\n")
    (before,) = partition_ids(path, mapping=mapping)
    assert partition_ids(path) != [before]
    write("m.yaml", "version: 1\ncontent: text\nuser: owner\n")
    assert partition_ids(path, mapping=mapping) != [before]


def test_a_file_that_changed_since_its_partition_was_listed_is_refused(write):
    import anyio

    from synap_import.host import HostContext
    from synap_import_json.source import JsonConfig, JsonSource

    path = write("a.jsonl", line("a"))
    source = JsonSource(JsonConfig(files=(str(path),)), HostContext(AsyncExitStack()))

    async def change_between():
        (partition,) = [one async for one in source.partitions()]
        write("a.jsonl", line("b"))
        return [page async for page in source.pages(partition, None)]

    with pytest.raises(SourceError, match="it has changed"):
        anyio.run(change_between)


def test_the_title_counts_files_and_formats(check, write):
    paths = [
        write("a.jsonl", line("a")),
        write("b.jsonl", line("b")),
        write("c.csv", "id,text\n1,x\n"),
    ]
    assert check(*paths).title == "3 files, 80 bytes: JSON Lines (2), CSV (1)"


def test_a_file_whose_name_is_not_unicode_is_read(read, partition_ids, tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    path.write_text('{"text":"x"}\n!\n')
    assert list(read(tmp_path).reasons) == [r"caf\xe9.jsonl:2"]
    assert partition_ids(tmp_path)[0][0].encode()
