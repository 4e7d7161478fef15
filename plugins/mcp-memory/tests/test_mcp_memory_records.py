"""What becomes of the lines of a file."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from synap_import import Kind, MemoryRecord, Scope
from synap_import_mcp_memory.records import Flaw, records_of


def entity(name="Ana", *observations, sort="person"):
    return {
        "type": "entity",
        "name": name,
        "entityType": sort,
        "observations": list(observations),
    }


def relation(one="Ana", how="works_at", other="Acme"):
    return {"type": "relation", "from": one, "to": other, "relationType": how}


def test_what_the_real_server_wrote_becomes_facts_of_the_user(recorded, reading):
    done = reading(recorded)
    facts = [one for one in done.records if one.hold is None]
    assert [one.text for one in facts] == [
        "default_user: Vegetarian since 2021",
        "default_user: Moved to Lisbon 2025-03",
        "default_user: Allergic to peanuts",
        'Acme/Iberia: Writes "quoted"\nnewlines, ünïcode ☃ and \u2028 separators',
    ]
    assert {one.scope for one in done.records} == {Scope(user="ana")}
    assert {one.created_at for one in done.records} == {None}
    assert done.unreadable == []


def test_relations_and_bare_names_are_held_with_a_reason(recorded, reading):
    held = {one.text: (one.kind, one.hold) for one in reading(recorded).records if one.hold}
    assert held == {
        "Project Heron (project)": (Kind.ENTITY, "entity-without-observations"),
        "default_user works_at Acme/Iberia": (Kind.RELATION, "graph-relation"),
        "Acme/Iberia funds Project Heron": (Kind.RELATION, "graph-relation"),
    }


def test_ids_are_names_and_those_of_each_user_are_their_own(recorded, reading):
    ids = [one.id for one in reading(recorded).records]
    digest = sha256(b"Vegetarian since 2021").hexdigest()[:16]
    assert ids[0] == f"ana/default_user/{digest}"
    assert "ana/Project Heron" in ids
    assert "ana/default_user/works_at/Acme%2FIberia" in ids
    others = {one.id for one in reading(recorded, user="bob").records}
    assert others.isdisjoint(ids)


def test_a_record_keeps_the_line_with_its_own_observation():
    first, second = records_of(entity("Ana", "a", "b") | {"since": 3}, "u")
    assert (first.raw["observations"], second.raw["observations"]) == (["a"], ["b"])
    assert first.raw["since"] == 3
    assert first.tags == ("person",)
    assert first.metadata == {"mcp-memory": {"entity": "Ana", "entityType": "person"}}


def test_the_order_of_lines_and_observations_makes_no_difference(graph, reading):
    lines = [entity("Ana", "a", "b"), entity("Bob", "a"), relation()]
    one = reading(graph(*lines)).records
    other = reading(graph(relation(), entity("Bob", "a"), entity("Ana", "b", "a"))).records
    assert {record.id: record.text for record in one} == {
        record.id: record.text for record in other
    }


def test_an_observation_that_is_there_twice_is_one_record(graph, reading):
    done = reading(graph(entity("Ana", "a", "a"), entity("Ana", "a")))
    assert [one.text for one in done.records] == ["Ana: a"]


def test_an_entity_without_a_type_is_read(graph, reading):
    (record,) = reading(graph({"type": "entity", "name": "Ana", "observations": ["a"]})).records
    assert (record.text, record.tags) == ("Ana: a", ())


def test_a_blank_observation_has_no_text():
    (record,) = records_of(entity("Ana", " "), "u")
    assert record.text == ""


def test_half_a_character_is_kept(graph, reading):
    """JavaScript cuts emojis in half, and writes the halves down."""
    line = r'{"type":"entity","name":"A","entityType":"x","observations":["tea \ud83c"]}'
    (record,) = reading(graph(line)).records
    assert record.raw["observations"] == ["tea \ud83c"]


@given(
    st.lists(
        st.tuples(st.text("a/%", min_size=1, max_size=3), st.text("a/%", max_size=3)),
        max_size=4,
        unique=True,
    )
)
def test_other_names_are_other_ids(pairs):
    items = [entity(name, said) for name, said in pairs]
    items += [relation(name, said or "-", name) for name, said in pairs if said]
    made = [one for item in items for one in records_of(item, "u")]
    ids = {one.id for one in made if isinstance(one, MemoryRecord)}
    assert len(ids) == len(items)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.fixed_dictionaries(
                {},
                optional={
                    "type": st.sampled_from(["entity", "relation", "other"]) | inner,
                    "name": inner,
                    "observations": st.lists(inner, max_size=2) | inner,
                    "entityType": inner,
                    "from": inner,
                    "to": inner,
                    "relationType": inner,
                },
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_becomes_records_or_is_told(item):
    made = list(records_of(item, "u"))
    assert made
    assert all(isinstance(one, MemoryRecord | Flaw) for one in made)
