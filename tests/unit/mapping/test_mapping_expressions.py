from __future__ import annotations

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.mapping.expressions import compile_expression


@pytest.mark.parametrize(
    ("expression", "roots"),
    [
        ("a.b.c", {"a"}),
        ("@.a.b", {"a"}),
        ("a[0].b | c", {"a"}),
        ("a || b", {"a", "b"}),
        ("a[?b=='x'].c", {"a"}),
        ("a[].b[].c", {"a"}),
        ("a.*.b", {"a"}),
        ("{x: a, y: b.c}", {"a", "b"}),
        ("[a, b]", {"a", "b"}),
        ("join(', ', a)", {"a"}),
        ("sort_by(a, &b)[0].c", {"a"}),
        ("!a && b < c", {"a", "b", "c"}),
        ("keys(@)", set()),
        ('"k.dot".a', {"k.dot"}),
    ],
)
def test_an_expression_knows_the_top_level_fields_it_names(expression, roots):
    assert compile_expression(expression).roots == roots


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("a[", "cannot be read"),
        ("", "cannot be read"),
        ("a = b", "cannot be read"),
        ("lenght(a)", "no function 'lenght'; did you mean 'length'"),
        ("a[].frobnicate(b)", "no function 'frobnicate'"),
        ("(" * 1500, "nested too deeply"),
        ("é" * 1025, "longer than 2048 bytes"),
    ],
)
def test_a_wrong_expression_is_refused_beforehand(expression, problem):
    with pytest.raises(ValueError, match=problem):
        compile_expression(expression)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 1) | st.sampled_from(["", "x"]) | st.just(0.0),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(raw=st.dictionaries(st.sampled_from("abc"), VALUES))
@pytest.mark.parametrize(
    "text", ["a", "a.b", "a.b.c", "a || b", "a.b || c", "a || b.c || c", "(a || b).c", '"a"."b"']
)
def test_what_is_read_without_the_interpreter_is_what_the_interpreter_reads(text, raw):
    assert compile_expression(text).search(raw) == jmespath.search(text, raw)
