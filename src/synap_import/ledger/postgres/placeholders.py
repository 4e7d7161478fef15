"""The marks for values in a statement, as PostgreSQL writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_MARK_OR_QUOTED = re.compile(r"'(?:[^']|'')*'|\?(\d*)")


@lru_cache(maxsize=1_000)
def numbered(sql: str) -> str:
    """``?`` and ``?1`` become ``$1``; what is in quotes stays as it is."""
    return renamed(sql, "${}".format)


def renamed(sql: str, name: Callable[[int], str]) -> str:
    """Each mark for a value becomes the name that is given to the value's number, from 1."""
    used = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal used
        if not match[0].startswith("?"):
            return match[0]
        used = int(match[1]) if match[1] else used + 1
        return name(used)

    return _MARK_OR_QUOTED.sub(replace, sql)
