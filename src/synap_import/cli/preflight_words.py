"""The findings of a job as a table that is read from the top: what stops, then what matters."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from synap_import.preflight import CATALOG
from synap_import.sources import Severity

from .terminal import inert, number

if TYPE_CHECKING:
    from synap_import.sources import Finding

_WIDEST = 100
_IN_NOTES = {"time-missing"}
_FORETELLING = {"credits-short", "credits-unknown"}
_PLURALS = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "notes"}
_SINGULARS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def preflight_lines(findings: Sequence[Finding]) -> list[str]:
    """All of them: severity, code and count, then what it is, an example, and what to do."""
    if not findings:
        return []
    width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)
    estimates = [inert(one.message, 500) for one in findings if one.code == "estimate"]
    others = [one for one in findings if one.code != "estimate"]
    lines = [f"Pre-flight: {_counts(others) or 'nothing to say'}", *estimates]
    longest = max((len(one.code) for one in others), default=0)
    for one in others:
        # One thing that is so or not so needs no number.
        count = number(one.count) if one.count > 1 or one.examples else ""
        row = f"  {_SINGULARS[one.severity]:<8} {inert(one.code, 60):<{longest}} {count:>9}"
        lines += [row.rstrip(), *_indented(one, width)]
    return [*lines, "More about each: synap-import explain CODE"] if others else lines


def warning_lines(findings: Sequence[Finding], *, is_loaded: bool = False) -> list[str]:
    """Those that are more than notes, a line each, without what the account tells by itself.

    What ``is_loaded`` needs no foretelling any more.
    """
    return [
        f"{one.severity.capitalize()}: {inert(one.message.rstrip('.'), 300)} "
        f"({number(one.count)}; synap-import explain {inert(one.code, 60)})"
        for one in findings
        if one.severity is not Severity.INFO
        and not _is_told_elsewhere(one)
        and not (is_loaded and one.code in _FORETELLING)
    ]


def _is_told_elsewhere(finding: Finding) -> bool:
    known = CATALOG.get(finding.code)
    return finding.code in _IN_NOTES or (known is not None and known.hold)


def _counts(findings: Sequence[Finding]) -> str:
    counts = {one: sum(found.severity is one for found in findings) for one in _PLURALS}
    words = [
        f"{count} {_SINGULARS[one] if count == 1 else _PLURALS[one]}"
        for one, count in counts.items()
        if count
    ]
    return ", ".join(words)


def _indented(finding: Finding, width: int) -> Iterator[str]:
    texts = [inert(finding.message, 500)]
    if finding.examples:
        texts.append(f"such as: {inert(finding.examples[0])}")
    if finding.remedy:
        texts.append(f"→ {inert(finding.remedy, 500)}")
    for text in texts:
        yield from textwrap.wrap(
            text,
            width,
            initial_indent=" " * 11,
            subsequent_indent=" " * 13 if text.startswith("→") else " " * 11,
            break_long_words=False,
            break_on_hyphens=False,
        )
