"""The question that should find a memory is made of the memory's own words, in any language."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.verifying.queries import MOST_WORDS, query_of


def test_the_words_that_tell_most_are_asked_for_in_their_order() -> None:
    text = "She said that on 2 May she is going to fly with her sister Beatriz to Reykjavik, 4 days"
    query = query_of(text)
    assert query is not None
    assert query.text == "She 2 May going sister Beatriz Reykjavik 4"


@pytest.mark.parametrize("text", ["👍🏽🎉", "❤️", "…!? --", "", "\u200b\n", "🇵🇹"])
def test_a_text_without_words_cannot_be_asked_for(text: str) -> None:
    assert query_of(text) is None


@pytest.mark.parametrize(
    ("text", "reworded"),
    [
        ("User lives in Lisbon with two cats", "The user has two cats and lives in Lisbon."),
        ("ユーザーは東京に住んでいて、猫が好きです", "東京に住んでいて猫が好きなユーザーです"),
        ("她每天早上喜欢喝绿茶", "用户每天早上喜欢喝绿茶"),
        ("ผู้ใช้อาศัยอยู่ในกรุงเทพ", "เขาอาศัยอยู่ในกรุงเทพ"),
        ("हिन्दी में बात करना पसंद है", "उन्हें हिन्दी में बात करना पसंद है"),
        ("한국어로 이야기하는 것을 좋아합니다", "한국어로 이야기하는 것을 좋아합니다!"),
        ("I \U0001f9e1 Ｃａｆé Müller", "loves cafe\u0301 müller: i"),
    ],
)
def test_a_reworded_text_still_answers(text: str, reworded: str) -> None:
    query = query_of(text)
    assert query is not None
    assert query.is_answered_by(reworded)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("memory 17", "memory 18"),
        ("Likes green tea", "Likes black coffee"),
        ("她喜欢喝绿茶", "他在北京工作"),
        ("User lives in Lisbon", ""),
    ],
)
def test_another_text_does_not_answer(text: str, other: str) -> None:
    query = query_of(text)
    assert query is not None
    assert not query.is_answered_by(other)


@given(st.text(max_size=300))
def test_every_text_with_a_letter_or_a_digit_has_a_question(text: str) -> None:
    folded = unicodedata.normalize("NFKC", text)
    has_words = any(unicodedata.category(character)[0] in "LN" for character in folded)
    assert (query_of(text) is not None) is has_words


@given(st.text(min_size=1, max_size=300))
def test_every_text_answers_its_own_question(text: str) -> None:
    query = query_of(text)
    assert query is None or query.is_answered_by(text)


@given(st.text(max_size=2000))
def test_a_question_is_short(text: str) -> None:
    query = query_of(text)
    assert query is None or len(query.text.split(" ")) <= MOST_WORDS


def test_a_long_text_is_asked_for_by_its_beginning() -> None:
    query = query_of("Porto in spring. " + "and so on " * 1_000 + "Antananarivo")
    assert query is not None
    assert "Porto" in query.text
    assert "Antananarivo" not in query.text
