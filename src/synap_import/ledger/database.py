"""What the ledger's SQL runs on: SQLite and PostgreSQL, as far as they are alike.

All SQL of this folder is written once, in words that both understand (docs/ledger.md): values are
``?``, or ``?1`` where one is needed twice; truth is a condition or an integer, never compared
with ``IS``; what is to be put into a row that may be there says ``ON CONFLICT``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Rows(Protocol):
    """What a statement gave: its rows, once, and how many it changed."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement wrote, over all its values."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection in the middle of a transaction."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Rows:
        """Run a statement."""
        ...

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> Rows:
        """Run a statement once with each of the values."""
        ...

    def stream(self, sql: str, values: Sequence[Any] = (), /) -> Iterator[Any]:
        """The rows of a query, of which there may be more than memory has room for."""
        ...


class Transaction(Protocol):
    """Begins a transaction: all or nothing. One that changes nothing needs no name."""

    def __call__(self, name: str = "read", /) -> AbstractContextManager[Connection]:
        """``name`` is that of its fault points (``ledger.claim.before_commit``)."""
        ...


class Database(Protocol):
    """The tables of one job, wherever they are."""

    is_shared: bool
    """Whether other processes may write to it at the same time."""

    and_ours: str
    """A further condition: nobody else claimed the document since this worker did."""

    @property
    def transaction(self) -> Transaction:
        """Begin one."""
        ...

    def claim(self, db: Connection, limit: int, behind: float) -> list[Any]:
        """The next planned documents behind a number, which nobody else is taking.

        Number, document id, user, customer, turns, and page and place of the first record.
        """
        ...

    def take_back(self, db: Connection, worker: str, state: str, doubt: str) -> int:
        """Put what this worker has in hand into a state, and say why it is doubtful; how many."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
