"""Which text is in a value, and that the rest of it is kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import_langgraph.values import rest_of, text_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["content", "text", "data", "kind", "tags"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("value", "text", "origin"),
    [
        ({"content": "likes tea"}, "likes tea", ("content",)),
        (
            {"kind": "Memory", "content": {"content": "likes tea"}},
            "likes tea",
            ("content", "content"),
        ),
        ({"text": "likes tea", "tags": ["a"]}, "likes tea", ("text",)),
        ({"content": " ", "text": "likes tea"}, "likes tea", ("text",)),
        ({"data": "likes tea", "memory": "other"}, "likes tea", ("data",)),
        ("likes tea", "likes tea", ()),
        (
            {"name": "Ana", "age": 61, "likes": ["tea"], "none": None},
            'name: Ana\nage: 61\nlikes: ["tea"]',
            None,
        ),
        ({"kind": "Profile", "content": {"name": "Ana", "zone": "Ö"}}, "name: Ana\nzone: Ö", None),
        ({}, "", None),
        ({"content": {}}, "content: {}", None),
        (["a", 1], '["a", 1]', None),
        (None, "", None),
    ],
)
def test_the_text_of_a_value(value, text, origin):
    assert text_of(value) == (text, origin)


def test_a_field_that_is_named_comes_first_where_it_has_a_text():
    wanted = [("note", "body"), ("title",)]
    assert text_of({"text": "b", "note": {"body": "a"}}, wanted).text == "a"
    assert text_of({"text": "b", "note": 3, "title": "t"}, wanted).text == "t"
    assert text_of({"text": "b", "note": {"body": ["a"]}}, wanted).text == "b"


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        ({"text": "a", "tags": [1]}, {"tags": [1]}),
        ({"kind": "Memory", "content": {"content": "a"}}, {"kind": "Memory"}),
        ({"content": {"content": "a", "source": "chat"}}, {"content": {"source": "chat"}}),
        ({"kind": "Profile", "content": {"name": "Ana"}}, {"kind": "Profile"}),
        ({"name": "Ana"}, {}),
        ("a", {}),
    ],
)
def test_what_is_not_in_the_text_is_kept(value, rest):
    assert rest_of(value, text_of(value)) == rest


@given(JSON)
def test_no_word_of_any_value_is_lost(value):
    before = json.dumps(value)
    text = text_of(value)
    kept = text.text + json.dumps(rest_of(value, text), ensure_ascii=False)
    kept += json.dumps(text.text, ensure_ascii=False)
    assert [word for word in words(value) if written(word) not in kept] == []
    assert json.dumps(value) == before


def words(value):
    if isinstance(value, dict):
        for one in value.values():
            yield from words(one)
    elif isinstance(value, list):
        for one in value:
            yield from words(one)
    elif isinstance(value, str) and value.strip():
        yield value


def written(word):
    return json.dumps(word, ensure_ascii=False)[1:-1]
