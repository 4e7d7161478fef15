"""Open Memory Interchange 0.1 (draft): a mapping; in JSON Lines, the first line tells of the file.

Facts: the specification at omi-ai.org.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .parts import Made, Tools


def read(item: dict[str, Any], tools: Tools) -> Made:
    """The record of a memory; the line that describes the file has none."""
    if item.get("format") != "open-memory-interchange":
        yield tools.mapped(item)
