"""Compression and encodings are told by content, not by names."""

from __future__ import annotations

import gzip
import json

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from synap_import import SourceError
from synap_import_json.compression import unpacked
from synap_import_json.streams import as_utf8

ZSTD_WITH_CHECKSUM = zstandard.ZstdCompressor(write_checksum=True)


def chunked(text, size):
    return (text[at : at + size] for at in range(0, len(text), size))


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst", "a.json.gz", "a.csv.zst"])
def test_packed_files_are_read(read, write, three, name):
    content = {
        "jsonl": "".join(json.dumps(one) + "\n" for one in three),
        "json": json.dumps({"memories": three}),
        "csv": "id,content\n" + "".join(f"{one['id']},{one['content']}\n" for one in three),
    }[name.split(".")[1]]
    assert read(write(name, content)).texts == ["memory 0", "memory 1", "memory 2"]


def test_the_name_of_a_packed_file_does_not_matter(read, write, three):
    text = json.dumps(three).encode()
    assert len(read(write("a.json", gzip.compress(text))).records) == 3
    assert len(read(write("b", zstandard.compress(text))).records) == 3


@settings(deadline=None)
@given(
    text=st.binary(max_size=2000),
    size=st.integers(1, 300),
    packs=st.lists(st.booleans(), min_size=1, max_size=3),
)
def test_packed_parts_one_behind_the_other_are_unpacked(text, size, packs):
    pack = zstandard.compress if packs[0] else gzip.compress
    whole = b"".join(pack(text) for _ in packs)
    assert b"".join(unpacked(chunked(whole, size))) == text * len(packs)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_packed_file_that_is_cut_off_gives_what_it_has(read, write, pack):
    lines = "".join(f'{{"id":{n},"text":"memory {n * 7919 % 100_003}"}}\n' for n in range(20_000))
    packed = pack(lines.encode())
    reading = read(write("a.jsonl", packed[: len(packed) // 2]))
    assert 1000 < len(reading.records) < 20_000
    (damage,) = reading.unreadable
    assert damage.reason == "the compressed data are cut off; reading ends here"
    assert damage.where.startswith("a.jsonl:")


@pytest.mark.parametrize("pack", [gzip.compress, ZSTD_WITH_CHECKSUM.compress])
def test_damage_in_a_packed_file_is_told(read, write, pack):
    lines = "".join(f'{{"id":{n},"text":"memory {n * 7919 % 100_003}"}}\n' for n in range(20_000))
    packed = bytearray(pack(lines.encode()))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    reading = read(write("a.jsonl", bytes(packed)))
    assert len(reading.records) + len(reading.unreadable) < 20_000
    assert "damaged" in reading.unreadable[-1].reason


def test_a_packed_file_without_anything_in_it_that_can_be_unpacked_is_refused(check, write):
    path = write("a.jsonl", b"\x1f\x8b" + b"\xff" * 100)
    with pytest.raises(SourceError, match=r"a\.jsonl cannot be unpacked: .*damaged"):
        check(path)


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8"]
)
def test_encodings_of_unicode_are_read(read, write, encoding):
    text = '{"id":1,"text":"grüße 🎉"}\n{"id":2,"text":"two"}\n'
    assert read(write("a.jsonl", text.encode(encoding))).texts == ["grüße 🎉", "two"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_arrays_and_tables_may_have_a_byte_order_mark(read, write, encoding):
    array, table = '[{"id":1,"text":"ä"}]', "id;content\n1;ä\n"
    assert read(write("a.json", array.encode(encoding))).texts == ["ä"]
    assert read(write("a.csv", table.encode(encoding))).texts == ["ä"]
    assert read(write("a.csv.gz", table.encode(encoding))).texts == ["ä"]


@settings(deadline=None)
@given(
    text=st.text(max_size=200),
    size=st.integers(1, 9),
    encoding=st.sampled_from(["utf-16", "utf-32"]),
)
def test_transcoding_does_not_depend_on_chunks(text, size, encoding):
    encoded = ("[" + text).encode(encoding)
    assert b"".join(as_utf8(chunked(encoded, size))).decode() == "[" + text


def test_half_a_character_in_the_midst_of_utf_16_is_kept(read, write):
    text = '{"id":1,"text":"half \ud83d"}\n{"id":2,"text":"two"}\n'
    path = write("a.jsonl", text.encode("utf-16-le", "surrogatepass"))
    assert read(path).texts == ["half \ud83d", "two"]


def test_utf_16_that_ends_in_half_a_character_is_told(read, write):
    text = '{"id":1,"text":"one"}\n{"id":2,"text":"two"}\n'.encode("utf-16")[:-1]
    reading = read(write("a.jsonl", text))
    assert reading.texts == ["one"]
    assert "cut off" in reading.unreadable[-1].reason
