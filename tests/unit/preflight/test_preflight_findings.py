"""What the pre-flight finds in the records of a source, by code, with counts and examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from support.runs import run_import
from support.sources import FakeSource, Slice, record
from synap_import.identity import UserMap, identity_user_map
from synap_import.ledger import Ledger, Origin
from synap_import.planning import PlanRules, Unmapped
from synap_import.records import Kind, MemoryRecord, Scope, State
from synap_import.sources import Finding, Partition, Severity, Unreadable

Find = Callable[[Sequence[MemoryRecord], PlanRules], dict[str, Finding]]
RULES = PlanRules(identity_user_map())


def turn(number: int, **changes: object) -> MemoryRecord:
    fields: dict[str, object] = {
        "kind": Kind.MESSAGE,
        "role": "user",
        "position": number,
        "scope": Scope(user="ada", session="chat"),
    }
    return record(number, **{**fields, **changes})


def test_ordinary_records_give_an_estimate_and_no_warning(found_in: Find) -> None:
    found = found_in([record(1), record(2)], RULES)
    assert {one.severity for one in found.values()} == {Severity.INFO}
    assert found["estimate"].message.startswith(
        "2 documents for 1 user; to send: 2 in 1 request, 1 s at least"
    )


def test_a_finding_counts_all_and_names_the_first_by_id_and_user(found_in: Find) -> None:
    old = datetime(1970, 1, 1, tzinfo=UTC)
    found = found_in([record(n, created_at=old, text=f"her words {n}") for n in range(7)], RULES)
    assert found["time-odd"].count == 7
    assert found["time-odd"].examples[0] == "0 (user ada): 1970-01-01T00:00:00+00:00"
    assert len(found["time-odd"].examples) == 5
    assert "her words" not in str(found)


def test_what_is_held_is_found_under_its_reason(found_in: Find) -> None:
    found = found_in(
        [record(1, text=" "), record(2, state=State.DELETED), record(3, hold="copy-of-message")],
        RULES,
    )
    for code in ("empty-text", "state-deleted", "copy-of-message"):
        assert (found[code].count, found[code].severity) == (1, Severity.INFO)


def test_what_is_held_is_not_found_remarkable_as_well(found_in: Find) -> None:
    old = datetime(1970, 1, 1, tzinfo=UTC)
    found = found_in([record(1, created_at=old, state=State.DELETED)], RULES)
    assert "time-odd" not in found


def test_unmapped_users_are_an_error_until_somebody_says_what_becomes_of_them(
    found_in: Find, user_map_of: Callable[[str], UserMap]
) -> None:
    users = user_map_of("user,ada,a,,\n")
    records = [record(1), record(2, "bob"), record(3, "bob"), record(4, "eve")]
    found = found_in(records, PlanRules(users))["unmapped-user"]
    assert (found.severity, found.count) == (Severity.ERROR, 3)
    assert found.examples == ("user bob (2 records)", "user eve (1 record)")

    told = found_in(records, PlanRules(users, Unmapped.HOLD))["unmapped-user"]
    assert told.severity is Severity.INFO


def test_absent_and_naive_times_are_counted_apart(found_in: Find) -> None:
    found = found_in(
        [
            record(1, created_at=None),
            record(2, assumptions=("naive-time:created_at",)),
            record(3, assumptions=("naive-time:updated_at", "made-id")),
        ],
        RULES,
    )
    assert found["time-missing"].count == 1
    assert found["time-naive"].count == 2
    assert found["assumed"].examples == ("the id of 1 record was absent: made from the content",)


def test_a_text_that_a_user_gets_twice_is_found(found_in: Find) -> None:
    found = found_in(
        [record(1, text="tea"), record(2, text=" tea\n"), record(3, text="tea")], RULES
    )
    assert found["same-text"].count == 2
    assert found["same-text"].examples == ("1 (user ada)",)


def test_other_users_may_say_the_same(found_in: Find) -> None:
    assert "same-text" not in found_in([record(1, text="tea"), record(2, "bob", text="tea")], RULES)


def test_users_who_become_one_get_the_text_twice(
    found_in: Find, user_map_of: Callable[[str], UserMap]
) -> None:
    rules = PlanRules(user_map_of("user,ada,a,,\nuser,bob,a,,\n"))
    found = found_in([record(1, text="tea"), record(2, "bob", text="tea")], rules)
    assert found["same-text"].count == 1


def test_messages_may_repeat_themselves(found_in: Find) -> None:
    turns = [turn(n, text="yes") for n in range(4)]
    loose = [record(n, kind=Kind.MESSAGE, role="user", text="yes") for n in range(10, 12)]
    assert "same-text" not in found_in([*turns, *loose], RULES)


def test_what_is_held_is_no_copy(found_in: Find) -> None:
    records = [record(1, text="tea"), record(2, text="tea", state=State.DELETED)]
    assert "same-text" not in found_in(records, RULES)


def test_messages_without_speakers_are_found(found_in: Find) -> None:
    found = found_in([turn(1, role=None), turn(2)], RULES)
    assert found["conversation-unlabelled"].count == 1


def test_dialogues_that_go_as_documents_are_found(found_in: Find) -> None:
    dialogue = record(1, text="User: hi\nAssistant: hello")
    assert found_in([dialogue, turn(2)], RULES)["conversation-as-document"].count == 1


def test_conversations_that_are_made_documents_are_found(found_in: Find) -> None:
    rules = PlanRules(identity_user_map(), document_type="document")
    assert found_in([turn(1), turn(2), record(3)], rules)["conversation-as-document"].count == 2


def test_everything_may_go_as_a_conversation(found_in: Find) -> None:
    rules = PlanRules(identity_user_map(), document_type="ai-chat-conversation")
    dialogue = record(1, text="User: hi\nAssistant: hello")
    assert "conversation-as-document" not in found_in([dialogue, turn(2)], rules)


def test_unreadable_items_and_repeated_ids_are_found(ledger: Ledger) -> None:
    broken = Unreadable("file:3", "not JSON")
    source = FakeSource(
        [
            Slice(Partition("a", "a"), [[record(1)]], [broken]),
            Slice(Partition("b", "b"), [[record(1), record(2)]]),
        ]
    )
    run_import(source, ledger, None)
    found = {one.code: one for one in ledger.findings.kept(Origin.PREFLIGHT)}
    assert found["unreadable-item"].examples == ("file:3: not JSON",)
    assert found["seen-again"].count == 1


def test_errors_come_first_and_then_what_concerns_most_records(
    found_in: Find, user_map_of: Callable[[str], UserMap]
) -> None:
    old = datetime(1970, 1, 1, tzinfo=UTC)
    records = [
        *(record(n, text="") for n in range(9)),
        *(record(n, created_at=old) for n in range(20, 22)),
        record(30, created_at=None),
        record(40, "eve"),
    ]
    found = list(found_in(records, PlanRules(user_map_of("user,ada,a,,\n"))).values())
    assert [one.severity for one in found] == sorted(
        (one.severity for one in found), key=["error", "warning", "info"].index
    )
    assert [one.code for one in found[:3]] == ["unmapped-user", "time-odd", "time-missing"]
