from __future__ import annotations

import pytest

from synap_import.mapping.paths import PathSyntaxError, compile_path, parse_path

OBJECT = {
    "a": {"b": [{"c": 1}, {"c": 2}], "null": None},
    "k.dot": {'say "hi"': "x"},
    "tags": [{"name": "tea"}, {"other": 1}, None, "word", {"name": None}, {"name": "lisbon"}],
    "words": ["x", None, "y"],
    "rows": [{"cells": [{"v": 1}, {"v": 2}]}, {"cells": [{"v": 3}]}, {"cells": 4}],
    "matrix": [[1, 2], [3]],
    "empty": [],
    "text": "abc",
    "_id": {"$oid": "507f"},
    "with space": 1,
    "": "no name",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("text", "abc"),
        ("a.b[0].c", 1),
        ("a.b[1].c", 2),
        ("a.b[2].c", None),
        ("a.missing.c", None),
        ("a.null.c", None),
        ("text.upper", None),
        ("text[0]", None),
        ("a[0]", None),
        ('"k.dot"."say \\"hi\\""', "x"),
        ('""', "no name"),
        ("_id.$oid", "507f"),
        ("with space", 1),
        ("tags[].name", ["tea", "lisbon"]),
        ("tags[0].name", "tea"),
        ("words[]", ["x", "y"]),
        ("rows[].cells[].v", [1, 2, 3]),
        ("rows[].cells[0].v", [1, 3]),
        ("matrix[][]", [1, 2, 3]),
        ("text[]", None),
    ],
)
def test_a_path_leads_to_a_value_or_to_none(path, value):
    assert compile_path(path)(OBJECT) == value


def test_a_dot_is_the_whole_object():
    assert compile_path(".")(OBJECT) is OBJECT


@pytest.mark.parametrize("path", ["empty[]", "empty[].name", "tags[].nowhere"])
def test_a_projection_that_finds_nothing_is_missing(path):
    assert compile_path(path)(OBJECT) is None


@pytest.mark.parametrize("nothing", [None, 3, "text", [], [{}], True])
def test_a_path_into_something_else_is_missing(nothing):
    assert compile_path("a.b")(nothing) is None


@pytest.mark.parametrize(
    ("path", "character", "problem"),
    [
        ("", 1, "1 to 1024 characters"),
        ("a..b", 2, "a name is missing"),
        ("a.", 2, "a name is missing"),
        (".a", 1, "starts with '.'"),
        ("a[-1]", 2, "negative indexes"),
        ("a[x]", 2, r"'\[\]' or '\[3\]'"),
        ("a['b']", 2, "double quotes"),
        ("a[0", 2, "was expected"),
        ("a]", 2, "needs double quotes"),
        ("a[0]b", 5, "'.' is missing"),
        ('"a"b', 4, "'.' is missing"),
        ('a."b', 2, "quote is not closed"),
        ("$.a", 1, "without '\\$'"),
        ("a.*", 3, "every item"),
        ("a. b", 3, "in quotes"),
        ("a[][][][][]", 1, "more than 4"),
    ],
)
def test_a_wrong_path_says_where_and_why(path, character, problem):
    with pytest.raises(PathSyntaxError, match=rf"at character {character}: .*{problem}"):
        parse_path(path)


def test_a_very_long_path_is_refused():
    with pytest.raises(PathSyntaxError):
        parse_path("a." * 600 + "a")


def test_the_root_is_the_top_level_field():
    assert [parse_path(path).root for path in ("a.b", '"k.dot"[0]', ".", "[0].a")] == [
        "a",
        "k.dot",
        None,
        None,
    ]


def test_a_cyclic_object_can_be_walked():
    cyclic: dict = {"a": []}
    cyclic["a"].append(cyclic)

    assert compile_path("a[].a[].a[].b")(cyclic) is None
