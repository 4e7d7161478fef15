"""Checks that a server which is stuck does not keep a run busy for ever.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import httpx

from synap_import.errors import SynapImportError
from synap_import.testing.provenance import load_cassette
from synap_import.testing.reading import read_source

if TYPE_CHECKING:
    from .walks import Subject

__tracebackhide__ = True

MOST_QUESTIONS = 2_000
"""A reading that ends is far below it, one that goes round in circles comes there soon."""


class _EndlessError(BaseException):
    """Nothing that an adapter catches."""


async def check_repeating(subject: Subject, cassette: Path) -> None:
    """Whatever page is asked for, the answer is the first of the cassette for that path."""
    try:
        await read_source(subject.adapter, subject.config, transport=_stuck(cassette))
    except SynapImportError:
        return
    except _EndlessError as endless:
        raise AssertionError(
            f"A server that gives the same page whatever is asked for was asked {MOST_QUESTIONS} "
            f"times, at last for {endless}. A run would never end: remember the cursors of a "
            "partition, and raise SourceError when one comes back."
        ) from None


def _stuck(cassette: Path) -> httpx.MockTransport:
    answers = _first_answers(cassette)
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if asked > MOST_QUESTIONS:
            raise _EndlessError(f"{request.method} {request.url.raw_path.decode()}")
        found = answers.get((request.method, request.url.path))
        return _response(found) if found else httpx.Response(404)

    return httpx.MockTransport(answer)


def _first_answers(cassette: Path) -> Mapping[tuple[str, str], Any]:
    """By method and path, without what was asked for there."""
    first: dict[tuple[str, str], Any] = {}
    for exchange in load_cassette(cassette.read_text("utf-8"))["interactions"]:
        asked = exchange["request"]
        path = unquote(urlsplit(asked["uri"]).path) or "/"
        first.setdefault((asked["method"], path), exchange["response"])
    return first


def _response(recorded: Mapping[str, Any]) -> httpx.Response:
    kinds = recorded["headers"].get("content-type", ())
    return httpx.Response(
        recorded["status"]["code"],
        headers=[("content-type", kind) for kind in kinds],
        text=recorded["body"].get("string") or "",
    )
