"""A conversation as a transcript: which turns are in it, how, and under which id."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.conversations import AS_DOCUMENTS, AS_TRANSCRIPTS, conversation, said
from synap_import.conversations import in_order
from synap_import.documents import Document, make_document
from synap_import.identity import Target, identity_user_map
from synap_import.ledger import Claimed, PlannedDocument, StagedRecord
from synap_import.planning import ConversationsAs, Hold, PlanRules, plan_conversation
from synap_import.records import Kind, MemoryRecord, Scope, ScopeKind, State
from synap_import.text import sendable
from synap_import.transcripts import Transcript, Turn, parts


def staged(*records: MemoryRecord, planned: int = 0) -> list[StagedRecord]:
    """The first ``planned`` of them are in documents already."""
    return [
        StagedRecord(number, item, planned=number <= planned)
        for number, item in enumerate(records, start=1)
    ]


def planned(turns: list[StagedRecord], rules: PlanRules = AS_TRANSCRIPTS) -> list[PlannedDocument]:
    return plan_conversation(turns, rules, complete=True).documents


def made(turns: list[StagedRecord], which: PlannedDocument) -> Document:
    records = {turn.number: turn.record for turn in turns}
    mine = tuple(records[number] for number in sorted(which.records))
    return make_document(
        Claimed(which.number, which.document_id, which.user_id, which.customer_id, mine),
        AS_TRANSCRIPTS,
    )


def transcript_of(*records: MemoryRecord) -> Transcript:
    turns = staged(*records)
    (document,) = planned(turns)
    transcript = made(turns, document).transcript
    assert transcript is not None
    return transcript


def only_turn(role: str | None, **changes: object) -> Turn:
    (turn,) = transcript_of(said("chat", 0, **changes).model_copy(update={"role": role})).turns
    return turn


def test_a_conversation_is_one_transcript_of_its_user() -> None:
    (document,) = planned(staged(*conversation("chat", 6)))
    assert document.records == (1, 2, 3, 4, 5, 6)
    assert document.user_id == "ada"


def test_a_transcript_has_the_conversations_own_uuid() -> None:
    own = "4f6e2d0a-5f5c-4a55-9c0e-0c8f3f6b1a11"
    assert transcript_of(*conversation(own, 2)).conversation_id == own
    assert UUID(transcript_of(*conversation("any name", 2)).conversation_id).version == 5


def test_the_namespace_keeps_conversations_apart() -> None:
    turns = staged(*conversation("chat", 2))
    own = {one.document_id for one in planned(turns)}
    other = {one.document_id for one in planned(turns, replace(AS_TRANSCRIPTS, namespace="eu"))}
    assert own.isdisjoint(other)


def test_ids_of_transcripts_are_no_ids_of_documents_and_the_plan_is_another() -> None:
    turns = staged(*conversation("chat", 4))
    ids = [{one.document_id for one in planned(turns, r)} for r in (AS_DOCUMENTS, AS_TRANSCRIPTS)]
    assert ids[0].isdisjoint(ids[1])
    assert AS_DOCUMENTS.fingerprint() != AS_TRANSCRIPTS.fingerprint()


def test_turns_without_text_and_turns_that_the_source_deleted_are_held_and_not_in_it() -> None:
    turns = staged(said("chat", 0), said("chat", 1, text=" "), said("chat", 2, state=State.DELETED))
    decisions = plan_conversation(turns, AS_TRANSCRIPTS, complete=True)
    assert [one.records for one in decisions.documents] == [(1,)]
    assert decisions.holds == [(2, Hold.EMPTY_TEXT), (3, "state-deleted")]


def test_a_conversation_without_a_user_goes_as_documents() -> None:
    user_map = identity_user_map()
    user_map.tables[ScopeKind.USER].add("ada", Target(None, "acme"), 1)
    turns = staged(said("chat", 0))
    (document,) = planned(turns, replace(AS_TRANSCRIPTS, user_map=user_map))
    assert document.customer_id == "acme"
    assert document.document_id.startswith("backfill:")


def test_a_conversation_that_was_not_read_to_its_end_waits() -> None:
    turns = staged(*conversation("chat", 6))
    assert plan_conversation(turns, AS_TRANSCRIPTS, complete=False).documents == []


def test_what_a_conversation_grew_by_is_a_transcript_of_its_own() -> None:
    records = conversation("chat", 6)
    (first,) = planned(staged(*records[:4]))
    (later,) = planned(staged(*records, planned=4))
    assert later.records == (5, 6)
    assert later.document_id.startswith(f"{first.document_id}~")
    assert planned(staged(*records, planned=4)) == [later]


def test_a_conversation_that_changed_since_it_was_sent_has_another_id() -> None:
    turns = staged(*conversation("chat", 4))
    changed = [turns[0], turns[1]._replace(version="ab12"), *turns[2:]]
    again = [turns[0], turns[1]._replace(version="cd34"), *turns[2:]]
    ids = [planned(version)[0].document_id for version in (turns, changed, again)]
    assert len(set(ids)) == 3
    assert ids[1].startswith(f"{ids[0]}~")


@pytest.mark.parametrize(
    ("role", "sent", "speaker", "original"),
    [
        ("user", "user", None, None),
        ("assistant", "assistant", None, None),
        ("User", "user", None, None),
        ("human", "user", None, "human"),
        ("ai", "assistant", None, "ai"),
        (None, "user", None, None),
        ("system", "assistant", "System", "system"),
        ("tool", "assistant", "Tool", "tool"),
    ],
)
def test_every_role_becomes_one_of_the_two_that_synap_knows(
    role: str | None, sent: str, speaker: str | None, original: str | None
) -> None:
    turn = only_turn(role)
    assert (turn.role, turn.speaker) == (sent, speaker)
    assert turn.metadata.get("original_role") == original


def test_who_has_a_name_speaks_under_it() -> None:
    assert only_turn("user", name="Ada L.").speaker == "Ada L."


def test_what_is_of_a_turn_is_with_the_turn_and_the_transcripts_metadata_stays_small() -> None:
    turns = staged(*[said("chat", n, metadata={"model": "m" * 100}) for n in range(1000)])
    (document,) = planned(turns)
    sent = made(turns, document)
    assert sent.transcript is not None
    assert sent.transcript.turns[7].metadata["source_metadata"] == {"model": "m" * 100}
    assert len(repr(sent.metadata)) < 1000


def test_it_began_at_its_first_time_and_ended_at_its_last() -> None:
    transcript = transcript_of(
        said("chat", 0, created_at=None), *conversation("chat", 4)[1:], said("chat", 4)
    )
    assert transcript.started_at == said("chat", 1).created_at
    assert transcript.ended_at == said("chat", 4).created_at
    assert transcript_of(said("chat", 0, created_at=None)).started_at is None


def test_the_same_records_make_the_same_transcript() -> None:
    assert transcript_of(*conversation("chat", 5)) == transcript_of(*conversation("chat", 5))


TIMES = st.datetimes(datetime(2001, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)


@st.composite
def a_conversation(draw: st.DrawFn) -> list[MemoryRecord]:
    count = draw(st.integers(1, 12))
    has_positions = draw(st.booleans())
    roles = st.sampled_from(["user", "assistant", "system", "tool", "Human", None])
    return [
        said(
            "chat",
            number,
            id=f"m-{number}",
            text=draw(TEXTS),
            created_at=draw(st.none() | TIMES),
            state=draw(st.sampled_from([State.ACTIVE, State.ACTIVE, State.DELETED])),
        ).model_copy(
            update={
                "role": draw(roles),
                "position": draw(st.integers(0, 20)) if has_positions else None,
            }
        )
        for number in range(count)
    ]


@given(a_conversation())
def test_a_transcript_keeps_every_sendable_turn_in_order_with_its_time(
    records: list[MemoryRecord],
) -> None:
    turns = staged(*records)
    decisions = plan_conversation(turns, AS_TRANSCRIPTS, complete=True)
    held = {number for number, _ in decisions.holds}
    expected = [turn.record for turn in in_order(turns) if turn.number not in held]
    transcripts = [made(turns, document).transcript for document in decisions.documents]
    sent = [turn for transcript in transcripts if transcript for turn in transcript.turns]
    assert [turn.metadata["original_id"] for turn in sent] == [one.id for one in expected]
    assert [turn.timestamp for turn in sent] == [one.created_at for one in expected]
    assert [turn.content for turn in sent] == [sendable(one.text) for one in expected]
    unsendable = [records[number - 1] for number in held]
    assert all(one.state is State.DELETED or not one.text.strip("\0 \t\r\n") for one in unsendable)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 300)), max_size=30), st.integers(1, 400))
def test_parts_hold_every_turn_once_in_order_and_only_a_single_turn_may_be_too_long(
    sizes: list[tuple[bool, int]], most: int
) -> None:
    turns = staged(
        *[
            said("chat", number, "user" if asks else "assistant", text="x" * size)
            for number, (asks, size) in enumerate(sizes)
        ]
    )
    found = list(parts(turns, most))
    assert [turn for part in found for turn in part] == turns
    for part in found:
        assert len(part) == 1 or sum(len(turn.record.text) for turn in part) <= most


def test_a_long_conversation_is_cut_in_front_of_a_question() -> None:
    turns = staged(*[said("chat", number, text="x" * 100) for number in range(8)])
    assert [len(part) for part in parts(turns, 550)] == [4, 4]


def test_the_parts_of_a_long_conversation_have_ids_of_their_own() -> None:
    turns = staged(*[said("chat", number, text="x" * 300_000) for number in range(8)])
    documents = planned(turns)
    assert [one.records for one in documents] == [(1, 2), (3, 4), (5, 6), (7, 8)]
    first, *others = [one.document_id for one in documents]
    assert len({first, *others}) == 4
    assert all(one.startswith(f"{first}~") for one in others)


def test_a_message_outside_any_conversation_stays_a_document() -> None:
    alone = said("chat", 0, scope=Scope(user="ada"))
    assert alone.kind is Kind.MESSAGE
    document = make_document(
        Claimed(1, "legacy_fake_chat-0", "ada", None, (alone,)), AS_TRANSCRIPTS
    )
    assert document.transcript is None


def test_the_default_is_documents() -> None:
    assert AS_DOCUMENTS.conversations_as is ConversationsAs.DOCUMENTS
