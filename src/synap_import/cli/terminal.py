"""Text that goes to a terminal: hostile content made inert, numbers made readable."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from synap_import.sources import Finding

_EXAMPLES = 5


def inert(text: str, limit: int = 200) -> str:
    """The text on one line with what controls a terminal shown, not obeyed, and cut to a length.

    That is whatever Unicode does not call printable: escapes, line ends, overrides of the
    direction of writing, invisible characters, halves of characters.
    """
    # Cut first: a hostile text may be as long as a record.
    part = text[: limit + 1]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in part)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def inert_lines(text: str, limit: int = 2000) -> str:
    """The same on several lines; all but the first are indented, so that none passes for ours."""
    first, *others = text[: limit + 1].split("\n")
    lines = [inert(first, limit), *(f"  {inert(line.strip(), limit)}" for line in others)]
    shown = "\n".join(lines)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def number(count: int) -> str:
    """A count with thousands separated."""
    return f"{count:,}"


def duration(seconds: float) -> str:
    """A span of time in the units that a person would use."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    if whole < 90 * 60:
        return f"{round(whole / 60)} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def say(text: str = "") -> None:
    """A line for the person in front of the terminal; standard output is for results."""
    click.echo(text, err=True)


def finding_lines(finding: Finding) -> list[str]:
    """A finding with its first examples and what to do."""
    count = f" ({finding.count:,} times)" if finding.count > 1 else ""
    lines = [f"{finding.severity.capitalize()}: {inert(finding.message, 500)}{count}"]
    lines += [f"  {inert(example)}" for example in finding.examples[:_EXAMPLES]]
    return [*lines, f"  {inert(finding.remedy, 500)}"] if finding.remedy else lines


def say_finding(finding: Finding) -> None:
    """A finding, for the person in front of the terminal."""
    say("\n".join(finding_lines(finding)))


def is_watched() -> bool:
    """Whether a person sees what goes to standard error."""
    return sys.stderr.isatty()
