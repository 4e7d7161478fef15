"""Standard input: looked at first, and then read, once."""

from __future__ import annotations

import gzip
import io
import json
import sys
from contextlib import AsyncExitStack
from types import SimpleNamespace

import anyio
import pytest

from synap_import import SourceError
from synap_import.host import HostContext
from synap_import_json.source import JsonConfig, JsonSource


@pytest.fixture
def pipe(monkeypatch):
    def run(content):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        return JsonSource(JsonConfig(files=("-",)), HostContext(AsyncExitStack()))

    return run


async def check_and_read(source, times=1):
    result = await source.check()
    (partition,) = [one async for one in source.partitions()]
    for _ in range(times):
        pages = [page async for page in source.pages(partition, None)]
    return result, [record.text for page in pages for record in page.records]


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_it_is_checked_and_then_read(pipe, three, wrap):
    result, texts = anyio.run(check_and_read, pipe(wrap(json.dumps(three).encode())))
    assert texts == ["memory 0", "memory 1", "memory 2"]
    assert result.account == "standard input"
    assert result.title == "standard input: JSON array (1)"


def test_much_of_it_is_read_to_its_end(pipe):
    content = b"".join(b'{"id":%d,"text":"a rather long memory"}\n' % n for n in range(30_000))
    _, texts = anyio.run(check_and_read, pipe(content))
    assert len(texts) == 30_000


def test_it_cannot_be_read_twice(pipe, three):
    source = pipe(json.dumps(three).encode())
    with pytest.raises(SourceError, match="only once"):
        anyio.run(check_and_read, source, 2)


def test_every_run_is_another_version(pipe, three):
    async def version(source):
        return [one.version async for one in source.partitions()]

    content = json.dumps(three).encode()
    assert anyio.run(version, pipe(content)) != anyio.run(version, pipe(content))


def test_it_is_not_read_together_with_files(check, write, three):
    with pytest.raises(SourceError, match="together with files"):
        check("-", write("a.jsonl", three))


def test_nothing_piped_in_is_refused(pipe):
    with pytest.raises(SourceError, match="no records in standard input"):
        anyio.run(check_and_read, pipe(b""))
