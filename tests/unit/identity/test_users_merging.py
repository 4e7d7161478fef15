"""The user map that is there is brought up to date, and what a person wrote in it stays."""

from __future__ import annotations

import codecs
import csv

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from synap_import.errors import UserMapError
from synap_import.identity import (
    Confidence,
    Customers,
    KnownUser,
    KnownUsers,
    SourceOwner,
    Target,
    Verdict,
    Wishes,
    load_user_map,
    write_user_map,
)
from synap_import.identity.header import KNOWN
from synap_import.identity.sheet import COLUMNS
from synap_import.records import Kind, ScopeKind

USER, AGENT = ScopeKind.USER, ScopeKind.AGENT
PERSONS = ("source_id", "user_id", "customer_id", "scope", "action", "note")
B2C = Wishes(Customers.LEFT_OUT)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "users.csv"


def rows_of(path, delimiter=",", encoding="utf-8-sig"):
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def owners(*ids, records=1):
    return [SourceOwner(USER, one, records) for one in ids]


def test_every_column_that_is_written_can_be_read():
    assert set(COLUMNS) == set(KNOWN)


def test_decisions_are_kept_and_counts_are_refreshed(path):
    write_user_map(path, owners("ann", "bob", records=3))
    text = path.read_text()
    path.write_text(
        text.replace("ann,,", "ann,a-1,acme").replace("bob,,,user,,", "bob,,,user,skip,")
    )

    changes = write_user_map(path, owners("ann", "bob", records=5))

    assert [(row["user_id"], row["action"], row["records"]) for row in rows_of(path)] == [
        ("a-1", "", "5"),
        ("", "skip", "5"),
    ]
    assert changes[:3] == (0, 2, 0)


def test_whoever_is_new_is_appended_and_marked_until_the_next_time(path):
    write_user_map(path, owners("zoe"))
    assert write_user_map(path, owners("ann", "zoe")).new == 1
    assert [(row["source_id"], row["status"]) for row in rows_of(path)] == [
        ("zoe", ""),
        ("ann", "new"),
    ]

    write_user_map(path, owners("ann", "zoe"))
    assert [row["status"] for row in rows_of(path)] == ["", ""]


def test_whoever_is_gone_is_kept_and_marked_until_they_are_back(path):
    write_user_map(path, owners("ann", "bob"))
    assert write_user_map(path, owners("ann")).gone == 1
    assert [row["status"] for row in rows_of(path)] == ["", "gone"]

    write_user_map(path, owners("ann", "bob"))
    assert [row["status"] for row in rows_of(path)] == ["", ""]


def test_nobody_need_decide_about_who_is_gone_and_they_are_held_if_they_come_back(path):
    write_user_map(path, owners("ann", "bob"))
    write_user_map(path, owners("ann"))
    user_map = load_user_map(path)

    assert [row.source_id for row in user_map.undecided()] == ["ann"]
    assert user_map.resolve((USER, "bob")) is Verdict.UNDECIDED


def test_rules_and_patterns_are_neither_gone_nor_new(path):
    path.write_text("source_id,user_id,scope\nuser_{user},{user},group\n*,eu-{source_id},\n")

    changes = write_user_map(path, owners("ann"))

    assert changes[:3] == (1, 0, 0)
    assert [row["status"] for row in rows_of(path)] == ["", "", "new"]


def test_an_agent_and_a_user_of_one_id_are_two_rows(path):
    path.write_text("source_id,user_id,scope,action\nada,u-1,,\nada,,agent,skip\n")

    changes = write_user_map(path, [SourceOwner(USER, "ada", 2), SourceOwner(AGENT, "ada", 9)])

    assert changes[:3] == (0, 2, 0)
    assert [row["records"] for row in rows_of(path)] == ["2", "9"]


def test_whom_a_source_names_twice_gets_one_row(path):
    for _ in range(2):
        changes = write_user_map(
            path, [SourceOwner(USER, "ann", 3), SourceOwner(USER, "ann", None)]
        )
        assert [row["records"] for row in rows_of(path)] == ["3"]
    assert changes[:3] == (0, 1, 0)


def test_an_id_is_recognised_however_it_stands_in_its_cell(path):
    path.write_text('source_id,user_id\n ann ,a\n"""bob""",b\n"""007""",c\n')
    assert write_user_map(path, owners("ann", "bob", "007")).kept == 3


def test_the_order_of_columns_and_rows_stays_and_missing_columns_join(path):
    path.write_text("note,User_ID,source_id\nold,z,zoe\n,a,ann\n")

    write_user_map(path, owners("ann", "zoe"), B2C)

    lines = path.read_text().splitlines()
    assert lines[0].startswith("note,user_id,scope,action,suggestion,")
    assert lines[0].endswith(",source_id")
    assert [line.split(",")[:2] for line in lines[1:]] == [["old", "z"], ["", "a"]]


