"""An application's own list of users, as it was exported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.errors import UserMapError
from synap_import.identity import KnownUser, read_known_users


@pytest.fixture
def known(tmp_path):
    def read(text, encoding="utf-8"):
        path = tmp_path / "app_users.csv"
        path.write_bytes(text.encode(encoding))
        return read_known_users(path)

    return read


def test_columns_are_found_by_their_names_in_any_order(known):
    text = "plan,E-Mail,Display Name,User ID\npro,ada@x.org,Ada,007\n"
    assert known(text) == [KnownUser("007", "", ("ada@x.org",), ("Ada",))]


def test_first_and_last_name_are_one_name_and_a_customer_is_taken(known):
    text = "id;last_name;first_name;username;customer_id\nu-1;Lovelace;Ada;countess;acme\n"
    assert known(text) == [KnownUser("u-1", "acme", (), ("countess", "Ada Lovelace"))]


def test_a_spreadsheets_utf_16_is_read(known):
    assert known("id\temail\nZoë\tz@x.org\n", "utf-16")[0].id == "Zoë"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "app_users.csv is empty"),
        ("id,email\n", "has a header and no users"),
        (
            "name,email\nAda,a@x\n",
            "line 1: no column is called user_id or id; the header has 'name'",
        ),
        ("id,user_id\n1,2\n", "line 1: 'id' and 'user_id' could both be the id in Synap"),
        ("id,email\nu-1\n", "line 2: has 1 cells and the header has 2"),
        ("email,id\na@x, \n", "line 2, column 2: the user has no id"),
        ("id\n1.23E+11\n", "looks like a long number that a spreadsheet has shortened"),
        ('id,name\n1,"Ada\n', "line 2: the row that begins here is not CSV"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(known, text, message):
    with pytest.raises(UserMapError) as caught:
        known(text)
    assert message in str(caught.value)
    assert "user map" not in str(caught.value)


def test_other_encodings_are_told(known):
    with pytest.raises(UserMapError, match=r"app_users.csv, line 2, byte 3 \(0xEB\) is not UTF-8"):
        known("id\nZoë\n", "cp1252")


def test_a_list_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserMapError, match=r"list of known users .* cannot be read"):
        read_known_users(tmp_path / "nowhere.csv")


@given(content=st.binary(max_size=60) | st.text('id,;\n"a@', max_size=40).map(str.encode))
def test_any_bytes_are_users_or_a_sentence(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "known.csv"
    path.write_bytes(content)
    try:
        users = read_known_users(path)
    except UserMapError:
        return
    assert users
    assert all(user.id for user in users)
