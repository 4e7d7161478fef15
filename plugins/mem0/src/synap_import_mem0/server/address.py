"""Where a self-hosted server is, and what opens it."""

from __future__ import annotations

import re

import httpx

from synap_import import ConfigurationError

# The parts of a JWT; the first is the base64 of an object.
_JWT = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]+")
_BEARER = re.compile(r"bearer\s+", re.IGNORECASE)


def server_url(given: str) -> httpx.URL:
    """The address to ask. Raises ConfigurationError when no self-hosted server can be there."""
    try:
        url = httpx.URL(given.strip())
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigurationError(
            "--base-url is not an http address.",
            remedy="Give it whole, for example --base-url http://localhost:8888.",
        )
    if url.host == "mem0.ai" or url.host.endswith(".mem0.ai"):
        raise ConfigurationError(
            f"{url.host} is the Mem0 Platform, not a self-hosted server.",
            remedy="Leave --base-url out and put the Platform's key into MEM0_API_KEY.",
        )
    return url.copy_with(path=url.path.rstrip("/"), query=None, fragment=None)


def shown(url: httpx.URL) -> str:
    """The address without credentials: for people, and as the account's name."""
    return str(url.copy_with(username=None, password=None)).rstrip("/")


def key_headers(key: str | None) -> dict[str, str]:
    """How the server is given a key: API keys by their own header, tokens as bearer."""
    if not key:
        return {}
    bearer = _BEARER.match(key)
    if bearer or _JWT.fullmatch(key):
        return {"Authorization": f"Bearer {key[bearer.end() :] if bearer else key}"}
    return {"X-API-Key": key}
