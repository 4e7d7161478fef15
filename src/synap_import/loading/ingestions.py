"""What Synap's answer about one ingestion means.

| what came back                            | meaning                                        |
|-------------------------------------------|------------------------------------------------|
| 200 with completed, partial_success       | ingested, with the ids of its memories         |
| 200 with failed                           | failed, with the reason; already there when it |
|                                           |   failed because the document was              |
| 200 with queued, processing or new words  | not finished                                   |
| 404, 410                                  | missing; asked again, unknown                  |
| 200 of another ingestion or without a     | nothing: asked again                           |
|   status, HTML, no answer, 5xx            |                                                |
| 400, 409, 413, 422                        | unknown: the id says nothing to Synap          |
| the rest                                  | as for a batch: wait, or the end of the run    |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from synap_import.ledger import Confirmation, DocumentState, Ingested

from .verdicts import Again, Split, Stop, Wait, judge, read_rows

if TYPE_CHECKING:
    from synap_import.destination import Exchange
    from synap_import.ledger import Confirmable

Meaning = Ingested | Again | Wait | Stop

_LONGEST_MESSAGE = 500


def read_status(exchange: Exchange, asked: Confirmable) -> Meaning:
    """What to believe of a document after asking about it once."""
    if exchange.status == 200:
        said = _read_body(exchange.body, asked)
        return said or Again("HTTP 200 that does not tell the status of this ingestion")
    if exchange.status in (404, 410):
        seen_before = asked.confirmation is Confirmation.MISSING
        return Ingested(Confirmation.UNKNOWN if seen_before else Confirmation.MISSING)
    match judge(exchange, ()):
        case Wait() | Stop() as verdict:
            return verdict
        case Split():
            return Ingested(Confirmation.UNKNOWN)
        case verdict:
            return Again(getattr(verdict, "reason", f"HTTP {exchange.status}"))


def _read_body(raw: bytes, asked: Confirmable) -> Ingested | None:
    try:
        body = orjson.loads(raw)
    except ValueError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("status"), str):
        return None
    of = body.get("ingestion_id")
    if of is not None and str(of).lower() != asked.ingestion_id.lower():
        return None
    return _read_fields(body)


def _read_fields(body: dict[str, Any]) -> Ingested:
    message = str(body.get("error_message") or "")[:_LONGEST_MESSAGE].rstrip(".")
    memory_ids = _read_ids(body.get("memory_ids"))
    unnamed = _unnamed(body.get("memories_created"), memory_ids)
    match body["status"].lower():
        case "completed":
            return Ingested(Confirmation.COMPLETED, memory_ids, unnamed=unnamed)
        case "partial_success":
            reason = f"ingested in part: {message or 'no reason given'}"
            return Ingested(Confirmation.PARTIAL, memory_ids, reason, unnamed)
        case "failed" if _says_already_there(message):
            return Ingested(Confirmation.ALREADY_THERE, memory_ids, message)
        case "failed":
            reason = f"ingestion failed: {message or 'no reason given'}"
            return Ingested(Confirmation.FAILED, memory_ids, reason)
    return Ingested(Confirmation.PROCESSING)


def _says_already_there(message: str) -> bool:
    """Read as a failed row of a batch with the same words would be."""
    rows = read_rows({"results": [{"status": "failed", "error_message": message}]}, [""])
    return rows is not None and rows[0].state is DocumentState.ALREADY_THERE


def _unnamed(created: Any, memory_ids: tuple[str, ...]) -> int:
    """How many memories were made that no id is told of."""
    return max(0, created - len(memory_ids)) if type(created) is int else 0


def _read_ids(ids: Any) -> tuple[str, ...]:
    if not isinstance(ids, list):
        return ()
    return tuple(one for one in ids if isinstance(one, str) and one)
