"""Retry-After in every form that servers use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.retry_after import retry_after_seconds

NOW = datetime(2026, 11, 21, 5, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3),
        ("1.5", 1.5),
        (" 60 ", 60),
        ("Sat, 21 Nov 2026 05:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 05:00:30 -0000", 30),
        ("Sat, 21 Nov 2020 05:00:30 GMT", 0),
        ("-1", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("9" * 400, None),
        ("", None),
        (None, None),
    ],
)
def test_seconds_fractions_dates_and_nonsense(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text())
def test_whatever_a_server_writes_is_no_error(value: str) -> None:
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or seconds >= 0
