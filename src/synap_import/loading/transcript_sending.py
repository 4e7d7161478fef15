"""Sends a batch, or a transcript that goes alone; the decision table for transcripts.

| what came back                           | verdict                                         |
|------------------------------------------|-------------------------------------------------|
| 200, 201 with queued                     | loaded, under the ingestion id that it names    |
| 200, 201 with duplicate                  | Synap holds just this transcript: loaded, where |
|                                          |   it was sent without an answer before, else    |
|                                          |   already there                                 |
| 409 transcript_conflict, other 409       | rejected: Synap holds another transcript under  |
|                                          |   this conversation id, and never changes one   |
| 400, 413, 422                            | rejected, with the reason                       |
| 409 instance_not_ready, 429, 503 with a  | Wait, as for a batch                            |
|   Retry-After                            |                                                 |
| time-out, closed, 5xx, 202, HTML, …      | Unknown: sent again, which is always safe       |
| 404, 405                                 | Stop: this Synap takes no transcripts           |
| the rest                                 | as for a batch                                  |

Facts: maximem-synap 0.6.9, sdk.py: ``ingest_transcript``; models/conversations.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson

from synap_import.ledger import DocumentState

from .verdicts import Row, Rows, Split, Stop, Unknown, Verdict, judge, read_row

if TYPE_CHECKING:
    from synap_import.destination import Exchange, Synap
    from synap_import.documents import Document
    from synap_import.ledger import Ledger

CONFLICT = "Synap holds another transcript under this conversation id"

_REFUSED_BY_SDK = "InvalidInputError"
_LONGEST_WARNING = 300
_MOST_WARNINGS = 5


async def deliver(synap: Synap, ledger: Ledger, batch: Sequence[Document]) -> Verdict:
    """Send it once, and say what the answer means."""
    first = batch[0]
    if first.transcript is None:
        return judge(await synap.send(batch), [document.document_id for document in batch])
    was_sent_before = ledger.sending.is_doubted(first.number)
    return judge_transcript(await synap.ingest(first), was_sent_before=was_sent_before)


def judge_transcript(exchange: Exchange, *, was_sent_before: bool) -> Verdict:
    """What to do after the request of one transcript."""
    if exchange.status in (200, 201) and (body := _object(exchange.body)) is not None:
        return _judge_answer(body, was_sent_before=was_sent_before)
    if exchange.status in (404, 405):
        return Stop(
            f"Synap answered HTTP {exchange.status} to a transcript.",
            "Check --synap-url. If it is right, this Synap takes no transcripts: run the same "
            "command without --conversations-as transcripts.",
        )
    if exchange.status is None and exchange.failure.startswith(_REFUSED_BY_SDK):
        return Split(Row(DocumentState.REJECTED, reason=exchange.failure[:_LONGEST_WARNING]))
    verdict = judge(exchange, ())
    if isinstance(verdict, Split) and exchange.status == 409:
        return Split(Row(DocumentState.REJECTED, reason=f"{CONFLICT}: {verdict.single.reason}"))
    return verdict


def _judge_answer(body: dict[str, Any], *, was_sent_before: bool) -> Verdict:
    row = read_row(body)
    if row.state is None:
        return Unknown(row.reason or "an answer without a status")
    if row.state is DocumentState.ALREADY_THERE and was_sent_before:
        row = row._replace(state=DocumentState.LOADED)
    return Rows((row._replace(reason=row.reason or _warnings(body)),))


def _warnings(body: dict[str, Any]) -> str | None:
    """What Synap could not do with it, in its own words, such as "no event time"."""
    said = body.get("warnings")
    if not isinstance(said, list) or not said:
        return None
    return "; ".join(str(one)[:_LONGEST_WARNING] for one in said[:_MOST_WARNINGS])


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        body = orjson.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
