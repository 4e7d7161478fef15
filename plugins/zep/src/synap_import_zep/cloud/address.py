"""Where Zep is, and how an id gets into an address."""

from __future__ import annotations

import re
from urllib.parse import quote

import httpx

from synap_import import ConfigurationError

_SUFFIX = re.compile(r"/api/v[0-9]+$")
_WALKS_UP = {"", ".", ".."}


class UnaddressableError(Exception):
    """An id that no address can name: asking for it could read somebody else's data."""


def root_of(url: str) -> str:
    """The address without the suffix of a dialect, which people copy or leave out.

    Raises ConfigurationError for what is no address.
    """
    try:
        address = httpx.URL(url.strip())
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host:
        raise ConfigurationError(
            "--base-url (ZEP_API_URL) is not an http address.",
            remedy="Give it whole, as in --base-url https://api.getzep.com, which is read without "
            "it.",
        )
    path = _SUFFIX.sub("", address.path.rstrip("/"))
    return str(address.copy_with(path=path or "/", query=None, fragment=None)).rstrip("/")


def segment(own_id: str) -> str:
    """The id as exactly one segment of a path. Raises UnaddressableError.

    Neither SDK encodes ids: ``ada?x`` would ask for ``ada``. The dots would be resolved on the
    way, encoded or not.
    """
    if own_id in _WALKS_UP:
        raise UnaddressableError(f"no address can name the id {own_id!r}")
    try:
        return quote(own_id, safe="")
    except UnicodeEncodeError:
        raise UnaddressableError(f"no address can name the id {own_id!r}") from None
