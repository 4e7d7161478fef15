"""Records that are not validated again are what validation gives, and refused when it refuses."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from synap_import.mapping import RecordMapper, Unmappable, parse_mapping
from synap_import.mapping.assembling import record_of
from synap_import.records import (
    Kind,
    MemoryRecord,
    Scope,
    State,
    decode_record,
    encode_record,
)


class Words(str):
    """A text of another class, as a table's reader may give it."""

    __slots__ = ()


TEXTS = st.text(max_size=6) | st.sampled_from(["", "\ud800", "a\0", "é", "日本"])
ODD = st.none() | st.integers() | st.booleans() | st.lists(TEXTS, max_size=2)
WORDS = TEXTS | TEXTS.map(Words) | ODD
TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=3)

VALUES = st.fixed_dictionaries(
    {"system": st.just("json"), "id": WORDS, "text": WORDS},
    optional={
        "kind": st.sampled_from(Kind) | st.just("fact"),
        "state": st.sampled_from(State) | st.just("active"),
        "role": WORDS,
        "name": WORDS,
        "position": st.integers() | st.booleans() | st.floats(),
        "scope": st.builds(Scope, user=st.sampled_from(["ana", None])),
        "created_at": TIMES | st.just("2026-01-01T00:00:00Z"),
        "expires_at": TIMES | st.none(),
        "tags": st.lists(TEXTS, max_size=2).map(tuple) | st.lists(TEXTS, max_size=2),
        "metadata": OBJECTS,
        "assumptions": st.lists(TEXTS, max_size=2).map(tuple),
        "hold": st.just("skipped-by-mapping"),
        "raw": OBJECTS | ODD,
    },
)


def made(make: Any, values: dict[str, Any]) -> MemoryRecord | list[tuple[Any, str]]:
    """The record, or which values are refused and why."""
    try:
        return make(values)
    except ValidationError as error:
        return [(one["loc"], one["type"]) for one in error.errors()]


def known_of(record: MemoryRecord) -> tuple[Any, ...]:
    """All that can be seen of a record; the representation tells NaN and the types of values."""
    fields = {name: getattr(record, name) for name in MemoryRecord.model_fields}
    return repr(fields), list(record.__dict__), record.model_fields_set, encode_record(record)


@given(VALUES)
def test_the_same_values_give_the_same_record_or_the_same_refusal(values):
    quick = made(record_of, copy.copy(values))
    slow = made(lambda given: MemoryRecord(**given), copy.copy(values))
    if isinstance(slow, MemoryRecord):
        assert isinstance(quick, MemoryRecord)
        assert known_of(quick) == known_of(slow)
    else:
        assert quick == slow


MAPPER = RecordMapper(
    parse_mapping(
        """
version: 1
id: id
user: {path: [user.id, user]}
session: session
content: memory
created_at: {path: at, tz: Europe/Lisbon}
updated_at: {path: changed, format: epoch_ms}
tags: "tags[].name"
role: role
position: position
kind: {path: kind, default: fact}
state: {path: state, default: active}
skip_if: [{path: gone, in: [true]}]
metadata: {path: meta, flatten: true, drop: [secret]}
unmapped: keep
""",
        "the test",
    )
)
WHOSE = ("id", "user", "session", "role", "position", "kind", "state")
WHAT = ("memory", "at", "changed", "tags", "gone", "meta", "other")
FIELDS = st.sampled_from([*WHOSE, *WHAT])
LIKELY = st.sampled_from(
    [
        {"id": "ana"},
        "ana",
        17,
        "2026-03-29T01:30:00",
        "2026-03-29T01:30:00+00:00",
        1_767_225_600_000,
        [{"name": "food"}, {"name": " "}],
        True,
        {"a": {"b": [1]}, "secret": 1},
    ]
)


@given(st.dictionaries(FIELDS, JSON | LIKELY))
def test_whatever_a_mapping_makes_is_what_validation_would_give(raw):
    try:
        record = MAPPER({"memory": "words", **raw})
    except Unmappable:
        return
    values = {name: getattr(record, name) for name in record.model_fields_set}
    assert known_of(record) == known_of(MemoryRecord(**values))


@pytest.fixture
def record() -> MemoryRecord:
    return record_of({"system": "json", "id": "1", "text": "words", "metadata": {"a": 1}})


def test_it_is_a_record_in_every_respect(record):
    assert record == MemoryRecord(system="json", id="1", text="words", metadata={"a": 1})
    assert pickle.loads(pickle.dumps(record)) == record
    assert record.model_copy(update={"text": "others"}).text == "others"
    assert decode_record(*encode_record(record)) == record
    with pytest.raises(ValidationError):
        record.text = "others"


def test_no_two_records_share_what_can_change():
    one, other = (record_of({"system": "json", "id": "1", "text": ""}) for _ in range(2))
    one.metadata["a"] = 1
    assert other.metadata == {}
