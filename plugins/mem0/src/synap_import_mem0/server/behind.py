"""The store behind a server, as GET /configure names it: the way around the server's limits."""

from __future__ import annotations

from typing import Any, NamedTuple

_NAMES = ("host", "port", "dbname", "user", "collection_name", "path")


class StoreBehind(NamedTuple):
    """What is known of the store. Never its password: the server redacts it."""

    provider: str | None = None
    host: str | None = None
    port: str | None = None
    database: str | None = None
    user: str | None = None
    collection: str | None = None
    path: str | None = None

    @property
    def route(self) -> str:
        """What to do instead of asking the server."""
        if self.provider == "qdrant" and self.path:
            return (
                f"Read its Qdrant folder directly: give {self.path}, as the server sees it, with "
                f"--trust-local-files{self._of_collection}."
            )
        if self.provider == "qdrant":
            where = f"http://{self.host or 'HOST'}:{self.port or '6333'}"
            return f"Read its Qdrant directly: --qdrant {where}{self._of_collection}."
        if self.provider in (None, "pgvector"):
            where = f"{self.host or 'HOST'}:{self.port or '5432'}/{self.database or 'DATABASE'}"
            user = self.user or "USER"
            return (
                "Read its database directly; it is only read: "
                f"--postgres postgresql://{user}:PASSWORD@{where}{self._of_collection} "
                "(host and port as the server itself sees them)."
            )
        return f"Read its store ({self.provider}) directly or from an export of it."

    @property
    def _of_collection(self) -> str:
        return f" --collection {self.collection or 'memories'}"


def read_configuration(answer: Any) -> StoreBehind:
    """The store of an answer; what it does not tell stays open.

    Only these fields are looked at: a connection string would come with its password.
    """
    store = answer.get("vector_store") if isinstance(answer, dict) else None
    if not isinstance(store, dict):
        return StoreBehind()
    config = store.get("config")
    fields = config if isinstance(config, dict) else {}
    known = {name: _text(fields.get(name)) for name in _NAMES}
    return StoreBehind(
        provider=_text(store.get("provider")),
        host=known["host"],
        port=known["port"],
        database=known["dbname"],
        user=known["user"],
        collection=known["collection_name"],
        path=known["path"],
    )


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and str(value) else None
