"""The decision table: what an answer to a batch means, and what to do about it.

| what came back                           | verdict                                         |
|------------------------------------------|-------------------------------------------------|
| 200 or 201 with rows                     | Rows: each document by its own row; a missing   |
|                                          |   or empty row is unknown for its document      |
| no connection, 408, 425                  | Again: the server took nothing                  |
| time-out, reset, closed, too large, 202, | Unknown: perhaps stored, perhaps not            |
|   other 2xx, 5xx, 200 with HTML, with    |                                                 |
|   JSON cut short or without rows         |                                                 |
| 429 without a reason, 503 that names a   | Wait: as long as Retry-After says               |
|   Retry-After                            |                                                 |
| 409 instance_not_ready                   | Wait: visibly, builds take 15 to 20 minutes     |
| 409 other, 400, 422, 413                 | Split: halve down to the document it is about   |
| 402, 429 with a reason, 401, 403, 404,   | Stop: nothing that is sent now can succeed      |
|   3xx, 409 instance_build_failed, other  |                                                 |

Unknown is sent again under the same document_id, which is safe under all three readings of a
repeated one: an update replaces the document by itself, a failed row and a 409 mean "already
there". With ``--on-doubt hold`` it is not sent again.

Facts about bodies: maximem-synap 0.6.9, transport/http_client.py; what a repeated
document_id gives (update, failed row, or 409) is contradictory in Synap's documentation,
so each is read as "already there".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from synap_import.ledger import DocumentState
from synap_import.retry_after import retry_after_seconds

if TYPE_CHECKING:
    from synap_import.destination import Exchange

_DUPLICATE = re.compile(
    r"duplicate|already[ _-](exist|ingest|present|there|process)|conflict", re.IGNORECASE
)
_FINAL_STATES = {"queued", "processing", "completed", "partial_success", "accepted"}
_NOT_TAKEN = {408, 425}
_SPLITTABLE = {400, 409, 413, 422}
# httpx raises these before the first byte of a request is written.
_NEVER_SENT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError")
_LONGEST = 300
_READINESS_WAIT_SECONDS = 60.0
_THROTTLE_WAIT_SECONDS = 2.0


class WaitFor(StrEnum):
    """What a wait is for, as the person who waits should read it."""

    RATE = "Synap's rate limit"
    READINESS = "the Synap instance to be built"


class Row(NamedTuple):
    """What the answer says about one document; ``state`` None: it does not say."""

    state: DocumentState | None
    ingestion_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The server answered for each document, in the order in which they were sent."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """Nothing was stored: send the same after a pause; too many in a row end the run."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The documents may have been stored or not."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Send the same documents again after this many seconds."""

    seconds: float
    what: WaitFor


@dataclass(frozen=True, slots=True)
class Split:
    """The batch was refused as a whole: halve it; ``single`` is what it means for one."""

    single: Row
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run: what happened, and what its owner can do."""

    reason: str
    remedy: str


Verdict = Rows | Again | Unknown | Wait | Split | Stop


def judge(exchange: Exchange, document_ids: Sequence[str]) -> Verdict:
    """What to do after one request."""
    if exchange.status is None:
        return _judge_silence(exchange)
    body = _json(exchange.body)
    rows = read_rows(body, document_ids) if exchange.status in (200, 201) else None
    if rows:
        return Rows(rows)
    if exchange.status == 429 or (exchange.status == 503 and "Retry-After" in exchange.headers):
        return _judge_throttle(exchange, body)
    if exchange.status in _NOT_TAKEN or exchange.status >= 500 or exchange.status < 300:
        verdict = Again if exchange.status in _NOT_TAKEN else Unknown
        return verdict(f"HTTP {exchange.status}: {_message(body, exchange.body)}")
    if exchange.status in _SPLITTABLE:
        return _judge_refusal(exchange, body)
    return _judge_stop(exchange.status, body, exchange)


def _judge_silence(exchange: Exchange) -> Verdict:
    seconds = retry_after_seconds(exchange.headers.get("Retry-After"))
    if seconds is not None:
        return Wait(seconds, WaitFor.READINESS)
    reason = exchange.failure or "no answer"
    return Again(reason) if reason.startswith(_NEVER_SENT) else Unknown(reason)


def _judge_throttle(exchange: Exchange, body: Any) -> Verdict:
    fields = _fields(body)
    reason = fields.get("reason") or (
        fields.get("error") if fields.get("error") == "trial_limit_reached" else None
    )
    if reason:
        return Stop(
            f"Synap takes no more ({str(reason)[:_LONGEST]}): {_message(body, exchange.body)}.",
            _money_remedy(fields),
        )
    seconds = retry_after_seconds(exchange.headers.get("Retry-After"))
    return Wait(_THROTTLE_WAIT_SECONDS if seconds is None else seconds, WaitFor.RATE)


