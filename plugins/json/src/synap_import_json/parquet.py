"""Parquet files: their rows as lines of JSON, so that all else reads them like any other file.

Needs pyarrow, the extra ``parquet`` of this plugin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from synap_import import SourceError

from .compression import DamagedError
from .inputs import FileInput
from .streams import without

if TYPE_CHECKING:
    from .inputs import Input

PARQUET_MAGIC = b"PAR1"

_ROWS = 1000


class ParquetInput:
    """A Parquet file. Raises SourceError when it cannot be opened."""

    def __init__(self, path: Path, name: str) -> None:
        self._file = FileInput(path, name)
        self.name = name
        self.place = self._file.place

    def size(self) -> int | None:
        """Bytes on the disk."""
        return self._file.size()

    def version(self, salt: str) -> str:
        """A digest of its length, its first and last 64 KB, and the salt."""
        content = self._file.version(salt)
        return blake2b(f"parquet {content}".encode(), digest_size=12).hexdigest()

    def look(self) -> Iterator[bytes]:
        """The first rows as lines."""
        stream = self.open(0)
        try:
            yield from undamaged_rows(stream.chunks, self.name)
        finally:
            stream.close()

    def open(self, offset: int) -> ParquetStream:
        """The lines from a byte of them on."""
        return ParquetStream(open_table(self._file.path, self.name), offset)

    def beside(self, name: str) -> Input | None:
        """The file of this name in the same folder, if there is one."""
        return self._file.beside(name)


class ParquetStream:
    """The rows of a table as lines of JSON, some at a time."""

    def __init__(self, table: Any, offset: int) -> None:
        self._table = table
        self._rows: int = table.metadata.num_rows
        self._read = 0
        self.chunks = without(offset, self._lines())

    def fraction(self) -> float | None:
        """How much has been read, 0 to 1."""
        return min(1.0, self._read / self._rows) if self._rows else None

    def close(self) -> None:
        """Give the file back."""
        self._table.close()

    def _lines(self) -> Iterator[bytes]:
        for rows in rows_of(self._table):
            self._read += len(rows)
            yield lines_of(rows)


def rows_of(table: Any, groups: Sequence[int] | None = None) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table, or of some of its row groups; raises DamagedError."""
    try:
        for batch in table.iter_batches(batch_size=_ROWS, row_groups=groups):
            yield batch.to_pylist()
    except (OSError, ValueError) as error:
        raise DamagedError(f"the rows cannot be read ({error})") from error


def lines_of(rows: Iterable[dict[str, Any]]) -> bytes:
    """Rows as lines of JSON."""
    return b"".join(map(_line, rows))


def undamaged_rows(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The same lines; raises SourceError where they cannot be read."""
    try:
        yield from chunks
    except DamagedError as error:
        raise SourceError(f"{name} is a damaged Parquet file: {error}.") from error


def open_table(file: Path | BinaryIO, name: str, buffer: int = 0) -> Any:
    """The table of a file. With a ``buffer``, columns are read in parts of so many bytes.

    Raises SourceError when it is none, or when what reads it is not installed.
    """
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        raise SourceError(
            f"{name} is a Parquet file, and what reads those is not installed.",
            remedy="pip install 'synap-import-json[parquet]'",
        ) from None
    try:
        return parquet.ParquetFile(file, buffer_size=buffer)
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{name} is a Parquet file that cannot be read: {error}.",
            remedy="Copy or write it again.",
        ) from error


def _line(row: dict[str, Any]) -> bytes:
    """A row; times with their zone if they have one, bytes and large numbers as texts."""
    return orjson.dumps(row, default=_plain, option=orjson.OPT_APPEND_NEWLINE)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)
