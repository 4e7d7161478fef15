"""What the drivers of databases say when something is wrong, for people."""

from __future__ import annotations


def first_line(said: object) -> str:
    """The first line without its full stop: drivers go on with hints for programmers."""
    lines = str(said).strip().splitlines()
    return lines[0].rstrip(".!: ") if lines else "no reason given"
