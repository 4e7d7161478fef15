from __future__ import annotations

import codecs
import csv
import json
import stat
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synap_import.errors import ConfigurationError, UserMapError
from synap_import.identity import SourceOwner, load_user_map, write_user_map
from synap_import.records import Kind, ScopeKind

USER = ScopeKind.USER


def test_the_largest_owners_come_first_and_nothing_is_decided(tmp_path):
    path = tmp_path / "users.csv"
    rows = [
        SourceOwner(USER, "bob", 3, "Bob"),
        SourceOwner(ScopeKind.AGENT, "bot", 40),
        SourceOwner(USER, "ann", 3),
    ]

    write_user_map(path, rows)

    assert path.read_bytes().decode("ascii") == (
        "source_id,user_id,customer_id,scope,action,suggestion,confidence,because,"
        "records,kinds,first_seen,last_seen,recognised_as,status,note\n"
        "bot,,,agent,,,,,40,,,,named by the source,,\n"
        "ann,,,user,,ann,unchecked,the id in the source,3,,,,named by the source,,\n"
        "bob,,,user,,bob,unchecked,the id in the source,3,,,,Bob,,\n"
    )
    assert len(load_user_map(path).undecided()) == 3


def test_a_note_is_one_line_that_no_spreadsheet_executes(tmp_path):
    path = tmp_path / "users.csv"
    write_user_map(path, [SourceOwner(USER, "ann", None, "=HYPERLINK(1)\nAnn")])
    assert ',"""=HYPERLINK(1) Ann""",' in path.read_text().splitlines()[1]


def test_a_row_says_of_what_kind_and_from_when_the_records_are(tmp_path):
    path = tmp_path / "users.csv"
    first = datetime(2024, 3, 18, 1, tzinfo=timezone(timedelta(hours=2)))
    kinds = [(Kind.MESSAGE, 12), (Kind.FACT, 3)]
    ann = SourceOwner(USER, "ann", 15, "", kinds, first, datetime(2025, 1, 2, tzinfo=UTC))

    write_user_map(path, [ann])

    assert (
        ',15,"message 12, fact 3",2024-03-17T23:00:00Z,2025-01-02T00:00:00Z,user id on records,,\n'
    ) in path.read_text()


@pytest.mark.parametrize(
    "time", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_the_ends_of_time_are_written_too(tmp_path, time):
    path = tmp_path / "users.csv"
    for hours in (-14, 14):
        odd = time.replace(tzinfo=timezone(timedelta(hours=hours)))
        write_user_map(path, [SourceOwner(USER, "ann", 1, first=odd, last=odd)], overwrite=True)
        assert str(time.year) in path.read_text()


def test_only_its_owner_can_read_the_file(tmp_path):
    path = tmp_path / "users.csv"
    write_user_map(path, [SourceOwner(USER, "ann", 1)])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_no_user_map_is_not_overwritten_unless_told(tmp_path):
    path = tmp_path / "users.csv"
    path.write_text("precious")

    with pytest.raises(UserMapError, match=r"users.csv is there already, and has 2 problems"):
        write_user_map(path, [SourceOwner(USER, "ann", 1)])
    assert path.read_text() == "precious"

    write_user_map(path, [SourceOwner(USER, "ann", 1)], overwrite=True)
    assert "ann" in path.read_text()


def test_a_link_to_the_file_stays_a_link(tmp_path):
    real, link = tmp_path / "real.csv", tmp_path / "users.csv"
    link.symlink_to(real)

    write_user_map(link, [SourceOwner(USER, "ann", 1)])

    assert link.is_symlink()
    assert "ann" in real.read_text()


def test_letters_beyond_ascii_come_with_the_mark_that_excel_needs(tmp_path):
    path = tmp_path / "users.csv"
    write_user_map(path, [SourceOwner(USER, "Zoë", 1)])

    assert path.read_bytes().startswith(codecs.BOM_UTF8)
    assert [row.source_id for row in load_user_map(path).rows()] == ["Zoë"]


def test_a_failure_half_way_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "users.csv"
    path.write_text("precious")

    with pytest.raises(AttributeError):
        write_user_map(
            path, [SourceOwner(USER, "ann", 2), SourceOwner("no scope", "bob", 1)], overwrite=True
        )

    assert path.read_text() == "precious"
    assert [file for file in tmp_path.iterdir() if file.is_file()] == [path]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_user_map(tmp_path / "nowhere" / "users.csv", [])


@pytest.mark.parametrize(
    "plain", ["alice@example.com", "Zoë 🙂", "a,b", "42", "0", "user-7", "0x1f"]
)
def test_ordinary_ids_are_written_as_they_are(tmp_path, plain):
    assert written_cell(tmp_path / "users.csv", plain) == plain


@pytest.mark.parametrize(
    "fragile",
    ["=1+1", "+49170", "-1", "@sum", "007", "123456789012345678", "1e5", "1-2", "3.10", "1/2"],
)
def test_ids_that_a_spreadsheet_would_change_or_run_are_written_in_quotes(tmp_path, fragile):
    assert written_cell(tmp_path / "users.csv", fragile) == json.dumps(fragile)


def written_cell(path, source_id):
    write_user_map(path, [SourceOwner(USER, source_id, 1)], overwrite=True)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1][0]


@given(ids=st.sets(st.text(min_size=1), min_size=1))
@example({" a ", "a", "*", '"', '""', '"a"', "\ud800", "\n", "a\r\nb", "\0", "\ufeff", "\u00a0"})
@example({"=1+1", "+1", "-1", "@x", "1.23E+11", "{source_id}", "a;b\tc,d", "\\", "🙂"})
def test_any_ids_come_back_exactly(tmp_path_factory, ids):
    path = tmp_path_factory.getbasetemp() / "round-trip.csv"
    rows = {(kind, value) for value in ids for kind in (USER, ScopeKind.GROUP)}

    write_user_map(path, [SourceOwner(kind, value, 1) for kind, value in rows], overwrite=True)

    assert {(row.kind, row.source_id) for row in load_user_map(path).rows()} == rows
