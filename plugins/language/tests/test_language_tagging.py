"""Records are tagged where their language can be told, and nowhere else."""

from __future__ import annotations

import pytest

from synap_import import MemoryRecord, Scope
from synap_import_language.tagging import language_of, tag

GERMAN = "Ich wohne in Berlin und trinke morgens gerne Kaffee mit Milch."
ENGLISH = "She prefers to be called in the morning, before nine o'clock."


def record(text: str, **changes: object) -> MemoryRecord:
    return MemoryRecord(system="json", id="1", text=text, scope=Scope(user="ada"), **changes)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GERMAN, "de"),
        (ENGLISH, "en"),
        ("Mi hermana vive en Madrid y trabaja como médica en un hospital.", "es"),
        ("私は毎朝七時に起きて、公園を散歩してから会社に行きます。", "ja"),
    ],
)
def test_a_sentence_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "ok", "no problem", "12345 67890 " * 20, "\ud800 \0"])
def test_of_what_is_short_or_no_language_nothing_is_said(text: str) -> None:
    assert language_of(text) is None


def test_the_tag_stands_behind_those_that_are_there() -> None:
    (tagged,) = tag([record(GERMAN, tags=("work",))])
    assert tagged.tags == ("work", "language:de")


def test_a_tag_of_the_sources_own_stays() -> None:
    before = record(GERMAN, tags=("language:nds",))
    assert tag([before]) == [before]


def test_nothing_else_changes_and_each_record_stays_in_its_place() -> None:
    before = [record(GERMAN), record("ok"), record(ENGLISH)]
    after = tag(before)
    assert [one.model_copy(update={"tags": ()}) for one in after] == before
    assert [one.tags for one in after] == [("language:de",), (), ("language:en",)]


def test_a_long_text_is_told_by_its_beginning() -> None:
    assert language_of(GERMAN * 100 + ENGLISH * 1000) == "de"
