"""Whether a job's account holds: what the source said, what came out, what Synap has. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from synap_import.ledger import Confirmation
from synap_import.sources import Severity

if TYPE_CHECKING:
    from synap_import.ledger import Books, IngestionGap
    from synap_import.sources import Finding


class Weight(StrEnum):
    """What a difference means: something is missing, is not finished, or is to be known."""

    MISSING = "missing"
    OPEN = "open"
    NOTE = "note"


class Difference(NamedTuple):
    """Something that keeps the account from being even, with the first documents of it."""

    weight: Weight
    code: str
    times: int
    message: str
    remedy: str = ""
    examples: tuple[str, ...] = ()


class _Words(NamedTuple):
    """What is said of so many documents, the first of which are named where it is odd."""

    weight: Weight
    which: str
    remedy: str = ""
    is_odd: bool = True


_GAPS = {
    Confirmation.PARTIAL: _Words(Weight.MISSING, "of which Synap took in a part only"),
    "unfinished": _Words(
        Weight.OPEN, "that Synap is not finished with", "synap-import confirm goes on."
    ),
    "not_asked": _Words(
        Weight.NOTE,
        "that Synap was not asked about",
        "synap-import confirm --confirm all asks about every one.",
        is_odd=False,
    ),
    "no_memories": _Words(Weight.NOTE, "that Synap took in, and made no memory of"),
    "no_id": _Words(Weight.NOTE, "that Synap accepted without an id to ask about"),
    Confirmation.UNKNOWN: _Words(
        Weight.NOTE, "whose ingestion Synap does not know, or not any longer"
    ),
}


def differences(
    books: Books,
    findings: Sequence[Finding],
    gaps: Sequence[IngestionGap],
    unread: int,
    announced: int | None = None,
) -> list[Difference]:
    """What keeps the account from being even, what is missing first.

    ``findings`` are those of the comparison with the source, ``gaps`` the loaded documents by
    what was heard of them, ``unread`` slices of the source were not read to their end. The source
    said that it holds ``announced`` records, as far as it can say so without being read.
    """
    found = [*_of_the_source(findings, unread), *_of_the_books(books), *_of_the_ingestions(gaps)]
    came_out = books.exported + books.seen_again
    if announced is not None and announced > came_out and not unread:
        found.append(_fewer(announced, came_out))
    order = list(Weight)
    return sorted(found, key=lambda one: order.index(one.weight))


def _of_the_source(findings: Sequence[Finding], unread: int) -> Iterator[Difference]:
    for finding in findings:
        if finding.severity is not Severity.INFO:
            is_missing = finding.severity is Severity.ERROR
            times = f" ({finding.count:,} times)" if finding.count > 1 else ""
            yield Difference(
                Weight.MISSING if is_missing else Weight.NOTE,
                finding.code,
                finding.count,
                f"{finding.message}{times}",
                finding.remedy,
                finding.examples,
            )
    if unread:
        yield Difference(
            Weight.OPEN,
            "source-not-read-to-its-end",
            unread,
            f"{_counted(unread, 'part')} of the source not read to the end.",
            "The import command goes on.",
        )


def _fewer(announced: int, came_out: int) -> Difference:
    return Difference(
        Weight.NOTE,
        "fewer-than-announced",
        announced - came_out,
        f"The source announced {announced:,} records, and {came_out:,} came out.",
    )


def _of_the_books(books: Books) -> Iterator[Difference]:
    counted = (
        (Weight.MISSING, "unaccounted", books.unaccounted, "without any state", _FAULT),
        (Weight.MISSING, "rejected", books.rejected_total, "rejected", _REJECTED),
        (Weight.OPEN, "not-sent", books.unfinished, "not sent yet", _IMPORT),
        (Weight.OPEN, "in-doubt", books.in_doubt, "sent, with unknown outcome", _IMPORT),
    )
    for weight, code, count, what, remedy in counted:
        if count:
            yield Difference(weight, code, count, f"{_counted(count, 'record')} {what}.", remedy)


_FAULT = "This is a fault of synap-import; please report it."
_REJECTED = "synap-import rejected writes them to a file, synap-import retry sends them again."
_IMPORT = "The import command goes on."


def _of_the_ingestions(gaps: Sequence[IngestionGap]) -> Iterator[Difference]:
    for gap in gaps:
        words = _GAPS.get(gap.what)
        if words is not None:
            yield Difference(
                words.weight,
                gap.what.replace("_", "-"),
                gap.documents,
                f"{_counted(gap.documents, 'document')} {words.which}.",
                words.remedy,
                gap.examples if words.is_odd else (),
            )


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
