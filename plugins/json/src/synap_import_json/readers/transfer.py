"""What an assistant prints for another one to remember: lines of ``[date] - content``.

Claude and Gemini ask for this text since March 2026 (support.claude.com, article 12123587). It is
recalled by a model: not complete, without ids, with dates as exact as the model was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from synap_import.mapping import made_id

from .parts import Flaw, Made, Tools, record

SYSTEM = "memory-transfer"

_DASH = "[-\u2013\u2014:]"
ENTRY = re.compile(
    rf"\s*(?:[-*\u2022]\s+)?\[(?P<when>[^\]\[{{}}\"]{{1,40}})\]\s*{_DASH}\s+(?P<what>\S.*)"
)
_BULLET = re.compile(r"\s*[-*\u2022]\s+(?P<what>\S.*)")
_HEADING = re.compile(
    r"\s*(?:#{1,6}\s+(?P<hash>.+)|\*\*(?P<bold>[^*]+)\*\*:?|(?P<plain>[^:]{1,60}):)"
)
_NO_DATE = {"unknown", "date unknown", "unknown date", "no date", "n/a", "undated", "-", "?"}


class _Line(NamedTuple):
    number: int
    text: str
    heading: str = ""
    when: str = ""
    is_entry: bool = False


def read(text: str, tools: Tools) -> Made:
    """A record for each entry; every other line that says something is told."""
    for line in _lines(text):
        if not line.is_entry:
            yield Flaw(f":{line.number}", "it is no '[date] - content'", line.text[:200])
            continue
        dated = line.when.lower() not in _NO_DATE
        when = line.when if dated else None
        yield record(
            SYSTEM,
            tools.whose,
            {},
            {"created_at": when},
            id=made_id(SYSTEM, tools.whose.user, line.text, when),
            text=line.text,
            metadata={"heading": line.heading},
            assumptions=("made-id",) if when else ("made-id", "no-time:created_at"),
            raw={"date": line.when, "content": line.text, "heading": line.heading},
        )


def _lines(text: str) -> Iterator[_Line]:
    """The lines that say something, with the heading that they stand under."""
    heading, fenced = "", False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif entry := ENTRY.fullmatch(line):
            yield _Line(number, entry["what"].strip(), heading, entry["when"].strip(), True)
        elif bullet := _BULLET.fullmatch(line):
            yield _Line(number, bullet["what"].strip(), heading, is_entry=True)
        elif found := _HEADING.fullmatch(line.rstrip()):
            heading = next(filter(None, found.groups())).strip()
        elif line.strip():
            yield _Line(number, line.strip(), heading, is_entry=fenced)
