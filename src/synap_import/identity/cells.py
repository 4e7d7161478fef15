"""How an id stands in a cell: as it is, or in double quotes as a JSON string.

The quotes are for ids that a spreadsheet would change or execute (``007``, ``=1+1``),
that would lose their spaces, and for an id that would be read as a rule: an asterisk, or
a name in braces.
"""

from __future__ import annotations

import json
import re

from .patterns import names_in_braces

ANY = "*"

# What begins a formula, also behind a separator: a spreadsheet may split the line there. The
# wide forms are what Asian keyboards type.
_FORMULA = re.compile(r"(?:^|[,;|])[\s\"]*[-=+@\uff0d\uff1d\uff0b\uff20]")
_BEHIND_SEPARATOR = re.compile(r"([,;|](?: |\\\")*)([-=+@])")
# What spreadsheets make numbers, dates and times of; plain short integers survive them.
_MONTH = (
    r"(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(t|tember)?"
    r"|oct(ober)?|nov(ember)?|dec(ember)?)"
)
_NUMBER_LIKE = re.compile(
    rf"[-+\d.,:/eE %()$\u20ac\u00a3]+|true|false|[\d: ]+[ap]m?"
    rf"|\d+[-/., ]*{_MONTH}([-/., ]*\d+)?|{_MONTH}[-/., ]*\d[-/., \d]*",
    re.IGNORECASE,
)
_SAFE_INTEGER = re.compile(r"0|[1-9]\d{0,10}")
_MANGLED = re.compile(r"[-+]?\d([.,]\d+)?E\+\d{2,3}")


def id_cell(value: str) -> str:
    """The text that stands for an id in a cell, so that :func:`cell_id` gives it back."""
    return _BEHIND_SEPARATOR.sub(_escaped, json.dumps(value)) if _needs_quotes(value) else value


def cell_id(cell: str) -> tuple[str, bool]:
    """The id in a cell without surrounding spaces, and whether it stands in quotes.

    Raises ValueError when a quoted id is not a JSON string.
    """
    if len(cell) < 2 or not (cell[0] == cell[-1] == '"'):
        return cell, False
    value: str = json.loads(cell, strict=False)
    return value, True


def looks_mangled(value: str) -> bool:
    """Whether a spreadsheet has turned a long number into ``1.23E+11``."""
    return _MANGLED.fullmatch(value) is not None


def excerpt(value: str) -> str:
    """A cell's text for a message: quoted, printable, at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _escaped(found: re.Match[str]) -> str:
    """A sign that could begin a formula, as JSON may write any character."""
    return f"{found[1]}\\u{ord(found[2]):04x}"


def _needs_quotes(value: str) -> bool:
    if _SAFE_INTEGER.fullmatch(value):
        return False
    return (
        value == ANY
        or value[:1] == '"'
        or bool(names_in_braces(value))
        or _FORMULA.search(value) is not None
        or value != value.strip()
        or not value.isprintable()
        or _NUMBER_LIKE.fullmatch(value) is not None
    )
