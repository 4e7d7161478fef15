"""What Zep's answers say, good ones and refusals, in both dialects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from synap_import import SourceError, SourceUnavailableError

if TYPE_CHECKING:
    import httpx

_PASSES = frozenset({408, 425, 429})
_MARKUP = re.compile(rb"\s*<")
_LONGEST_WORDS = 300
_REMEDIES = {
    401: "Check ZEP_API_KEY: a key belongs to one project, and begins with z_.",
    403: "Check what the key's policies let it read.",
}


class Listed(NamedTuple):
    """A page of a list: ``next`` asks for the page behind it, None says that there is none.

    ``total`` is of the whole list, where Zep counts it. ``whole`` says that the page is all of
    the list, whatever pages came before it.
    """

    items: list[Any]
    next: str | None = None
    total: int | None = None
    whole: bool = False


class RefusedError(SourceError):
    """Zep understood and says no; ``status`` is why."""

    def __init__(self, message: str, *, status: int, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status


def body_of(response: httpx.Response, key: str) -> Any:
    """The JSON of a good answer.

    Raises RefusedError with Zep's words, SourceError when this is no answer of Zep, and
    httpx.HTTPStatusError or SourceUnavailableError for what may be better later.
    """
    status = response.status_code
    if status in _PASSES or response.is_server_error or response.is_redirect:
        response.raise_for_status()
    if response.is_client_error:
        said = words_of(response).replace(key, "***")
        asked = f"{response.request.method} {response.request.url.path}"
        raise RefusedError(
            f"Zep refuses {asked} (HTTP {status}){f': {said}' if said else '.'}",
            status=status,
            remedy=_REMEDIES.get(status, "Check the address, and whether Zep has changed."),
        )
    if _MARKUP.match(response.content):
        raise _not_zep(response)
    try:
        return response.json()
    except (ValueError, RecursionError):
        raise SourceUnavailableError(
            f"The answer to {response.request.url.path} breaks off or is no JSON.",
            remedy="Run the same command again.",
        ) from None


def _not_zep(response: httpx.Response) -> SourceError:
    return SourceError(
        f"{response.request.url.copy_with(query=None)} answers nothing that Zep says (HTTP "
        f"{response.status_code}): this is not the API of Zep Cloud.",
        remedy="Check --base-url: without it https://api.getzep.com is read. A self-hosted Zep "
        "or Graphiti is read from its database.",
    )


def object_of(body: Any, what: str) -> Mapping[str, Any]:
    """The body, which must be an object. Raises SourceError."""
    if not isinstance(body, Mapping):
        raise SourceError(
            f"{what} is not in a shape that is known of Zep.",
            remedy="Check --base-url, and whether Zep has changed.",
        )
    return body


def items_of(items: Any, what: str) -> list[Any]:
    """The list, which may be absent. Raises SourceError."""
    if items is None:
        return []
    if not isinstance(items, list):
        object_of(None, what)
    return list(items)


def count_of(value: Any) -> int | None:
    """A total, where there is one."""
    known = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if known else None


def words_of(response: httpx.Response) -> str:
    """What a refusal says: ``{"error": {…}}`` in v4, ``{"message": …}`` in v3, or plain text."""
    said: Any = "" if _MARKUP.match(response.content) else response.text
    with suppress(ValueError, RecursionError):
        said = response.json()
    if isinstance(said, Mapping) and isinstance(said.get("error"), Mapping):
        told = [str(said["error"].get(name) or "") for name in ("code", "message")]
        said = ": ".join(dict.fromkeys(filter(None, told)))
    if isinstance(said, Mapping):
        said = said.get("message") or said.get("error") or ""
    return " ".join(str(said).split())[:_LONGEST_WORDS]
