"""A local Qdrant folder, the default store of the open-source library."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synap_import import ConfigurationError, Finding, Scope, SourceError

from .choosing import choose
from .extras import needed
from .opened import OpenedStore, open_store
from .paging import Row, pages_of
from .qdrant_copy import FolderCopy, looks_like_qdrant, private_copy
from .scope_index import ScopeIndex
from .tables_to_skip import is_beside, skipped_identities, skipped_tables

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

    from synap_import_mem0.config import Mem0Config

_POINTS_AT_ONCE = 500
_HISTORIES = ("history.db",)


class QdrantFolder:
    """Folders that qdrant-client keeps in its local mode."""

    def recognises(self, path: Path) -> bool:
        """A ``meta.json`` that names a collection which is there."""
        return path.is_dir() and looks_like_qdrant(path)

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedStore:
        """Choose the collection and count its points, without unpickling anything.

        Raises ConfigurationError unless the folder is trusted.
        """
        if not config.trust_local_files:
            raise ConfigurationError(
                f"{path} is a local Qdrant folder. Its memories are Python pickles, and whoever "
                "wrote a pickle can have it run any code when it is opened.",
                remedy="If nobody but you and your application could write there, add "
                "--trust-local-files; a copy is opened, never the folder itself.",
            )
        needed("qdrant_client", extra="qdrant", purpose="Reading a Qdrant folder")
        store = QdrantFolderStore(path, config.collection, now)
        return open_store(store, path, config, now, _HISTORIES)


class QdrantFolderStore:
    """One collection in the order of its ids. Each reading works on a copy of its own."""

    def __init__(self, path: Path, wanted: str | None, now: datetime) -> None:
        self._path = path
        self._now = now
        with private_copy(path) as copy:
            counts = dict[str, int | None](copy.collections)
            name = choose(counts, wanted, noun="collection", where=str(path))
            identities = copy.identities(name)
            self._collection = name
            self.name = f"Qdrant folder, collection {name}"
            self.version = copy.digest(name)
            self.memories = copy.collections[name] - identities
        skipped = {one: counts[one] for one in counts if one != name and is_beside(one)}
        self.is_index = False
        self.findings: Sequence[Finding] = (
            *skipped_tables(skipped),
            *skipped_identities(identities),
        )

    def rows(self, cursor: str | None) -> Iterator[Row]:
        """The points behind the one whose id the cursor is."""
        with private_copy(self._path) as copy:
            if copy.digest(self._collection) != self.version:
                raise SourceError(
                    f"{self._path} is not as it was: it has changed.",
                    remedy="Run the command again; records that arrived are not loaded twice.",
                )
            copy.keep_only(self._collection)
            with _client(copy, self._path) as client:
                yield from (row for row in self._scroll(client, cursor) if row.key != cursor)

    def scopes_of(self, ids: Sequence[str]) -> Mapping[str, Scope]:
        """Whose these memories are."""
        return self._scopes.scopes_of(ids)

    @cached_property
    def _scopes(self) -> ScopeIndex:
        return ScopeIndex(pages_of(self.rows(None), self._now))

    def _scroll(self, client: QdrantClient, cursor: str | None) -> Iterator[Row]:
        offset = json.loads(cursor) if cursor else None
        while True:
            points, offset = client.scroll(
                self._collection, limit=_POINTS_AT_ONCE, offset=offset, with_vectors=False
            )
            for point in points:
                point_id = point.id if isinstance(point.id, int) else str(point.id)
                where = f"{self._path.name}:{point_id}"
                size = _size(point.payload)
                yield Row(json.dumps(point_id), where, point_id, point.payload, size)
            if offset is None:
                return


@contextmanager
def _client(copy: FolderCopy, original: Path) -> Iterator[QdrantClient]:
    """qdrant-client in its local mode. Here the pickles are opened."""
    library = needed("qdrant_client", extra="qdrant", purpose="Reading a Qdrant folder")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client: QdrantClient = library.QdrantClient(path=str(copy.path))
    except Exception as error:
        raise SourceError(
            f"qdrant-client cannot open {original}: {type(error).__name__}.",
            remedy="A newer or older qdrant-client may: pip install 'qdrant-client==VERSION', the "
            "version that the application uses.",
        ) from error
    try:
        yield client
    finally:
        client.close()


def _size(payload: Any) -> int:
    values = payload.values() if isinstance(payload, dict) else ()
    return sum(len(value) for value in values if isinstance(value, str))
