"""Objects behind addresses: real servers over HTTP, and the disk for file://."""

from __future__ import annotations

import gzip
import io
import json
from itertools import pairwise
from secrets import token_hex

import anyio
import pytest

from support.object_storage import as_environment, az, gs, s3
from synap_import import SourceError

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

SERVERS = {"s3": s3, "gs": gs, "az": az}


OTHERS = [pytest.param(name, marks=pytest.mark.thorough) for name in ("gs", "az")]


@pytest.fixture(scope="module", params=["s3", *OTHERS])
def server(request):
    with SERVERS[request.param]() as bucket:
        yield bucket


@pytest.fixture
def bucket(server):
    with as_environment(server) as one:
        yield one


def memories(*numbers):
    return [{"id": f"m{n}", "content": f"memory {n} äöü→", "user_id": "ada"} for n in numbers]


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def table(rows, row_group_size=None):
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), file, row_group_size=row_group_size)
    return file.getvalue()


def test_an_object_is_read_like_a_file(bucket, read):
    address = bucket.put("one/a.jsonl", lines(memories(1, 2)))
    assert read(address).texts == ["memory 1 äöü→", "memory 2 äöü→"]


def test_a_folder_gives_what_a_folder_on_the_disk_gives(bucket, read):
    bucket.put("folder/b.jsonl", lines(memories(2)))
    bucket.put("folder/below/a.json", json.dumps(memories(1)).encode())
    bucket.put("folder/.hidden.jsonl", b"nothing to read")
    bucket.put("folder/readme.txt", b"nothing to read")
    ids = [record.id for record in read(bucket.address("folder/")).records]
    assert ids == ["m2", "m1"]
    assert [record.id for record in read(bucket.address("folder")).records] == ids


@pytest.mark.parametrize(
    "name",
    ["a b.jsonl", "a#1.jsonl", "a%20b.jsonl", "ä+→.jsonl", "a[1].jsonl", "a?.jsonl", "a//b.jsonl"],
)
def test_a_name_is_taken_as_it_is(bucket, read, name):
    address = bucket.put(f"names/{name}", lines(memories(1)))
    assert [record.id for record in read(address).records] == ["m1"]


