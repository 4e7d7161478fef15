"""What a plugin writes about its reasons to hold: in its README, and in its code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

_HEAD: Final = "| reason | what it is |"
_ROW = re.compile(r"^\|([^|]*)\|", re.MULTILINE)
_CODE = re.compile(r"`([a-z0-9-]+)`")
_LITERAL = re.compile(r"""hold(?:: \w+)? ?= ?f?["'].*""")
_OF_HOST = re.compile(r"state-.*|no-owner|empty-text")


def reasons_in(readme: str) -> set[str]:
    """The reasons that its tables explain, without those of the host."""
    tables = [rest.split("\n\n", 1)[0] for rest in readme.split(_HEAD)[1:]]
    cells = "".join(cell for table in tables for cell in _ROW.findall(table))
    return {reason for reason in _CODE.findall(cells) if not _OF_HOST.fullmatch(reason)}


def constants_of(module: ModuleType) -> set[str]:
    """The texts that a module gives public names of constants."""
    named = {name: one for name, one in vars(module).items() if name.isupper() and name[0] != "_"}
    return {one for one in named.values() if isinstance(one, str)}


def written_out(sources: Path) -> list[str]:
    """Where a reason is a text in the code, so that no constant tells of it."""
    return [
        f"{path.name}: {found}"
        for path in sorted(sources.rglob("*.py"))
        for found in _LITERAL.findall(path.read_text("utf-8"))
    ]
