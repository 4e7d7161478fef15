"""Times between re-syncs, as people write them."""

from __future__ import annotations

import click
import pytest

from synap_import.cli.resync_options import Span


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30s", 30), ("10m", 600), ("2h", 7200), ("1d", 86_400), ("1.5h", 5400), (" 5 M ", 300)],
)
def test_a_time_is_understood(written: str, seconds: float) -> None:
    assert Span().convert(written, None, None) == seconds


@pytest.mark.parametrize("written", ["", "10", "m", "-5m", "0s", "5 minutes", "1e3s", "inf h"])
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(click.BadParameter, match="such as 30s, 10m or 2h"):
        Span().convert(written, None, None)
