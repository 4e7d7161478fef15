"""The comparison takes its figures from the page of measurements, and no other."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
MEASURED = (DOCS / "performance.md").read_text("utf-8")


def figures() -> list[str]:
    """Those of the rows that compare speeds, shares and sizes in memory."""
    page = (DOCS / "by-hand.md").read_text("utf-8")
    rows = re.findall(r"^\| .*(?:records/s|600 requests|memory at most).*$", page, re.MULTILINE)
    cells = [cell for row in rows for cell in row.split("|")[2:]]
    return [found[0] for cell in cells if (found := re.search(r"\d[\d,.]*", cell))]


def test_it_has_figures() -> None:
    assert len(figures()) > 12


def test_each_of_them_was_measured() -> None:
    cells = {cell.strip(" %") for row in MEASURED.splitlines() for cell in row.split("|")}
    assert [one for one in figures() if one not in cells] == []
