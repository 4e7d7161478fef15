"""What the answers say about a document: found, missing, or not to be told so far."""

from __future__ import annotations

from typing import Any

import pytest

from synap_import.destination import MOST_RESULTS
from synap_import.ledger import Confirmation, Given
from synap_import.verifying.answers import Item, Searched
from synap_import.verifying.judging import (
    SEARCH_IS_SILENT,
    Mixup,
    Outcome,
    Sought,
    judge_ingestion,
    judge_search,
    mixups,
    settle,
)
from synap_import.verifying.queries import query_of

OTHER = Item(frozenset({"m9"}), answers=False)


def sought(**changes: Any) -> Sought:
    fields: dict[str, Any] = {
        "number": 1,
        "document_id": "doc-1",
        "user_id": "ada",
        "customer_id": None,
        "of_user": 10,
        "query": query_of("Lives in Lisbon"),
        "ingestion_id": "i-1",
        "confirmation": Confirmation.COMPLETED,
        "memory_ids": ("m1",),
    }
    return Sought(**{**fields, **changes})


def judged(*items: Item, degraded: str = "", given: dict[str, Given] | None = None) -> Outcome:
    document = sought()
    judge_search(document, Searched(items, degraded), given or {})
    assert document.outcome is not None
    return document.outcome


@pytest.mark.parametrize("name", ["m1", "doc-1"])
def test_an_item_that_names_the_memory_or_the_document_is_a_strong_hit(name: str) -> None:
    assert judged(OTHER, Item(frozenset({name}), answers=False)) is Outcome.FOUND


def test_an_item_with_enough_of_its_words_is_a_weak_hit() -> None:
    assert judged(OTHER, Item(frozenset({"m7"}), answers=True)) is Outcome.FOUND_BY_WORDS


def test_another_document_of_the_job_with_the_same_words_is_no_hit() -> None:
    other = {"m7": Given(2, "doc-2", "ada", None)}
    assert judged(Item(frozenset({"m7"}), answers=True), given=other) is Outcome.NOT_FOUND


def test_nothing_in_a_degraded_answer_is_not_a_loss() -> None:
    assert judged(degraded="Synap's search was degraded") is Outcome.UNVERIFIED
    found = Item(frozenset({"m1"}), answers=True)
    assert judged(found, degraded="Synap's search was degraded") is Outcome.FOUND


def test_a_full_answer_of_others_does_not_say_that_it_is_lost() -> None:
    assert judged(*[OTHER] * MOST_RESULTS) is Outcome.OUTRANKED
    assert judged(*[OTHER] * (MOST_RESULTS - 1)) is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"confirmation": Confirmation.FAILED}, Outcome.FAILED),
        ({"confirmation": Confirmation.PROCESSING}, Outcome.UNFINISHED),
        ({"memory_ids": ()}, Outcome.NO_MEMORIES),
        ({"query": None}, Outcome.NO_WORDS),
    ],
)
def test_what_cannot_be_found_is_not_searched_for(
    changes: dict[str, Any], outcome: Outcome
) -> None:
    document = sought(**changes)
    assert not judge_ingestion(document)
    assert document.outcome is outcome


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"memory_ids": (), "unnamed": 2},
        {"confirmation": Confirmation.UNKNOWN, "memory_ids": ()},
        {"confirmation": None, "ingestion_id": None, "memory_ids": ()},
        {"outcome": Outcome.NOT_FOUND},
        {"outcome": Outcome.UNFINISHED},
    ],
)
def test_what_may_be_there_is_searched_for(changes: dict[str, Any]) -> None:
    assert judge_ingestion(sought(**changes))


def test_what_was_found_is_not_searched_for_again() -> None:
    assert not judge_ingestion(sought(outcome=Outcome.FOUND))


@pytest.mark.parametrize(
    ("owner", "is_mixed_up"),
    [
        (Given(2, "doc-2", "ada", "acme"), False),
        (Given(2, "doc-2", None, "acme"), False),
        (Given(2, "doc-2", None, None), False),
        (Given(2, "doc-2", "bob", "acme"), True),
        (Given(2, "doc-2", "ada", "other"), True),
        (Given(2, "doc-2", None, "other"), True),
    ],
)
def test_what_is_not_for_a_users_eyes_must_not_be_shown(owner: Given, is_mixed_up: bool) -> None:
    document = sought(customer_id="acme")
    shown = Searched((Item(frozenset({"m7", "unknown"}), answers=False),))
    expected = [Mixup("ada", "acme", owner)] if is_mixed_up else []
    assert list(mixups(document, shown, {"m7": owner})) == expected


def test_a_search_that_gives_nobody_anything_is_in_question_and_not_the_load() -> None:
    documents = [sought(user_id=user) for user in ("ada", "bob")]
    for document in documents:
        judge_search(document, Searched(()), {})
    documents[0].memory_there = True
    settle(documents)
    assert [(one.outcome, one.reason) for one in documents] == [
        (Outcome.UNVERIFIED, SEARCH_IS_SILENT)
    ] * 2


def test_a_user_who_is_shown_nothing_while_others_are_misses_it() -> None:
    silent, other = sought(memory_there=True), sought(user_id="bob")
    judge_search(silent, Searched(()), {})
    judge_search(other, Searched((Item(frozenset({"m1"}), answers=True),)), {})
    settle([silent, other])
    assert silent.outcome is Outcome.NOT_FOUND


def test_nothing_for_anybody_and_no_memory_by_its_id_is_a_loss() -> None:
    document = sought(memory_there=False)
    judge_search(document, Searched(()), {})
    settle([document])
    assert document.outcome is Outcome.NOT_FOUND


def test_an_outranked_document_whose_memory_is_gone_is_lost() -> None:
    document = sought(outcome=Outcome.OUTRANKED, memory_there=False)
    settle([document])
    assert document.outcome is Outcome.NOT_FOUND
