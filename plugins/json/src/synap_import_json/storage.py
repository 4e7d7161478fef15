"""Object storage, and folders as if they were one: what lies there, and bytes of it.

Reached with fsspec and the vendors' own libraries, which find their credentials and ask again
after a failure by themselves. They are imported when there is an address for them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

from synap_import import SourceError, SourceUnavailableError

from .addresses import SERVICES, Address

HEAD = 1024 * 1024
"""Bytes at the beginning of an object that are asked for at once, to find out what it is."""

_HEADS = 16
_NOTICED = 1024
_SHOWN = 160
_VERSIONS = ("generation", "ETag", "etag", "mtime", "LastModified", "last_modified", "updated")
_REFUSED = re.compile("Permission|Credential|Authentication|Token|Profile|Refresh")
_LOGIN_OR_QUERY = re.compile(r"(?<=//)[^/@\s]+@|\?[^\s'\"]+")


class Stored(NamedTuple):
    """An object; ``version`` is another one when it was written anew."""

    address: str
    path: str
    size: int
    version: str


class Storage:
    """One of the services. Raises SourceError or SourceUnavailableError, with a sentence."""

    def __init__(self, scheme: str) -> None:
        self._scheme = scheme
        self._service = SERVICES[scheme]
        self._system = self._opened()
        # It is looked at several times until it is known what it is.
        self.head = lru_cache(maxsize=_HEADS)(self._head)
        self.noticed = lru_cache(maxsize=_NOTICED)(self._notice)

    def stat(self, path: str) -> Stored | None:
        """An object as it is now; None where there is none."""
        with self._explained(path):
            try:
                info = self._system.info(path)
            except FileNotFoundError:
                return None
        return self._stored(info) if info["type"] == "file" else None

    def below(self, path: str) -> list[Stored]:
        """All objects whose names begin with a folder's."""
        with self._explained(path):
            found = self._system.find(path.rstrip("/"), detail=True)
        return self._all(found)

    def matching(self, pattern: str) -> list[Stored]:
        """All objects that a pattern matches."""
        with self._explained(pattern):
            found = self._system.glob(pattern, detail=True)
        return self._all(found)

    def read(self, stored: Stored, start: int, end: int) -> bytes:
        """Some bytes of an object; all of them, or an error."""
        with self._explained(stored.path):
            found = self._system.cat_file(stored.path, start=start, end=end)
        if len(found) != end - start:
            raise changed(stored.address)
        return bytes(found)

    def _notice(self, path: str) -> Stored | None:
        """What may lie beside an object; who may read that one may perhaps not ask for this."""
        try:
            return self.stat(path)
        except SourceError:
            return None

    def _head(self, stored: Stored) -> bytes:
        return self.read(stored, 0, min(HEAD, stored.size)) if stored.size else b""

    def _all(self, found: Mapping[str, Mapping[str, Any]]) -> list[Stored]:
        files = (info for info in found.values() if info["type"] == "file")
        # Consoles make an empty object with such a name where somebody makes a folder.
        return [self._stored(info) for info in files if not str(info["name"]).endswith("/")]

    def _stored(self, info: Mapping[str, Any]) -> Stored:
        version = next((str(info[name]) for name in _VERSIONS if info.get(name)), "")
        path = str(info["name"])
        return Stored(str(Address(self._scheme, path)), path, int(info["size"] or 0), version)

    def _opened(self) -> Any:
        service = self._service
        try:
            fsspec = import_module("fsspec")
            import_module(service.module)
        except ImportError:
            raise SourceError(
                f"What reads {self._scheme}:// addresses is not installed.",
                remedy=f"pip install 'synap-import-json[{service.extra}]'",
            ) from None
        _keep_quiet()
        # Objects change between two runs of one process, as do credentials.
        fresh = {"use_listings_cache": False, "skip_instance_cache": True}
        try:
            return fsspec.filesystem(self._scheme, **fresh)
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            raise SourceError(
                f"{service.called} cannot be reached: {told(error)}.", remedy=self._credentials
            ) from None

    @contextmanager
    def _explained(self, path: str) -> Iterator[None]:
        where = str(Address(self._scheme, path))
        try:
            yield
        except (SourceError, SourceUnavailableError):
            raise
        except FileNotFoundError:
            raise SourceError(
                f"There is no {where}, or no such bucket.", remedy="Check the address."
            ) from None
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            if _is_refusal(error):
                raise self._refused(where, error) from None
            raise SourceUnavailableError(
                f"{where} cannot be read: {told(error)}.",
                remedy="Is the address right? Otherwise run the same command again later: it "
                "goes on where it stopped.",
            ) from None

    def _refused(self, where: str, error: Exception) -> SourceError:
        return SourceError(
            f"{where} may not be read: {told(error)}.",
            remedy=self._credentials,
        )

    @property
    def _credentials(self) -> str:
        return f"{self._service.called} takes credentials from: {self._service.credentials}"


def changed(where: str) -> SourceError:
    """What is said of an object that somebody wrote anew while it was read."""
    return SourceError(
        f"{where} is not as it was: it has changed or is gone.",
        remedy="Run the command again; records that arrived are not loaded twice.",
    )


def _is_refusal(error: Exception) -> bool:
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    named = any(_REFUSED.search(one.__name__) for one in type(error).__mro__)
    return named or status in {401, 403} or str(error).startswith("Forbidden")


def told(error: Exception) -> str:
    """The first line of what a library says, without logins and signatures of an address."""
    first = next(iter(str(error).strip().splitlines()), "")
    shown = _LOGIN_OR_QUERY.sub("…", first)[:_SHOWN].rstrip(". ")
    return f"{shown} ({type(error).__name__})" if shown else type(error).__name__


def _keep_quiet() -> None:
    """The libraries write what they retry into their logs, which nobody here has set up."""
    for name in ("fsspec", "s3fs", "gcsfs", "adlfs", "aiobotocore", "azure", "google"):
        logging.getLogger(name).addHandler(logging.NullHandler())
