"""A spoiled item costs itself and no other one; an odd but intact one is read as it is."""

from __future__ import annotations

import gzip
import json
import math
from datetime import timedelta, timezone

import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fuzz.files import Account, read_file
from synap_import import Kind, Link, MemoryRecord, Scope, State, record_line

PACKINGS = [bytes, gzip.compress, zstandard.compress, lambda text: b"\xef\xbb\xbf" + text]

quick = settings(
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# As they stand in a file: what a writer may write and a strict parser does not take.
ODD_VALUES = st.sampled_from(
    [
        "NaN",
        "-Infinity",
        str(2**70),
        str(-(2**63) - 1),
        "9" * 4300,
        "1e400",
        "-0",
        "-0.0",
        "0.1000000000000000055",
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\u0000"',
        '"\ufeff"',
        '"\u202etxt.exe"',
        '"\u2028\u0085\x7f"',
        '"\\u001b[2J"',
        '{"k": 1, "k": 2}',
        '{"": {"": []}}',
        '{"\\ud800": "\\n"}',
        "[" * 150 + "]" * 150,
        '"]},{["',
        '"\\\\\\""',
    ]
)
# Without quotes, brackets, commas and line feeds: what nobody can take for a boundary.
JUNK = st.sampled_from(
    [
        "17",
        "nil",
        "9" * 10_000,
        "-",
        "NaN",
        "\\",
        "\ufeff",
        "\x07\x1b",
        "undefined\t",
        "1 2",
        "\u2028",
        "0x10",
        "=1+1",
    ]
)


class Odd(str):
    """The JSON text of an odd value, in an item that is intact."""

    __slots__ = ()


class Junk(str):
    """Something in place of an item."""

    __slots__ = ()


ENTRIES = st.lists(ODD_VALUES.map(Odd) | JUNK.map(Junk), min_size=1, max_size=8)


def items_of(entries):
    first = '{"id":"first","text":"first"}'
    texts = [
        f'{{"id":"i{n}","text":"good","odd":{entry}}}' if isinstance(entry, Odd) else entry
        for n, entry in enumerate(entries)
    ]
    return [first, *texts]


def as_lines(items):
    return "\n".join(items)


def as_array(items):
    return f"[{' ,'.join(items)}]"


def as_envelope(items):
    return f'{{"n": 1, "memories": {as_array(items)}, "next": null}}'


def as_objects(items):
    return "\n".join(one.replace('{"', '{\n"', 1) for one in items)


def same(one, other):
    """Equal, with NaN equal to itself."""
    return repr(one) == repr(other)


@pytest.mark.parametrize("write_items", [as_lines, as_array, as_envelope])
@quick
@given(entries=ENTRIES, pack=st.sampled_from(PACKINGS), page_size=st.integers(1, 4))
def test_junk_between_items_costs_no_item(tmp_path, write_items, entries, pack, page_size):
    path = tmp_path / "a.data"
    path.write_bytes(pack(write_items(items_of(entries)).encode()))

    pages = read_file(path, page_size)

    records = [record for page in pages for record in page.records]
    unreadable = [item for page in pages for item in page.unreadable]
    intact = {f"i{n}": one for n, one in enumerate(entries) if isinstance(one, Odd)}
    assert [record.id for record in records] == ["first", *intact]
    assert len(records) + len(unreadable) == 1 + len(entries)
    for record in records[1:]:
        assert same(record.raw["odd"], json.loads(intact[record.id]))


@quick
@given(entries=ENTRIES)
def test_junk_between_objects_without_an_array_costs_no_object(tmp_path, entries):
    path = tmp_path / "a.data"
    path.write_bytes(as_objects(items_of(entries)).encode())

    records = [record for page in read_file(path) for record in page.records]

    intact = [f"i{n}" for n, one in enumerate(entries) if isinstance(one, Odd)]
    assert [record.id for record in records] == ["first", *intact]


CELLS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=12
)
ROWS = st.lists(CELLS | JUNK.map(Junk), min_size=1, max_size=8)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@quick
@given(rows=ROWS, pack=st.sampled_from(PACKINGS), page_size=st.integers(1, 4))
def test_a_row_that_has_not_its_cells_costs_no_other_row(tmp_path, mark, rows, pack, page_size):
    path = tmp_path / "a.data"
    lines = [f"id{mark}text", f"first{mark}first", f"second{mark}second"]
    for n, row in enumerate(rows):
        quoted = row.replace('"', '""')
        lines.append(row.replace(mark, " ") if isinstance(row, Junk) else f'i{n}{mark}"{quoted}"')
    path.write_bytes(pack("".join(f"{line}\n" for line in lines).encode()))

    pages = read_file(path, page_size)

    records = [record for page in pages for record in page.records][2:]
    unreadable = [item for page in pages for item in page.unreadable]
    intact = {f"i{n}": row for n, row in enumerate(rows) if not isinstance(row, Junk)}
    assert {record.id: record.raw["text"] for record in records} == intact
    assert len(records) + len(unreadable) == len(rows)


