"""From what a driver makes of a column to plain values, without losing any of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, TypeAlias

import orjson

Convert: TypeAlias = Callable[[Any], Any]

BINARY_LIMIT: Final = 256
"""Bytes that are written out in hexadecimal digits; longer ones are described."""

# Times stay what they are: the mapping reads them exactly, whatever format it names.
_PLAIN: Final = frozenset({str, int, float, bool, type(None), dict, datetime, date})
_BINARY: Final = (bytes, bytearray, memoryview)
_LISTS: Final = (list, tuple, set, frozenset)
# orjson makes floats of whole numbers outside 64 bits without a word.
_LONG_NUMBER: Final = re.compile(r"[0-9]{19}")


def plain_row(row: dict[str, Any]) -> dict[str, Any]:
    """The row with plain values only; changes it in place."""
    for name, value in row.items():
        if type(value) not in _PLAIN:
            row[name] = plain(value)
    return row


def plain(value: Any) -> Any:
    """A text, number, truth value, time, list or object."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, _BINARY):
        return _binary(bytes(value))
    if isinstance(value, _LISTS):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    return str(value)


def text_of_binary(value: Any) -> Any:
    """The text that a binary column holds. Raises ValueError where it is none."""
    if type(value) is str or not isinstance(value, _BINARY):
        return value
    try:
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"its bytes are not UTF-8 text (byte {error.start + 1} is "
            f"0x{error.object[error.start]:02x}); convert the column in a --query"
        ) from error


def decoded_json(value: Any) -> Any:
    """The object or array that a text holds; any other text stays what it is."""
    text = text_of_binary(value)
    if not isinstance(text, str) or not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return orjson.loads(text) if not _LONG_NUMBER.search(text) else json.loads(text)
    except (ValueError, RecursionError):
        return text


def _number(value: Decimal) -> int | str:
    """Whole numbers as such; a float would not be the same number for the others."""
    if value.is_finite() and value == value.to_integral_value():
        return int(value)
    return str(value)


def _binary(value: bytes) -> str:
    """A short one, such as a UUID, in hexadecimal digits; of a long one what tells it apart."""
    if len(value) <= BINARY_LIMIT:
        return value.hex()
    return f"(binary, {len(value)} bytes, SHA-256 {sha256(value).hexdigest()})"
