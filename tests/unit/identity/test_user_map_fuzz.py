"""Any bytes are a user map or a UserMapError, and no id in one runs in a spreadsheet."""

from __future__ import annotations

import csv
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fuzz.maps import any_user_map_is_read_or_refused
from fuzz.seeds import USER_MAP
from synap_import.identity import SourceOwner, load_user_map, write_user_map
from synap_import.records import ScopeKind

PIECES = [
    *(bytes([byte]) for byte in b'",;\t\n\r\0 *{}=\\'),
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xff",
    b'""',
    b'"""',
    b'"""\\ud800"""',
    b"{user_id}",
    b"{user}",
    b"{rest}",
    b"keep",
    b"client-scope",
    b"1.23E+11",
    b"source_id",
    b"x" * 200_000,
]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"]

quick = settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def damaged(draw):
    text = USER_MAP.replace(",", draw(st.sampled_from(",;\t"))).encode(
        draw(st.sampled_from(ENCODINGS))
    )
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
        put = draw(st.sampled_from([b"", text[at : at + 40], *PIECES]) | st.binary(max_size=4))
        text = text[:at] + put + text[at + length :]
    return text


@quick
@given(content=damaged() | st.binary(max_size=60))
@example(b"")
@example(b"\xff\xfe")
@example(b"\xff\xfes")
@example(b"\xef\xbb\xbf")
@example(b'"source_id","user_id","customer_id"\r"a","b","c"\r')
@example(b'source_id,user_id,customer_id\n"' + b"x" * 200_000)
@example(b"source_id,user_id,customer_id\n" + b'"""' + b"[" * 5000 + b'""",,')
def test_any_bytes_are_a_user_map_or_a_user_map_error(tmp_path, content):
    path = tmp_path / "users.csv"
    path.write_bytes(content)
    any_user_map_is_read_or_refused(path)


# A spreadsheet runs what begins with one of these; the last four are what Asian keyboards type.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001
FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "＝1",  # noqa: RUF001
    "a;=1",
    "a; =1;",
    "a\t=1",
    "a,=1",
    "a|@x",
    'a",=1',
    'a";=1',
    "a\n=1",
    "a\r=1",
]
IDS = st.builds(
    "".join,
    st.lists(
        st.sampled_from([*FORMULA_STARTS, '"', ",", ";", "|", " ", "a", "1", "\u202e"])
        | st.text(max_size=2),
        min_size=1,
        max_size=5,
    ),
).filter(bool)


def cells_of(line_by_line, delimiter):
    """What a spreadsheet that splits at ``delimiter`` shows, which need not be the comma."""
    return [cell for row in csv.reader(line_by_line, delimiter=delimiter) for cell in row]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@quick
@given(ids=st.lists(IDS, min_size=1, max_size=3, unique=True))
@example(FORMULAS)
@example([';"=', ';" "+1', 'a|""@x'])
def test_no_id_becomes_a_formula_and_each_comes_back_exactly(tmp_path, delimiter, ids):
    path = tmp_path / "users.csv"
    write_user_map(path, [SourceOwner(ScopeKind.USER, one, 1) for one in ids], overwrite=True)

    text = path.read_text("utf-8")
    for cell in cells_of(text.splitlines(keepends=True), delimiter):
        assert not cell.lstrip(" ").startswith(FORMULA_STARTS)
    assert {row.source_id for row in load_user_map(path).rows()} == set(ids)


@pytest.mark.parametrize(
    "word", ["TRUE", "false", "mar2024", "Sept 2", "5-May", "1 jan", "10 am", "5%", "$5", "(5)"]
)
def test_ids_that_a_spreadsheet_takes_for_dates_and_truth_values_stand_in_quotes(tmp_path, word):
    path = tmp_path / "users.csv"
    write_user_map(path, [SourceOwner(ScopeKind.USER, word, 1)])
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1][0] == json.dumps(word)


def test_direction_overrides_are_written_as_what_they_are(tmp_path):
    path = tmp_path / "users.csv"
    write_user_map(path, [SourceOwner(ScopeKind.USER, "\u202egpj.\u2066exe", 1)])
    assert '"""\\u202egpj.\\u2066exe""",' in path.read_text("ascii")
