"""What answers that do not help mean for a person."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx

from synap_import import SourceError, SourceUnavailableError

_LONGEST = 300
_CLOUD = "letta.com"


class NotThereError(SourceError):
    """The server has no such thing, or no such endpoint; most callers know what that means."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Letta has nothing at {what}.",
            remedy="Check the address; if it is right, the server is one that this source does "
            "not know.",
        )
        self.what = what


class ForbiddenError(SourceError):
    """The key opens other things, not this one."""


def is_cloud(url: httpx.URL | str) -> bool:
    """Whether an address is of Letta's own service."""
    host = httpx.URL(url).host
    return host == _CLOUD or host.endswith(f".{_CLOUD}")


def refusal(response: httpx.Response, key: str | None) -> Exception:
    """What a refused request raises."""
    said, path, status = _said(response, key), response.request.url.path, response.status_code
    if status in (404, 405, 501):
        return NotThereError(f"{path}: {said}" if said else path)
    if status == httpx.codes.UNAUTHORIZED:
        return _who_are_you(response.request.url, key)
    if status == httpx.codes.FORBIDDEN:
        return ForbiddenError(
            f"Letta does not let this key read {path} (HTTP 403){_quoted(said)}",
            remedy="A key of the Cloud can belong to one project: use the key of the project "
            "that you want to read, or name another one with --project. In front of a server of "
            "your own, a proxy may refuse the path.",
        )
    if status == httpx.codes.PAYMENT_REQUIRED:
        return SourceError(
            f"Letta refuses {path} because of the account's limits (HTTP 402){_quoted(said)}",
            remedy="Look at the plan and its usage in Letta's dashboard.",
        )
    return SourceError(
        f"Letta refuses {path} (HTTP {status}){_quoted(said)}",
        remedy="Check the address and --project; if they are right, the server is one that this "
        "source does not know.",
    )


def unreachable(error: Exception) -> Exception:
    """What the host's client raised, which the official client wraps."""
    cause: BaseException | None = error.__cause__
    while cause is not None:
        if isinstance(cause, SourceError | SourceUnavailableError):
            return cause
        cause = cause.__cause__
    return SourceUnavailableError(
        f"Letta does not answer ({type(error.__cause__ or error).__name__}).",
        remedy="Check the address and the network, then run the same command again.",
    )


def not_running(url: str, error: SourceUnavailableError) -> SourceUnavailableError:
    """No answer to the first request of a run."""
    if is_cloud(url):
        return error
    return SourceUnavailableError(
        f"No Letta server answers at {url}.",
        remedy="Start it (`letta server`, or its Docker container; the port is 8283 unless it "
        "was changed), or give its address with --base-url.",
    )


def unlike_letta(url: httpx.URL | str, what: str) -> SourceError:
    """An answer that no Letta gives."""
    bare = httpx.URL(url).copy_with(query=None, username=None, password=None)
    return SourceError(
        f"{bare} answers, but not as a Letta server does ({what}).",
        remedy="Give the address of the server with --base-url, without a path "
        "(http://localhost:8283). The `letta` of 2026 (0.32 and newer) is a command without a "
        "server: for that one, the data is in Letta Cloud or in its own files.",
    )


def _who_are_you(url: httpx.URL, key: str | None) -> SourceError:
    if is_cloud(url):
        return SourceError(
            "Letta Cloud does not accept the key (HTTP 401)."
            if key
            else "Letta Cloud wants a key (HTTP 401).",
            remedy="Put a key into LETTA_API_KEY; keys are made at app.letta.com, under API keys. "
            "For a server of your own give --base-url.",
        )
    if key:
        return SourceError(
            f"The Letta server at {url.host} does not accept the password (HTTP 401).",
            remedy="LETTA_API_KEY must hold what the server has in LETTA_SERVER_PASSWORD.",
        )
    return SourceError(
        f"The Letta server at {url.host} is secured and wants its password (HTTP 401).",
        remedy="Put it into LETTA_API_KEY: it is what the server has in LETTA_SERVER_PASSWORD.",
    )


def _quoted(said: str) -> str:
    return f": {said}" if said else "."


def _said(response: httpx.Response, key: str | None) -> str:
    """The server's words: it has `detail`, the Cloud's gateway has `error`."""
    body: Any = None
    with suppress(ValueError, RecursionError):
        body = response.json()
    words = ""
    if isinstance(body, Mapping):
        found = next((body[name] for name in ("detail", "error", "message") if body.get(name)), "")
        words = found if isinstance(found, str) else str(found)
    if key:
        words = words.replace(key, "***")
    return " ".join(words.split())[:_LONGEST]
