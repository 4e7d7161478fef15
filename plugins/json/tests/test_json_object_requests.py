"""What is asked of an S3 server, and what is said when it does not answer as hoped."""

from __future__ import annotations

import json
import subprocess
import sys

import anyio
import pytest
from anyio.lowlevel import checkpoint

from support.object_storage import as_environment, az, s3
from synap_import import SourceError, SourceUnavailableError
from synap_import_json.storage import told

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def server():
    with s3() as bucket:
        yield bucket


@pytest.fixture
def bucket(server):
    with as_environment(server) as one:
        server.watch.requests.clear()
        yield one
        server.watch.breaks = 0


@pytest.fixture(scope="module")
def large(server):
    """An object of 40 MB in 20,000 lines."""
    rows = [{"id": f"m{n}", "content": f"memory {n} ".ljust(1950, "x")} for n in range(20_000)]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    with as_environment(server):
        return server.put("large.jsonl", content), len(content)


def test_reading_asks_for_every_byte_once_and_more_of_them_at_a_time(bucket, read, large):
    address, size = large
    assert len(read(address).records) == 20_000
    ranges = bucket.watch.ranges_of("large.jsonl")
    beginning, *others = ranges
    assert beginning == (0, MEGABYTE)
    assert [start for start, _ in others] == [end for _, end in ranges[:-1]]
    assert ranges[-1][1] == size
    assert max(end - start for start, end in ranges) == 8 * MEGABYTE


def test_going_on_asks_for_nothing_before_the_place_but_the_head(bucket, read, large):
    address, size = large
    *before, _ = read(address).pages
    bucket.watch.requests.clear()
    read_already = sum(len(page.records) for page in before)
    assert read(address, cursor=before[-1].cursor).records[0].id == f"m{read_already}"
    assert bucket.watch.ranges_of("large.jsonl")[0] == (0, MEGABYTE)
    assert all(start > 0.95 * size for start, _ in bucket.watch.ranges_of("large.jsonl")[1:])


def test_pieces_ask_for_little_more_than_all_of_it(bucket, read, large):
    address, size = large
    assert len(read(address, range_size=4).records) == 20_000
    asked = sum(end - start for start, end in bucket.watch.ranges_of("large.jsonl"))
    assert asked < 1.1 * size


READ_THROUGH = """
import sys, tracemalloc
import anyio
from contextlib import AsyncExitStack
from synap_import.host import HostContext
from synap_import_json.source import JsonConfig, JsonSource

async def read():
    source = JsonSource(JsonConfig(files=(sys.argv[1],)), HostContext(AsyncExitStack()))
    async for partition in source.partitions():
        async for page in source.pages(partition, None):
            pass

tracemalloc.start()
anyio.run(read)
print(tracemalloc.get_traced_memory()[1])
"""


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_object(bucket, large):
    small = bucket.put("small.jsonl", b'{"content":"x"}\n')
    assert peak_of(large[0]) - peak_of(small) < 30 * MEGABYTE


def peak_of(address):
    """In a process of its own: the server of the test holds each answer as a whole."""
    command = [sys.executable, "-c", READ_THROUGH, address]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_others_have_their_turn_while_it_waits_for_an_answer(bucket, source_of):
    address = bucket.put("slow.jsonl", b'{"content":"x"}\n')
    read = []

    async def read_through(source):
        async for partition in source.partitions():
            read.extend([page async for page in source.pages(partition, None)])

    async def both():
        bucket.watch.gate.clear()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read_through, source_of(address))
            for _ in range(100):
                await checkpoint()
            assert read == []
            bucket.watch.gate.set()

    anyio.run(both)
    assert len(read) == 1


def test_an_answer_that_breaks_off_is_asked_for_again(bucket, read):
    rows = [{"id": str(n), "content": f"memory {n}"} for n in range(3)]
    address = bucket.put("breaking.jsonl", "".join(json.dumps(r) + "\n" for r in rows).encode())
    bucket.watch.breaks = 2
    assert len(read(address).records) == 3
    assert bucket.watch.breaks == 0


def test_one_that_always_breaks_off_is_told(bucket, read):
    address = bucket.put("broken-off.jsonl", b'{"content":"x"}\n')
    bucket.watch.breaks = 1000
    with pytest.raises(SourceUnavailableError, match=r"broken-off\.jsonl cannot be read") as caught:
        read(address)
    assert "goes on where it stopped" in caught.value.remedy


def test_a_server_that_is_not_there_is_told(bucket, read, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://user:hidden-word@127.0.0.1:9")
    with pytest.raises(SourceUnavailableError, match="cannot be read") as caught:
        read("s3://exports/a.jsonl")
    assert "hidden-word" not in str(caught.value)


def test_without_credentials_it_is_said_where_they_are_looked_for(bucket, read, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(SourceError, match="may not be read") as caught:
        read("s3://exports/a.jsonl")
    assert "AWS_ACCESS_KEY_ID" in caught.value.remedy


def test_no_message_holds_the_secret(bucket, read):
    for address in ("s3://exports/none.jsonl", "s3://no-such-bucket/a.jsonl"):
        with pytest.raises(SourceError) as caught:
            read(address)
        assert bucket.secret not in str(caught.value)
        assert bucket.secret not in repr(caught.value.__context__)


def test_a_key_that_is_not_accepted_is_told_with_where_keys_are_looked_for(read, monkeypatch):
    with az() as server, as_environment(server) as bucket:
        address = bucket.put("a.jsonl", b'{"content":"x"}\n')
        settings = bucket.environment["AZURE_STORAGE_CONNECTION_STRING"]
        wrong = settings.replace(bucket.secret, "d3Jvbmc=")
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", wrong)
        with pytest.raises(SourceError, match="may not be read") as caught:
            read(address)
    assert "AZURE_STORAGE_CONNECTION_STRING" in caught.value.remedy
    assert "d3Jvbmc" not in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        "Cannot connect to https://me:hidden-word@127.0.0.1:9/bucket",
        "404, url='https://tester.blob.core.windows.net/a?sv=2024&sig=hidden-word'",
        "first line\nsecond with hidden-word",
        f"{'long ' * 100} hidden-word",
    ],
)
def test_what_a_library_says_is_told_without_logins_and_signatures(said):
    assert "hidden-word" not in told(OSError(said))
    assert told(OSError(said)).endswith("(OSError)")
