"""The faults that the sandbox can act out, each under its name. Pure.

A fault says whether the request is taken in first, and what its sender then sees: another
answer, half an answer, or none. What each name does is listed in docs/sandbox.md.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

if TYPE_CHECKING:
    from random import Random

REFUSAL = "refused by the fault script"
"""The reason of rows and requests that a fault refuses."""


class Reply(NamedTuple):
    """An answer as it goes over the wire."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Ending(Enum):
    """How a request ends for its sender."""

    ANSWER = "answer"
    CLOSE = "close"
    RESET = "reset"
    STALL = "stall"


class Scene(NamedTuple):
    """What a fault may look at: the true answer, and what the script chose."""

    answer: bytes
    random: Random
    retry_after: float
    now: datetime


Tell = Callable[[Scene], Reply]


class Act(NamedTuple):
    """One fault. ``stores``: the request is taken in first; ``refuses``: but for one document."""

    tell: Tell | None = None
    stores: bool = False
    refuses: bool = False
    ending: Ending = Ending.ANSWER


def _detail(status: int, detail: object, *headers: tuple[str, str]) -> Reply:
    return Reply(status, orjson.dumps({"detail": detail}), headers)


def _status(status: int) -> Tell:
    return lambda _: _detail(status, f"HTTP {status} by the fault script")


def _web_page(_: Scene) -> Reply:
    page = b"<!doctype html><title>Welcome</title><p>Please accept our terms to go online."
    return Reply(200, page, (("Content-Type", "text/html"),))


def _throttle(form: Callable[[Scene], str] | None) -> Tell:
    def tell(scene: Scene) -> Reply:
        headers = (("Retry-After", form(scene)),) if form else ()
        return _detail(429, "too many requests", *headers)

    return tell


def _date(scene: Scene) -> str:
    return format_datetime((scene.now + timedelta(seconds=scene.retry_after)).astimezone(UTC), True)


def _trial_is_over(_: Scene) -> Reply:
    detail = {
        "error": "trial_limit_reached",
        "reason": "trial_limit_reached",
        "message": "The trial's credits are used up",
        "upgrade_url": "https://example.invalid/upgrade",
    }
    return _detail(429, detail, ("Retry-After", "60"))


def _credits_are_spent(_: Scene) -> Reply:
    detail = {
        "error": "insufficient_credits",
        "reason": "overages_disabled",
        "message": "Not enough credits",
        "balance_credits": 1.5,
        "minimum_required_credits": 3,
        "manage_url": "https://example.invalid/billing",
    }
    return _detail(402, detail)


def building(scene: Scene) -> Reply:
    """The answer of an instance that is not ready yet."""
    body = {
        "error": "instance_not_ready",
        "message": "The instance is being built",
        "retry_after_seconds": scene.retry_after,
        "state": "building",
        "detail": {"code": "instance_not_ready"},
    }
    return Reply(409, orjson.dumps(body), (("Retry-After", str(scene.retry_after)),))


def _build_failed(_: Scene) -> Reply:
    detail = {"code": "instance_build_failed", "attempts": 3, "hint": "rebuild the instance"}
    return Reply(409, orjson.dumps({"error": "instance_build_failed", "detail": detail}))


