"""What Synap's answers to a search and to a question about a memory mean. Pure.

| what came back                              | meaning                                      |
|---------------------------------------------|----------------------------------------------|
| a search: 200 with ``context``              | its items; ``degraded`` where a ``retrieval``|
|                                             |   block says that the answer is thinner than |
|                                             |   what Synap holds (maximem-synap 0.6.9,     |
|                                             |   models/context.py: RetrievalHealthModel)   |
| a memory: 200 that names it                 | there, with the document that it came from   |
| a memory: 404, 410 with JSON                | gone                                         |
| anything else with 200, HTML, no answer, 5xx| nothing: asked again                         |
| 400, 404, 409, 413, 422 to a search         | nothing: asked again                         |
| the rest                                    | as for a batch: wait, or the end of the run  |
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from synap_import.loading.verdicts import Again, Split, Stop, Wait, judge

if TYPE_CHECKING:
    from synap_import.destination import Exchange

    from .queries import Query

_LISTS = ("facts", "preferences", "episodes", "emotions", "temporal_events", "items")
_TEXTS = ("content", "summary", "context")
_NAMES = ("id", "item_id", "memory_id", "source", "document_id", "source_document_id")
_ABOUT_THE_ACCOUNT = {401, 402, 403, 409, 429}
_LONGEST_NAME = 1_000
_LONGEST_REASON = 100


class Item(NamedTuple):
    """Something that a search returned: every id that it carries, and whether it is about it."""

    names: frozenset[str]
    answers: bool


class Searched(NamedTuple):
    """What a search returned; ``degraded`` says why that may be less than there is."""

    items: tuple[Item, ...]
    degraded: str = ""


class There(NamedTuple):
    """The memory is there; of this document, where Synap says which."""

    document_id: str | None
    content: str


class NotThere(NamedTuple):
    """Synap knows no such memory."""


def read_search(exchange: Exchange, query: Query) -> Searched | Again | Wait | Stop:
    """What to believe of an answer to a search."""
    if exchange.status != 200:
        return _read_refusal(exchange, "a search")
    body = _fields(exchange.body)
    context = body.get("context")
    if not isinstance(context, dict):
        return Again("HTTP 200 that is no result of a search")
    items = tuple(Item(_names(item), _answers(item, query)) for item in _items(context))
    return Searched(items, _degraded(body.get("retrieval") or context.get("retrieval")))


def read_memory(exchange: Exchange, memory_id: str) -> There | NotThere | Again | Wait | Stop:
    """What to believe of an answer about a memory."""
    body = _fields(exchange.body)
    match exchange.status:
        case 200 if str(body.get("memory_id")).lower() == memory_id.lower():
            of_document = body.get("source_document_id")
            content = body.get("content")
            return There(
                of_document if isinstance(of_document, str) and of_document else None,
                content.strip() if isinstance(content, str) else "",
            )
        # A web page comes from something in between, which knows nothing of memories.
        case 404 | 410 if body:
            return NotThere()
        case 200 | 404 | 410:
            return Again(f"HTTP {exchange.status} that says nothing of the memory")
    return _read_refusal(exchange, "a question about a memory")


def _read_refusal(exchange: Exchange, question: str) -> Again | Wait | Stop:
    match judge(exchange, ()):
        case Stop() if exchange.status == 404:
            return Again("HTTP 404")
        case Stop() if exchange.status not in _ABOUT_THE_ACCOUNT:
            return Stop(
                f"Synap answered HTTP {exchange.status} to {question}.",
                "Check --synap-url (a wrong address or a proxy answers like this).",
            )
        case Wait() | Stop() as verdict:
            return verdict
        case Split(single):
            return Again(single.reason or f"HTTP {exchange.status}")
        case verdict:
            return Again(getattr(verdict, "reason", f"HTTP {exchange.status}"))


def _items(context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in _LISTS:
        found = context.get(name)
        if isinstance(found, list):
            yield from (item for item in found if isinstance(item, dict))


def _names(item: dict[str, Any]) -> frozenset[str]:
    metadata = item.get("metadata")
    places = [item, metadata] if isinstance(metadata, dict) else [item]
    found = (place.get(name) for place in places for name in _NAMES)
    return frozenset(one for one in found if isinstance(one, str) and 0 < len(one) <= _LONGEST_NAME)


def _answers(item: dict[str, Any], query: Query) -> bool:
    texts = (item.get(name) for name in _TEXTS)
    return any(query.is_answered_by(text) for text in texts if isinstance(text, str))


def _degraded(health: Any) -> str:
    """The block is absent from a healthy answer."""
    if not isinstance(health, dict) or health.get("degraded") is False:
        return ""
    told = [str(health[name])[:_LONGEST_REASON] for name in ("level", "code") if health.get(name)]
    return "Synap's search was degraded" + (f" ({', '.join(told)})" if told else "")


def _fields(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
