"""Each message that the page explains is one that the code can say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
LEFT_OUT = "…"


def explained() -> list[str]:
    """The first cells of the tables."""
    rows = re.findall(r"^\| (.+?) \|", PAGE, re.MULTILINE)
    return [row for row in rows if row != "it says"]


def said() -> str:
    """All texts of the host's code, one a line; what is filled in is left out."""
    lines = []
    for path in sorted((ROOT / "src" / "synap_import").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        lines += [" ".join(text.split()) for text in _texts(tree)]
    return "\n".join(lines)


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else LEFT_OUT
                for part in node.values
            )


SAID = said()


def is_said(message: str) -> bool:
    """Whether a text has all the parts of it, in their order, with something between them."""
    parts = [re.escape(part.strip()) for part in message.split(LEFT_OUT)]
    between = rf"[^\n]*?{LEFT_OUT}[^\n]*?"
    return re.search(between.join(parts), SAID) is not None


def test_there_are_messages() -> None:
    assert len(explained()) > 30


@pytest.mark.parametrize("message", explained())
def test_the_code_can_say_it(message: str) -> None:
    assert is_said(message)


@pytest.mark.parametrize("message", ["The ledger has … wings", "Nothing is … well"])
def test_another_would_be_noticed(message: str) -> None:
    assert not is_said(message)
