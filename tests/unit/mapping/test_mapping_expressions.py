from __future__ import annotations

import pytest

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
