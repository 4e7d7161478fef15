"""A mapping that is proposed: it can be read, marks its doubts, and never says whose it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synap_import import SourceError
from synap_import.mapping import parse_mapping
from synap_import_json.source import JsonConfig, JsonSource

DATA = Path(__file__).parent / "data"

ODD = [
    {
        "_key": "a1",
        "person": {"email": "ana@x.org", "uid": 7},
        "note.body": "Prefers window seats on long flights",
        "logged": "2026-01-15 10:30:00",
        "labels": ["travel"],
        "archived": False,
    },
    {
        "_key": "a2",
        "person": {"email": None, "uid": "8"},
        "note.body": "Is allergic to peanuts, and says so often",
        "logged": None,
        "labels": "health",
        "archived": True,
    },
]


def guess(path):
    return JsonSource.guess_mapping(JsonConfig(files=(str(path),)))


@pytest.fixture
def odd(write):
    return guess(write("odd.jsonl", ODD))


def test_what_is_proposed_reads_the_file(read, write, odd):
    records = read(write("odd.jsonl", ODD), mapping=write("m.yaml", odd)).records
    assert [(one.id, one.text, one.tags) for one in records] == [
        ("a1", "Prefers window seats on long flights", ("travel",)),
        ("a2", "Is allergic to peanuts, and says so often", ("health",)),
    ]
    assert records[0].created_at is not None


def test_the_user_is_never_guessed_only_candidates_are_named(odd):
    assert parse_mapping(odd, "m").user is None
    candidates = [line for line in odd.splitlines() if line.startswith("# user: ")]
    assert [line.split()[2] for line in candidates] == ["person.email", "person.uid"]
    assert "50% missing" in candidates[0]


def test_lines_tell_how_often_a_field_is_missing_and_show_examples(odd):
    (line,) = [line for line in odd.splitlines() if line.startswith("created_at:")]
    assert "50% missing" in line
    assert '"2026-01-15 10:30:00"' in line


@pytest.mark.parametrize(
    "doubt",
    [
        "have no zone: they are read as UTC",
        "its types differ: list 1, text 1",
        "skip_if: [{path: archived, in: [true]}]",
        "whose is a memory?",
    ],
)
def test_doubts_are_marked(odd, doubt):
    line = next(number for number, line in enumerate(odd.splitlines()) if doubt in line)
    assert "DOUBT" in "".join(odd.splitlines()[line - 1 : line + 1])


def test_without_a_field_that_tells_records_apart_ids_are_made(write):
    text = guess(write("a.jsonl", [{"say": "one two"}, {"say": "three four"}]))
    assert parse_mapping(text, "m").id.hash == ("user", "content", "created_at")


def test_the_primary_key_of_a_table_is_the_id(write):
    rows = [{"pk": number, "content": f"likes tea no {number}"} for number in range(3)]
    assert parse_mapping(guess(write("rows.jsonl", rows)), "m").id.path == ("pk",)


def test_turns_of_a_conversation_are_taken_for_messages(write):
    rows = [
        {"id": n, "conversation_id": "c", "turn": n, "role": role, "content": "good morning"}
        for n, role in enumerate(["user", "assistant"])
    ]
    document = parse_mapping(guess(write("a.jsonl", rows)), "m")
    assert (document.kind.const, document.session.path, document.position.path) == (
        "message",
        ("conversation_id",),
        ("turn",),
    )


def test_the_list_in_an_object_is_named(write, three):
    text = guess(write("a.json", json.dumps({"data": {"notes": three}, "count": 3})))
    assert parse_mapping(text, "m").record_names() == ("data", "notes")


def test_for_a_known_format_its_own_mapping_is_written():
    text = guess(DATA / "qdrant_scroll_points.json")
    assert text.startswith("# qdrant_scroll_points.json looks like points of Qdrant, because")
    assert parse_mapping(text, "m").system == "qdrant"


def test_what_no_mapping_can_express_says_so():
    with pytest.raises(SourceError, match="read without a mapping, and none could express it"):
        guess(DATA / "chatgpt/conversations.json")


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    rows=st.lists(
        st.dictionaries(
            st.text(min_size=1, max_size=12),
            st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=20)
            | st.lists(st.text(max_size=5), max_size=3)
            | st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=9), max_size=2),
            min_size=1,
            max_size=6,
        ),
        min_size=2,
        max_size=5,
    )
)
def test_whatever_the_fields_are_the_proposal_is_a_mapping_without_a_user(write, rows):
    document = parse_mapping(guess(write("a.jsonl", rows)), "m")
    assert document.user is None


def test_a_mapping_of_one_s_own_is_shown_at_work(check, write):
    mapping = write(
        "m.yaml", "version: 1\nid: _key\nuser: person.uid\ncontent: '\"note.body\"'\ntags: labels\n"
    )
    findings = {one.code: one for one in check(write("odd.jsonl", ODD), mapping=mapping).findings}
    assert "user: 7" in findings["mapped-record-1"].message
    assert "created_at 100%" in findings["mapped-missing"].message
    assert "labels: list 1, text 1" in findings["mapped-types"].examples
