"""SQLite files of others: read, never written, and nothing left lying beside them."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from synap_import import SourceError, SourceUnavailableError

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_WAL_MODE = b"\2\2"
_PATIENCE = 10.0
_SHORT_PATIENCE = 0.2
_AS_IT_LIES = "mode=ro&immutable=1"
# Reading alone cannot make these whole; a copy that may be written can.
_NEEDS_COPY = frozenset(
    (
        "SQLITE_CANTOPEN",
        "SQLITE_READONLY_CANTINIT",
        "SQLITE_READONLY_DIRECTORY",
        "SQLITE_READONLY_RECOVERY",
        "SQLITE_READONLY_ROLLBACK",
    )
)
_BUSY = frozenset(("SQLITE_BUSY", "SQLITE_LOCKED"))


class ReadOnlyDatabase:
    """A database file of an application that may be running.

    What that application has committed is seen, also while it is still in a write-ahead log.
    Where SQLite would have to write a file beside the database to read it, a private copy is
    read instead.
    """

    def __init__(self, path: Path, patience: float = _PATIENCE) -> None:
        self.path = path
        self._patience = patience
        self._copy: Path | None = None

    @property
    def version(self) -> str:
        """Differs when the content does."""
        digest = sha256()
        for file in (self.path, _beside(self.path, "-wal")):
            if file.exists():
                stat = file.stat()
                digest.update(f"{stat.st_size} {stat.st_mtime_ns} ".encode() + _head(file))
        return digest.hexdigest()[:32]

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """A connection. Raises SourceError for a damaged file, also within the block."""
        with self._explained(), closing(self._connection()) as connection:
            yield connection

    def _connection(self) -> sqlite3.Connection:
        if self._copy is None and not _lacks_index(self.path):
            try:
                return _opened(self.path, _how_to_read(self.path), self._patience)
            except sqlite3.OperationalError as error:
                if _code(error) not in _NEEDS_COPY:
                    raise
        return _opened(self._copied(), "mode=rw", self._patience)

    def _copied(self) -> Path:
        """A copy that nobody else can read, gone with this object."""
        if self._copy is None:
            self._copy = Path(tempfile.mkdtemp(prefix="synap-import-"))
            weakref.finalize(self, shutil.rmtree, self._copy, ignore_errors=True)
            for file in (self.path, *(_beside(self.path, end) for end in ("-wal", "-journal"))):
                if file.exists():
                    shutil.copyfile(file, self._copy / file.name)
        return self._copy / self.path.name

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if _code(error) in _BUSY:
                raise SourceUnavailableError(
                    f"{self.path} is locked by another program.",
                    remedy="Run the command again when that program is idle or closed.",
                ) from error
            raise SourceError(
                f"{self.path} cannot be read as a database: {error}.",
                remedy=f"It may be damaged. 'sqlite3 {self.path.name} .recover' saves what can be "
                "saved into another file; or take a backup.",
            ) from error
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror}.") from error


def is_database(path: Path) -> bool:
    """Whether a file is a SQLite database; raises nothing."""
    return path.is_file() and _head(path).startswith(_MAGIC)


def tables_of(path: Path) -> frozenset[str]:
    """The names of a database's tables; none for anything else, and nothing is raised."""
    return _names(path, "SELECT name FROM sqlite_master WHERE type = 'table'")


def columns_of(path: Path, table: str) -> frozenset[str]:
    """The names of a table's columns; none for anything else, and nothing is raised."""
    return _names(path, "SELECT name FROM pragma_table_info(?)", table)


def text_of(stored: bytes) -> str:
    """SQLite does not look at what it keeps as text: nothing that is no UTF-8 stops a reading."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        pass
    try:
        return stored.decode(errors="surrogatepass")
    except UnicodeDecodeError:
        return stored.decode(errors="surrogateescape")


def _names(path: Path, query: str, *values: str) -> frozenset[str]:
    if not is_database(path):
        return frozenset()
    try:
        with ReadOnlyDatabase(path, _SHORT_PATIENCE).connect() as connection:
            return frozenset(str(name) for (name,) in connection.execute(query, values))
    except SourceError:
        return frozenset()
    except SourceUnavailableError:
        return _names_in_spite_of_lock(path, query, *values)


def _names_in_spite_of_lock(path: Path, query: str, *values: str) -> frozenset[str]:
    """Good enough to recognise a file; reading it waits for the lock, and says so."""
    try:
        with closing(_opened(path, _AS_IT_LIES, _SHORT_PATIENCE)) as connection:
            return frozenset(str(name) for (name,) in connection.execute(query, values))
    except sqlite3.Error:
        return frozenset()


def _how_to_read(path: Path) -> str:
    """``mode=ro`` alone makes SQLite create files beside a database in WAL mode that has none
    open; then nobody writes, either, and it can be taken as it is.
    """
    logged = _head(path)[18:20] == _WAL_MODE
    return "mode=ro" if not logged or _beside(path, "-shm").exists() else _AS_IT_LIES


def _lacks_index(path: Path) -> bool:
    """A write-ahead log without the index that reading it needs: a crash or a copy left it."""
    log = _beside(path, "-wal")
    return log.exists() and log.stat().st_size > 0 and not _beside(path, "-shm").exists()


def _opened(path: Path, how: str, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?{how}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.text_factory = text_of
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEADER)
    except OSError:
        return b""


def _code(error: sqlite3.Error) -> Any:
    name = getattr(error, "sqlite_errorname", None) or ""
    return "SQLITE_BUSY" if name.startswith("SQLITE_BUSY") else name
