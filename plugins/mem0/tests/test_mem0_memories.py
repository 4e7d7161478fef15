"""An item of Mem0 becomes a record with all that it says, or is told to be unreadable."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import import Kind, Link, MemoryRecord, Scope, State
from synap_import.mapping import Unmappable
from synap_import_mem0.memories import is_memory, record_of_item, record_of_payload
from synap_import_mem0.times import last_moment, read_times

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ITEM = {"id": "m1", "memory": "likes tea", "created_at": "2026-01-15T10:30:00Z"}
PAYLOAD = {"data": "likes tea", "hash": "h", "created_at": "2026-01-15T10:30:00+00:00"}


def of_item(**fields) -> MemoryRecord:
    options = {name: fields.pop(name) for name in ("merged", "own_metadata") if name in fields}
    return record_of_item({**ITEM, **fields}, now=NOW, **options)


def of_payload(**fields) -> MemoryRecord:
    return record_of_payload("p1", {**PAYLOAD, **fields}, now=NOW)


def test_an_item_of_the_platform_keeps_all_that_it_says():
    item = {
        **ITEM,
        "user_id": "ada",
        "agent_id": None,
        "app_id": "shop",
        "session_id": "r1",
        "metadata": {"k": "v"},
        "categories": ["drinks", "habits"],
        "replaced_by": None,
        "synthesized": False,
        "expiration_date": None,
        "updated_at": "2026-01-16T10:30:00Z",
    }
    assert record_of_item(item, now=NOW, own_metadata=True) == MemoryRecord(
        system="mem0",
        id="m1",
        text="likes tea",
        scope=Scope(user="ada", app="shop", session="r1"),
        metadata={"k": "v"},
        tags=("drinks", "habits"),
        created_at=datetime(2026, 1, 15, 10, 30, tzinfo=UTC),
        updated_at=datetime(2026, 1, 16, 10, 30, tzinfo=UTC),
        raw=item,
    )


@pytest.mark.parametrize("name", ["session_id", "run_id", "runId"])
def test_the_run_is_the_session_under_each_of_its_names(name):
    assert of_item(**{name: "r"}).scope == Scope(session="r")


def test_an_empty_id_is_no_id_and_hides_no_other_name():
    assert of_item(user_id="", session_id="", run_id="r").scope == Scope(session="r")


def test_ids_are_verbatim():
    assert of_item(user_id=" Ada\tLovelace ").scope.user == " Ada\tLovelace "


def test_ids_that_are_numbers_become_their_digits():
    record = of_item(id=7, user_id=0)
    assert (record.id, record.scope.user) == ("7", "0")


def test_camel_case_names_of_the_typescript_client_are_read():
    record = record_of_item(
        {
            "id": "m1",
            "memory": "tea",
            "userId": "ada",
            "agentId": "a",
            "appId": "p",
            "runId": "r",
            "createdAt": "2026-01-15T10:30:00Z",
            "updatedAt": "2026-01-16T10:30:00Z",
            "expirationDate": "2026-01-31",
        },
        now=NOW,
    )
    assert record.scope == Scope(user="ada", agent="a", app="p", session="r")
    assert record.created_at == datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
    assert record.updated_at == datetime(2026, 1, 16, 10, 30, tzinfo=UTC)
    assert record.state is State.EXPIRED


@pytest.mark.parametrize("name", ["memory", "data", "content", "text"])
def test_the_text_is_found_under_each_of_its_names(name):
    assert record_of_item({"id": "m1", name: "tea"}, now=NOW).text == "tea"


@pytest.mark.parametrize(
    ("until", "state"),
    [
        ("2026-02-28", State.EXPIRED),
        ("2026-03-01", State.ACTIVE),
        ("2026-03-02", State.ACTIVE),
        ("2026-02-28T10:00:00Z", State.EXPIRED),
        (None, State.ACTIVE),
    ],
)
def test_a_memory_expires_at_the_end_of_its_day_in_utc(until, state):
    assert of_item(expiration_date=until).state is state


def test_the_last_moment_still_counts():
    end = datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC)
    item = {**ITEM, "expiration_date": "2026-03-01"}
    assert record_of_item(item, now=end).state is State.ACTIVE
    assert record_of_item(item, now=end + timedelta(microseconds=1)).state is State.EXPIRED
    assert record_of_item(item, now=end).expires_at == end


def test_an_expiry_that_cannot_be_read_is_told():
    record = of_item(expiration_date="next week")
    assert record.expires_at is None
    assert record.assumptions == ("unreadable-time:expires_at",)


def test_a_replaced_memory_is_superseded_by_the_other():
    record = of_item(replaced_by="m2")
    assert record.state is State.SUPERSEDED
    assert record.links == (Link(relation="replaced_by", id="m2"),)


def test_a_superseded_memory_that_has_expired_is_superseded():
    assert of_item(replaced_by="m2", expiration_date="2020-01-01").state is State.SUPERSEDED


def test_a_memory_that_mem0_synthesized_is_a_summary():
    assert of_item(synthesized=True).kind is Kind.SUMMARY
    assert of_item(synthesized=False).kind is Kind.FACT


@pytest.mark.parametrize("name", ["superseded", "merged", "expired", "deleted", "active"])
def test_a_state_that_the_item_names_is_its_state(name):
    assert of_item(lifecycle_state=name).state == State(name)


@pytest.mark.parametrize("name", ["hibernating", 3, ["merged"], {}])
def test_a_state_of_an_unknown_name_is_told_and_the_memory_is_active(name):
    record = of_item(lifecycle_state=name)
    assert record.state is State.ACTIVE
    assert record.assumptions == ("unknown-state:lifecycle_state",)


def test_a_memory_from_the_list_of_merged_ones_is_merged():
    assert of_item(merged=True, expiration_date="2020-01-01").state is State.MERGED


def test_metadata_of_the_platform_is_the_users_own_whatever_its_names():
    own = {"role": "admin", "hash": "x", "expiration_date": "2020-01-01", "actor_id": "b"}
    record = of_item(metadata=own, own_metadata=True)
    assert record.metadata == own
    assert (record.role, record.name, record.state) == (None, None, State.ACTIVE)


def test_what_the_server_leaks_into_metadata_is_taken_out_of_it():
    leaked = {"role": "user", "actor_id": "bob", "text_lemmatized": "like tea", "hash": "h"}
    record = of_item(metadata={"k": "v", **leaked}, role=None)
    assert record.metadata == {"k": "v"}
    assert (record.role, record.name) == ("user", "bob")


def test_the_users_metadata_lies_beside_the_keys_of_a_payload():
    record = of_payload(
        user_id="ada",
        run_id="r",
        role="user",
        actor_id="bob",
        text_lemmatized="like tea",
        k="v",
        memory_type="procedural_memory",
        updated_at=None,
    )
    assert record.id == "p1"
    assert record.scope == Scope(user="ada", session="r")
    assert record.metadata == {"k": "v", "memory_type": "procedural_memory"}
    assert (record.role, record.name) == ("user", "bob")
    assert record.updated_at is None
    assert record.raw["data"] == "likes tea"


def test_a_key_of_a_payload_that_means_something_elsewhere_is_metadata():
    record = of_payload(id="own", memory="own", replaced_by="own", app_id="own")
    assert (record.id, record.text, record.state) == ("p1", "likes tea", State.ACTIVE)
    assert record.scope == Scope()
    assert record.metadata == {"id": "own", "memory": "own", "replaced_by": "own", "app_id": "own"}


def test_what_old_versions_stored_about_the_user_is_no_memory():
    assert not is_memory({"type": "user_identity", "user_id": "x"})
    assert is_memory({"type": "user_identity", "data": "a memory of that type"})
    assert is_memory(PAYLOAD)


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (None, "record"),
        ("text", "record"),
        ({"memory": "tea"}, "id"),
        ({"id": "", "memory": "tea"}, "id"),
        ({"id": True, "memory": "tea"}, "id"),
        ({"id": "m1"}, "memory"),
        ({"id": "m1", "memory": 3}, "memory"),
        ({**ITEM, "metadata": "k=v"}, "metadata"),
        ({**ITEM, "user_id": ["ada"]}, "user_id"),
        ({**ITEM, "user_id": True}, "user_id"),
    ],
)
def test_what_cannot_be_a_record_says_why(item, field):
    with pytest.raises(Unmappable) as caught:
        record_of_item(item, now=NOW)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("written", "read", "assumed"),
    [
        ("2026-01-15T10:30:00Z", datetime(2026, 1, 15, 10, 30, tzinfo=UTC), None),
        ("2025-07-01T03:04:05.678901-07:00", datetime(2025, 7, 1, 10, 4, 5, 678901, UTC), None),
        ("2026-11-20T20:33:56.790565-08:00", datetime(2026, 11, 21, 4, 33, 56, 790565, UTC), None),
        ("2026-01-15T10:30:00.123456+00:00", datetime(2026, 1, 15, 10, 30, 0, 123456, UTC), None),
        ("2019-07-04T09:00:00", datetime(2019, 7, 4, 9, tzinfo=UTC), "naive-time:created_at"),
        (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), None),
        (0, None, "unknown-time:created_at"),
        ("1970-01-01T00:00:00+00:00", None, "unknown-time:created_at"),
        ("yesterday", None, "unreadable-time:created_at"),
        (["2026"], None, "unreadable-time:created_at"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_times_are_exact_or_say_what_was_assumed(written, read, assumed):
    record = of_item(created_at=written)
    assert record.created_at == read
    assert record.assumptions == ((assumed,) if assumed else ())


def test_an_offset_is_kept_as_it_was_written():
    assert of_item(created_at="2025-07-01T03:04:05-07:00").created_at.isoformat().endswith("-07:00")


@given(st.integers(1, 7_000_000_000_000_000).map(lambda us: EPOCH + timedelta(microseconds=us)))
def test_any_time_of_the_library_comes_back_as_it_was(moment):
    times, assumed = read_times({"at": moment.isoformat()}, {"created_at": ("at",)})
    assert (times, assumed) == ({"created_at": moment}, [])


@given(st.dates())
def test_the_last_moment_of_a_day_is_in_that_day_and_none_follows(day):
    end = last_moment(day.isoformat())
    assert end.date() == day
    assert end.time() == datetime.max.time()
    assert end.tzinfo is UTC


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = [
    *("id", "memory", "data", "user_id", "agent_id", "session_id", "run_id", "metadata"),
    *("categories", "replaced_by", "synthesized", "lifecycle_state", "expiration_date", "role"),
    *("actor_id", "created_at", "updated_at", "hash"),
]
FIELDS = st.dictionaries(st.sampled_from(NAMES), JSON)


@given(FIELDS, st.booleans())
def test_any_item_becomes_a_record_with_aware_times_or_is_unmappable(fields, own):
    with suppress(Unmappable):
        record = record_of_item({**ITEM, **fields}, now=NOW, own_metadata=own)
        assert record.raw.keys() == {**ITEM, **fields}.keys()
        assert all(time.tzinfo for time in (record.created_at, record.updated_at) if time)


@given(FIELDS)
def test_any_payload_becomes_a_record_that_loses_no_name_or_is_unmappable(fields):
    payload = {**PAYLOAD, **fields, "color": "blue"}
    with suppress(Unmappable):
        record = record_of_payload("p1", payload, now=NOW)
        assert record.metadata["color"] == "blue"
        assert record.raw.keys() == payload.keys()


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_metadata_of_the_platform_is_never_changed(metadata):
    assert of_item(metadata=metadata, own_metadata=True).metadata == metadata
