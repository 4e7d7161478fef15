from __future__ import annotations

import pytest

from synap_import.errors import UserMapError
from synap_import.identity import Target
from synap_import.records import ScopeKind

TEXT = "source_id,user_id,customer_id\nZoë,z1,Müller GmbH\n"
ZOE = (ScopeKind.USER, "Zoë")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_what_spreadsheets_write_is_read(user_map_of, encoding, delimiter, line_end):
    users = user_map_of(TEXT.replace(",", delimiter).replace("\n", line_end), encoding)

    assert users.resolve(ZOE) == Target("z1", "Müller GmbH")


def test_utf_16_of_either_byte_order_is_read(user_map_of):
    assert user_map_of("\ufeff" + TEXT, "utf-16-be").resolve(ZOE) == Target("z1", "Müller GmbH")


def test_columns_stand_in_any_order_and_case(user_map_of):
    users = user_map_of("Customer_ID,ACTION,source_id,user_id\nacme,,Zoë,z1\n")

    assert users.resolve(ZOE) == Target("z1", "acme")


def test_informational_columns_are_ignored(user_map_of):
    header = "source_id,user_id,customer_id,records,first_seen,last_seen,note\n"
    users = user_map_of(header + 'Zoë,z1,,1200,2024-01-01,2025-01-01,"asked, agreed"\n')

    assert users.resolve(ZOE) == Target("z1", None)


def test_blank_lines_and_trailing_empty_columns_are_ignored(user_map_of):
    users = user_map_of("\nsource_id,user_id,customer_id,,\n\n,,,,\nZoë,z1,,,\n  ,,\n\n")

    assert users.resolve(ZOE) == Target("z1", None)
    assert [row.line for row in users.rows()] == [5]


def test_spaces_around_cells_go_and_spaces_inside_stay(user_map_of):
    users = user_map_of("source_id , user_id,customer_id\n Zoë  Ann ,  z 1 ,\n")

    assert users.resolve((ScopeKind.USER, "Zoë  Ann")) == Target("z 1", None)


def test_quoted_ids_keep_their_spaces_and_odd_looks(user_map_of):
    users = user_map_of('source_id,user_id,customer_id\n""" 7E+11 ""","""1.2E+17""",\n')

    assert users.resolve((ScopeKind.USER, " 7E+11 ")) == Target("1.2E+17", None)


def test_a_cell_over_several_lines_keeps_the_count_of_lines(user_map_of):
    with pytest.raises(UserMapError, match="line 4, column user_id"):
        user_map_of(
            'source_id,user_id,customer_id,action,note\nzoe,z1,,,"two\nlines"\nbob,b1,,skip,\n'
        )


def test_a_guid_in_braces_is_an_id(user_map_of):
    guid = "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}"
    users = user_map_of(f"source_id,user_id,customer_id\nZoë,{guid},\n")

    assert users.resolve(ZOE) == Target(guid, None)
