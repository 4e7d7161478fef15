"""Reading requests and writing answers the way Synap's FastAPI server does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from .contract import MAX_BODY_BYTES, RefusedError

if TYPE_CHECKING:
    from starlette.requests import Request

Model = TypeVar("Model", bound=BaseModel)


ROUTE = "synap_import.sandbox.route"
"""Where a request carries the name under which it is counted; None: it is not."""


class Json(Response):
    """A JSON answer; content may hold ``orjson.Fragment`` for text that is JSON already."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Encode the content."""
        return orjson.dumps(content)


async def read(request: Request, model: type[Model]) -> Model:
    """The request's body as ``model``. Raises RefusedError: 413 too large, 422 not of the shape."""
    body = await _body(request)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RefusedError(422, _problems(error)) from error


def iso(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def optional_iso(seconds: float | None) -> str | None:
    """Like ``iso``, with None for None."""
    return None if seconds is None else iso(seconds)


async def _body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    # A body that is too large is read to its end and thrown away: a client that is still
    # writing when the answer comes may see a reset connection instead of the 413.
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MAX_BODY_BYTES:
            chunks.append(chunk)
        else:
            chunks.clear()
    if size > MAX_BODY_BYTES:
        raise RefusedError(413, f"the request body is larger than {MAX_BODY_BYTES} bytes")
    return b"".join(chunks)


def _problems(error: ValidationError) -> list[dict[str, object]]:
    # Without the input: a refused document must not come back in an error message.
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        {"type": problem["type"], "loc": ("body", *problem["loc"]), "msg": problem["msg"]}
        for problem in found
    ]
