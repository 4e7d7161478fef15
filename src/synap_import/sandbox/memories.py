"""The routes under ``/api/v1/memories``: taking documents in, following and changing them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from . import search
from .contract import (
    BatchRequest,
    ForgetRequest,
    Item,
    RefusedError,
    UpdateRequest,
    check_batch,
    check_scope,
)
from .rows import DUPLICATE, Document, progress
from .wire import Json, iso, optional_iso, read

if TYPE_CHECKING:
    import sqlite3

    from starlette.requests import Request
    from starlette.responses import Response

    from .app import Sandbox
    from .store import Outcome


async def batch(request: Request, sandbox: Sandbox) -> Response:
    """POST /api/v1/memories/batch: one result per document, in request order."""
    body = await read(request, BatchRequest)
    check_batch(body, sandbox.settings.isolation)
    documents = [_document(item) for item in body.documents]
    # On the event loop, not in a worker thread: it takes milliseconds and writers queue anyway.
    outcomes = sandbox.store.accept(
        documents, sandbox.settings.duplicates, fail_fast=body.fail_fast
    )
    failed = sum(outcome.error is not None for outcome in outcomes)
    return Json(
        {
            "batch_id": str(uuid4()),
            "total": len(outcomes),
            "succeeded": len(outcomes) - failed,
            "failed": failed,
            "results": [_result(outcome) for outcome in outcomes],
        }
    )


async def create(request: Request, sandbox: Sandbox) -> Response:
    """POST /api/v1/memories/create: what fails a row in a batch fails the request here."""
    item = await read(request, Item)
    check_scope(item.user_id, item.customer_id, item.scope, sandbox.settings.isolation)
    [outcome] = sandbox.store.accept([_document(item)], sandbox.settings.duplicates)
    if outcome.error == DUPLICATE:
        raise RefusedError(409, {"code": "conflict", "message": outcome.error})
    if outcome.error is not None:
        raise RefusedError(400, outcome.error)
    return Json(_result(outcome))


async def status(request: Request, sandbox: Sandbox) -> Response:
    """GET /api/v1/memories/status/{ingestion_id}: moves on by the clock alone."""
    row = sandbox.store.ingestion(request.path_params["ingestion_id"])
    if row is None:
        raise HTTPException(404, "unknown ingestion_id")
    at = progress(row["queued_at"], row["error"], time.time(), sandbox.delay)
    memory_ids = [row["memory_id"]] if at.status == "completed" else []
    return Json(
        {
            "ingestion_id": row["ingestion_id"],
            "document_id": row["document_id"],
            "status": at.status,
            "queued_at": iso(row["queued_at"]),
            "started_at": optional_iso(at.started),
            "completed_at": optional_iso(at.completed),
            "memories_created": len(memory_ids),
            "memory_ids": memory_ids,
            "error_message": row["error"],
        }
    )


async def get(request: Request, sandbox: Sandbox) -> Response:
    """GET /api/v1/memories/{memory_id}."""
    return Json(_memory(_existing(request, sandbox)))


async def update(request: Request, sandbox: Sandbox) -> Response:
    """PATCH /api/v1/memories/{memory_id}; a stand-in cannot merge cleverly, so it replaces."""
    row = _existing(request, sandbox)
    body = await read(request, UpdateRequest)
    content = Document.of("", Item(document=body.document)).text
    if body.merge_strategy == "append":
        content = f"{row['content']}\n{content}"
    sandbox.store.edit_memory(row["memory_id"], content)
    return Json(_memory(_existing(request, sandbox)))


async def delete(request: Request, sandbox: Sandbox) -> Response:
    """DELETE /api/v1/memories/{memory_id}: for good, and 404 the second time."""
    memory_id = request.path_params["memory_id"]
    if not sandbox.store.delete_memory(memory_id):
        raise HTTPException(404, "memory not found")
    return Json({"memory_id": memory_id, "deleted_at": iso(time.time())})


async def forget(request: Request, sandbox: Sandbox) -> Response:
    """POST /api/v1/memories/forget: says what it would find, deletes nothing."""
    body = await read(request, ForgetRequest)
    check_scope(body.user_id, body.customer_id, body.scope, sandbox.settings.isolation)
    if body.mode != "preview":
        raise RefusedError(400, "the sandbox only previews; delete memories by their id")
    found = await run_in_threadpool(_forgettable, body, sandbox)
    return Json(
        {
            "status": "preview" if found else "nothing_matches",
            "request_id": f"req_{uuid4().hex}" if found else None,
            "candidates": [
                {
                    "memory_id": match.row["memory_id"],
                    "content": match.row["content"],
                    "memory_type": "fact",
                    "store": "memory",
                }
                for match in found
            ],
            "deleted_ids": [],
            "failed_ids": [],
            "still_present_in": [],
            "may_be_incomplete": False,
        }
    )


def _forgettable(body: ForgetRequest, sandbox: Sandbox) -> list[search.Match]:
    with sandbox.store.reader() as connection:
        return search.find(
            connection,
            body.user_id,
            body.customer_id,
            [body.description],
            received_before=time.time() - sandbox.delay,
            limit=10,
        )


def _document(item: Item) -> Document:
    return Document.of(item.document_id or f"doc_{uuid4().hex}", item)


def _result(outcome: Outcome) -> dict[str, str | None]:
    return {
        "ingestion_id": outcome.ingestion_id,
        "document_id": outcome.document_id,
        "status": "queued" if outcome.error is None else "failed",
        "queued_at": iso(outcome.queued),
        "error_message": outcome.error,
    }


def _existing(request: Request, sandbox: Sandbox) -> sqlite3.Row:
    ready = time.time() - sandbox.delay
    row = sandbox.store.memory(request.path_params["memory_id"], received_before=ready)
    if row is None:
        raise HTTPException(404, "memory not found")
    return row


def _memory(row: sqlite3.Row) -> dict[str, object]:
    return {
        "memory_id": row["memory_id"],
        "memory_type": "fact",
        "content": row["content"],
        "confidence": 1.0,
        "category": None,
        "subcategory": None,
        "created_at": iso(row["first_received"]),
        "updated_at": optional_iso(row["edited_at"]),
        "source_document_id": row["document_id"],
    }
