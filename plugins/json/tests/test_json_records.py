"""What becomes of an object: our own records as they are, all others by a mapping."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest

from synap_import import (
    Kind,
    Link,
    MappingError,
    MemoryRecord,
    Scope,
    SourceError,
    State,
    record_line,
)

FULL = MemoryRecord(
    system="mem0",
    id="m1",
    kind=Kind.MESSAGE,
    text="likes tea",
    role="user",
    name="Ada",
    position=3,
    scope=Scope(user="u", agent="a", session="s", app="p", group="g"),
    created_at=datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC),
    updated_at=datetime(2024, 5, 7, tzinfo=UTC),
    valid_from=datetime(2024, 5, 8, tzinfo=UTC),
    valid_to=datetime(2024, 5, 9, tzinfo=UTC),
    expires_at=datetime(2030, 5, 9, tzinfo=UTC),
    state=State.SUPERSEDED,
    tags=("a", "b"),
    metadata={"n": 2**70, "nested": {"x": [1, None]}},
    links=(Link(relation="replaced_by", id="m2"),),
    assumptions=("naive-time:created_at",),
    hold="superseded",
    raw={"id": "m1", "memory": "likes tea"},
)
SURROGATE = MemoryRecord(system="zep", id="s", text="half \udc00", metadata={"k": "\ud83d"})
NOT_A_NUMBER = MemoryRecord(system="zep", id="n", text="", metadata={"k": -math.inf}, raw=[1])


def exported(*records):
    return b"".join(record_line(record) + b"\n" for record in records)


def test_our_own_records_come_back_without_loss(read, write):
    records = [FULL, SURROGATE, NOT_A_NUMBER]
    assert read(write("a.jsonl", exported(*records))).records == records


def test_not_a_number_comes_back(read, write):
    record = MemoryRecord(system="s", id="1", text="x", metadata={"n": math.nan})
    (back,) = read(write("a.jsonl", exported(record))).records
    assert math.isnan(back.metadata["n"])


def test_our_own_records_come_back_from_an_array(read, write):
    array = b"[" + exported(FULL, SURROGATE).strip().replace(b"\n", b",") + b"]"
    assert read(write("a.json", array)).records == [FULL, SURROGATE]


def test_a_single_record_of_our_own_is_not_taken_for_an_object_around_records(read, write):
    record = FULL.model_copy(update={"text": "", "raw": {"items": [{"a": 1}]}})
    assert read(write("a.json", exported(record))).records == [record]
    mapping = write("m.yaml", "version: 1\ncontent: said\n")
    assert read(write("a.json", exported(record)), mapping=mapping).records == [record]


def test_the_mapping_is_not_applied_to_our_own_records(read, write):
    mapping = write("m.yaml", "version: 1\nsystem: other\ncontent: id\n")
    path = write("a.jsonl", exported(FULL) + b'{"id":"said"}\n')
    first, second = read(path, mapping=mapping).records
    assert first == FULL
    assert (second.system, second.text) == ("other", "said")


def test_a_newer_record_is_refused_with_advice(check, read, write):
    line = exported(FULL).replace(b'"record_version":1', b'"record_version":2')
    path = write("a.jsonl", line * 2)
    with pytest.raises(SourceError, match="update the tool"):
        check(path)
    assert "record version 2" in read(path).reasons["a.jsonl:1"]


def test_a_record_of_our_own_that_was_changed_by_hand_names_the_field(read, write):
    line = exported(FULL).replace(b"2024-05-07T00:00:00Z", b"yesterday")
    reading = read(write("a.jsonl", exported(FULL) + line))
    assert len(reading.records) == 1
    assert reading.reasons["a.jsonl:2"].startswith("updated_at: ")


def test_an_ordinary_file_needs_no_mapping(read, write):
    (record,) = read(
        write(
            "a.json",
            json.dumps(
                {
                    "id": 7,
                    "memory": "likes tea",
                    "user_id": "ada",
                    "agent_id": "bot",
                    "run_id": "r1",
                    "app_id": "shop",
                    "created_at": "2024-05-06T07:08:09+02:00",
                    "updated_at": 1715000000,
                    "categories": ["food"],
                    "metadata": {"source": "chat"},
                    "role": "user",
                    "score": 0.5,
                }
            ),
        )
    ).records
    assert (record.system, record.id, record.text, record.role) == (
        "json",
        "7",
        "likes tea",
        "user",
    )
    assert record.scope == Scope(user="ada", agent="bot", session="r1", app="shop")
    assert record.created_at == datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)
    assert record.updated_at == datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)
    assert record.tags == ("food",)
    assert record.metadata["source"] == "chat"
    assert record.metadata["unmapped"] == {"score": 0.5}


def test_times_without_a_meaning_are_absent_never_now(read, write):
    path = write("a.jsonl", [{"text": "a", "created_at": 0}, {"text": "b", "created_at": "soon"}])
    assert [record.created_at for record in read(path).records] == [None, None]


def test_how_the_built_in_mapping_reads_is_said(check, write, three):
    finding = check(write("a.jsonl", three)).findings[0]
    assert finding.code == "built-in-mapping"
    assert "text is taken from content" in finding.message
    assert "user's id from user_id" in finding.message


def test_that_no_user_is_found_is_said(check, write):
    finding = check(write("a.jsonl", [{"text": "x"}, {"text": "y"}])).findings[0]
    assert "no user id is found" in finding.message


def test_with_a_mapping_nothing_is_said_about_the_built_in_one(check, write, three):
    mapping = write("m.yaml", "version: 1\ncontent: content\n")
    findings = check(write("a.jsonl", three), mapping=mapping).findings
    assert "built-in-mapping" not in [one.code for one in findings]


def test_our_own_records_need_no_built_in_mapping(check, write):
    assert check(write("a.jsonl", exported(FULL))).findings == ()


def test_a_file_that_the_built_in_mapping_does_not_fit_is_refused_with_its_keys(check, write):
    path = write("a.jsonl", [{"nr": 1, "said": "tea"}] * 2)
    with pytest.raises(SourceError, match=r"a\.jsonl has no field named content") as caught:
        check(path)
    assert "nr, said" in caught.value.message
    assert "--mapping mapping.yaml" in caught.value.remedy


def test_a_wrong_mapping_file_is_the_mapping_s_error(check, write, three):
    with pytest.raises(MappingError):
        check(write("a.jsonl", three), mapping=write("m.yaml", "version: 1\n"))