def _cut(scene: Scene) -> Reply:
    return Reply(200, scene.answer[: len(scene.answer) // 2])


def _fewer_rows(scene: Scene) -> Reply:
    answer = orjson.loads(scene.answer)
    rows = answer["results"]
    kept = sorted(scene.random.sample(range(len(rows)), len(rows) // 2))
    return Reply(200, orjson.dumps({**answer, "results": [rows[place] for place in kept]}))


def _odd_row(**changes: Any) -> Tell:
    def tell(scene: Scene) -> Reply:
        answer = orjson.loads(scene.answer)
        rows = answer["results"]
        place = scene.random.randrange(len(rows))
        rows[place] = {**rows[place], **changes}
        return Reply(200, orjson.dumps(answer))

    return tell


def failed_row(document_id: str | None, random: Random, *, with_id: bool) -> dict[str, Any]:
    """The row of a document that was refused, with an ``ingestion_id`` or without."""
    return {
        "ingestion_id": str(UUID(int=random.getrandbits(128), version=4)) if with_id else None,
        "document_id": document_id,
        "status": "failed",
        "queued_at": "2026-01-01T00:00:00+00:00",
        "error_message": REFUSAL,
    }


def _as_answered(scene: Scene) -> Reply:
    return Reply(200, scene.answer)


def _both(status: int) -> dict[str, Act]:
    tell = _status(status)
    return {f"{status}-before": Act(tell), f"{status}-after": Act(tell, stores=True)}


_UNKNOWN_OUTCOME = {
    **_both(500),
    **_both(502),
    **_both(503),
    **_both(504),
    "202-after": Act(_status(202), stores=True),
    "close-before": Act(ending=Ending.CLOSE),
    "close-after": Act(stores=True, ending=Ending.CLOSE),
    "reset-after": Act(_as_answered, stores=True, ending=Ending.RESET),
    "stall-before": Act(ending=Ending.STALL),
    "stall-after": Act(stores=True, ending=Ending.STALL),
    "html-before": Act(_web_page),
    "html-after": Act(_web_page, stores=True),
    "cut-json-after": Act(_cut, stores=True),
    "fewer-rows-after": Act(_fewer_rows, stores=True),
}

_ODD_ROWS = {
    "row-without-ingestion-id": Act(_odd_row(ingestion_id=None), stores=True),
    "row-without-document-id": Act(_odd_row(document_id=None), stores=True),
    "row-without-time": Act(_odd_row(queued_at=None), stores=True),
    "row-accepted": Act(_odd_row(status="accepted"), stores=True),
    "row-unknown": Act(_odd_row(status="pondering", ingestion_id=None), stores=True),
}

_THROTTLES = {
    "429-seconds": Act(_throttle(lambda scene: str(int(scene.retry_after)))),
    "429-date": Act(_throttle(_date)),
    "429-past-date": Act(_throttle(lambda _: "Sat, 01 Jan 2000 00:00:00 GMT")),
    "429-fraction": Act(_throttle(lambda scene: str(float(scene.retry_after)))),
    "429-bare": Act(_throttle(None)),
    "409-building": Act(building),
}

_REFUSALS = {
    "row-failed": Act(_as_answered, stores=True, refuses=True),
    "row-failed-without-id": Act(_as_answered, stores=True, refuses=True),
    "413": Act(_status(413)),
    "422": Act(_status(422)),
}

_STOPS = {
    "401": Act(_status(401)),
    "402": Act(_credits_are_spent),
    "403": Act(_status(403)),
    "404": Act(_status(404)),
    "429-reason": Act(_trial_is_over),
    "409-build-failed": Act(_build_failed),
}

GROUPS = {
    "unknown": tuple(_UNKNOWN_OUTCOME),
    "odd": tuple(_ODD_ROWS),
    "throttle": tuple(_THROTTLES),
    "refuse": tuple(_REFUSALS),
    "stop": tuple(_STOPS),
}
"""The faults of a batch by what they do to a run; a group's name stands for all of it."""

_CONFLICT = {"code": "transcript_conflict", "message": "another transcript, by the fault script"}

TRANSCRIPTS = {
    **{name: act for name, act in _UNKNOWN_OUTCOME.items() if name != "fewer-rows-after"},
    **_THROTTLES,
    **{name: _REFUSALS[name] for name in ("413", "422")},
    **_STOPS,
    "409-conflict": Act(lambda _: _detail(409, _CONFLICT)),
}
"""What can happen to a transcript."""

BATCH = {**_UNKNOWN_OUTCOME, **_ODD_ROWS, **_THROTTLES, **_REFUSALS, **_STOPS}
"""What can happen to a batch."""

STATUS = {
    "status-429": Act(_throttle(lambda scene: str(float(scene.retry_after)))),
    "status-500": Act(_status(500)),
    "status-close": Act(ending=Ending.CLOSE),
}
"""What can happen to a question about a job."""

DELETIONS = {
    "delete-429": Act(_throttle(lambda scene: str(float(scene.retry_after)))),
    "delete-403": Act(_status(403)),
    "delete-422": Act(_status(422)),
    "delete-500-before": Act(_status(500)),
    "delete-500-after": Act(_status(500), stores=True),
    "delete-close-before": Act(ending=Ending.CLOSE),
    "delete-close-after": Act(stores=True, ending=Ending.CLOSE),
    "delete-html": Act(_web_page),
}
"""What can happen to the deletion of a memory; ``stores``: it is deleted all the same."""


def _search_result(context: dict[str, Any], retrieval: dict[str, Any] | None = None) -> Reply:
    told = {"context": context, "ttl_seconds": 300}
    return Reply(200, orjson.dumps({**told, "retrieval": retrieval} if retrieval else told))


def _thinner(left: int, level: str) -> Tell:
    """A degraded search: so many of its items are left, and it says so."""

    def tell(scene: Scene) -> Reply:
        context = orjson.loads(scene.answer)["context"]
        thin = {name: items[:left] for name, items in context.items()}
        health = {"degraded": True, "level": level, "code": "unavailable", "warnings": []}
        return _search_result(thin, health)

    return tell


def _silent(_: Scene) -> Reply:
    return _search_result(
        {"facts": [], "preferences": [], "episodes": [], "emotions": [], "temporal_events": []}
    )


SEARCHES = {
    "search-degraded": Act(_thinner(0, "failed"), stores=True),
    "search-partial": Act(_thinner(1, "partial"), stores=True),
    "search-silent": Act(_silent),
    "search-429": Act(_throttle(lambda scene: str(float(scene.retry_after)))),
    "search-429-reason": Act(_trial_is_over),
    "search-402": Act(_credits_are_spent),
    "search-500": Act(_status(500)),
    "search-close": Act(ending=Ending.CLOSE),
    "search-html": Act(_web_page),
}
"""What can happen to a search: among it the ways in which what is there looks as if it were not."""

JOBS = ("job-failed", "job-partial", "job-unknown")
"""What can become of a job in the end: the same at every question about it."""


def job_reply(kind: str, answer: bytes) -> Reply:
    """The answer about a job that the script chose to end badly, once it has ended."""
    if kind == "job-unknown":
        return _detail(404, "unknown ingestion_id")
    job = orjson.loads(answer)
    if job["status"] != "completed":
        return Reply(200, answer)
    if kind == "job-partial":
        ending: dict[str, object] = {
            "status": "partial_success",
            "error_message": "one chunk of two was not taken in",
        }
    else:
        ending = {
            "status": "failed",
            "error_message": "extraction failed by the fault script",
            "memories_created": 0,
            "memory_ids": [],
        }
    return Reply(200, orjson.dumps({**job, **ending}))
