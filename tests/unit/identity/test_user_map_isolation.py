from __future__ import annotations

import pytest

from synap_import.errors import UserMapError
from synap_import.identity import (
    Target,
    Verdict,
    apply_isolation_rule,
    identity_user_map,
    user_map_findings,
)
from synap_import.records import ScopeKind
from synap_import.sources import Severity

B2C, B2B = "equals_customer", "strict"
HEADER = "source_id,user_id,customer_id,scope,action\n"
ALICE, BOB = (ScopeKind.USER, "alice"), (ScopeKind.USER, "bob")


def test_b2c_takes_users_alone(user_map_of):
    users = apply_isolation_rule(user_map_of(HEADER + "alice,a1,,,"), isolation=B2C)

    assert users.resolve(ALICE) == Target("a1", None)


@pytest.mark.parametrize("row", ["bob,b1,acme,,", "bob,,acme,,customer-scope", "*,b1,acme,agent,"])
def test_b2c_refuses_a_customer_anywhere(user_map_of, row):
    users = user_map_of(HEADER + "alice,a1,,,\n" + row)

    with pytest.raises(UserMapError, match=r"in 1 row \(line 3\).*B2C.*400.*Empty the column"):
        apply_isolation_rule(users, isolation=B2C)


def test_b2c_refuses_a_default_customer(user_map_of):
    with pytest.raises(UserMapError, match="Leave out --customer-id"):
        apply_isolation_rule(identity_user_map(), isolation=B2C, customer_id="acme")


def test_b2b_refuses_a_map_without_the_column_and_says_where_customers_go(user_map_of):
    users = user_map_of("source_id,user_id\nalice,a1\n")

    with pytest.raises(UserMapError, match=r"line 2.*B2B.*Fill the column customer_id \(add it"):
        apply_isolation_rule(users, isolation=B2B)


def test_b2c_ignores_the_customer_of_a_row_that_sends_nothing(user_map_of):
    users = user_map_of(HEADER + "alice,a1,,,\nbob,,acme,,skip\n")

    assert apply_isolation_rule(users, isolation=B2C).resolve(BOB) is Verdict.SKIPPED


def test_b2b_refuses_users_without_customer_and_names_the_first_lines(user_map_of):
    users = user_map_of(HEADER + "".join(f"u{n},x{n},,,\n" for n in range(8)))

    with pytest.raises(UserMapError, match=r"8 rows \(lines 2, 3, 4, 5, 6, …\).*--customer-id"):
        apply_isolation_rule(users, isolation=B2B)


def test_b2b_needs_a_default_customer_for_the_identity_map():
    with pytest.raises(UserMapError, match="--user-map identity has a user_id without"):
        apply_isolation_rule(identity_user_map(), isolation=B2B)

    users = apply_isolation_rule(identity_user_map(), isolation=B2B, customer_id="acme")
    assert users.resolve(ALICE) == Target("alice", "acme")


def test_the_default_customer_fills_only_users_without_one(user_map_of):
    rows = "alice,a1,,,\nbob,b1,own,,\n*,,,agent,client-scope\n*,,shared,app,customer-scope\n"
    users = apply_isolation_rule(user_map_of(HEADER + rows), isolation=B2B, customer_id="acme")

    assert users.resolve(ALICE) == Target("a1", "acme")
    assert users.resolve(BOB) == Target("b1", "own")
    assert users.resolve((ScopeKind.AGENT, "bot")) == Target(None, None)
    assert users.resolve((ScopeKind.APP, "app")) == Target(None, "shared")


@pytest.mark.parametrize("isolation", [None, "something-new"])
def test_an_unknown_isolation_checks_nothing(user_map_of, isolation):
    users = user_map_of(HEADER + "alice,a1,,,\nbob,b1,acme,,\n")

    assert apply_isolation_rule(users, isolation=isolation).resolve(BOB) == Target("b1", "acme")


def test_the_default_customer_is_part_of_the_fingerprint(user_map_of):
    users = user_map_of(HEADER + "alice,a1,,,")
    filled = user_map_of(HEADER + "alice,a1,acme,,")

    assert users.fingerprint() != filled.fingerprint()
    assert users.with_default_customer("acme").fingerprint() == filled.fingerprint()


def test_a_map_without_surprises_has_no_findings(user_map_of):
    assert user_map_findings(user_map_of(HEADER + "alice,a1,,,\n*,,,,keep\n")) == ()


@pytest.mark.parametrize(
    ("row", "code", "example"),
    [
        ("bob,,,,", "user-map-undecided", "line 2: 'bob' (user)"),
        ("*,everyone,,,", "user-map-merges-users", "line 2: * (user)"),
        ("bob,,,,client-scope", "user-map-wide-visibility", "line 2: 'bob' (user)"),
        ("bot,,acme,agent,customer-scope", "user-map-wide-visibility", "line 2: 'bot' (agent)"),
    ],
)
def test_surprising_rows_are_warned_about(user_map_of, row, code, example):
    (finding,) = user_map_findings(user_map_of(HEADER + row))

    assert (finding.severity, finding.code) == (Severity.WARNING, code)
    assert finding.examples == (example,)
