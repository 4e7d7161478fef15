"""The cutter: what it cuts out is what the standard library decodes, however the text arrives."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import_mem0.files import cutting
from synap_import_mem0.files.cutting import END, lines, pieces

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
_SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: ")])


@st.composite
def _chunked(draw: st.DrawFn, text: str) -> list[str]:
    places = draw(st.lists(st.integers(0, len(text)), max_size=8))
    edges = [0, *sorted(places), len(text)]
    return [text[begin:end] for begin, end in pairwise(edges)]


@given(st.data(), st.lists(_VALUES), _SEPARATORS, st.booleans())
def test_elements_of_a_list_are_what_json_loads_gives(data, values, separators, ascii_only):
    text = json.dumps(values, separators=separators, ensure_ascii=ascii_only)
    if "\udc80" <= max(text, default="") <= "\udcff":
        text = json.dumps(values, separators=separators)
    found = list(pieces(iter(data.draw(_chunked(text))), None))
    assert [piece.cut.value for piece in found] == json.loads(text)
    assert [piece.number for piece in found] == list(range(len(values)))
    assert not any(piece.cut.flaw for piece in found)


@given(st.data(), st.dictionaries(st.text(), _VALUES, max_size=4), st.lists(_VALUES))
def test_an_object_is_cut_into_its_lists_and_its_fields(data, fields, results):
    text = json.dumps({**fields, "results": results})
    found = list(pieces(iter(data.draw(_chunked(text))), lambda key: key == "results"))
    assert found.pop().cut.value is END
    rebuilt: dict[str, Any] = {}
    for piece in found:
        if piece.number is None:
            rebuilt[piece.key] = piece.cut.value
        else:
            rebuilt[piece.key].append(piece.cut.value)
    assert rebuilt == json.loads(text)


@given(st.data(), st.lists(_VALUES), st.sampled_from(["", " ", "\n", ",\n"]))
def test_objects_behind_one_another_need_no_list(data, values, between):
    wrapped = [{"value": value} for value in values]
    text = between.join(map(json.dumps, wrapped))
    found = pieces(iter(data.draw(_chunked(text))), None)
    assert [piece.cut.value for piece in found] == json.loads(json.dumps(wrapped))


@given(st.data(), st.lists(_VALUES))
def test_lines_are_values_of_their_own(data, values):
    text = "\n\n".join(map(json.dumps, values))
    found = lines(iter(data.draw(_chunked(text))))
    assert [piece.cut.value for piece in found] == json.loads(json.dumps(values))


@given(st.text(st.sampled_from('[]{},:"\\ 1-.eEtruN\n\udc80'), max_size=40), st.data())
def test_any_text_is_read_to_its_end(text, data):
    for is_list in (None, lambda _: True):
        assert list(pieces(iter(data.draw(_chunked(text))), is_list)) is not None
    assert list(lines(iter(data.draw(_chunked(text))))) is not None


@pytest.mark.parametrize(
    "broken",
    ['{"a": }', "{'a': 1}", '{"a": 1 "b": 2}', "tru", "01", "1.", "\udcfc"],
)
def test_a_broken_element_costs_only_itself(broken):
    found = list(pieces(iter([f'[{{"n": 0}}, {broken}, {{"n": 2}}]']), None))
    assert [piece.cut.value for piece in found] == [{"n": 0}, None, {"n": 2}]
    assert [piece.number for piece in found if piece.cut.flaw] == [1]


def test_an_element_that_is_never_closed_says_so():
    first, broken, *_ = pieces(iter(['[{"n": 0}, {"a": [1, 2}, {"n": 2}]']), None)
    assert first.cut.value == {"n": 0}
    assert broken.cut.flaw


def test_an_element_behind_a_missing_comma_is_not_lost():
    found = pieces(iter(['[{"n": 0} {"n": 1}]']), None)
    assert [piece.cut.value for piece in found] == [{"n": 0}, {"n": 1}]


def test_bytes_that_are_no_utf8_cost_only_their_element():
    text = b'[{"n": "\xff"}, {"n": 1}]'.decode("utf-8", "surrogateescape")
    flawed, good = pieces(iter([text]), None)
    assert flawed.cut.flaw == "it is not UTF-8 text"
    assert good.cut.value == {"n": 1}


def test_a_lone_surrogate_that_is_written_as_an_escape_is_kept():
    (found,) = pieces(iter([r'["\udc80"]']), None)
    assert found.cut.value == "\udc80"


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a"', '[{"a": 1}', '[{"a": 1},', '[{"a": 1}, "b'])
def test_a_text_that_is_cut_off_says_so(text):
    first, last = pieces(iter([text]), None)
    assert first.cut.value == {"a": 1}
    assert last.cut.flaw.startswith("the text ends inside of")


def test_an_object_that_is_cut_off_says_so():
    *_, last = pieces(iter(['{"results": [1, 2], "count"']), lambda key: key == "results")
    assert last.cut.flaw


def test_deep_nesting_is_a_flaw_of_its_element():
    text = "[" + "[" * 200_000 + "]" * 200_000 + ", 1]"
    deep, good = pieces(iter([text]), None)
    assert deep.cut.flaw == "it is nested too deeply"
    assert good.cut.value == 1


def test_a_number_of_too_many_digits_is_a_flaw_of_its_element():
    huge, good = pieces(iter([f"[{'9' * 5000}, 1]"]), None)
    assert huge.cut.flaw == "it holds a number of too many digits"
    assert good.cut.value == 1


def test_a_value_without_end_is_not_kept_for_ever(monkeypatch):
    monkeypatch.setattr(cutting, "RECORD_LIMIT", 1000)
    given_out = 0

    def endless() -> Iterator[str]:
        nonlocal given_out
        yield '["'
        for given_out in range(10_000):  # noqa: B007 - counted for the assertion
            yield "x" * 100

    (found,) = pieces(endless(), None)
    assert "reading ends here" in found.cut.flaw
    assert given_out < 100


def test_memory_does_not_grow_with_the_number_of_elements():
    def peak(count: int) -> int:
        chunks = (f'{"[" if n == 0 else ","}{{"n": "{"x" * 500}"}}' for n in range(count))
        tracemalloc.start()
        assert sum(1 for _ in pieces(chunks, None)) == count + 1
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < 2 * peak(2_000) + 100_000
