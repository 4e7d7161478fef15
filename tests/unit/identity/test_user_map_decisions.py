from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.identity import Target, UserMap, Verdict, identity_user_map
from synap_import.identity.user_map import Table
from synap_import.records import ScopeKind

USER, AGENT = ScopeKind.USER, ScopeKind.AGENT

HEADER = "source_id,user_id,customer_id,scope,action\n"


@pytest.mark.parametrize(
    ("row", "decision"),
    [
        ("alice,a1,acme,user,map", Target("a1", "acme")),
        ("alice,a1,,,", Target("a1", None)),
        ("alice,,acme,user,keep", Target("alice", "acme")),
        ("alice,alice,,user,keep", Target("alice", None)),
        ("alice,,,user,skip", Verdict.SKIPPED),
        ("alice,,acme,user,", Verdict.UNDECIDED),
        ("alice,,acme,user,customer-scope", Target(None, "acme")),
        ("alice,,,user,client-scope", Target(None, None)),
        ("alice,eu-{source_id},c-{source_id},user,map", Target("eu-alice", "c-alice")),
        ("alice,A1,,USER,MAP", Target("A1", None)),
    ],
)
def test_a_row_decides_about_its_owner(user_map_of, row, decision):
    assert user_map_of(HEADER + row).resolve((USER, "alice")) == decision


def test_an_owner_without_row_is_unmapped(user_map_of):
    assert user_map_of(HEADER + "alice,a1,,,").resolve((USER, "bob")) is Verdict.UNMAPPED


def test_the_same_id_in_another_scope_is_another_owner(user_map_of):
    users = user_map_of(HEADER + "max,m1,,user,\nmax,bot,,agent,\n")

    assert users.resolve((USER, "max")) == Target("m1", None)
    assert users.resolve((AGENT, "max")) == Target("bot", None)


def test_an_asterisk_decides_for_the_rest_of_its_scope_only(user_map_of):
    users = user_map_of(HEADER + "*,old-{source_id},acme,user,\nalice,a1,acme,user,\n")

    assert users.resolve((USER, "alice")) == Target("a1", "acme")
    assert users.resolve((USER, "bob")) == Target("old-bob", "acme")
    assert users.resolve((AGENT, "bob")) is Verdict.UNMAPPED


def test_an_asterisk_with_keep_keeps_every_other_id(user_map_of):
    users = user_map_of(HEADER + "*,,,user,keep\nalice,,,user,skip\n")

    assert users.resolve((USER, "bob")) == Target("bob", None)
    assert users.resolve((USER, "alice")) is Verdict.SKIPPED


def test_an_id_that_reads_like_the_placeholder_is_filled_in_once(user_map_of):
    users = user_map_of(HEADER + "*,x-{source_id},,user,\n")

    assert users.resolve((USER, "{source_id}")) == Target("x-{source_id}", None)


def test_identity_keeps_users_and_maps_nothing_else():
    users = identity_user_map()

    assert users.resolve((USER, "alice")) == Target("alice", None)
    assert users.resolve((AGENT, "bot")) is Verdict.UNMAPPED
    assert users.resolve(None) is Verdict.UNOWNED


@pytest.mark.parametrize(
    ("rows", "covered"),
    [
        ("*,,,user,keep", True),
        ("*,,,user,skip", True),
        ("*,,,user,", False),
        ("*,bot,,agent,", False),
        ("alice,a1,,user,", False),
    ],
)
def test_only_a_decided_rule_covers_every_user(user_map_of, rows, covered):
    assert user_map_of(HEADER + rows).covers_every_user is covered
    assert identity_user_map().covers_every_user


def test_undecided_rows_are_listed_with_their_lines(user_map_of):
    users = user_map_of(HEADER + "alice,a1,,,\n\nbob,,,,\n*,,,agent,\n")

    listed = [(row.line, row.kind, row.source_id) for row in users.undecided()]
    assert listed == [(4, USER, "bob"), (5, AGENT, None)]


def test_the_fingerprint_ignores_the_order_of_rows(user_map_of):
    one = user_map_of(HEADER + "alice,a1,,,\nbob,b1,,,\n").fingerprint()
    other = user_map_of(HEADER + "bob,b1,,,map\n\nalice,a1,,,\n").fingerprint()

    assert one == other


@pytest.mark.parametrize(
    "changed",
    [
        "alice,a2,,,",
        "alice,a1,acme,,",
        "alice,,,,skip",
        "alice,a1,,agent,",
        "*,a1,,,",
        '"""*""",a1,,,',
    ],
)
def test_the_fingerprint_changes_with_a_decision(user_map_of, changed):
    assert user_map_of(HEADER + "alice,a1,,,").fingerprint() != (
        user_map_of(HEADER + changed).fingerprint()
    )


def test_the_asterisk_rule_and_an_id_that_is_an_asterisk_differ(user_map_of):
    users = user_map_of(HEADER + '"""*""",star,,,\n')

    assert users.resolve((USER, "*")) == Target("star", None)
    assert users.resolve((USER, "bob")) is Verdict.UNMAPPED


ANY_ID = st.text() | st.just("\ud800")
DECISIONS = st.sampled_from(Verdict) | st.builds(
    Target, st.none() | st.text(), st.none() | st.text()
)


@given(
    rows=st.dictionaries(st.none() | ANY_ID, DECISIONS),
    owner=st.none() | st.tuples(st.sampled_from(ScopeKind), ANY_ID),
    customer=st.none() | ANY_ID,
)
def test_every_owner_has_one_answer(rows, owner, customer):
    table = Table()
    for line, (source_id, decided) in enumerate(rows.items(), start=2):
        table.add(source_id, decided, line)
    users = UserMap("users.csv", {USER: table}, customer)

    answer = users.resolve(owner)

    assert isinstance(answer, Target | Verdict)
    assert answer == users.resolve(owner)
    assert users.fingerprint() == users.fingerprint()
