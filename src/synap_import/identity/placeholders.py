"""What may stand in braces in the ids that a row gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cells import excerpt
from .patterns import Pattern, in_braces, names_in_braces
from .user_map import SOURCE_ID

if TYPE_CHECKING:
    from collections.abc import Iterator


def placeholder_problems(
    value: str, source_id: str | Pattern | None, *, quoted: bool
) -> Iterator[str]:
    """What in a user_id or customer_id cannot be filled in, in a row with that source id."""
    names = names_in_braces(value)
    if not names:
        return
    parts = source_id.names if isinstance(source_id, Pattern) else ()
    known = [SOURCE_ID, *map(in_braces, parts)]
    if quoted:
        if parts and any(in_braces(name) in known for name in names):
            yield "holds a placeholder in double quotes; without the quotes it is filled in"
        return
    choice = f"can be {', '.join(known)}" if parts else f"is {SOURCE_ID}"
    for found in map(in_braces, names):
        if found not in known:
            yield f"holds {excerpt(found)}; the only placeholder {choice}"
