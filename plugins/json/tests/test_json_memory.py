"""Hostile and huge files: reading stays flat in memory and linear in time."""

from __future__ import annotations

import tracemalloc

import pytest
import zstandard

from synap_import_json.arrays import read_array
from synap_import_json.compression import unpacked
from synap_import_json.items import Position
from synap_import_json.values import decode

MEGABYTE = 2**20
CHUNK = 256 * 1024


def repeated(part, size, *, before=b"", after=b""):
    """Chunks that are never in memory together."""
    yield before
    whole = part * (CHUNK // len(part))
    for _ in range(size // len(whole)):
        yield whole
    yield after


def peak(work):
    tracemalloc.start()
    try:
        result = work()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("part", [b"[", b'{"a":', b'[{"a":["', b'"x",[', b'\\"'])
def test_a_bomb_of_brackets_takes_no_more_memory_than_its_own_text(part):
    def count():
        chunks = repeated(part, MEGABYTE, before=b'[{"text":"one"},')
        return [(item.flaw, len(item.content)) for item in read_array(chunks, Position())]

    # Were it not linear, it would not end within the time that a test may take.
    size, found = peak(count)
    assert size < 5 * MEGABYTE
    assert found[0] == ("", 14)


def test_balanced_brackets_are_refused_without_parsing_them():
    text = b"[" * 5_000_000 + b"]" * 5_000_000

    def refuse():
        with pytest.raises(ValueError, match="nested too deeply"):
            decode(text)

    assert peak(refuse)[0] < MEGABYTE


def test_an_element_over_the_limit_is_not_kept():
    def read():
        chunks = repeated(b"x", 200 * MEGABYTE, before=b'[{"text":"', after=b'"},{"text":"two"}]')
        return list(read_array(chunks, Position()))

    size, (huge, last) = peak(read)
    assert "larger than 64 MB" in huge.flaw
    assert last.content.strip() == b'{"text":"two"}'
    assert size < 140 * MEGABYTE


def test_a_long_array_is_flat():
    def count():
        chunks = repeated(b'{"text":"memory"},', 3 * MEGABYTE, before=b"[", after=b"{}]")
        return sum(not item.flaw for item in read_array(chunks, Position()))

    size, found = peak(count)
    assert found > 150_000
    assert size < 2 * MEGABYTE


def test_a_zstandard_bomb_unpacks_in_small_pieces():
    packed = zstandard.compress(bytes(500 * MEGABYTE))
    assert len(packed) < 100_000
    size, total = peak(lambda: sum(map(len, unpacked(iter([packed])))))
    assert total == 500 * MEGABYTE
    assert size < 100 * MEGABYTE