def test_a_map_of_an_earlier_version_is_brought_up_to_date(path):
    path.write_text(
        "source_id,user_id,customer_id,scope,action,records,note\nann,a-1,,user,,3,A note\n"
    )
    write_user_map(path, owners("ann", records=4))
    (row,) = rows_of(path)
    assert [row[name] for name in ("user_id", "records", "note")] == ["a-1", "4", "A note"]


def test_half_done_and_wrong_decisions_do_not_stop_a_merge(path):
    path.write_text("source_id,user_id,action\nann,,mapp\nbob,1.2E+11,\ncem,,map\n")

    write_user_map(path, owners("ann", "bob", "cem"))

    assert [row["action"] for row in rows_of(path)] == ["mapp", "", "map"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source_id,user_id,scope\nann,,usr\n", "line 2, column scope: unknown scope 'usr'"),
        ("source_id,user_id\n1.23E+11,\n", "line 2, column source_id: '1.23E+11' looks like"),
        ("source_id,user_id\n,u\n", "line 2, column source_id: is empty"),
        ("source_id,user_id,plan\nann,,\n", "unknown column 'plan'"),
        ("source_id,user_id\nann\n", "line 2: has 1 cells and the header has 2"),
    ],
)
def test_a_map_whose_rows_cannot_be_told_is_left_as_it_is(path, text, message):
    path.write_text(text)
    with pytest.raises(UserMapError) as caught:
        write_user_map(path, owners("ann"))
    assert message in str(caught.value)
    assert "--force" in caught.value.remedy
    assert path.read_text() == text


def test_an_empty_file_is_no_obstacle(path):
    path.touch()
    assert write_user_map(path, owners("ann")).new == 1


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t")]
)
def test_the_file_stays_in_the_form_that_its_program_gave_it(path, encoding, delimiter):
    path.write_text(f"source_id{delimiter}user_id\nZoë{delimiter}z\n", encoding=encoding)
    begin = path.read_bytes()[:2]

    write_user_map(path, owners("Zoë", "Čeněk"))

    assert path.read_bytes()[:2] == begin
    rows = rows_of(path, delimiter, encoding)
    assert [(row["source_id"], row["user_id"]) for row in rows] == [("Zoë", "z"), ("Čeněk", "")]


def test_a_plain_file_gets_the_mark_that_excel_needs_once_it_has_other_letters(path):
    write_user_map(path, owners("ann"))
    assert not path.read_bytes().startswith(codecs.BOM_UTF8)
    write_user_map(path, owners("ann", "Zoë"))
    assert path.read_bytes().startswith(codecs.BOM_UTF8)


def test_what_is_not_known_this_time_stays_as_it_was(path):
    write_user_map(path, [SourceOwner(USER, "ann", 3, "", [(Kind.FACT, 3)])])
    write_user_map(path, [SourceOwner(USER, "ann", None)])
    (row,) = rows_of(path)
    assert (row["records"], row["kinds"]) == ("3", "fact 3")


def test_a_b2c_map_has_no_customers_and_can_be_read(path):
    write_user_map(path, owners("ann"), B2C)
    path.write_text(path.read_text().replace("ann,", "ann,a-1", 1))

    assert "customer" not in path.read_text().splitlines()[0]
    assert load_user_map(path).resolve((USER, "ann")) == Target("a-1", None)


def test_an_empty_customer_column_goes_on_b2c_and_a_filled_one_is_kept_and_told(path):
    write_user_map(path, owners("ann"))
    assert write_user_map(path, owners("ann"), B2C).wrong_customers == 0
    assert "customer_id" not in path.read_text()

    path.write_text("source_id,user_id,customer_id\nann,a,acme\n")
    assert write_user_map(path, owners("ann"), B2C).wrong_customers == 1
    assert rows_of(path)[0]["customer_id"] == "acme"


def test_a_b2b_map_gets_the_column_and_counts_who_has_no_customer(path):
    path.write_text("source_id,user_id,action\nann,a,\nbob,,skip\ncem,c,\n")
    wishes = Wishes(Customers.REQUIRED)
    assert write_user_map(path, owners("ann", "bob"), wishes).wrong_customers == 1
    assert path.read_text().startswith("source_id,user_id,customer_id,")


KNOWN_USERS = KnownUsers(
    [
        KnownUser("ann", "acme"),
        KnownUser("b-2", "", ("bob@x.org",)),
        KnownUser("=c", "", (), ("Cem",)),
    ]
)


def known(**changes):
    return Wishes(known=KNOWN_USERS)._replace(**changes)


