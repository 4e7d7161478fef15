"""What a rollback will do, what it cannot, and what it did, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .terminal import inert, number

if TYPE_CHECKING:
    from synap_import.ledger import RollbackOutlook
    from synap_import.rollback import Deleted

_IRREVERSIBLE = (
    "What cannot be undone:",
    "  deleted memories do not come back; the import command loads them anew, at its price",
    "  what Synap charged for taking the documents in",
    "  entities that Synap merged with ones that it knew, and summaries that it made since",
    "  what was there before under the same document ids, if Synap replaced it unasked",
)


def documents(count: int) -> str:
    """So many documents."""
    return f"{number(count)} document{'' if count == 1 else 's'}"


def memories(count: int) -> str:
    """So many memories."""
    return f"{number(count)} memor{'y' if count == 1 else 'ies'}"


def plan_lines(outlook: RollbackOutlook) -> list[str]:
    """What is going to be done, and what cannot be undone."""
    lines = ["To be deleted, for good:"]
    if outlook.named:
        lines.append(f"  {memories(outlook.memories)} of {documents(outlook.named)}")
    if outlook.to_ask:
        lines.append(
            f"  the memories of {documents(outlook.to_ask)}; Synap is asked first which they are"
        )
    if outlook.sent_twice:
        lines.append(
            f"  {documents(outlook.sent_twice)} of these went out without an answer at first: if "
            "Synap kept a second copy, it tells of one only"
        )
    stays = staying_lines(outlook)
    return [*lines, *(["What stays:", *stays] if stays else []), *_IRREVERSIBLE]


def staying_lines(outlook: RollbackOutlook) -> list[str]:
    """What a rollback leaves in Synap, or may leave there, and why."""
    foreign = outlook.already_there - outlook.perhaps_ours
    reasons = (
        (foreign, "there already before the job: it did not make them"),
        (
            outlook.perhaps_ours,
            "sent without an answer, then said to be there already: no id of theirs is known",
        ),
        (outlook.nameless, "loaded, but Synap does not tell the ids of all their memories"),
        (
            outlook.in_doubt,
            "sent without an answer: the import command finds out about them first",
        ),
        (
            outlook.failed,
            "whose ingestion failed: Synap tells no memories of them, nor what it kept",
        ),
    )
    stays = [f"  {documents(count)} {why}" for count, why in reasons if count]
    if outlook.transcripts:
        many = f"{number(outlook.transcripts)} transcript{'' if outlook.transcripts == 1 else 's'}"
        stays.append(f"  the turns of {many}, and what Synap summarised of them")
    return stays


def done_lines(deleted: Deleted, outlook: RollbackOutlook, refused: list[tuple[str, str]]) -> str:
    """What was done, and what is left."""
    gone = f", {number(deleted.gone_before)} were gone before" if deleted.gone_before else ""
    lines = [
        f"Rolled back {documents(deleted.documents)}: {memories(deleted.memories)} deleted{gone}."
    ]
    if outlook.to_ask:
        lines.append(f"{documents(outlook.to_ask)} not finished in Synap yet: they are still there")
    lines += [f"Not deleted: {inert(one)}: {inert(reason)}" for one, reason in refused]
    if len(refused) < outlook.refused:
        lines.append(f"  and {number(outlook.refused - len(refused))} more")
    stays = staying_lines(outlook)
    return "\n".join([*lines, *(["What stays in Synap:", *stays] if stays else [])])
