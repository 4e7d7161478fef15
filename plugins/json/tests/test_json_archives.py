"""Zip archives are read where they are, and tricks in them are refused with a sentence."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from synap_import import SourceError
from synap_import_json import compression

DATA = Path(__file__).parent / "data"


@pytest.fixture
def pack(tmp_path):
    """A zip archive of these files."""

    def run(files, name="export.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inside, content in files.items():
                archive.writestr(inside, content)
        return path

    return run


def folder(name):
    return {one.name: one.read_bytes() for one in sorted((DATA / name).iterdir())}


@pytest.mark.parametrize("name", ["chatgpt", "claude", "cogx"])
def test_an_export_gives_the_same_records_packed_as_unpacked(read, pack, name):
    assert read(pack(folder(name))).records == read(DATA / name).records


def test_nothing_is_written_to_the_disk(read, pack, tmp_path):
    path = pack(folder("chatgpt"))
    before = sorted(tmp_path.rglob("*"))
    assert read(path).records
    assert sorted(tmp_path.rglob("*")) == before


def test_what_an_archive_holds_beside_data_is_named(check, pack):
    path = pack(folder("chatgpt") | {"chat.html": "<html>", "file-1.png": b"\x89PNG"})
    finding = next(one for one in check(path).findings if one.code == "archive-not-read")
    assert finding.examples == ("chat.html", "file-1.png")


def test_reading_goes_on_from_every_page_of_a_file_in_an_archive(read, pack, three):
    lines = "".join(json.dumps(one) + "\n" for one in three)
    path = pack({"deep/a.jsonl": lines})
    pages = read(path, page_size=1).pages
    for number, page in enumerate(pages[:-1], start=1):
        rest = read(path, page_size=1, cursor=page.cursor)
        assert rest.texts == [f"memory {n}" for n in range(number, 3)]


def test_a_place_in_an_archive_names_the_archive_and_the_file(read, pack):
    reading = read(pack({"deep/a.jsonl": '{"text":"x"}\n!\n'}))
    assert list(reading.reasons) == ["export.zip/deep/a.jsonl:2"]


def test_a_packed_file_in_an_archive_is_unpacked_too(read, pack, three):
    packed = gzip.compress("".join(json.dumps(one) + "\n" for one in three).encode())
    assert len(read(pack({"memories.jsonl.gz": packed})).records) == 3


@pytest.mark.parametrize(
    "inside", ["../evil.json", "/etc/evil.json", "C:\\evil.json", "a/../../b.json"]
)
def test_a_path_that_leads_out_of_the_archive_is_refused(check, pack, inside):
    with pytest.raises(SourceError, match="leads out of the archive"):
        check(pack({"a.json": "[]", inside: "[]"}))


def test_an_archive_in_an_archive_is_refused(check, pack):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.json", "[]")
    with pytest.raises(SourceError, match=r"holds another archive: inner\.zip"):
        check(pack({"a.json": "[]", "inner.zip": inner.getvalue()}))


def test_an_archive_called_otherwise_in_an_archive_is_refused(check, pack):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.json", "[]")
    with pytest.raises(SourceError, match="a zip archive in another one"):
        check(pack({"a.json": inner.getvalue()}))


def test_a_bomb_is_refused_before_it_is_unpacked(check, pack):
    path = pack({"a.json": b" " * (120 * 2**20)})
    assert path.stat().st_size < 1_000_000
    with pytest.raises(SourceError, match=r"would unpack to 120 MB.*looks like a bomb"):
        check(path)


def test_files_that_lie_over_one_another_are_refused(check, pack):
    path = pack({f"{n}.json": json.dumps([{"text": f"{n}" * 50}]) for n in range(5)})
    content = path.read_bytes()
    central = content.index(b"PK\x01\x02")
    sizes = content[central + 20 : central + 24]
    huge = (2**30).to_bytes(4, "little")
    path.write_bytes(content[: central + 20] + huge + content[central + 24 :])
    assert sizes != huge
    with pytest.raises(SourceError, match="lie over one another"):
        check(path)


def test_an_encrypted_file_is_refused(check, pack):
    path = pack({"a.json": '[{"text": "x"}]'})
    content = bytearray(path.read_bytes())
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + at] |= 1
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.json is encrypted"):
        check(path)


def test_a_damaged_file_in_an_archive_gives_what_comes_before_the_damage(read, pack):
    lines = "".join(f'{{"id":{n},"text":"memory {n * 7919 % 10007}"}}\n' for n in range(20_000))
    path = pack({"a.jsonl": lines})
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    reading = read(path)
    assert 0 < len(reading.records) < 20_000
    assert any("damaged" in reason for reason in reading.reasons.values())


def test_an_archive_without_data_is_refused(check, pack):
    with pytest.raises(SourceError, match=r"export\.zip holds no \.jsonl"):
        check(pack({"chat.html": "<html>"}))


def test_a_gzip_that_unpacks_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(compression, "LARGE", 2**20)
    chunks = compression.unpacked(iter([gzip.compress(bytes(50 * 2**20))]))
    found = []
    with pytest.raises(compression.DamagedError, match="as a bomb does"):
        found.extend(map(len, chunks))
    assert sum(found) < 30 * 2**20