def test_a_suggestion_is_never_a_decision(path):
    write_user_map(path, owners("ann"), known())
    (row,) = rows_of(path)
    assert (row["user_id"], row["action"]) == ("", "")
    assert [row[one] for one in ("suggestion", "suggested_customer", "confidence", "because")] == [
        "ann",
        "acme",
        "certain",
        "same id",
    ]


def test_suggestions_stay_when_the_known_users_are_not_given_again(path):
    write_user_map(path, owners("ann", "nobody"), known())
    write_user_map(path, owners("ann", "nobody"))
    assert [row["confidence"] for row in rows_of(path)] == ["certain", "none"]


def test_a_guess_without_known_users_gives_way_to_them(path):
    write_user_map(path, owners("bob@x.org"))
    write_user_map(path, owners("bob@x.org"), known())
    assert [(row["suggestion"], row["confidence"]) for row in rows_of(path)] == [("b-2", "high")]


def test_suggestions_are_taken_over_only_from_the_confidence_that_was_asked_for(path):
    everybody = owners("ann", "bob@x.org", "cem")
    assert write_user_map(path, everybody, known(fill=Confidence.CERTAIN)).filled == 1
    assert [row["user_id"] for row in rows_of(path)] == ["ann", "", ""]
    assert write_user_map(path, everybody, known(fill=Confidence.HIGH)).filled == 1
    assert [row["user_id"] for row in rows_of(path)] == ["ann", "b-2", ""]
    assert rows_of(path)[0]["customer_id"] == "acme"


@pytest.mark.parametrize("decided", ["ann,mine,,", "ann,,,skip"])
def test_what_was_decided_is_not_filled_over(path, decided):
    path.write_text(f"source_id,user_id,customer_id,action\n{decided}\n")
    assert write_user_map(path, owners("ann"), known(fill=Confidence.HIGH)).filled == 0
    assert decided.startswith(f"ann,{rows_of(path)[0]['user_id']},")


def test_a_suggested_id_that_a_spreadsheet_would_run_stands_in_quotes(path):
    write_user_map(path, owners("cem"), known())
    assert rows_of(path)[0]["suggestion"] == '"=c"'


CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12
) | st.sampled_from(["", "=1+1", "007", '"007"', "a,b", "a;b\tc", "two\nlines", ' "', "{user}"])
IDS = st.text(min_size=1, max_size=6) | st.sampled_from(
    [" a ", "*", '"', "{user}", "\ud800", "\n", "\0", "\ufeff", "=1", "007", "1.2E+11", "a;=1"]
)
OWNERS = st.sets(st.tuples(st.sampled_from(ScopeKind), IDS), max_size=6)
WISHES = st.builds(
    Wishes,
    st.sampled_from(Customers),
    st.sampled_from([None, KNOWN_USERS]),
    st.sampled_from([None, Confidence.HIGH]),
)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=OWNERS, later=OWNERS, wishes=WISHES, delimiter=st.sampled_from(",;\t"), data=st.data())
def test_no_edit_is_ever_lost(path, first, later, wishes, delimiter, data):
    """Whoever comes and goes: each row keeps its order and what a person can have written."""
    write_user_map(path, [SourceOwner(*one, 1) for one in first], overwrite=True)
    rows = data.draw(st.permutations(rows_of(path)))
    for row in rows:
        for column in ("user_id", "customer_id", "action", "note"):
            row[column] = data.draw(CELL)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=delimiter, restval="")
        writer.writeheader()
        writer.writerows(rows)

    changes = write_user_map(path, [SourceOwner(*one, 2) for one in later], wishes)

    after = rows_of(path, delimiter)
    for before, now in zip(rows, after, strict=False):
        edited = [name for name in PERSONS if before[name].strip()]
        assert [now[name] for name in edited] == [before[name] for name in edited]
    assert changes[:3] == (len(later - first), len(later & first), len(first - later))
    assert len(after) == len(first | later)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=OWNERS, later=OWNERS)
@example({(USER, "\ud800"), (USER, "*")}, {(AGENT, "{user}"), (USER, "a\r\nb")})
def test_hostile_ids_come_back_through_every_merge(path, first, later):
    write_user_map(path, [SourceOwner(*one, 1) for one in first], overwrite=True)
    for some in (later, first):
        write_user_map(path, [SourceOwner(*one, 1) for one in some])
    if first | later:
        assert {row[1:3] for row in load_user_map(path).rows()} == first | later


def test_the_same_source_again_changes_nothing(path):
    write_user_map(path, owners("ann", "Zoë", "007"), known())
    before = path.read_bytes()
    write_user_map(path, owners("ann", "Zoë", "007"), known())
    assert path.read_bytes() == before
