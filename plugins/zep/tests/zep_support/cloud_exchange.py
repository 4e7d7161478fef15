"""Requests and answers of Zep Cloud in tests, and the limit that a plan sets to them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from urllib.parse import parse_qsl, unquote

KEY = "z_test.key-of-the-tests"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Asked:
    """A request as it came; ids in ``place`` are decoded after the path was taken apart."""

    method: str
    path: str
    place: tuple[str, ...]
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]

    @classmethod
    def of(cls, method: str, target: str, content: bytes, headers: Mapping[str, str]) -> Asked:
        path, _, query = target.partition("?")
        named = {name.lower(): value for name, value in headers.items()}
        body = json.loads(content) if content else None
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        place = tuple(unquote(one) for one in path.strip("/").split("/")[2:])
        return cls(method, path, place, pairs, body, named)


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def said(body: Any, status: int = 200, **headers: str) -> Said:
    """An answer in JSON; underscores in the names of headers are dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(status, json.dumps(body).encode(), {**JSON, **named})


class RefusalError(Exception):
    """Ends the making of an answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


NOT_FOUND = RefusalError(404, "not_found", "there is no such thing")


@dataclass
class RateLimit:
    """So many requests in a window of time, by a clock that a test may move."""

    per_window: int
    clock: Callable[[], float]
    window: float = 60.0
    told: Callable[[], float] = time.time
    retry_after: bool = False
    answered_429: list[bool] = field(default_factory=list)
    _began: float = -1e9
    _used: int = 0

    def ask(self) -> tuple[bool, dict[str, str]]:
        now = self.clock()
        if now >= self._began + self.window:
            self._began, self._used = now, 0
        self._used += 1
        refused = self._used > self.per_window
        self.answered_429.append(refused)
        reset = self._began + self.window
        headers = {
            "X-RateLimit-Limit": str(self.per_window),
            "X-RateLimit-Remaining": str(max(0, self.per_window - self._used)),
            # The caller's clock does not move with that of the test.
            "X-RateLimit-Reset": str(ceil(self.told() + reset - now)),
        }
        if refused and self.retry_after:
            headers["Retry-After"] = str(ceil(reset - now))
        return refused, headers
