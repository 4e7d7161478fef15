"""The other routes of Synap that a migration touches: identity, retrieval, wipe, credits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from . import search
from .contract import DataDeleteRequest, EstimateRequest, FetchRequest, RefusedError, check_scope
from .wire import Json, iso, read

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from .app import Sandbox

_ISOLATION = {"b2c": "equals_customer", "b2b": "strict"}
_NO_PRICES = "stand-in: no prices are published; one credit per unit, nothing is charged"


async def whoami(_: Request, sandbox: Sandbox) -> Response:
    """GET /api/v1/auth/whoami, with one key more that says what is answering."""
    return Json(
        {
            "client_id": sandbox.store.client_id,
            "instance_id": sandbox.instance_id,
            "user_context_isolation": _ISOLATION[sandbox.settings.isolation],
            "sandbox": "stand-in: nothing here reaches Maximem Synap",
        }
    )


async def fetch(request: Request, sandbox: Sandbox) -> Response:
    """POST /v1/context/user/fetch: memories that the user may read by shared words, as facts."""
    body = await read(request, FetchRequest)
    check_scope(body.user_id, body.customer_id, body.scope, sandbox.settings.isolation)
    wanted = {"all", "facts"} & set(body.types)
    found = await run_in_threadpool(_found, body, sandbox) if wanted else []
    empty: dict[str, list[object]] = {
        kind: [] for kind in ("preferences", "episodes", "emotions", "temporal_events")
    }
    return Json(
        {"context": {"facts": [_fact(match) for match in found], **empty}, "ttl_seconds": 300}
    )


async def profile(request: Request, sandbox: Sandbox) -> Response:
    """GET /v1/users/{user_id}/profile: the sandbox derives none, unless it is to say that it did.

    Where a user has one, the SDK answers a search without a query from it, and with no memories.
    """
    script = sandbox.settings.faults
    if script is None or script.profiles == "none":
        raise HTTPException(404, "no profile exists for this user")
    sandbox.acted_out["profile"] += 1
    # maximem-synap 0.6.9, sdk.py: get_profile takes the document out of "profile".
    document = {"attributes": {}, "overview": "A profile by the fault script"}
    return Json({"user_id": request.path_params["user_id"], "profile": document})


async def delete_data(request: Request, sandbox: Sandbox) -> Response:
    """POST /v1/data/delete: everything of one user, or what that would be."""
    body = await read(request, DataDeleteRequest)
    _check_deletion(body, sandbox)
    count = await run_in_threadpool(
        sandbox.store.delete_user, str(body.user_id), body.customer_id, dry_run=body.dry_run
    )
    return Json(
        {
            "deletion_id": f"del_{uuid4().hex}",
            "status": "dry_run" if body.dry_run else "complete",
            "scope": "user",
            "dry_run": body.dry_run,
            "found": count > 0,
            "counts": {"sandbox": {"memories": count}},
            "stores": {},
            "still_present_in": [],
            "fully_removed": not body.dry_run,
            "continue": False,
            "kept": [],
            "note": None,
            "memories_kept": False,
            "audit": None,
        }
    )


async def balance(_: Request, sandbox: Sandbox) -> Response:
    """GET /v1/credits/balance: always a full trial's."""
    bucket = {"source_type": "trial", "balance": 5000.0, "expires_at": None}
    return Json(
        {
            "client_id": sandbox.store.client_id,
            "balance_credits": 5000.0,
            "warning_low": False,
            "buckets": [bucket],
            "note": _NO_PRICES,
        }
    )


async def estimate(request: Request, _: Sandbox) -> Response:
    """POST /v1/credits/estimate: one credit per unit, said to be made up."""
    body = await read(request, EstimateRequest)
    return Json({"credits_estimate": body.units, "note": _NO_PRICES})


async def telemetry(request: Request, _: Sandbox) -> Response:
    """POST /v1/telemetry/batch: taken and thrown away."""
    async for _chunk in request.stream():
        pass
    return Json({}, status_code=202)


async def health(_: Request, __: Sandbox) -> Response:
    """GET /health."""
    return Json({"status": "ok"})


def _found(body: FetchRequest, sandbox: Sandbox) -> list[search.Match]:
    with sandbox.store.reader() as connection:
        return search.find(
            connection,
            body.user_id,
            body.customer_id,
            body.search_query or [],
            received_before=time.time() - sandbox.delay,
            limit=body.max_results,
            widened=True,
        )


def _fact(match: search.Match) -> dict[str, object]:
    row = match.row
    return {
        "id": row["memory_id"],
        "content": row["content"],
        "confidence": 1.0,
        "source": row["document_id"],
        "extracted_at": iso(row["first_received"]),
        "metadata": orjson.Fragment(row["metadata"]),
        "event_date": None,
        "said_at": row["document_created_at"],
        "matched_queries": match.queries,
    }


def _check_deletion(body: DataDeleteRequest, sandbox: Sandbox) -> None:
    if body.instance_id != sandbox.instance_id:
        raise RefusedError(403, "this key belongs to another instance")
    if body.scope == "customer":
        raise RefusedError(403, "scope 'customer' needs a management key")
    if body.scope != "user":
        raise RefusedError(400, "the sandbox holds no conversations")
    if body.user_id is None:
        raise RefusedError(400, "user_id is required for scope 'user'")
    check_scope(body.user_id, body.customer_id, None, sandbox.settings.isolation)
    if not body.dry_run and body.confirm != body.user_id:
        raise RefusedError(400, "confirm must equal the user_id being deleted")