def _judge_refusal(exchange: Exchange, body: Any) -> Verdict:
    message = _message(body, exchange.body)
    codes = _codes(body)
    if "instance_not_ready" in codes:
        hint = _fields(body).get("retry_after_seconds") or exchange.headers.get("Retry-After")
        seconds = retry_after_seconds(None if hint is None else str(hint))
        return Wait(seconds or _READINESS_WAIT_SECONDS, WaitFor.READINESS)
    if "instance_build_failed" in codes:
        hint = _fields(body).get("hint") or "Synap Dashboard, your instance, Rebuild"
        return Stop(f"Your Synap instance could not be built: {message}.", f"Rebuild it: {hint}.")
    if exchange.status == 409 and _DUPLICATE.search(" ".join([message, *codes])):
        return Split(Row(DocumentState.ALREADY_THERE, reason=message))
    if exchange.status == 413:
        single = Row(DocumentState.REJECTED, reason="too large for Synap (HTTP 413)")
        return Split(single, too_large=True)
    return Split(Row(DocumentState.REJECTED, reason=f"HTTP {exchange.status}: {message}"))


def _judge_stop(status: int, body: Any, exchange: Exchange) -> Stop:
    message = _message(body, exchange.body)
    if status == 402:
        return Stop(f"Synap's credits are spent: {message}.", _money_remedy(_fields(body)))
    if status in (401, 403):
        return Stop(
            f"Synap refused the API key (HTTP {status}: {message}).",
            "Put a valid key of this instance into SYNAP_API_KEY and run the same command again.",
        )
    return Stop(
        f"Synap answered HTTP {status} to a batch: {message}.",
        "Check --synap-url (a wrong address or a proxy answers like this) and run the same "
        "command again.",
    )


def read_rows(body: Any, document_ids: Sequence[str]) -> tuple[Row, ...] | None:
    """A row for each document sent, by position where ids agree, else by document_id.

    None when the body holds no rows at all. Rows that are odd do not spoil the others.
    """
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list) or not (results or not document_ids):
        return None
    if len(results) == len(document_ids) and all(
        not isinstance(result, dict) or result.get("document_id") in (None, document_id)
        for result, document_id in zip(results, document_ids, strict=True)
    ):
        return tuple(read_row(result) for result in results)
    by_id = {r["document_id"]: r for r in results if isinstance(r, dict) and "document_id" in r}
    return tuple(read_row(by_id.get(document_id)) for document_id in document_ids)


def read_row(result: Any) -> Row:
    """What one row of an answer says about its document."""
    if not isinstance(result, dict):
        return Row(None, reason="no row in Synap's answer")
    status = str(result.get("status", "")).lower()
    ingestion_id = str(result["ingestion_id"])[:_LONGEST] if result.get("ingestion_id") else None
    error = result.get("error_message")
    reason = str(error)[:_LONGEST] if error else None
    if status == "duplicate" or (status == "failed" and _DUPLICATE.search(reason or "")):
        return Row(DocumentState.ALREADY_THERE, ingestion_id, reason)
    if status == "failed":
        return Row(DocumentState.REJECTED, ingestion_id, reason or "failed without a reason")
    if status in _FINAL_STATES or ingestion_id:
        return Row(DocumentState.LOADED, ingestion_id, reason)
    return Row(None, reason=f"a row without a known status ({status or 'none'})")


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _fields(body: Any) -> dict[str, Any]:
    """The fields of an error body, which Synap nests under ``detail`` or not, or both."""
    if not isinstance(body, dict):
        return {}
    detail = body.get("detail")
    return {**body, **detail} if isinstance(detail, dict) else body


def _codes(body: Any) -> set[str]:
    fields = _fields(body)
    outer = body.get("error") if isinstance(body, dict) else None
    return {str(code) for code in (outer, fields.get("code"), fields.get("error")) if code}


def _message(body: Any, raw: bytes) -> str:
    fields = _fields(body)
    for key in ("message", "detail", "error"):
        value = fields.get(key)
        if value:
            text = value if isinstance(value, str) else json.dumps(value, default=str)
            return text[:_LONGEST].rstrip(".")
    return raw[:120].decode("utf-8", "replace").strip() or "no explanation"


def _money_remedy(fields: dict[str, Any]) -> str:
    for key in ("manage_url", "upgrade_url", "recovery_url", "redeem_url"):
        if isinstance(fields.get(key), str):
            return f"See {fields[key]}, then run the same command again: it goes on from here."
    return "See Synap Dashboard, Billing; then run the same command again: it goes on from here."
