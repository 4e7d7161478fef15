"""One record's bytes become the values that the standard library reads from them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synap_import_json.values import DEPTH_LIMIT, decode

TEXTS = st.text(max_size=8) | st.sampled_from(["\ud800", "\0", "é\u2028", "1" * 30])
NUMBERS = st.integers() | st.integers(-(2**70), 2**70) | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
PIECES = ["{", "}", "[", "]", '"', ":", ",", "a", "\\", "0", "1", "-", ".", "e5", " ", "\n", "true"]
PIECES += ["null", "NaN", "Infinity", "\\ud800", "\\u00e9", '"a":', "1e400", "12345678901234567890"]


def either(read: Any, text: str) -> str:
    """What comes of a text: its values, of which the representation tells NaN, or a refusal."""
    try:
        return repr(read(text.encode("utf-8", "surrogatepass")))
    except ValueError:
        return "refused"


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.booleans())
def test_values_come_out_as_they_are(values, ascii_only):
    text = json.dumps(values, ensure_ascii=ascii_only)
    assert either(decode, text) == either(json.loads, text)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example('"a":1,"a":2')
@example('"a":-Infinity')
@example('"a":01')
@example('"a":"\t"')
def test_what_the_standard_library_refuses_is_refused_and_nothing_else(inside):
    text = "{" + inside + "}"
    assert either(decode, text) == either(json.loads, text)


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


def test_nesting_ends_at_the_limit():
    assert decode(nested(DEPTH_LIMIT))
    with pytest.raises(ValueError, match="nested too deeply: more than 200 levels"):
        decode(nested(DEPTH_LIMIT + 1))


def test_brackets_in_a_text_are_no_levels():
    assert decode(b'{"a":"' + b"[" * 500 + b'","b":"\\ud800"}')["a"] == "[" * 500


def test_an_integer_with_more_digits_than_python_reads_is_told():
    with pytest.raises(ValueError, match="more than 4,300 digits"):
        decode(b'{"a":' + b"9" * 5000 + b"}")
