"""What Synap's answer to the deletion of one memory means.

| what came back                            | meaning                                        |
|-------------------------------------------|------------------------------------------------|
| 200 that names the memory, 204            | deleted                                        |
| 404, 410 with JSON                        | gone: an earlier try, or somebody else, did it |
| 400, 409, 413, 422                        | refused: this memory stays                     |
| no answer, HTML, another memory, 202, 5xx | nothing: sent again, which is safe             |
| the rest                                  | as for a batch: wait, or the end of the run    |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from .verdicts import Again, Split, Stop, Wait, judge

if TYPE_CHECKING:
    from synap_import.destination import Exchange

_ABOUT_THE_ACCOUNT = {401, 402, 403, 409, 429}


@dataclass(frozen=True, slots=True)
class Gone:
    """The memory is not there; ``now``: because of this request."""

    now: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The memory stays, whatever is sent."""

    reason: str


Meaning = Gone | Refused | Again | Wait | Stop


def read_deletion(exchange: Exchange, memory_id: str) -> Meaning:
    """What to believe of a memory after asking once to delete it."""
    match exchange.status:
        case 204:
            return Gone(now=True)
        case 200 if str(_fields(exchange.body).get("memory_id")).lower() == memory_id.lower():
            return Gone(now=True)
        # A web page comes from something in between, which knows nothing of memories.
        case 404 | 410 if _fields(exchange.body):
            return Gone(now=False)
        case 200 | 404 | 410:
            return Again(f"HTTP {exchange.status} that does not say that the memory is gone")
    return _read_refusal(exchange)


def _read_refusal(exchange: Exchange) -> Meaning:
    match judge(exchange, ()):
        case Stop() if exchange.status not in _ABOUT_THE_ACCOUNT:
            return Stop(
                f"Synap answered HTTP {exchange.status} to a deletion.",
                "Check --synap-url (a wrong address or a proxy answers like this).",
            )
        case Wait() | Stop() as verdict:
            return verdict
        case Split(single):
            return Refused(single.reason or f"HTTP {exchange.status}")
        case verdict:
            return Again(getattr(verdict, "reason", f"HTTP {exchange.status}"))


def _fields(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
