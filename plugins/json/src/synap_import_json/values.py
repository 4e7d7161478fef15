"""From the bytes of one record to Python values, without changing any of them."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from pydantic_core import from_json

DEPTH_LIMIT = 200
"""Levels of nesting that a record may have; the host's encoder stops at about 250."""

_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]++|[\]}]++', re.DOTALL)


def decode(text: bytes) -> dict[str, Any]:
    """The JSON object in ``text``.

    Raises ValueError, with a sentence for people, when there is none.
    """
    value = _parse(text)
    if not isinstance(value, dict):
        raise ValueError(f"it is {_described(value)}, not an object")
    return value


def decode_key(text: bytes) -> str | None:
    """The JSON string in ``text``, None when there is none."""
    try:
        value = _parse(text)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _parse(text: bytes) -> Any:
    try:
        # Integers stay exact, NaN and 1e400 are read, and nesting ends at 200 levels; an empty
        # array or object inside of them is no level.
        return from_json(text, cache_strings="keys")
    except ValueError:
        return _parse_carefully(text)


def _parse_carefully(text: bytes) -> Any:
    """Lone surrogates are what only this one reads, and why a text cannot be read."""
    if text.count(b"{") + text.count(b"[") > DEPTH_LIMIT and _too_deep(text):
        raise ValueError(f"it is nested too deeply: more than {DEPTH_LIMIT} levels")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} at character {error.pos + 1}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text at byte {error.start + 1}") from error
    except ValueError as error:  # what is left is Python's limit, here and where it is written
        digits = sys.get_int_max_str_digits()
        raise ValueError(f"it holds a number of more than {digits:,} digits") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _too_deep(text: bytes) -> bool:
    depth = 0
    for match in _BRACKETS.finditer(text):
        first = text[match.start()]
        if first in b"[{":
            depth += match.end() - match.start()
            if depth > DEPTH_LIMIT:
                return True
        elif first in b"]}":
            depth -= match.end() - match.start()
    return False


def _described(value: object) -> str:
    if value is None:
        return "null"
    names = {list: "an array", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number")
