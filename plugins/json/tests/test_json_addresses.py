"""What an argument means when it is an address, and what no address may hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from synap_import import SourceError
from synap_import_json.addresses import SERVICES, Address, address_of, is_address
from synap_import_json.files import account_of


@pytest.mark.parametrize(
    "argument", ["a.jsonl", "C:\\data\\a.json", "/data/s3:/a", "-", "a//b", ":"]
)
def test_a_path_is_no_address(argument):
    assert not is_address(argument)


def test_an_address_is_a_scheme_and_where_it_leads():
    assert address_of("S3://bucket/a b/*.jsonl") == Address("s3", "bucket/a b/*.jsonl")
    assert str(address_of("file:///data/a.jsonl")) == "file:///data/a.jsonl"


@pytest.mark.parametrize(
    "argument",
    [
        "s3://AKIAKEY:hush-hush@bucket/a.jsonl",
        "s3://hush-hush@bucket/a.jsonl",
        "gs://bucket/a.jsonl?X-Goog-Signature=hush-hush",
        "az://container/a.jsonl?sv=2024-11-04&sig=hush-hush",
        "https://bucket.s3.amazonaws.com/a.jsonl?X-Amz-Signature=hush-hush",
        "postgresql://me:hush-hush@127.0.0.1/app",
    ],
)
def test_an_address_with_a_secret_is_refused_without_repeating_it(argument, check):
    for refused in (address_of, check, lambda one: account_of([one])):
        with pytest.raises(SourceError) as caught:
            refused(argument)
        assert "hush-hush" not in f"{caught.value} {caught.value.__context__!r}"


@pytest.mark.parametrize("argument", ["s3://bucket/part-?.jsonl", "s3://bucket/who@where.jsonl"])
def test_what_only_looks_a_little_like_one_is_read(argument):
    assert str(address_of(argument)) == argument


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("ftp://host/a.jsonl", "Nothing here reads ftp://"),
        ("file://a.jsonl", "needs the whole path"),
        ("s3://", "names nothing"),
    ],
)
def test_what_is_no_address_here_is_refused(argument, said):
    with pytest.raises(SourceError, match=said):
        address_of(argument)


def test_the_account_is_the_address_wherever_the_command_is_given(tmp_path, monkeypatch):
    here = account_of(["s3://bucket/b", "s3://bucket/a"])
    monkeypatch.chdir(tmp_path)
    assert account_of(["s3://bucket/a", "s3://bucket/b"]) == here == "s3://bucket/a s3://bucket/b"


@pytest.mark.parametrize("scheme", SERVICES)
def test_without_its_extra_an_address_says_what_to_install(scheme, check, monkeypatch):
    service = SERVICES[scheme]
    monkeypatch.setitem(sys.modules, service.module, None)
    with pytest.raises(SourceError, match="not installed") as caught:
        check(f"{scheme}:///bucket/a.jsonl")
    assert caught.value.remedy == f"pip install 'synap-import-json[{service.extra}]'"


def test_every_extra_that_is_told_is_there():
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text()
    assert all(f"\n{one.extra} = [" in project for one in SERVICES.values())


def test_without_an_address_nothing_of_it_is_imported(write, three):
    script = (
        "import sys, anyio; from contextlib import AsyncExitStack\n"
        "from synap_import.host import HostContext\n"
        "from synap_import_json.source import JsonConfig, JsonSource\n"
        "source = JsonSource(JsonConfig(files=(sys.argv[1],)), HostContext(AsyncExitStack()))\n"
        "anyio.run(source.check)\n"
        "heavy = {'fsspec', 's3fs', 'gcsfs', 'adlfs', 'aiohttp', 'botocore', 'pyarrow'}\n"
        "sys.exit(' '.join(heavy & sys.modules.keys()) or 0)"
    )
    command = [sys.executable, "-c", script, str(write("a.jsonl", three))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_disk_can_be_named_by_address_too(read, partition_ids, write, three):
    path = write("folder/a.jsonl", three)
    assert [one.id for one in read(f"file://{path}").records] == ["m0", "m1", "m2"]
    assert [one for one, _ in partition_ids(f"file://{path.parent}")] == [f"file://{path}"]


def test_a_path_is_one_partition_as_ever_and_its_address_is_cut(read, partition_ids, write):
    rows = [{"id": f"m{n}", "content": "x" * 1000} for n in range(3000)]
    path = write("large.jsonl", rows)
    assert [one for one, _ in partition_ids(path, range_size=1)] == [str(path)]
    assert len(partition_ids(f"file://{path}", range_size=1)) == 3
    assert read(f"file://{path}", range_size=1).records == read(path).records


def test_paths_and_addresses_go_together(read, write, three):
    path, other = write("a.jsonl", three), write("b.jsonl", [{"id": "b", "content": "another"}])
    assert [one.id for one in read(path, f"file://{other}").records] == ["m0", "m1", "m2", "b"]
