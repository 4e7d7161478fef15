"""What a new plugin may be called, and what its parts are called then."""

from __future__ import annotations

import re
from keyword import iskeyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.errors import ConfigurationError
from synap_import.scaffold import Names, named

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)


@given(NAMES.filter(lambda name: name != "synap" and not name.startswith("synap-import-")))
def test_every_name_that_can_be_typed_makes_names_that_python_takes(name: str) -> None:
    names = named(name, "", {})
    for one in (names.package, f"{names.prefix}Source", f"{names.variable}_API_KEY"):
        assert one.isidentifier()
        assert not iskeyword(one)


def test_all_names_come_from_the_one() -> None:
    names = named("blue-kite", "", {})
    assert names == Names("blue-kite", "Blue Kite")
    assert names.distribution == "synap-import-blue-kite"
    assert names.package == "synap_import_blue_kite"
    assert names.prefix == "BlueKite"
    assert names.variable == "BLUE_KITE"


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("My_Memory", "my-memory"),
        ("Acme Cloud", "acme-cloud"),
        ("synap-import-acme", "acme"),
        ("acme--2", "acme-2"),
        ("7th", "th"),
        ("-acme", "acme"),
    ],
)
def test_a_name_that_cannot_be_typed_gets_one_that_can(name: str, better: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name of a source") as refused:
        named(name, "", {})
    assert refused.value.remedy == f"Would '{better}' do?"


@given(st.text(max_size=60))
def test_what_is_suggested_would_do(name: str) -> None:
    try:
        named(name, "", {})
    except ConfigurationError as error:
        for better in re.findall("Would '(.+)' do", error.remedy):
            assert named(better, "", {}).source == better


@pytest.mark.parametrize("name", ["", "東京", "a" * 31])
def test_nothing_is_suggested_where_nothing_would_do(name: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        named(name, "", {})
    assert refused.value.remedy == ""


def test_the_destination_is_no_source() -> None:
    with pytest.raises(ConfigurationError, match="SYNAP_API_KEY is its key"):
        named("synap", "", {})


@pytest.mark.parametrize("title", ['The "Best"', "{a}", "one\ntwo", "back\\slash"])
def test_a_title_that_would_break_the_files_is_refused(title: str) -> None:
    with pytest.raises(ConfigurationError, match="The title goes into Python, TOML and Markdown"):
        named("acme", title, {})
