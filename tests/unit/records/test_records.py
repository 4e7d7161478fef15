"""The common record survives its encodings."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from synap_import.records import (
    Kind,
    Link,
    MemoryRecord,
    Scope,
    ScopeKind,
    State,
    decode_record,
    encode_record,
    record_line,
)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
times = st.none() | st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
names = st.none() | st.text(min_size=1)
records = st.builds(
    MemoryRecord,
    system=st.just("acme"),
    id=st.text(min_size=1),
    kind=st.sampled_from(Kind),
    text=st.text(),
    role=names,
    position=st.none() | st.integers(),
    scope=st.builds(Scope, user=names, agent=names, session=names, app=names, group=names),
    created_at=times,
    updated_at=times,
    state=st.sampled_from(State),
    tags=st.lists(st.text(), max_size=3).map(tuple),
    metadata=st.dictionaries(st.text(), json_values, max_size=3),
    assumptions=st.just(("naive-time:created_at",)),
    raw=json_values,
)


@given(records)
def test_a_record_is_the_same_after_encoding_and_decoding(record: MemoryRecord) -> None:
    assert decode_record(*encode_record(record)) == record


@given(records)
def test_a_line_of_an_export_is_one_line_and_reads_back(record: MemoryRecord) -> None:
    line = record_line(record)
    assert b"\n" not in line
    assert MemoryRecord.model_validate(json.loads(line), strict=False) == record


def test_lone_surrogates_and_large_integers_survive() -> None:
    record = MemoryRecord(
        system="acme", id="1", text="cut \ud83d off", metadata={"n": 2**70}, raw={"s": "\udfff"}
    )
    assert decode_record(*encode_record(record)) == record


@pytest.mark.parametrize("metadata", [{"k\ud800": 1}, {"in": {"k\ud800": [1]}}])
def test_lone_surrogates_in_keys_survive(metadata: dict[str, Any]) -> None:
    record = MemoryRecord(system="acme", id="1", text="x", metadata=metadata, raw=metadata)
    assert decode_record(*encode_record(record)) == record


@pytest.mark.parametrize("depth", [300, 20_000])
def test_deep_nesting_is_kept_or_named_and_never_an_error(depth: int) -> None:
    deep: dict[str, Any] = {}
    for _ in range(depth):
        deep = {"in": deep}
    record = MemoryRecord(system="acme", id="1", text="kept", metadata=deep, raw=deep)
    read = decode_record(*encode_record(record))
    assert read.text == "kept"
    assert depth > 1000 or (read.metadata == deep and read.raw == deep)


def test_nan_survives_in_metadata_and_raw() -> None:
    record = MemoryRecord(system="acme", id="1", text="x", metadata={"n": math.nan}, raw=[math.inf])
    read = decode_record(*encode_record(record))
    assert math.isnan(read.metadata["n"])
    assert read.raw == [math.inf]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        MemoryRecord(system="acme", id="1", text="x", created_at=datetime(2025, 1, 1))  # noqa: DTZ001


def test_a_zone_other_than_utc_is_the_same_moment() -> None:
    lisbon = timezone(timedelta(hours=1))
    record = MemoryRecord(
        system="acme", id="1", text="x", created_at=datetime(2025, 6, 1, 12, tzinfo=lisbon)
    )
    assert decode_record(*encode_record(record)).created_at == datetime(2025, 6, 1, 11, tzinfo=UTC)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        MemoryRecord(system="acme", id="1", text="x", colour="red")


@pytest.mark.parametrize("system", ["a_b", "", "a b", "_"])
def test_a_system_name_that_makes_document_ids_ambiguous_is_refused(system: str) -> None:
    with pytest.raises(ValidationError):
        MemoryRecord(system=system, id="1", text="x")


def test_an_id_that_cannot_be_encoded_is_refused() -> None:
    with pytest.raises(ValidationError):
        MemoryRecord(system="acme", id="a\ud800", text="x")


def test_the_owner_is_the_user_before_anybody_else() -> None:
    scope = Scope(user="ada", agent="bot", session="s")
    assert scope.owner() == (ScopeKind.USER, "ada")


def test_without_a_user_the_agent_owns() -> None:
    assert Scope(agent="bot", session="s").owner() == (ScopeKind.AGENT, "bot")


def test_without_any_id_nobody_owns() -> None:
    assert Scope().owner() is None


def test_links_name_their_relation() -> None:
    record = MemoryRecord(
        system="acme", id="1", text="x", links=(Link(relation="replaced_by", id="2"),)
    )
    assert decode_record(*encode_record(record)).links[0].id == "2"
