"""Objects as inputs: what addresses name, each found out by its content like a file."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from synap_import import SourceError

from .addresses import Address, address_of
from .archives import ZIP_MAGICS
from .files import FOLDER_ENDINGS
from .formats import limited
from .inputs import undamaged
from .items import LOOK_LIMIT
from .parquet import PARQUET_MAGIC, ParquetStream, open_table, undamaged_rows
from .row_groups import BUFFER, RowGroup, row_groups_of
from .storage import Storage, Stored, changed
from .stored_file import open_stored
from .streams import FileStream, begins_plain

if TYPE_CHECKING:
    from .inputs import Input, Stream


class ObjectInput:
    """An object, read where it lies. ``name`` and ``place`` are its address."""

    def __init__(self, storage: Storage, stored: Stored) -> None:
        self._storage = storage
        self.stored = stored
        self.name = self.place = stored.address

    def size(self) -> int:
        """Bytes as they are stored."""
        return self.stored.size

    def version(self, salt: str) -> str:
        """A digest of its length and of what the storage calls its version."""
        content = f"{salt}\0{self.stored.size}\0{self.stored.version}"
        return blake2b(content.encode(), digest_size=12).hexdigest()

    def look(self) -> Iterator[bytes]:
        """The first chunks, up to where the object is damaged; never all of a large one."""
        self._refuse_archives()
        stream = self.open(0)
        guarded = undamaged_rows if self.is_parquet else undamaged
        try:
            yield from limited(guarded(stream.chunks, self.name), LOOK_LIMIT)
        finally:
            stream.close()

    def open(self, offset: int, until: int | None = None) -> Stream:
        """The chunks from a byte of the text on; few behind ``until`` are wanted."""
        if self.is_parquet:
            return ParquetStream(self.table(), offset)
        file = open_stored(self._storage, self.stored, until)
        return FileStream(file, self.stored.size, offset)

    def table(self) -> Any:
        """The table of a Parquet object."""
        return open_table(open_stored(self._storage, self.stored), self.name, BUFFER)

    def beside(self, name: str) -> Input | None:
        """The object of this name in the same folder, if there is one."""
        path = PurePosixPath(self.stored.path).parent
        for part in name.split("/"):
            path = path.parent if part == ".." else path / part
        found = self._storage.noticed(str(path)) if len(path.parts) > 1 else None
        return ObjectInput(self._storage, found) if found else None

    def confirm(self) -> None:
        """Raises SourceError when it is not what was found any more."""
        if self._storage.stat(self.stored.path) != self.stored:
            raise changed(self.name)

    @cached_property
    def is_parquet(self) -> bool:
        """Whether it is a table of row groups."""
        return self._head.startswith(PARQUET_MAGIC)

    @cached_property
    def is_plain(self) -> bool:
        """Whether a byte of its text is a byte of the object: UTF-8, and not packed."""
        return begins_plain(self._head)

    @cached_property
    def row_groups(self) -> Sequence[RowGroup]:
        """The row groups of a Parquet object."""
        return row_groups_of(self.table())

    @cached_property
    def _head(self) -> bytes:
        return self._storage.head(self.stored)[:4]

    def _refuse_archives(self) -> None:
        if self._head in ZIP_MAGICS:
            raise SourceError(
                f"{self.name} is a zip archive, and those are not read in object storage.",
                remedy="Download it and give the file, or unpack it there.",
            )


def find_objects(arguments: Sequence[str]) -> list[ObjectInput]:
    """The objects that addresses name, each once, sorted by their addresses.

    Raises SourceError when an address names none, SourceUnavailableError when nobody answers.
    """
    addresses = [address_of(argument) for argument in arguments]
    storages = {scheme: Storage(scheme) for scheme in sorted({one.scheme for one in addresses})}
    found = {
        stored.address: ObjectInput(storages[one.scheme], stored)
        for one in addresses
        for stored in _named_by(one, storages[one.scheme])
    }
    return [found[address] for address in sorted(found)]


def _named_by(address: Address, storage: Storage) -> list[Stored]:
    itself = None if address.path.endswith("/") else storage.stat(address.path)
    if itself is not None:
        return [itself]
    if glob.has_magic(address.path):
        found = storage.matching(address.path)
        if not found:
            raise SourceError(f"No object matches {address}.", remedy="Check the pattern.")
        return found
    found = [one for one in storage.below(address.path) if _is_data(one, address)]
    if not found:
        raise SourceError(
            f"There is no object {address}, and none below it that ends in .jsonl, .ndjson, .json "
            "or .csv, with or without .gz or .zst, or in .parquet.",
            remedy="Check the address. All whose names begin alike are named with a pattern: "
            f"{address}*",
        )
    return found


def _is_data(stored: Stored, folder: Address) -> bool:
    inside = stored.path[len(folder.path.rstrip("/")) :]
    hidden = any(part.startswith(".") for part in inside.split("/"))
    return not hidden and stored.path.lower().endswith(FOLDER_ENDINGS)
