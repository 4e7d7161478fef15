"""Patterns behind others that fit the same ids: only the first one decides."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from .patterns import PARTS, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .user_map import Row, UserMap

# Each pattern is compared with those before it; a map with more is written by a program.
_MOST_COMPARED = 500
# In no id and no literal that anybody types, so that only the literals of patterns meet.
_EXAMPLE = dict.fromkeys(PARTS, "\ue000")


class Overlap(NamedTuple):
    """A pattern row of whose ids an earlier row takes some, or all."""

    row: Row
    earlier: Row


def overlaps(user_map: UserMap) -> Iterator[Overlap]:
    """The rows whose pattern, filled with an example, fits an earlier one of its scope.

    A heuristic: patterns that meet only in ids that look unlike the example are not found.
    """
    patterns = (
        (row.source_id, row) for row in user_map.rows() if isinstance(row.source_id, Pattern)
    )
    earlier: list[tuple[Pattern, Row]] = []
    for pattern, row in islice(patterns, _MOST_COMPARED):
        example = pattern.filled(_EXAMPLE)
        for other, other_row in earlier:
            if other_row.kind is row.kind and other.match(example) is not None:
                yield Overlap(row, other_row)
                break
        earlier.append((pattern, row))
