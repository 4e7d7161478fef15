"""A private copy of a local Qdrant folder: opening one writes into it, so the original is not."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from synap_import import SourceError, SourceUnavailableError

from .extras import needed

_META, _LOCK, _STORAGE = "meta.json", ".lock", "storage.sqlite"
_LOGS = ("-journal", "-wal")
_IDENTITIES = """
SELECT count(*) FROM points
WHERE instr(point, CAST('user_identity' AS BLOB)) AND NOT instr(point, CAST('data' AS BLOB))
"""


@dataclass(frozen=True)
class FolderCopy:
    """What was in a folder at one moment, in a folder that nobody else can read.

    ``collections`` has the number of points of each, which takes no unpickling.
    """

    path: Path
    collections: Mapping[str, int]

    def keep_only(self, collection: str) -> None:
        """Forget the other collections, so that only this one is unpickled and held in memory."""
        meta = _meta(self.path)
        kept = {collection: meta["collections"][collection]}
        indexes = meta.get("text_indexes", {})
        only = {one: indexes[one] for one in kept if one in indexes}
        text = json.dumps({**meta, "collections": kept, "aliases": {}, "text_indexes": only})
        (self.path / _META).write_text(text)

    def identities(self, collection: str) -> int:
        """The number of points that only note who uses the store.

        A key lies in its pickle as it is, so this takes no unpickling either.
        """
        return _asked(self.path, collection, _IDENTITIES)

    def digest(self, collection: str) -> str:
        """Differs when the points do. A collection without a file has none."""
        digest = sha256(collection.encode())
        storage = _storage(self.path, collection)
        if not storage.exists():
            return digest.hexdigest()[:32]
        with storage.open("rb") as file:
            while block := file.read(1024 * 1024):
                digest.update(block)
        return digest.hexdigest()[:32]


@contextmanager
def private_copy(folder: Path) -> Iterator[FolderCopy]:
    """The folder's copy, which goes with the block.

    Raises SourceUnavailableError while an application has the folder open, and SourceError
    when it is not whole.
    """
    with TemporaryDirectory(prefix="synap-import-") as private:
        copy = Path(private)
        try:
            # Not longer than it takes: the application could not start meanwhile.
            with _nobody_writes(folder):
                _copy(folder, copy)
            counts = {name: _count(copy, name) for name in _names(copy)}
        except (OSError, sqlite3.DatabaseError) as error:
            raise SourceError(
                f"{folder} cannot be read as a Qdrant folder ({error}).",
                remedy="Check that it is complete and that you may read it.",
            ) from None
        yield FolderCopy(copy, counts)


def looks_like_qdrant(folder: Path) -> bool:
    """Whether it is a local Qdrant folder; raises nothing."""
    try:
        return any(_storage(folder, name).is_file() for name in _names(folder))
    except (OSError, SourceError):
        return False


def _copy(folder: Path, private: Path) -> None:
    shutil.copyfile(folder / _META, private / _META)
    for name in _names(private):
        storage = _storage(folder, name)
        copy = _storage(private, name).parent
        copy.mkdir(parents=True)
        # Logs of an application that crashed: SQLite needs them to take back half a change.
        for file in (storage, *(storage.with_name(storage.name + end) for end in _LOGS)):
            if file.exists():
                shutil.copyfile(file, copy / file.name)


def _count(folder: Path, collection: str) -> int:
    """The number of points. What a crash left half done is taken back on the way."""
    return _asked(folder, collection, "SELECT count(*) FROM points")


def _asked(folder: Path, collection: str, query: str) -> int:
    storage = _storage(folder, collection)
    if not storage.exists():
        return 0
    with closing(sqlite3.connect(storage)) as connection:
        ((number,),) = connection.execute(query).fetchall()
        return int(number)


def _names(folder: Path) -> list[str]:
    return list(_meta(folder)["collections"])


def _meta(folder: Path) -> dict[str, Any]:
    """What the folder says of its collections, whose names become paths."""
    try:
        meta = json.loads((folder / _META).read_bytes())
    except (ValueError, RecursionError):
        meta = None
    collections = meta.get("collections") if isinstance(meta, dict) else None
    if not isinstance(meta, dict) or not isinstance(collections, dict):
        raise SourceError(f"{folder / _META} does not say which collections there are.")
    for name in collections:
        if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
            raise SourceError(f"{folder / _META} has a collection whose name is a path: {name!r}.")
    return meta


def _storage(folder: Path, collection: str) -> Path:
    return folder / "collection" / collection / _STORAGE


@contextmanager
def _nobody_writes(folder: Path) -> Iterator[None]:
    """Shares the lock that an application holds alone: it is open for reading, so not changed."""
    portalocker = needed("portalocker", extra="qdrant", purpose="Reading a Qdrant folder")
    lock = folder / _LOCK
    if not lock.exists():
        yield
        return
    with lock.open("rb") as file:
        try:
            flags = portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING
            portalocker.lock(file, flags)
        except portalocker.exceptions.LockException:
            raise SourceUnavailableError(
                f"{folder} is open in another program.",
                remedy="Stop the application that uses Mem0, or copy the folder and give the copy.",
            ) from None
        try:
            yield
        finally:
            portalocker.unlock(file)
