"""Who somebody in a source may be: how sure that is, why, and when nobody is suggested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.identity import Confidence, KnownUser, KnownUsers, SourceOwner
from synap_import.records import ScopeKind

ADA = KnownUser("u-1", "", ("Ada@X.org",), ("Ada Lovelace", "countess"))
BOB = KnownUser("bob", "", ("bob@x.org",), ("Bob Müller",))


def suggestion(source_id, note="", *, among=(ADA, BOB), kind=ScopeKind.USER):
    return KnownUsers(among).suggest(SourceOwner(kind, source_id, 1, note))


@pytest.mark.parametrize(
    ("source_id", "note", "expected"),
    [
        ("u-1", "", ("certain", "same id", "u-1")),
        ("U-1", "", ("high", "same id but for upper and lower case", "u-1")),
        ("ada@x.ORG", "", ("high", "same e-mail ada@x.org", "u-1")),
        ("x9", "Ada, ADA@x.org", ("high", "same e-mail ada@x.org", "u-1")),
        ("x9", "Lovelace, Ada", ("medium", "same name Lovelace, Ada", "u-1")),
        ("ada.lovelace", "", ("medium", "same name ada.lovelace", "u-1")),
        ("bob-muller", "", ("medium", "same name bob-muller", "bob")),
        ("Countess", "", ("medium", "same name Countess", "u-1")),
        ("ada", "", ("low", "an e-mail begins with ada", "u-1")),
        ("x9", "Ada Lovelance", ("low", "similar name Ada Lovelace (96%)", "u-1")),
        ("zed", "", ("none", "no known user is like it", "")),
    ],
)
def test_the_strongest_sign_counts(source_id, note, expected):
    assert suggestion(source_id, note)[:3] == expected


def test_the_id_itself_comes_before_one_in_other_case():
    among = [KnownUser("Ada"), KnownUser("ada")]
    assert suggestion("ada", among=among)[:3] == ("certain", "same id", "ada")
    assert suggestion("ADA", among=among).confidence is Confidence.AMBIGUOUS


@pytest.mark.parametrize(
    ("source_id", "among", "because"),
    [
        (
            "family@x.org",
            [KnownUser("a", "", ("family@x.org",)), KnownUser("b", "", ("Family@x.org",))],
            "same e-mail family@x.org: a, b",
        ),
        (
            "Ada",
            [KnownUser("a", "", (), ("Ada",)), KnownUser("b", "", (), ("ada",))],
            "same name Ada: a, b",
        ),
        (
            "Jon Smith",
            [KnownUser("a", "", (), ("John Smith",)), KnownUser("b", "", (), ("Jons Smith",))],
            "similar name John Smith (95%): a, b",
        ),
        (
            "ada",
            [KnownUser("ada", "acme"), KnownUser("ada", "globex")],
            "same id: ada (customer acme), ada (customer globex)",
        ),
    ],
)
def test_two_who_match_equally_are_named_and_neither_is_suggested(source_id, among, because):
    found = suggestion(source_id, among=among)
    assert found == (Confidence.AMBIGUOUS, because, "", "")


def test_an_address_that_two_share_is_settled_by_the_id():
    among = [KnownUser("a", "", ("family@x.org",)), KnownUser("b", "", ("family@x.org",))]
    assert suggestion("b", "family@x.org", among=among)[:3] == ("certain", "same id", "b")


def test_an_id_and_an_address_of_two_people_are_ambiguous():
    found = suggestion("bob", "ada@x.org")
    assert found.confidence is Confidence.AMBIGUOUS
    assert found.because == "the id is that of one user, the e-mail that of another: u-1, bob"


def test_an_id_whose_known_address_is_another_one_is_not_certain():
    found = suggestion("bob", "Somebody, else@x.org")
    assert found[:3] == ("low", "same id, but another e-mail: bob@x.org", "bob")


def test_two_rows_of_one_user_are_one_user():
    among = [KnownUser("a", "", ("one@x.org",)), KnownUser("a", "", ("two@x.org",))]
    assert suggestion("two@x.org", among=among).user_id == "a"


@pytest.mark.parametrize("kind", [kind for kind in ScopeKind if kind is not ScopeKind.USER])
def test_what_is_no_user_is_never_certain_and_has_no_name(kind):
    assert suggestion("bob", kind=kind).confidence is Confidence.MEDIUM
    assert suggestion("Ada Lovelace", kind=kind).confidence is Confidence.NONE


@pytest.mark.parametrize(
    ("one", "other"), [("user-123", "user-124"), ("Ann", "Anna"), ("42", "43"), ("a", "b")]
)
def test_numbers_and_short_names_are_not_similar(one, other):
    assert suggestion(one, among=[KnownUser("x", "", (), (other,))]).confidence is Confidence.NONE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José Álvarez", "jose alvarez"),
        ("陈伟", "陈伟"),
        ("प्रिया शर्मा", "शर्मा प्रिया"),
        ("O'Neil", "o neil"),
    ],
)
def test_names_are_the_same_in_any_script_without_accents_and_order(one, other):
    found = suggestion(one, among=[KnownUser("x", "", (), (other,))])
    assert found.confidence is Confidence.MEDIUM


def test_more_people_than_can_be_shown_are_counted():
    among = [KnownUser(f"u-{n}", "", (), ("Ada",)) for n in range(9)]
    assert suggestion("Ada", among=among).because.endswith("u-4 and 4 more")


TEXT = st.text(max_size=20) | st.sampled_from(["a@b.c", "@", "Ada", "", " ", "\ud800", "@" * 5000])


@given(
    users=st.lists(st.builds(KnownUser, TEXT, TEXT, st.tuples(TEXT), st.tuples(TEXT)), max_size=4),
    kind=st.sampled_from(ScopeKind),
    source_id=TEXT.filter(bool),
    note=TEXT,
)
def test_somebody_known_is_suggested_or_a_reason_why_not(users, kind, source_id, note):
    found = suggestion(source_id, note, among=users, kind=kind)
    assert found.because
    none = found.confidence in (Confidence.AMBIGUOUS, Confidence.NONE)
    assert none or (found.user_id, found.customer_id) in {user[:2] for user in users}
    if none:
        assert (found.user_id, found.customer_id) == ("", "")
