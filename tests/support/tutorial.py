"""Runs the blocks of a page in order: commands in one shell, files written, output compared.

A block ``sh`` is run. A block with a ``title="path"`` is written to that file, or added to its end
where the title ends with ``(below)``. Each line of a block ``text`` is in a line of what the
commands before it said, in that order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_BLOCK = re.compile(
    r"^```(?P<kind>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_BELOW = " (below)"
_MARK = "=== block {} ==="


class Block(NamedTuple):
    """One of the page."""

    kind: str
    title: str | None
    text: str


def blocks(page: str) -> list[Block]:
    """All of them, in order."""
    return [Block(match["kind"], match["title"], match["text"]) for match in _BLOCK.finditer(page)]


def script(of: Sequence[Block]) -> str:
    """What a shell does with them."""
    return "\n".join(_steps(of))


def unsaid(of: Sequence[Block], said: str) -> list[str]:
    """The lines of blocks ``text`` that the commands before them did not say."""
    parts = re.split(r"^=== block (\d+) ===\n", said, flags=re.MULTILINE)
    by_number = dict(zip(map(int, parts[1::2]), parts[2::2], strict=True))
    missing, before = [], ""
    for number, block in enumerate(of):
        before = by_number.get(number, before)
        if block.kind == "text":
            missing += _missing_lines(block.text, before)
    return missing


def _missing_lines(expected: str, said: str) -> Iterator[str]:
    """Those that are in no line, or not in this order. Spaces count as one."""
    lines = iter([_bare(line) for line in said.splitlines()])
    for line in expected.splitlines():
        if line.strip() != "..." and not any(_bare(line) in one for one in lines):
            yield line


def _bare(line: str) -> str:
    return " ".join(line.split())


def _steps(of: Sequence[Block]) -> Iterator[str]:
    for number, block in enumerate(of):
        if block.title:
            path, below = block.title.removesuffix(_BELOW), block.title.endswith(_BELOW)
            yield f"cat {'>>' if below else '>'} {path} <<'END-OF-BLOCK'\n{block.text}END-OF-BLOCK"
        elif block.kind == "sh":
            yield f"echo '{_MARK.format(number)}'\n{block.text}"
