"""The FAISS store of the open-source library: payloads in a JSON file beside the vectors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from synap_import import Finding, Scope, SourceError
from synap_import.mapping import Unmappable
from synap_import_mem0.files.cutting import Cut, Cutter
from synap_import_mem0.files.texts import DamagedError, open_text, unreadable
from synap_import_mem0.memories import is_memory

from .opened import OpenedStore, open_store
from .paging import Row, number_of, pages_of, payload_of
from .scope_index import ScopeIndex
from .skipping import is_entity, skipped_entities
from .tables_to_skip import skipped_identities

if TYPE_CHECKING:
    from synap_import_mem0.config import Mem0Config

_BEGINNING = re.compile(rb'(\xef\xbb\xbf)?\s*\{\s*"docstore"\s*:\s*\{')
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_HISTORIES = ("history.db",)
_LOOK = 4096
_TO_JSON = (
    "mem0ai 2.2.1 opens it safely and writes it as JSON. On a copy of the folder: "
    "python -c 'from mem0.vector_stores.faiss import FAISS; "
    """FAISS("{name}", path="./FOLDER")'. Then read FOLDER/{name}.json."""
)


class FaissDocstore:
    """``<path>/<collection>.json``, as mem0ai writes it since April 2026."""

    def recognises(self, path: Path) -> bool:
        """Also the pickle of older versions, to say what can be done with it, unless that was
        done: the library leaves the pickle where it is.
        """
        if _is_pickle(path):
            return not _is_docstore(path.with_suffix(".json"))
        return _is_docstore(path)

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedStore:
        """Count what is there. Raises SourceError for a pickle, which is never unpickled."""
        if _is_pickle(path):
            raise SourceError(
                f"{path} is a pickle, the docstore of an older Mem0. A pickle can run code when "
                "it is opened, so it is not.",
                remedy=_TO_JSON.format(name=path.stem),
            )
        return open_store(FaissStore(path, now), path, config, now, _HISTORIES)


class FaissStore:
    """Its entries in the order of the file; cursors count them."""

    name = "FAISS docstore"

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._now = now
        self.version = _digest(path)
        self.memories = 0
        self.is_index = False
        self.findings: Sequence[Finding] = tuple(self._survey())

    def rows(self, cursor: str | None) -> Iterator[Row]:
        """The entries behind a cursor; damage at the end is the last one."""
        for number, row in enumerate(self._entries(), start=1):
            if number > number_of(cursor):
                yield row._replace(key=str(number))

    def scopes_of(self, ids: Sequence[str]) -> Mapping[str, Scope]:
        """Whose these memories are, for those that are there."""
        return self._index.scopes_of(ids)

    @cached_property
    def _index(self) -> ScopeIndex:
        return ScopeIndex(pages_of(self.rows(None), self._now))

    def _entries(self) -> Iterator[Row]:
        passed = 0
        with open_text(self._path) as chunks:
            try:
                for id_, cut in _docstore(Cutter(chunks)):
                    passed += 1
                    yield _row(f"{self._path.name}:{id_}", id_, cut)
            except DamagedError as error:
                flaw = f"{error}; reading ends here"
                yield _row(f"{self._path.name}:behind entry {passed}", None, Cut(None, 0, flaw))

    def _survey(self) -> Iterator[Finding]:
        """Count what is a memory, which everything is that cannot be read as something else."""
        entities = identities = 0
        for row in self._entries():
            try:
                payload = payload_of(row)
            except Unmappable:
                continue
            entities += is_entity(payload)
            identities += not is_memory(payload)
            self.memories += is_memory(payload) and not is_entity(payload)
        self.is_index = bool(entities) and not self.memories
        yield from skipped_entities(entities)
        yield from skipped_identities(identities)


def _docstore(cutter: Cutter) -> Iterator[tuple[str, Cut]]:
    """The entries of the object ``docstore`` at the top. Raises DamagedError."""
    for key in _keys(cutter):
        if key == "docstore" and cutter.peek() == "{":
            for id_ in _keys(cutter):
                yield id_, cutter.value()
        else:
            cutter.value()


def _keys(cutter: Cutter) -> Iterator[str]:
    """The keys of the object that is next; each time the caller takes the value."""
    if cutter.peek() != "{":
        raise DamagedError("an object was expected")
    cutter.step()
    while (first := cutter.peek()) != "}":
        if not first:
            raise DamagedError("the text ends inside of an object")
        if first == ",":
            cutter.step()
            continue
        key = cutter.value().value
        if not isinstance(key, str) or cutter.peek() != ":":
            raise DamagedError("a key with its colon was expected")
        cutter.step()
        cutter.peek()
        yield key
    cutter.step()


def _row(where: str, id_: str | None, cut: Cut) -> Row:
    payload = cut.excerpt if cut.flaw else cut.value
    return Row("", where, id_, payload, cut.size, cut.flaw)


def _is_docstore(path: Path) -> bool:
    return _BEGINNING.match(_head(path)) is not None


def _is_pickle(path: Path) -> bool:
    return path.suffix == ".pkl" and _PICKLE.match(_head(path)) is not None


def _digest(path: Path) -> str:
    """Of all of it: entries are changed in its middle."""
    try:
        with path.open("rb") as file:
            digest = blake2b(digest_size=12)
            while chunk := file.read(1024 * 1024):
                digest.update(chunk)
    except OSError as error:
        raise unreadable(path, error) from error
    return digest.hexdigest()


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LOOK)
    except OSError:
        return b""
