"""What is seen of a record by itself, while it is staged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.sources import record
from synap_import.preflight import Marker
from synap_import.preflight.marks import LARGEST_METADATA, LONGEST_TEXT, Mark
from synap_import.records import Kind, MemoryRecord, encode_record
from synap_import.text import is_sendable

NOW = datetime(2026, 1, 15, tzinfo=UTC)
MARKER = Marker(now=NOW)


def marked(item: MemoryRecord, marker: Marker = MARKER) -> Mark:
    (marks,) = marker.marks([item], [encode_record(item)])
    return Mark(marks or 0)


def message(text: str, **changes: object) -> MemoryRecord:
    return record(1, kind=Kind.MESSAGE, text=text, **changes)


def test_an_ordinary_record_has_no_marks_at_all() -> None:
    item = record(1)
    assert MARKER.marks([item], [encode_record(item)]) == [None]


@pytest.mark.parametrize(
    ("time", "mark"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), Mark.TIME_ODD),
        (datetime(1970, 1, 1, tzinfo=UTC), Mark.TIME_ODD),
        (datetime(1999, 12, 31, 23, 59, tzinfo=UTC), Mark.TIME_ODD),
        (datetime(2000, 1, 1, tzinfo=UTC), Mark(0)),
        (NOW, Mark(0)),
        (NOW + timedelta(hours=23), Mark(0)),
        (NOW + timedelta(hours=25), Mark.TIME_FUTURE),
        (datetime(9999, 1, 1, tzinfo=timezone(timedelta(hours=14))), Mark.TIME_FUTURE),
        (None, Mark(0)),
    ],
)
def test_times_before_2000_and_after_tomorrow_are_marked(time: datetime | None, mark: Mark) -> None:
    assert marked(record(1, created_at=time)) == mark


def test_a_text_is_too_long_above_the_threshold() -> None:
    assert marked(record(1, text="x" * LONGEST_TEXT)) == Mark(0)
    assert marked(record(1, text="x" * (LONGEST_TEXT + 1))) == Mark.TEXT_OVERSIZED


def test_metadata_is_measured_as_json() -> None:
    fits = "x" * (LARGEST_METADATA - len('{"a":""}'))
    assert marked(record(1, metadata={"a": fits})) == Mark(0)
    assert marked(record(1, metadata={"a": fits + "x"})) == Mark.METADATA_OVERSIZED


def test_metadata_that_no_encoder_takes_is_measured_all_the_same() -> None:
    assert marked(record(1, metadata={"a": "\ud800" * LARGEST_METADATA})) & Mark.METADATA_OVERSIZED


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_a_text_is_undecodable_exactly_when_it_cannot_be_sent_as_it_is(text: str) -> None:
    assert bool(marked(record(1, text=text)) & Mark.TEXT_UNDECODABLE) != is_sendable(text)


def test_a_message_needs_a_speaker() -> None:
    assert marked(message("yes")) == Mark.UNLABELLED
    assert marked(message("yes", role="user")) == Mark(0)
    assert marked(message("yes", name="Ada")) == Mark(0)


@pytest.mark.parametrize(
    "text",
    ["User: hi\nAssistant: hello", "human: a\nmore of it\n AI : b", "  System: x\n\nuser: y"],
)
def test_lines_of_speakers_are_a_dialogue(text: str) -> None:
    assert marked(record(1, text=text)) == Mark.DIALOGUE


@pytest.mark.parametrize(
    "text",
    [
        "User: only one line",
        "Likes tea.\nUser: said so",
        "User: likes tea\nNote: with milk",
        "The user: tall\nThe assistant: short",
    ],
)
def test_prose_with_colons_is_no_dialogue(text: str) -> None:
    assert marked(record(1, text=text)) == Mark(0)


def test_messages_are_conversations_whatever_their_words() -> None:
    assert marked(message("User: a\nAssistant: b", role="user")) == Mark(0)


def test_a_record_can_have_several_marks() -> None:
    item = record(1, created_at=datetime(1970, 1, 1, tzinfo=UTC), text="a\x00b")
    assert marked(item) == Mark.TIME_ODD | Mark.TEXT_UNDECODABLE


def test_what_a_scan_finds_joins_the_other_marks() -> None:
    marker = Marker(lambda _: int(Mark.SECRET), now=NOW)
    item = record(1, created_at=datetime(1970, 1, 1, tzinfo=UTC))
    assert marked(item, marker) == Mark.TIME_ODD | Mark.SECRET
    assert marker.version != MARKER.version
