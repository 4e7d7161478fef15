"""Makes strings and metadata safe to send, without changing what they say."""

from __future__ import annotations

import json
import math
import re
from typing import Any

# Synap's servers are Postgres-backed as far as anybody can tell, and PostgreSQL has no
# U+0000 in text; a lone surrogate cannot be encoded at all, and one of them makes
# maximem-synap 0.6.9 lose the whole batch.
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
MAX_DEPTH = 32
_NESTING = (dict, list, tuple)


def is_sendable(text: str) -> bool:
    """Whether the text can be sent as it is."""
    return (text.isascii() and "\x00" not in text) or _UNSENDABLE.search(text) is None


def sendable(text: str) -> str:
    """The text with NUL removed and lone surrogates shown as U+FFFD."""
    if is_sendable(text):
        return text
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def sendable_value(value: Any, depth: int = 0) -> Any:
    """A JSON value that survives the SDK, which turns NaN and infinities into null silently.

    Those become the strings that name them. What is nested more than 32 levels deep
    becomes JSON text, so that no server's parser has to follow.
    """
    if isinstance(value, str):
        return sendable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if not isinstance(value, _NESTING):
        return value
    if depth >= MAX_DEPTH:
        return sendable(_as_text(value))
    if isinstance(value, dict):
        return {sendable(str(k)): sendable_value(v, depth + 1) for k, v in value.items()}
    return [sendable_value(item, depth + 1) for item in value]


def _as_text(value: Any) -> str:
    try:
        return json.dumps(value, default=str)
    except RecursionError:
        return "(nested too deeply)"
