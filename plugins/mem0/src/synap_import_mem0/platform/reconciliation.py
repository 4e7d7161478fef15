"""What the project says it holds, compared with what came out; each difference is a finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from synap_import import Finding, Severity

if TYPE_CHECKING:
    from .enumeration import Subset

_EXAMPLES = 5
_AGAIN = "Run the same command again; what came out is not read twice."


def missing_in_list(subset: Subset, ids: Sequence[str]) -> Finding:
    """Memories that a list shows and that did not come out."""
    return Finding(
        Severity.ERROR,
        "mem0-memories-missing",
        f"{_memories(len(ids))} with {' and '.join(subset)} did not come out, though Mem0 lists "
        "them.",
        remedy=_AGAIN,
        count=len(ids),
        examples=tuple(ids[:_EXAMPLES]),
    )


def never_listed(subset: Subset, short: int, count: int) -> Finding:
    """Memories that a list counts and does not show."""
    return Finding(
        Severity.ERROR,
        "mem0-memories-not-listed",
        f"Mem0 counts {count} memories with {' and '.join(subset)}, but lists {short} fewer.",
        remedy=_AGAIN + " If it stays so, ask Mem0's support about these memories.",
        count=short,
    )


def more_than_counted(subset: Subset, more: int) -> Finding:
    """Memories that came out and are counted no longer."""
    return Finding(
        Severity.INFO,
        "mem0-memories-gone",
        f"{_memories(more)} with {' and '.join(subset)} came out and are no longer in Mem0.",
        remedy="They were deleted or moved since they were read; nothing needs to be done.",
        count=more,
    )


def missing_of_entities(names: Sequence[str], records: int) -> Finding:
    """Owners none or too few of whose memories came out."""
    return Finding(
        Severity.ERROR,
        "mem0-entities-missing",
        f"Mem0 counts {records} memories of {len(names)} entities that did not come out.",
        remedy=_AGAIN,
        count=records,
        examples=tuple(names[:_EXAMPLES]),
    )


def total_differs(counted: int, came_out: int) -> Finding | None:
    """The statistics against what came out; their scope is not documented as the project."""
    if counted == came_out:
        return None
    more = counted > came_out
    return Finding(
        Severity.WARNING if more else Severity.INFO,
        "mem0-total-differs",
        f"Mem0's statistics count {counted} memories; {came_out} came out.",
        remedy="The statistics may cover other projects of the account, or leave out expired "
        "and merged memories; the counts of the lists decide.",
        count=abs(counted - came_out),
    )


def missing_of_feed(ids: Sequence[str]) -> Finding:
    """Memories that exist, named by the history feed alone."""
    return Finding(
        Severity.ERROR,
        "mem0-history-memories-missing",
        f"{_memories(len(ids))} that the history feed names did not come out, though they exist.",
        remedy=_AGAIN,
        count=len(ids),
        examples=tuple(ids[:_EXAMPLES]),
    )


def new_since(ids: Sequence[str]) -> Finding:
    """Memories that were written while others were read."""
    return Finding(
        Severity.INFO,
        "mem0-new-since",
        f"{_memories(len(ids))} were written to Mem0 since reading began, and did not come out.",
        remedy="Run the same command again to bring them too.",
        count=len(ids),
        examples=tuple(ids[:_EXAMPLES]),
    )


def too_many_to_ask_for(count: int) -> Finding:
    """More ids in the feed than are looked up one by one."""
    return Finding(
        Severity.WARNING,
        "mem0-history-not-looked-up",
        f"The history feed names {count} more ids that no list shows; they were not asked for "
        "one by one.",
        remedy="Mostly they are of deleted memories or of other projects; the counts of the "
        "lists decide.",
        count=count,
    )


def gone_without_trace(ids: Sequence[str]) -> Finding:
    """Memories of the feed that are neither there nor said to be deleted."""
    return Finding(
        Severity.INFO,
        "mem0-history-memories-gone",
        f"{_memories(len(ids))} that the history feed names are not in the project any more.",
        count=len(ids),
        examples=tuple(ids[:_EXAMPLES]),
    )


def deleted_since(count: int, examples: Sequence[str]) -> Finding:
    """Memories that came out and that the feed says are deleted."""
    return Finding(
        Severity.INFO,
        "mem0-deleted-since",
        f"{_memories(count)} came out and were deleted in Mem0 afterwards.",
        remedy="Delete them in Synap too, if they should not be there.",
        count=count,
        examples=tuple(examples),
    )


def not_compared(what: str, why: str) -> Finding:
    """An endpoint that would have served to compare."""
    return Finding(
        Severity.WARNING,
        "mem0-not-compared",
        f"What came out could not be compared with {what}: {why}",
    )


def merged_not_exported() -> Finding:
    """The server does not give merged duplicates."""
    return Finding(
        Severity.WARNING,
        "mem0-merged-not-exported",
        "Merged duplicates were not exported: the server does not know include_merged.",
        remedy="The memories that they were merged into did come out.",
    )


def empty_project(project: str, projects: Sequence[str]) -> Finding:
    """The key opens a project without memories: mostly it is the wrong key."""
    others = [name for name in projects if name][:_EXAMPLES]
    known = f" The organisation's projects: {', '.join(others)}." if len(others) > 1 else ""
    return Finding(
        Severity.WARNING,
        "mem0-project-empty",
        f"The project {project} that the key opens holds no memories.{known}",
        remedy="If yours are in another project, put that one's key into MEM0_API_KEY: a key "
        "opens one project.",
    )


def one_of_projects(projects: Sequence[str]) -> Finding:
    """The organisation has more projects than the one that is read."""
    return Finding(
        Severity.INFO,
        "mem0-other-projects",
        f"The organisation has {len(projects)} projects; the key opens one of them.",
        remedy="Run it again with the key of each other project whose memories you want.",
        count=len(projects) - 1,
        examples=tuple(projects[:_EXAMPLES]),
    )


def _memories(count: int) -> str:
    return "1 memory" if count == 1 else f"{count} memories"
