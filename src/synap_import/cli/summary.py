"""The account of a job, for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from synap_import.assumptions import told
from synap_import.ledger import Confirmation, DocumentState, Origin
from synap_import.preflight import in_order

from .preflight_words import preflight_lines, warning_lines
from .terminal import finding_lines, inert, number

if TYPE_CHECKING:
    from synap_import.jobs import Job
    from synap_import.ledger import Books, Ledger
    from synap_import.sources import Finding

_EXAMPLES = 5


def as_json(
    job: Job | None,
    books: Books,
    code: int,
    findings: Sequence[Finding] = (),
    stopped: str = "",
) -> str:
    """The account as one JSON object."""
    account: dict[str, Any] = {
        "job": job.name if job else None,
        "source": job.source if job else None,
        "destination": job.destination if job else None,
        "exit_code": int(code),
        "stopped": stopped or None,
        **asdict(books),
        "unaccounted": books.unaccounted,
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(account)


def print_summary(title: str, books: Books, ledger: Ledger, *, dry_run: bool = False) -> None:
    """The account as a table whose numbers add up, with the first reasons."""
    click.echo("\n".join(account_lines(title, books, ledger, dry_run=dry_run)))


def account_lines(title: str, books: Books, ledger: Ledger, *, dry_run: bool = False) -> list[str]:
    """The table, what had to be assumed, the first that went wrong, and the findings."""
    return [
        *summary_lines(title, books, dry_run=dry_run),
        *([] if dry_run else notice_lines(books)),
        *_example_lines(ledger),
        *_finding_lines(ledger, books, dry_run=dry_run),
    ]


def _finding_lines(ledger: Ledger, books: Books, *, dry_run: bool) -> list[str]:
    """What was found: all of it in a dry run, which is made to be read."""
    found = [*ledger.findings.kept(Origin.CHECK), *ledger.findings.kept(Origin.PREFLIGHT)]
    if dry_run:
        return preflight_lines(in_order([*found, *ledger.findings.kept(Origin.RECONCILE)]))
    compared = [*ledger.findings.kept(Origin.RECONCILE), *ledger.findings.kept(Origin.RESYNC)]
    missing = [line for one in compared for line in finding_lines(one)]
    warnings = warning_lines(ledger.findings.kept(Origin.PREFLIGHT), is_loaded=not books.unfinished)
    return [*warnings, *missing]


def summary_lines(title: str, books: Books, *, dry_run: bool = False) -> list[str]:
    """The table: what was exported, and the states that add up to it."""
    unfinished = "would be loaded" if dry_run else "not finished"
    rows = [
        ("loaded", books.loaded, {}),
        ("already there", books.already_there, {}),
        (unfinished, books.unfinished, {}),
        ("held", books.held_total, books.held),
        ("rejected", books.rejected_total, books.rejected),
        ("in doubt", books.in_doubt, {}),
        ("rolled back", books.rolled_back, {}),
        ("unaccounted", books.unaccounted, {}),
    ]
    always = {"loaded"} if not dry_run else {unfinished}
    width = len(number(books.exported))
    lines = [title, f"  {'exported':<18}{number(books.exported):>{width}}"]
    for name, count, reasons in rows:
        if count or name in always:
            lines.append(f"  {'  ' + name:<18}{number(count):>{width}}{_reasons(reasons)}")
    if books.documents < books.loaded + books.already_there:
        lines.append(f"  as {number(books.documents)} documents")
    if books.confirmation:
        lines.append(f"  {confirmation_line(books)}")
    if books.seen_again:
        lines.append(f"  {number(books.seen_again)} seen again in the source, counted once")
    if books.gone:
        lines.append(f"  {number(books.gone)} of these not in the source any more")
    if books.replaced:
        lines.append(f"  {_replaced_line(books.replaced)}")
    return lines


def _replaced_line(replaced: Mapping[str, int]) -> str:
    """What became of documents in whose place others came."""
    removed = replaced.get(DocumentState.REMOVED, 0)
    counts = ((removed, "removed"), (sum(replaced.values()) - removed, "still there"))
    said = ", ".join(f"{number(count)} {what}" for count, what in counts if count)
    return f"older versions of documents in Synap: {said}"


_SAID = {
    Confirmation.COMPLETED: "completed",
    Confirmation.PARTIAL: "partial",
    Confirmation.FAILED: "failed",
    Confirmation.ALREADY_THERE: "already there",
    Confirmation.UNKNOWN: "unknown to Synap",
    Confirmation.PROCESSING: "still processing",
    Confirmation.MISSING: "not known to Synap yet",
    Confirmation.WAITING: "not asked yet",
}


def confirmation_line(books: Books) -> str:
    """What Synap made of the documents that it was asked about."""
    counts = books.confirmation
    ingested = counts.get(Confirmation.COMPLETED, 0) + counts.get(Confirmation.PARTIAL, 0)
    said = ", ".join(f"{_SAID[one]} {number(counts[one])}" for one in _SAID if counts.get(one))
    parts = [
        f"ingested {number(ingested)} of {number(books.to_confirm)} documents asked"
        + (f": {said}" if said else ""),
        f"{number(counts.get('memories', 0))} memories",
    ]
    if counts.get("not_confirmable"):
        parts.append(f"{number(counts['not_confirmable'])} came without an id to ask about")
    return "; ".join(parts)


def _reasons(reasons: dict[str, int]) -> str:
    if not reasons:
        return ""
    shown = [f"{inert(name, 60)} {number(n)}" for name, n in list(reasons.items())[:_EXAMPLES]]
    more = [f"{len(reasons) - _EXAMPLES} more reasons"] if len(reasons) > _EXAMPLES else []
    return "  " + ", ".join(shown + more)


def notice_lines(books: Books) -> list[str]:
    """What had to be assumed while reading, with counts."""
    return [f"Note: {inert(told(code, count), 300)}." for code, count in books.notices.items()]


def _example_lines(ledger: Ledger) -> list[str]:
    lines = [
        f"Unreadable: {inert(item.where)}: {inert(item.reason)}"
        for item in ledger.accounting.unreadable(_EXAMPLES)
    ]
    rejections = ledger.accounting.rejections(_EXAMPLES)
    lines += [f"Rejected: {inert(one)}: {inert(reason)}" for one, reason in rejections]
    if rejections:
        lines.append("`synap-import rejected` writes them to a file, `synap-import retry` resends.")
    doubts = ledger.accounting.doubts(_EXAMPLES)
    lines += [f"In doubt: {inert(document_id)}: {inert(reason)}" for document_id, reason in doubts]
    if doubts:
        lines.append("Without --on-doubt hold the same command sends what is in doubt again.")
    return lines
