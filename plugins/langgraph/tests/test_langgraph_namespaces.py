"""Whose a namespace is: by patterns, and never by a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import import ConfigurationError, Scope
from synap_import_langgraph.namespaces import Owners

LABELS = st.lists(st.sampled_from(["memories", "ana", "bob", "a/b", "*", "**"]), max_size=4)


@pytest.mark.parametrize(
    ("pattern", "namespace", "scope"),
    [
        ("memories.{user}", "memories.ana", Scope(user="ana")),
        ("memories.{langgraph_user_id}", "memories.ana", Scope(user="ana")),
        ("memories.{user}", "memories.ana.work", Scope(group="memories.ana.work")),
        ("memories.{user}", "memories", Scope(group="memories")),
        ("memories.{user}", "Memories.ana", Scope(group="Memories.ana")),
        ("memories.{user}.**", "memories.ana.work.2025", Scope(user="ana")),
        ("memories.{user}.**", "memories.ana", Scope(user="ana")),
        ("*.{user}", "anything.ana", Scope(user="ana")),
        ("{user}", "ana", Scope(user="ana")),
        ("org.{group}.{user}", "org.acme.ana", Scope(user="ana", group="acme")),
        ("{assistant_id}.{thread_id}", "bot.t1", Scope(agent="bot", session="t1")),
    ],
)
def test_a_pattern_names_the_owner_or_the_namespace_is_a_group(pattern, namespace, scope):
    assert Owners.of([pattern]).scope(namespace.split(".")) == scope


def test_the_first_pattern_that_fits_decides():
    owners = Owners.of(["memories.{user}", "memories.{agent}", "*.{session}"])
    assert owners.scope(["memories", "x"]) == Scope(user="x")
    assert owners.scope(["other", "x"]) == Scope(session="x")


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "memories",
        "memories.{usr}",
        "{user}.{user_id}",
        "a..{user}",
        "**.{user}",
        "x{user}",
        ".",
    ],
)
def test_a_pattern_that_names_nobody_or_cannot_be_read_is_refused_with_an_example(pattern):
    with pytest.raises(ConfigurationError, match="--owner") as told:
        Owners.of([pattern])
    assert "memories.{user}" in told.value.remedy


@given(LABELS.filter(bool))
def test_without_patterns_every_namespace_is_a_group_by_its_whole_name(namespace):
    assert Owners.of([]).scope(namespace) == Scope(group=".".join(namespace))


@given(LABELS.filter(bool), st.integers(0, 3))
def test_a_pattern_made_of_a_namespace_fits_it(namespace, at):
    at = min(at, len(namespace) - 1)
    labels = ["*" if label == "**" else label for label in namespace]
    pattern = ".".join([*labels[:at], "{user}", *labels[at + 1 :]])
    assert Owners.of([pattern]).scope(namespace) == Scope(user=namespace[at])
