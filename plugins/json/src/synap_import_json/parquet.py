"""Parquet files: their rows as lines of JSON, so that all else reads them like any other file.

Needs pyarrow, the extra ``parquet`` of this plugin.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
            yield from stream.chunks
        except DamagedError as error:
            raise SourceError(f"{self.name} is a damaged Parquet file: {error}.") from error
        finally:
            stream.close()

    def open(self, offset: int) -> ParquetStream:
        """The lines from a byte of them on."""
        return ParquetStream(self._file.path, self.name, offset)

    def beside(self, name: str) -> Input | None:
        """The file of this name in the same folder, if there is one."""
        return self._file.beside(name)


class ParquetStream:
    """The rows of a file as lines of JSON, some at a time."""

    def __init__(self, path: Path, name: str, offset: int) -> None:
        self._table = _opened(path, name)
        self._rows: int = self._table.metadata.num_rows
        self._read = 0
        self.chunks = without(offset, self._lines())

    def fraction(self) -> float | None:
        """How much has been read, 0 to 1."""
        return min(1.0, self._read / self._rows) if self._rows else None

    def close(self) -> None:
        """Give the file back."""
        self._table.close()

    def _lines(self) -> Iterator[bytes]:
        try:
            for batch in self._table.iter_batches(batch_size=_ROWS):
                rows = batch.to_pylist()
                self._read += len(rows)
                yield b"".join(_line(row) for row in rows)
        except (OSError, ValueError) as error:
            raise DamagedError(f"the rows cannot be read ({error})") from error


def _opened(path: Path, name: str) -> Any:
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        raise SourceError(
            f"{name} is a Parquet file, and what reads those is not installed.",
            remedy="pip install 'synap-import-json[parquet]'",
        ) from None
    try:
        return parquet.ParquetFile(path)
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