def test_a_pattern_names_objects(bucket, read, partition_ids):
    for number in range(3):
        bucket.put(f"pattern/part-{number}.jsonl", lines(memories(number)))
    bucket.put("pattern/other.jsonl", lines(memories(9)))
    address = bucket.address("pattern/part-*.jsonl")
    assert [record.id for record in read(address).records] == ["m0", "m1", "m2"]
    ids = [one for one, _ in partition_ids(address, bucket.address("pattern/part-1.jsonl"))]
    assert ids == [bucket.address(f"pattern/part-{number}.jsonl") for number in range(3)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl.gz", gzip.compress(lines(memories(1, 2, 3)))),
        ("a.json", json.dumps({"memories": memories(1, 2, 3)}).encode()),
        ("a.csv", b"id,content\nm1,one\nm2,two\nm3,three\n"),
        ("a.parquet", table(memories(1, 2, 3))),
        ("no-ending", b"\xef\xbb\xbf" + lines(memories(1, 2, 3))),
        ("utf16.jsonl", lines(memories(1, 2, 3)).decode().encode("utf-16")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_of_object_is_read_and_read_on(bucket, read, name, content):
    address = bucket.put(f"kinds/{name}", content)
    pages = read(address, page_size=1).pages
    assert [record.id for page in pages for record in page.records] == ["m1", "m2", "m3"]
    rest = read(address, page_size=1, cursor=pages[0].cursor)
    assert [record.id for record in rest.records] == ["m2", "m3"]


def test_a_large_object_of_lines_is_several_partitions(bucket, read, partition_ids):
    rows = [{**row, "padding": "→" * 300} for row in memories(*range(4000))]
    address = bucket.put("large/a.jsonl", lines(rows))
    parts = partition_ids(address, range_size=1)
    assert len(parts) == 4
    assert [one for one, _ in parts[:2]] == [address, f"{address}#bytes=1048576"]
    assert read(address, range_size=1).records == read(address).records
    assert len(read(address).records) == 4000


def test_row_groups_are_partitions(bucket, read, partition_ids):
    rows = [{**row, "noise": token_hex(100)} for row in memories(*range(20_000))]
    address = bucket.put("large/a.parquet", table(rows, row_group_size=2500))
    parts = [one for one, _ in partition_ids(address, range_size=1)]
    assert len(parts) > 1
    assert parts[0] == address
    assert parts[1].startswith(f"{address}#rows=")
    assert read(address, range_size=1).records == read(address).records


def test_an_object_that_grew_has_its_pieces_under_the_ids_that_they_had(bucket, partition_ids):
    rows = [{**row, "padding": "→" * 300} for row in memories(*range(4000))]
    ids = []
    for count in (10, 1000, 3000, 3100, 4000):
        address = bucket.put("growing.jsonl", lines(rows[:count]))
        ids.append([one for one, _ in partition_ids(address, range_size=1)])
    assert len(ids[-1]) == 4
    assert all(more[: len(fewer)] == fewer for fewer, more in pairwise(ids))


def test_pieces_that_are_cut_elsewhere_are_not_taken_for_read(bucket, partition_ids):
    rows = [{**row, "padding": "→" * 300} for row in memories(*range(4000))]
    address = bucket.put("cut.jsonl", lines(rows))
    cuts = [dict(partition_ids(address, range_size=size)) for size in (1, 2, 9)]
    assert len({one[address] for one in cuts}) == 3


def test_another_content_is_another_version(bucket, partition_ids):
    address = bucket.put("changing.jsonl", lines(memories(1)))
    before = partition_ids(address)
    assert partition_ids(address) == before
    bucket.put("changing.jsonl", lines(memories(2)))
    assert partition_ids(address) != before


def test_an_object_that_changes_between_two_pages_is_not_taken_for_read(bucket, source_of):
    address = bucket.put("torn.jsonl", lines(memories(1, 2)))

    async def read_slowly():
        source = source_of(address, page_size=1)
        (partition,) = [one async for one in source.partitions()]
        pages = source.pages(partition, None)
        assert len((await anext(pages)).records) == 1
        await anyio.to_thread.run_sync(bucket.put, "torn.jsonl", lines(memories(3, 4)))
        async for _ in pages:
            raise AssertionError("the last page came")

    with pytest.raises(SourceError, match="is not as it was"):
        anyio.run(read_slowly)


def test_what_is_not_there_is_told(bucket, read):
    with pytest.raises(SourceError, match=r"There is no object .*nowhere/a\.jsonl"):
        read(bucket.address("nowhere/a.jsonl"))
    with pytest.raises(SourceError, match="No object matches"):
        read(bucket.address("nowhere/*.jsonl"))


def test_an_archive_is_refused_with_advice(bucket, read):
    with pytest.raises(SourceError, match="zip archive") as caught:
        read(bucket.put("export.zip", b"PK\x03\x04" + b"\0" * 100))
    assert "Download it" in caught.value.remedy


def test_lines_that_are_no_records_are_told_by_their_byte(bucket, read):
    address = bucket.put("broken.jsonl", b'{"content":"one"}\n\n!\n{"content":"two"}\n')
    assert list(read(address).reasons) == [f"{address}@19"]


def test_rows_that_are_no_records_are_told_by_their_number(bucket, read):
    rows = [
        {"id": str(n), "content": None if n in {7, 8500} else f"memory {n}"} for n in range(9000)
    ]
    address = bucket.put("broken.parquet", table(rows, row_group_size=1000))
    assert list(read(address).reasons) == [f"{address}:8", f"{address}:8501"]


def test_an_answer_that_breaks_off_is_asked_for_again(bucket, read):
    address = bucket.put("breaking.jsonl", lines(memories(*range(20_000))))
    bucket.watch.breaks = 2
    assert len(read(address).records) == 20_000
    assert bucket.watch.breaks == 0
