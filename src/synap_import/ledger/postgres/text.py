"""Text that PostgreSQL cannot keep as it is: it has no NUL.

NUL goes under the name of a character that Unicode keeps out of all text, and what says so before
it is another such. Either of them in a text of its own is named in the same way, so that what
comes out is what went in.
"""

from __future__ import annotations

_SAYS_SO, _NUL, _ITSELF = "\ufdd0", "\ufdd1", "\ufdd2"


def storable(text: str) -> str:
    """The text without NUL."""
    if "\0" not in text and _SAYS_SO not in text:
        return text
    return text.replace(_SAYS_SO, _SAYS_SO + _ITSELF).replace("\0", _SAYS_SO + _NUL)


def restored(text: str) -> str:
    """The text that was made storable."""
    if _SAYS_SO not in text:
        return text
    return text.replace(_SAYS_SO + _NUL, "\0").replace(_SAYS_SO + _ITSELF, _SAYS_SO)
