"""A server that answers from a cassette, but is stuck: to each path the same, whatever is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from synap_import.testing.provenance import load_cassette

__tracebackhide__ = True

MOST_QUESTIONS = 2_000
"""A reading that ends is far below it, one that goes round in circles comes there soon."""


class EndlessError(BaseException):
    """It was asked too often; nothing that an adapter catches."""


def stuck_server(
    cassette: Path, change: Callable[[Any], Any] = lambda answer: answer
) -> httpx.MockTransport:
    """Its answers are the first ones of the cassette; those in JSON can be changed."""
    answers = _first_answers(cassette)
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if asked > MOST_QUESTIONS:
            raise EndlessError(f"{request.method} {request.url.raw_path.decode()}")
        found = answers.get((request.method, request.url.path))
        return _response(found, change) if found else httpx.Response(404)

    return httpx.MockTransport(answer)


def _first_answers(cassette: Path) -> Mapping[tuple[str, str], Any]:
    """By method and path, without what was asked for there."""
    first: dict[tuple[str, str], Any] = {}
    for exchange in load_cassette(cassette.read_text("utf-8"))["interactions"]:
        asked = exchange["request"]
        path = unquote(urlsplit(asked["uri"]).path) or "/"
        first.setdefault((asked["method"], path), exchange["response"])
    return first


def _response(recorded: Mapping[str, Any], change: Callable[[Any], Any]) -> httpx.Response:
    kinds = recorded["headers"].get("content-type", ())
    return httpx.Response(
        recorded["status"]["code"],
        headers=[("content-type", kind) for kind in kinds],
        text=changed(recorded["body"].get("string") or "", change),
    )


def changed(text: str, change: Callable[[Any], Any]) -> str:
    """The text, changed if it is JSON."""
    try:
        return json.dumps(change(json.loads(text)))
    except ValueError:
        return text
