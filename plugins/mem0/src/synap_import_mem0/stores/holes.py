"""After a store was read: what it holds now, against what came out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

from synap_import import Exported, Finding, Severity
from synap_import_mem0.memories import SYSTEM

from .rows import Row, page_of

_EXAMPLES = 5


async def find_holes(
    pages_of_ids: AsyncIterator[Sequence[str | int]],
    fetch: Callable[[Sequence[str | int]], Awaitable[Sequence[Row]]],
    exported: Exported,
    now: datetime,
) -> tuple[Finding, ...]:
    """A finding when the store has memories that did not come out.

    Only ids are read, and the payloads of those that are missing: a row that cannot become a
    record is no hole, it was reported when it was read.
    """
    count, examples = 0, list[str]()
    async for ids in pages_of_ids:
        by_name = {str(one): one for one in ids}
        missing = exported.missing(SYSTEM, list(by_name))
        if missing:
            rows = await fetch([by_name[one] for one in missing])
            holes = page_of(rows, None, place="", now=now).records
            count += len(holes)
            examples += [record.id for record in holes[: _EXAMPLES - len(examples)]]
    return (_finding(count, examples),) if count else ()


def _finding(count: int, examples: Sequence[str]) -> Finding:
    memories = "1 memory" if count == 1 else f"{count} memories"
    return Finding(
        Severity.ERROR,
        "not-exported",
        f"The store holds {memories} that did not come out: written while it was read, or missed.",
        remedy="Run the same command again; what arrived is not loaded twice. Nothing is missed "
        "when the application does not write meanwhile.",
        count=count,
        examples=tuple(examples),
    )
