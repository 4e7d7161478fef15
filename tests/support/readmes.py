"""What the README of a plugin says, for tests that hold it to the code."""

from __future__ import annotations

import re
from typing import Final

_HEAD: Final = "| reason | what it is |"
_ROW = re.compile(r"^\|([^|]*)\|", re.MULTILINE)
_CODE = re.compile(r"`([a-z0-9-]+)`")


def reasons_in(text: str) -> set[str]:
    """The reasons to hold that its tables explain, without those of the host (``state-…``)."""
    tables = [rest.split("\n\n", 1)[0] for rest in text.split(_HEAD)[1:]]
    cells = "".join(cell for table in tables for cell in _ROW.findall(table))
    return {reason for reason in _CODE.findall(cells) if not reason.startswith("state-")}