@pytest.mark.parametrize("junk", ["\0" * 10, "\0\0{}", '{"text":"y\0"}'])
def test_a_block_of_zeros_where_a_disk_lost_power_costs_its_line(read, write, junk):
    path = write("a.jsonl", f'{{"text":"before"}}\n{junk}\n{{"text":"behind"}}\n')
    reading = read(path)
    assert reading.texts == ["before", "behind"]
    assert list(reading.reasons) == ["a.jsonl:2"]


def test_lines_are_read_although_the_first_ones_are_broken(read, write, three):
    path = write("a.jsonl", '{"text":"a\n{"text":"b\n' + "".join(map(as_line, three)))
    reading = read(path)
    assert len(reading.records) == 3
    assert list(reading.reasons) == ["a.jsonl:1", "a.jsonl:2"]


def as_line(value):
    return json.dumps(value) + "\n"


@pytest.mark.parametrize("name", ["memories", "data"])
def test_a_list_that_stands_twice_in_an_object_is_refused_not_half_read(check, write, name):
    one = '{"text":"x"}'
    for first in ("[]", f"[{one}]"):
        path = write("a.json", f'{{"{name}": {first}, "n": 1, "{name}": [{one}]}}')
        with pytest.raises(Exception, match=f"'{name}' more than once"):
            check(path)


def test_a_number_with_more_digits_than_python_reads_is_told_in_a_sentence(read, write):
    path = write("a.jsonl", f'{{"text":"x","n":{"9" * 10_000}}}\n{{"text":"y"}}\n')
    reading = read(path)
    assert reading.texts == ["y"]
    assert reading.reasons == {"a.jsonl:1": "it holds a number of more than 4,300 digits"}


def test_damaged_utf_32_is_read_up_to_the_damage(read, write, three):
    text = "".join(map(as_line, three)).encode("utf-32-le")
    reading = read(write("a.jsonl", text + b"\xff\xff\xff\xff" + text))
    assert len(reading.records) == 3
    assert list(reading.reasons) == ["a.jsonl:4"]


def test_damaged_gzip_is_read_up_to_the_damage(read, write):
    packed = gzip.compress(
        b"".join(b'{"id":%d,"text":"tea %d"}\n' % (n, n * n) for n in range(999))
    )
    at = len(packed) * 9 // 10
    reading = read(write("a.jsonl", packed[:at] + b"\xff" * 40 + packed[at:]))
    assert len(reading.records) > 700
    assert "damaged" in list(reading.reasons.values())[-1]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_half_a_character_at_the_very_end_of_utf_16_is_kept(read, write, encoding):
    path = write("a.csv", "\ufeffid,text\n1,x\n2,half \ud83d".encode(encoding, "surrogatepass"))
    assert read(path).texts == ["x", "half \ud83d"]


def test_half_a_character_does_not_change_how_a_table_is_read(read, write):
    path = write("a.csv", "id,text\n1,Zoë \ud83d\n2,Zoë\n".encode("utf-8", "surrogatepass"))
    assert read(path).texts == ["Zoë \ud83d", "Zoë"]


TEXTS = st.text(st.characters(exclude_categories=()), max_size=10)
IDS = st.text(min_size=1, max_size=10)
TIMES = st.none() | st.datetimes(
    timezones=st.sampled_from([timezone.utc, timezone(timedelta(hours=-3, minutes=-30))])  # noqa: UP017
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(2**70) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.builds(
    MemoryRecord,
    system=st.sampled_from(["mem0", "a.b-c"]),
    id=IDS,
    kind=st.sampled_from(Kind),
    text=TEXTS,
    role=st.none() | TEXTS,
    name=st.none() | TEXTS,
    position=st.none() | st.integers(-(2**63), 2**63 - 1),
    scope=st.builds(Scope, user=st.none() | IDS, agent=st.none() | IDS, group=st.none() | IDS),
    created_at=TIMES,
    valid_to=TIMES,
    state=st.sampled_from(State),
    tags=st.lists(TEXTS, max_size=3).map(tuple),
    metadata=st.dictionaries(TEXTS, JSON, max_size=3),
    links=st.lists(st.builds(Link, relation=st.just("extends"), id=IDS), max_size=2).map(tuple),
    assumptions=st.lists(TEXTS, max_size=2).map(tuple),
    hold=st.none() | IDS,
    raw=JSON,
)


@quick
@given(records=st.lists(RECORDS, min_size=1, max_size=4), pack=st.sampled_from(PACKINGS))
@example([MemoryRecord(system="s", id="i", text="", metadata={"\ud800": math.nan})], bytes)
def test_records_of_our_own_come_back_as_they_went(tmp_path, records, pack):
    path = tmp_path / "a.data"
    lines = [record_line(record) for record in records]
    for text in (b"\n".join(lines), b"[" + b",\n".join(lines) + b"]"):
        path.write_bytes(pack(text))
        assert Account.of(read_file(path, 2)) == (lines, [])
