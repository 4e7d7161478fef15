"""Who will see whose memories: what a rule does to users whom it does not name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from support.runs import run_import
from support.sources import FakeSource, record
from support.synap import ScriptedSynap
from synap_import.errors import PreflightError
from synap_import.identity import UserMap, identity_user_map
from synap_import.ledger import Ledger, Origin
from synap_import.planning import Ownerless, PlanRules, Unmapped
from synap_import.preflight.visibility import may_be_refused
from synap_import.records import MemoryRecord, Scope
from synap_import.sources import Finding, Severity

Find = Callable[[Sequence[MemoryRecord], PlanRules], dict[str, Finding]]
Read = Callable[[str], UserMap]
PEOPLE = [record(1, "ada"), record(2, "bob"), record(3, "bob")]


def test_a_rule_that_shows_users_to_everybody_is_an_error(
    found_in: Find, user_map_of: Read
) -> None:
    rules = PlanRules(user_map_of("user,ada,a,,\nuser,*,,,client-scope\n"))
    found = found_in(PEOPLE, rules)["wider-than-source"]
    assert (found.severity, found.count) == (Severity.ERROR, 2)
    assert found.examples == ("user bob (2 records)",)


def test_such_a_rule_that_fits_nobody_is_no_finding(found_in: Find, user_map_of: Read) -> None:
    rules = PlanRules(user_map_of("user,ada,a,,\nuser,bob,b,,\nuser,*,,,client-scope\n"))
    assert not {"wider-than-source", "visible-to-many"} & found_in(PEOPLE, rules).keys()


def test_a_row_that_names_the_user_is_the_owners_word(found_in: Find, user_map_of: Read) -> None:
    rules = PlanRules(user_map_of("user,ada,a,,\nuser,bob,,,client-scope\n"))
    found = found_in(PEOPLE, rules)
    assert found["visible-to-many"].severity is Severity.WARNING
    assert "wider-than-source" not in found


def test_an_agent_has_no_user_whom_it_could_be_shown_to_others(
    found_in: Find, user_map_of: Read
) -> None:
    rules = PlanRules(user_map_of("agent,*,,,client-scope\n"))
    found = found_in([record(1, scope=Scope(agent="bot"))], rules)
    assert found["visible-to-many"].examples == ("agent bot (1 record)",)


def test_what_is_nobodys_and_becomes_everybodys_is_counted(found_in: Find) -> None:
    rules = PlanRules(identity_user_map(), ownerless=Ownerless.CLIENT_SCOPE)
    assert found_in([record(1, None)], rules)["visible-to-many"].count == 1


def test_a_rule_that_makes_users_one_is_an_error_once_it_does(
    found_in: Find, user_map_of: Read
) -> None:
    rules = PlanRules(user_map_of("user,*,all,,\n"))
    found = found_in(PEOPLE, rules)["merged-by-rule"]
    assert (found.severity, found.count) == (Severity.ERROR, 2)
    assert found.examples == ("all from ada, bob",)


def test_a_rule_for_one_user_merges_nobody(found_in: Find, user_map_of: Read) -> None:
    rules = PlanRules(user_map_of("user,*,all,,\n"))
    assert "merged-by-rule" not in found_in(PEOPLE[1:], rules)


def test_rows_that_make_users_one_are_a_warning(found_in: Find, user_map_of: Read) -> None:
    rules = PlanRules(user_map_of("user,ada,one,,\nuser,bob,one,,\n"))
    found = found_in(PEOPLE, rules)
    assert found["merged-users"].severity is Severity.WARNING
    assert found["merged-users"].examples == ("one from ada, bob",)
    assert "merged-by-rule" not in found


def test_a_pattern_that_keeps_the_user_apart_merges_what_is_one(
    found_in: Find, user_map_of: Read
) -> None:
    rules = PlanRules(user_map_of("user,{user}/{project},{user},,\n"))
    found = found_in([record(1, "ada/x"), record(2, "ada/y")], rules)
    assert "merged-by-rule" not in found
    assert found["merged-users"].count == 2


def test_a_pattern_that_leaves_the_customer_out_is_an_error(
    found_in: Find, user_map_of: Read
) -> None:
    rules = PlanRules(user_map_of("user,{customer}/{user},{user},,\n"))
    found = found_in([record(1, "acme/ada"), record(2, "globex/ada")], rules)
    assert found["merged-by-rule"].examples == ("ada from acme/ada, globex/ada",)


def test_a_row_that_gives_a_user_the_kept_id_of_another_is_found(
    found_in: Find, user_map_of: Read
) -> None:
    rules = PlanRules(user_map_of("user,bob,ada,,\n"), Unmapped.IDENTITY)
    assert found_in(PEOPLE, rules)["merged-users"].examples == ("ada from ada, bob",)


def test_ids_that_look_alike_and_become_two_users_are_found(
    found_in: Find, user_map_of: Read
) -> None:
    people = [record(1, "Ada"), record(2, "ada")]
    assert found_in(people, PlanRules(identity_user_map()))["look-alike-users"].examples == (
        "'Ada' and 'ada'",
    )
    as_one = PlanRules(user_map_of("user,Ada,a,,\nuser,ada,a,,\n"))
    assert "look-alike-users" not in found_in(people, as_one)


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ("user,*,{source_id},,\n", set()),
        ("user,ada,,,client-scope\nagent,*,,,client-scope\n", set()),
        ("user,*,all,,\n", {"merged-by-rule"}),
        ("user,*,,,client-scope\n", {"wider-than-source"}),
        ("user,t-{rest},,,client-scope\n", {"wider-than-source"}),
    ],
)
def test_a_source_is_read_to_its_end_first_only_where_a_rule_could_be_refused(
    rows: str, codes: set[str], user_map_of: Read
) -> None:
    rules = PlanRules(user_map_of(rows))
    assert may_be_refused(rules, frozenset()) == bool(codes)
    assert not may_be_refused(rules, frozenset(codes))


def test_nothing_is_sent_when_a_rule_is_refused_and_all_when_it_is_accepted(
    ledger: Ledger, synap: ScriptedSynap, user_map_of: Read
) -> None:
    rules = PlanRules(user_map_of("user,*,all,,\n"))
    people = [record(n, f"user {n}") for n in range(300)]
    with pytest.raises(PreflightError, match="Nothing was sent") as caught:
        run_import(FakeSource.giving(people), ledger, synap, rules=rules)
    assert "--accept merged-by-rule" in caught.value.remedy
    assert synap.batches == []

    books = run_import(
        FakeSource.giving(people),
        ledger,
        synap,
        rules=rules,
        accepted=frozenset({"merged-by-rule"}),
    )
    assert books.loaded == 300
    (found,) = [
        one for one in ledger.findings.kept(Origin.PREFLIGHT) if one.code == "merged-by-rule"
    ]
    assert found.severity is Severity.WARNING


def test_unmapped_users_that_are_accepted_are_held_and_the_others_loaded(
    ledger: Ledger, synap: ScriptedSynap, user_map_of: Read
) -> None:
    rules = PlanRules(user_map_of("user,ada,a,,\n"))
    books = run_import(
        FakeSource.giving(PEOPLE), ledger, synap, rules=rules, accepted=frozenset({"unmapped-user"})
    )
    assert (books.loaded, books.held) == (1, {"unmapped-user": 2})
