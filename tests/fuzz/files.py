"""The source json meets any file: records, unreadable items and sentences, never a traceback."""

from __future__ import annotations

import io
import json
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest import mock

import anyio

from synap_import import MemoryRecord, Page, record_line
from synap_import.errors import SynapImportError
from synap_import.host import HostContext
from synap_import.records import decode_record, encode_record
from synap_import_json.source import JsonConfig, JsonSource

CURSORS_TRIED = 3


class Account(NamedTuple):
    """What a file came to, so that two readings can be compared; NaN is equal to itself here."""

    records: list[bytes]
    unreadable: list[tuple[str, str]]

    @classmethod
    def of(cls, pages: list[Page]) -> Account:
        return cls(
            [record_line(record) for page in pages for record in page.records],
            [(item.where, item.reason) for page in pages for item in page.unreadable],
        )


def read_file(path: Path, page_size: int = 500, cursor: str | None = None, **config: Any):
    """The pages of one file."""
    return anyio.run(_pages, _source(path, page_size, **config), cursor)


def read_standard_input(content: bytes, page_size: int = 500) -> list[Page]:
    """The pages of what is piped in."""
    with mock.patch.object(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content))):
        return anyio.run(_pages, _source("-", page_size), None)


def any_file_is_read_or_refused(path: Path) -> None:
    """Whatever is in the file: nothing but our own errors, and the promises about pages hold."""
    anyio.run(_read_or_refuse, path)


async def _read_or_refuse(path: Path) -> None:
    with suppress(SynapImportError):
        await _source(path, 2).check()
    try:
        pages = await _pages(_source(path, 2), None)
    except SynapImportError:
        return
    assert [page.cursor is None for page in pages] == [False] * (len(pages) - 1) + [True]
    wheres = [item.where for page in pages for item in page.unreadable]
    assert len(wheres) == len(set(wheres))
    for number, page in enumerate(pages[:-1][:CURSORS_TRIED], start=1):
        rest = await _pages(_source(path, 2), page.cursor)
        assert Account.of(rest) == Account.of(pages[number:])
    for page in pages:
        for record in page.records:
            assert_kept(record)


def assert_kept(record: MemoryRecord) -> None:
    """The ledger's encoding gives the record back."""
    kept = decode_record(*encode_record(record))
    assert _canonical(kept) == _canonical(record)


def _canonical(record: MemoryRecord) -> str:
    # As text, for NaN is not equal to itself; in one order, for both encoders have their own.
    return json.dumps(json.loads(record_line(record)), sort_keys=True)


def _source(path: Path | str, page_size: int, **config: Any) -> JsonSource:
    config_of_file = JsonConfig(files=(str(path),), page_size=page_size, **config)
    return JsonSource(config_of_file, HostContext(AsyncExitStack()))


async def _pages(source: JsonSource, cursor: str | None) -> list[Page]:
    partitions = [one async for one in source.partitions()]
    return [page for one in partitions async for page in source.pages(one, cursor)]
