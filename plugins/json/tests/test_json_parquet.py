"""Parquet files, by themselves and as parts of a Vector Dataset Format folder."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import pytest

from synap_import import SourceError

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def table(tmp_path):
    """Write rows as a Parquet file."""

    def run(name, rows):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pa.Table.from_pylist(rows), path)
        return path

    return run


def rows(count):
    return [
        {
            "id": n,
            "text": f"memory {n}",
            "user_id": "ana",
            "vector": [0.1, 0.2],
            "created_at": datetime(2026, 1, 1, n % 24, tzinfo=UTC),
        }
        for n in range(count)
    ]


def test_rows_become_records_with_their_types(read, table):
    record = read(table("a.parquet", rows(3))).records[2]
    assert (record.id, record.text, record.scope.user) == ("2", "memory 2", "ana")
    assert record.created_at == datetime(2026, 1, 1, 2, tzinfo=UTC)


def test_reading_goes_on_from_every_page(read, table):
    path = table("a.parquet", rows(7))
    pages = read(path, page_size=3).pages
    assert [len(page.records) for page in pages] == [3, 3, 1]
    assert read(path, page_size=3, cursor=pages[0].cursor).texts == [
        f"memory {n}" for n in range(3, 7)
    ]


def test_a_folder_of_vectors_is_recognised_by_its_description(read, check, table, tmp_path):
    table("index/space/1.parquet", [{"pk": "7", "document": "Likes tea", "vector": [0.5]}])
    meta = {"version": "0.1", "exported_from": "qdrant", "indexes": {}, "id_column": "pk"}
    (tmp_path / "VDF_META.json").write_text(json.dumps(meta))
    (record,) = read(tmp_path, user="ana").records
    assert (record.system, record.id, record.text) == ("vdf", "7", "Likes tea")
    messages = [one.message for one in check(tmp_path).findings]
    assert any("a VDF_META.json lies above it" in message for message in messages)


def test_a_table_without_a_text_is_refused_with_its_columns(check, table):
    with pytest.raises(SourceError, match="The first record has: id, remark"):
        check(table("a.parquet", [{"id": 1, "remark": "x"}]))


def test_without_the_extra_the_line_that_installs_it_is_told(check, table, monkeypatch):
    path = table("a.parquet", rows(1))
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(SourceError, match="not installed") as caught:
        check(path)
    assert "synap-import-json[parquet]" in caught.value.remedy


def test_a_damaged_file_is_refused(check, table):
    path = table("a.parquet", rows(100))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match="Parquet file that cannot be read"):
        check(path)
