"""What is left of a conversation becomes the same documents without the rest of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from support.sources import record
from synap_import.documents import Document, make_document
from synap_import.forms import DocumentForm
from synap_import.identity import identity_user_map
from synap_import.ledger import Claimed, PlannedDocument, StagedRecord, Undelivered
from synap_import.planning import PlanRules, plan_conversation
from synap_import.records import Kind, MemoryRecord, Scope
from synap_import.rejected import reloadable

RULES = PlanRules(identity_user_map())
BEGIN = datetime(2025, 6, 1, tzinfo=UTC)
Conversation = list[MemoryRecord]


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """Turns with or without positions, some of them empty and thus not sent."""
    with_positions = draw(st.booleans())
    roles = draw(st.lists(st.sampled_from(["user", "assistant", "tool"]), min_size=1, max_size=12))
    return [
        record(
            number,
            kind=Kind.MESSAGE,
            role=role,
            text=draw(st.sampled_from([f"turn {number}", f"turn {number}", ""])),
            scope=Scope(user="ada", session="chat"),
            position=number * 2 if with_positions else None,
            created_at=draw(
                st.none() | st.integers(0, 3).map(lambda h: BEGIN + timedelta(hours=h))
            ),
        )
        for number, role in enumerate(roles)
    ]


def planned(turns: Sequence[MemoryRecord]) -> dict[PlannedDocument, tuple[MemoryRecord, ...]]:
    staged = [StagedRecord(number, turn) for number, turn in enumerate(turns, start=1)]
    documents = plan_conversation(staged, RULES, complete=True).documents
    return {d: tuple(turns[number - 1] for number in sorted(d.records)) for d in documents}


def sent(documents: dict[PlannedDocument, tuple[MemoryRecord, ...]]) -> dict[str, Document]:
    made = [
        make_document(Claimed(0, d.document_id, d.user_id, d.customer_id, turns), DocumentForm())
        for d, turns in documents.items()
    ]
    return {document.document_id: document for document in made}


@given(conversations(), st.data())
def test_any_part_of_a_conversation_reloads_as_the_same_documents(
    conversation: Conversation, data: st.DataObject
) -> None:
    whole = planned(conversation)
    rejected = {d: turns for d, turns in whole.items() if data.draw(st.booleans(), d.document_id)}
    handed_over = [
        turn
        for d, turns in rejected.items()
        for turn in reloadable(Undelivered(d.document_id, "bad", 1, turns))
    ]
    assert sent(planned(handed_over)) == sent(rejected)


def test_a_record_that_is_no_message_is_handed_over_as_it_is() -> None:
    fact = record(1)
    assert tuple(reloadable(Undelivered("backfill:looks-like:3", "bad", 1, (fact,)))) == (fact,)


def test_a_message_without_a_conversation_is_handed_over_as_it_is() -> None:
    message = record(1, id="c:3", kind=Kind.MESSAGE)
    handed_over = reloadable(Undelivered("legacy_fake_c:3", "bad", 1, (message,)))
    assert tuple(handed_over) == (message,)


def test_a_changed_turn_without_a_position_keeps_its_place_too() -> None:
    turn = record(5, kind=Kind.MESSAGE, role="user", scope=Scope(user="ada", session="chat"))
    for document_id in ("backfill:c:5", "backfill:c:5~0a1b2c3d", "backfill:c:5~0a1b2c3d.2"):
        (placed,) = reloadable(Undelivered(document_id, "no", 1, (turn,)))
        assert placed.position == 5
