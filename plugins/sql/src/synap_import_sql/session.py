"""Reading in short transactions, with errors that say what to do and give nothing away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from anyio import to_thread
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from synap_import import SourceError, SourceUnavailableError

from .config import DSN_VARIABLE
from .databases.database import Trouble

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from .address import Address

T = TypeVar("T")

_PASSING = frozenset({Trouble.UNREACHABLE, Trouble.LOCKED})
_TOLD = {
    Trouble.UNREACHABLE: (
        "{where} does not answer: {words}.",
        "Check the address and the network, then run the same command again.",
    ),
    Trouble.REFUSED: (
        "{where} lets nobody in: {words}.",
        f"Check user, password and database in --dsn ({DSN_VARIABLE}).",
    ),
    Trouble.NO_DATABASE: (
        "{where} cannot be opened: {words}.",
        "Check the database's name in --dsn.",
    ),
    Trouble.FORBIDDEN: (
        "{where} does not let this user read: {words}.",
        "Its owner can allow it: GRANT SELECT ON the table TO the user, and USAGE on its schema.",
    ),
    Trouble.TOO_LONG: (
        "{where} gave up a statement after {seconds} seconds.",
        (
            "An index on the columns of --key makes it quick; --statement-timeout SECONDS gives it "
            "longer."
        ),
    ),
    Trouble.LOCKED: (
        "{where} is locked by somebody else: {words}.",
        "Run the same command again when they are done.",
    ),
    Trouble.OTHER: ("{where} refuses to be read: {words}.", ""),
}


class MissingError(SourceError):
    """A table or column is not there; ``trouble`` says which of them."""

    def __init__(self, message: str, trouble: Trouble) -> None:
        super().__init__(message)
        self.trouble = trouble


class Session:
    """One connection, opened again when it was lost in a pause.

    Each piece of work is a transaction of its own that only reads, and ends with it: nobody
    waits for it, and no old version of a row is kept for it.
    """

    def __init__(self, address: Address, seconds: int) -> None:
        self.address = address
        self.database = address.database
        self._seconds = seconds
        self._engine: Engine = self.database.engine(address.url, seconds)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What ``work`` returns, in a thread, because drivers wait."""
        return await to_thread.run_sync(self.read_now, work)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """The same, and wait for it."""
        with self._explaining(), self._engine.connect() as connection:
            self.database.begin(connection, self._seconds)
            return work(connection)

    def close(self) -> None:
        """Hang up."""
        self._engine.dispose()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._explained(error.orig or error) from None
        except SQLAlchemyError as error:
            raise SourceError(f"{self._where} cannot be read: {self._line(error)}.") from None

    @property
    def _where(self) -> str:
        return f"{self.database.title} at {self.address}"

    def _explained(self, error: BaseException) -> SourceError | SourceUnavailableError:
        words = self._line(error)
        trouble = self.database.trouble(error)
        if trouble in {Trouble.NO_TABLE, Trouble.NO_COLUMN}:
            return MissingError(f"{self._where} says: {words}.", trouble)
        told, remedy = _TOLD[trouble]
        kind = SourceUnavailableError if trouble in _PASSING else SourceError
        message = told.format(where=self._where, words=words, seconds=self._seconds)
        return kind(message, remedy=remedy)

    def _line(self, error: BaseException) -> str:
        """The driver's words, in one line and without the number in front of them."""
        said = error.args[1] if len(error.args) > 1 else error
        lines = self.address.redact(str(said)).strip().splitlines()
        words = lines[0] if lines else type(error).__name__
        return words.rpartition("FATAL:")[2].removeprefix("connection failed: ").strip().rstrip(".")
