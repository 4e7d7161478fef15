"""Bars in the rows of a table, stacked by what became of the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synap_import.report.words import parts

from .marks import ornament, rect

if TYPE_CHECKING:
    from markupsafe import Markup

    from synap_import.report.facts import Outcomes

_WIDTH, _HEIGHT = 1000, 10


def bar(outcomes: Outcomes, most: int) -> Markup:
    """A bar as long as its share of the longest one."""
    x = 0.0
    elements = []
    for field, _, count in parts(outcomes):
        width = max(_WIDTH * count / max(most, 1), 3)
        elements.append(rect(x, 0, width, _HEIGHT, field))
        x += width
    return ornament(_WIDTH, _HEIGHT, elements)
