"""JSON arrays: elements are cut out by hand, so that a bad one does not end the file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synap_import_json.arrays import read_array, read_sequence
from synap_import_json.items import Position

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(['"', "\\", '\\"', "[{", "]},", '\\\\"', "\ud800"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)

BEGINNING = Position()


def chunked(text, size):
    return (text[at : at + size] for at in range(0, len(text), size))


def cut(text, size=7, start=BEGINNING, path=()):
    return list(read_array(chunked(text[start.offset :], size), start, path))


@settings(deadline=None)
@given(
    values=st.lists(VALUES, max_size=8),
    indent=st.sampled_from([None, 0, 1, 3, "\t"]),
    ascii_only=st.booleans(),
    size=st.integers(1, 80),
    space=st.text(" \t\r\n", max_size=3),
)
def test_cut_elements_are_what_a_parser_finds(values, indent, ascii_only, size, space):
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    encoded = (space + text + space).encode("utf-8", "surrogatepass")
    found = cut(encoded, size)
    assert [item.flaw for item in found] == [""] * len(values)
    assert [json.loads(item.content) for item in found] == values
    assert [item.number for item in found] == list(range(len(values)))
    for item in found:
        rest = [(item.number, json.loads(item.content)) for item in cut(encoded, size, item.end)]
        assert rest == list(enumerate(values))[item.number + 1 :]


@settings(deadline=None)
@given(values=st.lists(st.dictionaries(st.text(), VALUES), max_size=6), size=st.integers(1, 50))
def test_objects_without_an_array_are_cut_as_well(values, size):
    for between in ("\n", "", " ,\n"):
        text = between.join(json.dumps(value, indent=1) for value in values).encode()
        found = list(read_sequence(chunked(text, size), Position()))
        assert [json.loads(item.content) for item in found] == values


@settings(deadline=None)
@given(
    before=st.dictionaries(st.text().filter("wanted".__ne__), VALUES, max_size=3),
    values=st.lists(VALUES, max_size=4),
    size=st.integers(1, 50),
)
def test_the_array_is_found_behind_other_keys(before, values, size):
    text = json.dumps({"outer": {**before, "wanted": values}, "after": [1]}, indent=1).encode()
    found = cut(text, size, path=("outer", "wanted"))
    assert [json.loads(item.content) for item in found] == values


@settings(deadline=None)
@given(
    values=st.lists(VALUES, min_size=1, max_size=4), at=st.integers(1, 500), size=st.integers(1, 9)
)
def test_a_truncated_array_gives_what_is_whole_and_one_flaw(values, at, size):
    text = json.dumps([{"v": value} for value in values]).encode()
    text = text[: 1 + at % (len(text) - 1)]
    *whole, last = cut(text, size)
    assert "cut off" in last.flaw
    assert [json.loads(item.content) for item in whole] == [{"v": v} for v in values][: len(whole)]


def test_a_broken_element_is_told_and_the_others_are_read(read, write):
    path = write("a.json", '[{"text":"one"}, {"text":2.}, {"text":"three"}, {"n" 4}, {"text":"5"}]')
    reading = read(path)
    assert reading.texts == ["one", "three", "5"]
    assert list(reading.reasons) == ["a.json[1]", "a.json[3]"]


@pytest.mark.parametrize("element", ["17", '"text"', "null", "[1]", "", "{} {}", "{]", "}"])
def test_elements_that_are_no_objects_are_unreadable(read, write, element):
    reading = read(write("a.json", f'[{{"text":"one"}},{element},{{"text":"two"}}]'))
    assert reading.texts[0] == "one"
    assert "a.json[1]" in reading.reasons


def test_not_a_number_does_not_end_the_array(read, write):
    path = write("a.json", '[{"text":"one","x":NaN},{"text":"two"}]')
    assert read(path).texts == ["one", "two"]


def test_a_truncated_file_gives_the_elements_before(read, write, three):
    reading = read(write("a.json", json.dumps(three)[:-10]))
    assert reading.texts == ["memory 0", "memory 1"]
    assert reading.reasons == {
        "a.json[2]": "the file seems to be cut off in the middle of element 2"
    }


def test_a_missing_end_of_the_array_is_told(read, write, three):
    reading = read(write("a.json", json.dumps(three)[:-1]))
    assert len(reading.records) == 3
    assert "its array has no end" in reading.reasons["a.json[3]"]


def test_what_follows_the_array_is_told(read, write, three):
    reading = read(write("a.json", json.dumps(three) + " oops"))
    assert len(reading.records) == 3
    assert reading.reasons == {"a.json[3]": "4 bytes behind the end of the array were not read"}


def test_arrays_one_behind_the_other_are_read_as_one(read, write, three):
    path = write("a.json", json.dumps(three[:2]) + "\n" + json.dumps(three[2:]))
    assert read(path).texts == ["memory 0", "memory 1", "memory 2"]
    assert read(path, page_size=1).texts == ["memory 0", "memory 1", "memory 2"]


def test_a_comma_too_many_at_the_end_is_no_loss(read, write):
    reading = read(write("a.json", '[{"text":"one"},{"text":"two"},]'))
    assert reading.texts == ["one", "two"]
    assert reading.unreadable == []


def test_an_indented_array_is_read(read, write, three):
    assert len(read(write("a.json", json.dumps(three, indent=4))).records) == 3


def test_one_object_is_one_record(read, write, three):
    assert read(write("a.json", json.dumps(three[0], indent=2))).texts == ["memory 0"]


def test_what_is_no_object_costs_only_itself_between_objects(read, write):
    reading = read(write("a.json", '{"text":\n"one"} "x", 3\n{"text":"two"} ] {"text":"three"}'))
    assert reading.texts == ["one", "two", "three"]
    assert list(reading.reasons) == ["a.json[1]", "a.json[3]"]


def test_indented_objects_without_an_array_are_records(read, write, three):
    path = write("a.json", "\n".join(json.dumps(one, indent=2) for one in three))
    assert read(path).texts == ["memory 0", "memory 1", "memory 2"]
