from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.errors import UserMapError
from synap_import.identity import load_user_map

HEADER = "source_id,user_id,customer_id,scope,action\n"


@pytest.fixture
def complaint(user_map_of):
    """The message about a user map that cannot be used."""

    def about(text, encoding="utf-8"):
        with pytest.raises(UserMapError) as caught:
            user_map_of(text, encoding)
        return str(caught.value)

    return about


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("alice,,,user,map", "column user_id: is empty, but the action is map"),
        ("alice,a1,,user,skip", "column user_id: is filled, but the action is skip"),
        ("alice,a1,,user,keep", "column user_id: differs from source_id"),
        ("bot,,,agent,keep", "column action: keep is for users only"),
        ("alice,a1,acme,user,customer-scope", "column user_id: is filled"),
        ("alice,,,user,customer-scope", "column customer_id: is empty"),
        ("alice,a1,,user,client-scope", "column user_id: is filled"),
        ("alice,,acme,user,client-scope", "column customer_id: is filled"),
        ("alice,,,user,skipp", "column action: unknown action 'skipp'; the nearest is skip"),
        ("alice,a1,,usr,", "column scope: unknown scope 'usr'; the nearest is user"),
        ("alice,a1,,xyz,", "it can be user, agent, session, app, group"),
        (",a1,,user,", "column source_id: is empty"),
        ("alice,*,,user,", "column user_id: is an asterisk"),
        ("*,{user_id},,user,", "column user_id: holds '{user_id}'; the only placeholder"),
        ("1.23457E+11,a1,,,", "column source_id: '1.23457E+11' looks like a long number"),
        ("alice,1.2E+17,,,", "column user_id: '1.2E+17' looks like a long number"),
        ('"""a""b""",a1,,,', "is not a JSON string"),
        ("alice,a1,,user", "line 2: has 4 cells and the header has 5"),
        ("smith, john,a1,,user,", "line 2: has 6 cells and the header has 5"),
        ('"alice,a1,,,', "line 2: the row that begins here is not CSV"),
    ],
)
def test_a_wrong_row_is_named_with_file_line_and_column(complaint, row, message):
    told = complaint(HEADER + row + "\n")

    assert "users.csv, line 2" in told
    assert message in told


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("source_id,note", "the header lacks user_id; it has 'source_id', 'note'"),
        ("alice,a1,acme", "the header lacks source_id, user_id"),
        ("source_id,user_id,custmer_id", "unknown column 'custmer_id'; the nearest is customer_id"),
        ("source_id,user_id,customer_id,colour", "unknown column 'colour'"),
        ("source_id,user_id,customer_id,user_id", "column user_id: stands 2 times"),
        ("source_id|user_id|customer_id", "it has 'source_id|user_id|customer_id'"),
    ],
)
def test_a_wrong_header_is_told_with_what_it_has(complaint, header, message):
    assert message in complaint(header + "\nx,y,z\n")


def test_rows_that_disagree_are_named_with_both_lines(complaint):
    told = complaint(HEADER + "alice,a1,,,\nbob,b1,,,\nalice,a2,,,\n")

    assert "line 4, column source_id: 'alice' (user) is decided in another way in line 2" in told


def test_two_rules_for_one_scope_disagree_as_well(complaint):
    assert "* (agent)" in complaint(HEADER + "*,a1,,agent,\n*,a2,,agent,\n")


def test_rows_that_repeat_a_decision_are_fine(user_map_of):
    assert len(list(user_map_of(HEADER + "a,a,,,\na,,,user,keep\n").rows())) == 1


def test_all_problems_are_told_at_once(complaint):
    told = complaint(HEADER + "a,,,user,map\nb,b1,,usr,mpa\nc,c1,,,\nd,d1,,,skip\n")

    assert "4 problems" in told
    assert all(f"line {line}, " in told for line in (2, 3, 5))


def test_ten_problems_are_shown_and_the_others_counted(complaint):
    told = complaint(HEADER + "x,,,user,map\n" * 25)

    assert "25 problems" in told
    assert told.count("is empty") == 10
    assert "and 15 more" in told


def test_a_file_in_a_western_code_page_is_refused_with_line_and_byte(complaint):
    told = complaint(HEADER + "alice,a1,,,\nJosé,j1,,,\n", "cp1252")

    assert "users.csv, line 3, byte 4 (0xE9) is not UTF-8" in told
    assert "CSV UTF-8" in told


def test_utf_16_without_its_mark_is_refused(complaint):
    assert "zero bytes" in complaint(HEADER + "alice,a1,,,\n", "utf-16-le")


def test_utf_16_that_breaks_off_is_refused(tmp_path):
    path = tmp_path / "users.csv"
    path.write_bytes((HEADER + "alice,a1,,,\n").encode("utf-16")[:-1])

    with pytest.raises(UserMapError, match="damaged after line"):
        load_user_map(path)


def test_a_name_with_a_bare_comma_does_not_shift_the_other_cells(complaint):
    assert "line 2: has 4 cells" in complaint("source_id,user_id,customer_id\nsmith, john,,\n")


def test_a_cell_without_column_is_refused(complaint):
    told = complaint("source_id,user_id,customer_id,\nalice,a1,,skip\n")

    assert "line 2: has a cell behind the last column with a name" in told


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file_is_refused(complaint, text):
    assert "users.csv is empty" in complaint(text)


def test_a_header_without_rows_is_refused(complaint):
    assert "has a header and no rows" in complaint(HEADER + ",,,,\n")


def test_a_missing_file_is_told_with_how_to_get_one(tmp_path):
    with pytest.raises(UserMapError, match="synap-import users"):
        load_user_map(tmp_path / "users.csv")


@given(ids=st.lists(st.sampled_from("abc"), min_size=1, max_size=6), data=st.data())
def test_exactly_the_disagreeing_repeats_are_found(tmp_path_factory, ids, data):
    rows = [(source, data.draw(st.sampled_from(["x", "y"]))) for source in ids]
    path = tmp_path_factory.getbasetemp() / "disagreeing.csv"
    path.write_text(HEADER + "".join(f"{source},{user},,,\n" for source, user in rows))
    first = dict(reversed(rows))
    disagreeing = sum(first[source] != user for source, user in rows)

    if not disagreeing:
        assert len(list(load_user_map(path).rows())) == len(first)
        return
    with pytest.raises(UserMapError) as caught:
        load_user_map(path)
    assert str(caught.value).count("decided in another way") == disagreeing
