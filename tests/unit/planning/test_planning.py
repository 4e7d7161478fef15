"""What becomes of a record: a document, or a reason to hold it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from support.sources import record
from synap_import.documents import make_document
from synap_import.identity import Target, UserMap, identity_user_map
from synap_import.ledger import Claimed, StagedRecord
from synap_import.planning import (
    Hold,
    Ownerless,
    PlanRules,
    Unmapped,
    UserlessOwner,
    decide,
    plan_conversation,
    plan_records,
)
from synap_import.records import Kind, MemoryRecord, Scope, State

RULES = PlanRules(identity_user_map())


def claimed(*records: MemoryRecord, document_id: str = "legacy_fake_1") -> Claimed:
    return Claimed(1, document_id, "ada", None, records)


def message(index: int, role: str, text: str, **changes: object) -> MemoryRecord:
    fields: dict[str, object] = {
        "kind": Kind.MESSAGE,
        "role": role,
        "text": text,
        "position": index,
        "scope": Scope(user="ada", session="chat"),
    }
    return record(index, **{**fields, **changes})


def staged(*records: MemoryRecord) -> list[StagedRecord]:
    return [StagedRecord(number, item) for number, item in enumerate(records, start=1)]


def test_a_mapped_record_becomes_a_document_of_its_user() -> None:
    decisions = plan_records(staged(record(7)), RULES)
    assert decisions.holds == []
    assert decisions.documents[0].document_id == "legacy_fake_7"
    assert decisions.documents[0].user_id == "ada"


def test_the_namespace_keeps_two_accounts_apart() -> None:
    rules = PlanRules(identity_user_map(), namespace="eu")
    assert plan_records(staged(record(7)), rules).documents[0].document_id == "legacy_fake_eu_7"


@pytest.mark.parametrize("state", [s for s in State if s is not State.ACTIVE])
def test_what_is_not_present_truth_is_held_by_its_state(state: State) -> None:
    assert decide(record(1, state=state), RULES) == f"state-{state}"


@pytest.mark.parametrize("state", [s for s in State if s is not State.ACTIVE])
def test_an_included_state_loads_and_says_what_it_was(state: State) -> None:
    rules = replace(RULES, included=frozenset({f"state-{state}"}))
    old = record(1, state=state)
    assert isinstance(decide(old, rules), Target)
    assert make_document(claimed(old), rules).metadata["original_state"] == state


def test_including_a_reason_of_the_adapter_does_not_include_the_state() -> None:
    old = record(1, hold="archived", state=State.DELETED)
    assert decide(old, replace(RULES, included=frozenset({"archived"}))) == "state-deleted"
    assert decide(old, replace(RULES, included=frozenset({"state-deleted"}))) == "archived"


@pytest.mark.parametrize("scope", [Scope(agent="bot"), Scope(session="bot"), Scope(app="bot")])
def test_what_has_no_user_is_decided_about_by_agents_as(scope: Scope) -> None:
    kind = scope.owner()[0]
    item = record(1, scope=scope)
    assert decide(item, RULES) == Hold.UNMAPPED_USER
    assert decide(item, replace(RULES, agents_as=UserlessOwner.HOLD)) == Hold.NO_USER
    as_users = replace(RULES, agents_as=UserlessOwner.USERS)
    assert decide(item, as_users) == Target(f"{kind}-bot", None)


def test_a_group_becomes_a_user_by_a_row_only() -> None:
    shared = record(1, scope=Scope(group="everybody"))
    assert decide(shared, replace(RULES, agents_as=UserlessOwner.USERS)) == Hold.UNMAPPED_USER
    assert decide(shared, replace(RULES, agents_as=UserlessOwner.HOLD)) == Hold.NO_USER


def test_agents_as_does_not_decide_about_users() -> None:
    rules = PlanRules(UserMap("none", {}), agents_as=UserlessOwner.USERS)
    assert decide(record(1), rules) == Hold.UNMAPPED_USER


def test_the_adapters_own_reason_to_hold_comes_first() -> None:
    assert decide(record(1, text="", hold="derived-fact"), RULES) == "derived-fact"


@pytest.mark.parametrize("text", ["", "  \n", "\0"])
def test_a_blank_text_is_held(text: str) -> None:
    assert decide(record(1, text=text), RULES) == Hold.EMPTY_TEXT


def test_an_id_that_cannot_be_sent_as_it_is_is_held_not_changed() -> None:
    assert decide(record(1, id="a\0b"), RULES) == Hold.UNUSABLE_ID
    assert decide(record(1, user="a\0b"), RULES) == Hold.UNUSABLE_ID


def test_only_user_names_whoever_owns_a_record() -> None:
    rules = replace(RULES, only_user="ada", agents_as=UserlessOwner.USERS)
    assert decide(record(1), rules) == Target("ada", None)
    assert decide(record(1, scope=Scope(agent="ada")), rules) == Target("agent-ada", None)
    assert decide(record(1, user="bob"), rules) == Hold.OTHER_USER
    assert decide(record(1, user=None), rules) == Hold.OTHER_USER


def test_a_user_id_of_spaces_only_is_held() -> None:
    assert decide(record(1, user="  "), RULES) == Hold.UNUSABLE_ID


def test_a_record_of_nobody_is_held() -> None:
    assert decide(record(1, user=None), RULES) == Hold.NO_OWNER


def test_a_record_of_nobody_goes_to_everyone_only_when_told() -> None:
    rules = PlanRules(identity_user_map(), ownerless=Ownerless.CLIENT_SCOPE)
    assert decide(record(1, user=None), rules) == Target(None, None)


def test_a_record_of_nobody_goes_to_the_customer_only_when_told() -> None:
    rules = PlanRules(identity_user_map(), ownerless=Ownerless.CUSTOMER_SCOPE, customer_id="acme")
    assert decide(record(1, user=None), rules) == Target(None, "acme")


def test_an_unmapped_owner_is_held() -> None:
    agent_only = record(1, scope=Scope(agent="bot"))
    assert decide(agent_only, RULES) == Hold.UNMAPPED_USER


def test_an_unmapped_user_keeps_its_id_when_told() -> None:
    rules = PlanRules(UserMap("empty", {}), unmapped=Unmapped.IDENTITY)
    assert decide(record(1, user="bob"), rules) == Target("bob", None)


def test_an_unmapped_agent_never_becomes_the_user_of_that_name() -> None:
    rules = PlanRules(UserMap("empty", {}), unmapped=Unmapped.IDENTITY)
    assert decide(record(1, scope=Scope(agent="bob")), rules) == Hold.UNMAPPED_USER


def test_only_user_holds_the_others() -> None:
    rules = PlanRules(identity_user_map(), only_user="ada")
    assert decide(record(1, user="bob"), rules) == Hold.OTHER_USER
    assert decide(record(1, user="ada"), rules) == Target("ada", None)


def test_since_holds_what_is_older_and_what_has_no_time() -> None:
    since = datetime(2025, 6, 1, tzinfo=UTC)
    rules = PlanRules(identity_user_map(), since=since)
    assert decide(record(1, created_at=since - timedelta(1)), rules) == Hold.BEFORE_SINCE
    assert decide(record(1, created_at=None), rules) == Hold.NO_TIME_FOR_SINCE
    assert decide(record(1, created_at=since), rules) == Target("ada", None)


def test_since_counts_a_change_as_news() -> None:
    since = datetime(2025, 6, 1, tzinfo=UTC)
    changed = record(1, created_at=since - timedelta(1), updated_at=since)
    assert decide(changed, PlanRules(identity_user_map(), since=since)) == Target("ada", None)


def test_the_same_record_gives_the_same_document() -> None:
    assert make_document(claimed(record(1)), RULES) == make_document(claimed(record(1)), RULES)


def test_metadata_carries_the_names_of_the_migration_guide() -> None:
    metadata = make_document(claimed(record(1, metadata={"mood": "calm"})), RULES).metadata
    assert metadata["source"] == "migration"
    assert metadata["document_id"] == "legacy_fake_1"
    assert metadata["original_created_at"] == "2025-06-01T12:00:00+00:00"
    assert metadata["original_system"] == "fake"
    assert metadata["original_id"] == "1"
    assert metadata["original_user_id"] == "ada"
    assert metadata["source_metadata"] == {"mood": "calm"}


def test_a_record_without_a_time_gets_none() -> None:
    document = make_document(claimed(record(1, created_at=None)), RULES)
    assert document.created_at is None
    assert "original_created_at" not in document.metadata


def test_what_cannot_be_encoded_is_shown_as_a_replacement_and_nul_is_dropped() -> None:
    document = make_document(claimed(record(1, text="a\0b\ud800c")), RULES)
    assert document.text == "ab�c"


def test_a_surrogate_pair_in_two_halves_becomes_its_character() -> None:
    assert make_document(claimed(record(1, text="\ud83d\ude00")), RULES).text == "😀"


def test_nan_in_metadata_is_named_instead_of_lost() -> None:
    document = make_document(claimed(record(1, metadata={"score": float("nan")})), RULES)
    assert document.metadata["source_metadata"] == {"score": "nan"}


def test_deep_metadata_is_kept_as_text() -> None:
    deep: dict[str, object] = {"leaf": 1}
    for _ in range(400):
        deep = {"in": deep}
    document = make_document(claimed(record(1, metadata=deep)), RULES)
    assert '{\\"leaf\\": 1}' in str(document.metadata) or '{"leaf": 1}' in str(document.metadata)


def test_a_fact_goes_as_document_and_a_message_as_conversation() -> None:
    assert make_document(claimed(record(1)), RULES).document_type == "document"
    spoken = make_document(claimed(message(0, "user", "hi")), RULES)
    assert spoken.document_type == "ai-chat-conversation"


def test_the_document_type_can_be_overridden() -> None:
    rules = PlanRules(identity_user_map(), document_type="email")
    assert make_document(claimed(record(1)), rules).document_type == "email"


def test_an_exchange_is_one_document_with_speaker_labels() -> None:
    turns = [message(1, "assistant", "hello"), message(0, "user", "hi")]
    document = make_document(claimed(*turns), RULES)
    assert document.text == "User: hi\nAssistant: hello"
    assert document.turns == 2


def test_a_conversation_is_cut_where_the_user_speaks_again() -> None:
    turns = staged(
        message(0, "user", "hi"),
        message(1, "assistant", "hello"),
        message(2, "user", "bye"),
        message(3, "assistant", "see you"),
    )
    decisions = plan_conversation(turns, RULES, complete=True)
    assert [document.records for document in decisions.documents] == [(1, 2), (3, 4)]
    assert [d.document_id.rpartition(":")[2] for d in decisions.documents] == ["0", "2"]


def conversation(exchanges: int) -> list[StagedRecord]:
    roles = ("user", "assistant")
    return staged(*(message(n, roles[n % 2], f"line {n}") for n in range(2 * exchanges)))


@pytest.mark.parametrize(
    ("size", "documents"),
    [(1, [2, 2, 2, 2, 2]), (2, [4, 4, 2]), (5, [10]), (9, [10])],
)
def test_several_exchanges_go_into_one_document_when_asked(size: int, documents: list[int]) -> None:
    rules = replace(RULES, turns_per_document=size)
    decisions = plan_conversation(conversation(5), rules, complete=True)
    assert [len(document.records) for document in decisions.documents] == documents


def test_a_window_that_is_not_full_waits_while_the_conversation_may_grow() -> None:
    rules = replace(RULES, turns_per_document=2)
    decisions = plan_conversation(conversation(4), rules, complete=False)
    assert [document.records for document in decisions.documents] == [(1, 2, 3, 4)]


def test_a_document_of_several_messages_keeps_each_ones_time() -> None:
    later = message(1, "assistant", "hello", created_at=datetime(2025, 6, 2, 9, tzinfo=UTC))
    metadata = make_document(claimed(message(0, "user", "hi"), later), RULES).metadata
    assert metadata["original_times"] == ["2025-06-01T12:00:00+00:00", "2025-06-02T09:00:00+00:00"]


def test_the_last_exchange_waits_while_the_conversation_may_grow() -> None:
    turns = staged(message(0, "user", "hi"), message(1, "assistant", "hello"))
    assert plan_conversation(turns, RULES, complete=False).documents == []


def test_indexes_stay_the_same_when_a_conversation_goes_on() -> None:
    begun = staged(message(0, "user", "a", position=None), message(1, "user", "b", position=None))
    known = [StagedRecord(turn.number, turn.record, planned=True) for turn in begun]
    added = StagedRecord(3, message(2, "assistant", "c", position=None))
    decisions = plan_conversation([*known, added], RULES, complete=True)
    assert [d.document_id.rpartition(":")[2] for d in decisions.documents] == ["2"]


def test_two_users_with_a_conversation_of_one_name_get_documents_of_their_own() -> None:
    ids = set()
    for user in ("ada", "bob"):
        turn = message(0, "user", "hi", scope=Scope(user=user, session="main"))
        ids |= {
            d.document_id for d in plan_conversation(staged(turn), RULES, complete=True).documents
        }
    assert len(ids) == 2


def test_a_conversation_id_that_is_a_uuid_is_kept() -> None:
    session = "6f1f0a52-5e0f-4c66-9d0a-0c6f7f0f4b11"
    turn = message(0, "user", "hi", scope=Scope(user="ada", session=session))
    document = make_document(claimed(turn), RULES)
    assert document.metadata["conversation_id"] == session
    assert document.metadata["original_session_id"] == session


def test_a_changed_decision_changes_the_fingerprint() -> None:
    other = PlanRules(identity_user_map(), unmapped=Unmapped.HOLD)
    assert RULES.fingerprint() != other.fingerprint()
    assert RULES.fingerprint() == PlanRules(identity_user_map()).fingerprint()
