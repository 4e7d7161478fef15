"""Values of drivers become plain ones, and none of them is lost."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import_sql.values import BINARY_LIMIT, decoded_json, plain, plain_row, text_of_binary


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal(17), 17),
        (Decimal("3.00"), 3),
        (Decimal("0.1"), "0.1"),
        (Decimal("NaN"), "NaN"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"\xca\xfe", "cafe"),
        (memoryview(b"\x01"), "01"),
        ([Decimal("0.5"), None, [b"\1"]], ["0.5", None, ["01"]]),
        ({"a": (1, Decimal(2))}, {"a": (1, Decimal(2))}),
        (time(10, 30), "10:30:00"),
        (timedelta(hours=26), "1 day, 2:00:00"),
        (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 1, 15, tzinfo=UTC)),
        (date(2026, 1, 15), date(2026, 1, 15)),
    ],
)
def test_a_value_is_plain(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_long_bytes_are_told_apart_but_not_copied() -> None:
    one, other = (plain(byte * (BINARY_LIMIT + 1)) for byte in (b"a", b"b"))
    assert one.startswith("(binary, 257 bytes, SHA-256 ")
    assert one != other


def test_a_row_is_made_plain_in_its_place() -> None:
    row = {"id": UUID(int=1), "n": 1}
    assert plain_row(row) is row
    assert row == {"id": "00000000-0000-0000-0000-000000000001", "n": 1}


@given(
    st.recursive(st.integers() | st.text() | st.none(), st.lists)
    | st.dictionaries(st.text(), st.integers())
)
def test_json_in_a_text_is_what_was_written(value: Any) -> None:
    written = json.dumps(value)
    expected = value if isinstance(value, dict | list) else written
    assert decoded_json(written) == expected


@pytest.mark.parametrize("text", ["{tea}", "[not json", "{" * 100_000, "", "7"])
def test_other_texts_stay_texts(text: str) -> None:
    assert decoded_json(text) == text


@given(st.binary())
def test_bytes_are_text_or_are_refused_with_their_place(stored: bytes) -> None:
    try:
        expected = stored.decode()
    except UnicodeDecodeError as error:
        with pytest.raises(ValueError, match=f"byte {error.start + 1} is 0x"):
            text_of_binary(stored)
    else:
        assert text_of_binary(stored) == expected
