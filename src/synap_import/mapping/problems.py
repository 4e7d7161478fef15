"""What goes wrong with a single object, told without ever going wrong itself."""

from __future__ import annotations

import reprlib
from typing import Any

EXCERPT_LENGTH = 80


class Unmappable(Exception):  # noqa: N818 - it names what the object is, for one catch site
    """An object that cannot become a record; the next one can.

    ``field`` is the record's field that failed, ``reason`` a clause that names the type and
    an excerpt of what was found.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


def excerpt(value: Any) -> str:
    """The value in at most 80 characters, however large, deep or cyclic it is."""
    try:
        shown = _SHORT.repr(value)
    except Exception:  # noqa: BLE001 - a repr may raise anything, and this only decorates
        return f"<{type(value).__name__}>"
    return shown if len(shown) <= EXCERPT_LENGTH else shown[: EXCERPT_LENGTH - 1] + "…"


def described(error: Exception) -> str:
    """What an exception says, in one line of at most 200 characters."""
    try:
        said = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - it may try to show a value that cannot be shown
        said = ""
    return said[:200] or type(error).__name__


def wrong_type(field: str, value: Any, wanted: str) -> Unmappable:
    """The error for a value of a type that the field cannot take."""
    return Unmappable(field, f"{wanted} was expected, not {type(value).__name__}: {excerpt(value)}")


_SHORT = reprlib.Repr()
_SHORT.maxstring = EXCERPT_LENGTH
_SHORT.maxother = EXCERPT_LENGTH
_SHORT.maxlevel = 3
