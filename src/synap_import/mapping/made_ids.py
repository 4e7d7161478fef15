"""Ids for objects that have none: the same object gets the same id on every run."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from .problems import excerpt

ID_LENGTH = 32


def made_id(system: str, user: str | None, content: str | None, created: Any) -> str:
    """32 hexadecimal digits from whose a text is, what it says and when, as written.

    White space around the text and Unicode's ways to compose a letter make no difference,
    nor does the order of keys in a time that is an object.
    """
    text = None if content is None else normalize("NFC", content.strip())
    parts = _encoded([system, user, text, created])
    return sha256(parts.encode("ascii")).hexdigest()[:ID_LENGTH]


def _encoded(parts: list[Any]) -> str:
    try:
        return json.dumps(parts, sort_keys=True, default=str)
    except (ValueError, TypeError, RecursionError):
        # Too deep or cyclic for a time anyway; what can be shown of it still tells apart.
        return json.dumps([*parts[:-1], excerpt(parts[-1])])
