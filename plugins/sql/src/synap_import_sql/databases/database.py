"""What the source needs to know of a database system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from synap_import import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import URL, ColumnElement, Connection, Engine

    from synap_import_sql.values import Convert

CONNECT_SECONDS = 20
LOCK_SECONDS = 20
"""Longest to wait for somebody who changes the table's definition."""


class Trouble(Enum):
    """What the complaint of a database comes down to."""

    REFUSED = auto()
    UNREACHABLE = auto()
    NO_DATABASE = auto()
    NO_TABLE = auto()
    NO_COLUMN = auto()
    FORBIDDEN = auto()
    TOO_LONG = auto()
    LOCKED = auto()
    OTHER = auto()


class Database(Protocol):
    """A database system; errors it is asked about come from its driver."""

    @property
    def title(self) -> str:
        """Its name, for people."""
        ...

    @property
    def compares_rows(self) -> bool:
        """Whether ``(a, b) > (1, 2)`` finds its way through an index."""
        ...

    def engine(self, url: URL, seconds: int) -> Engine:
        """Opens connections that cannot write; ``seconds`` is what a statement may take."""
        ...

    def begin(self, connection: Connection, seconds: int) -> None:
        """Begin a transaction that only reads, in a zone that is always the same."""
        ...

    def trouble(self, error: BaseException) -> Trouble:
        """What an error comes down to."""
        ...

    def exactly(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The value of a column, that only equals itself: collations may ignore case."""
        ...

    def shown(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The value of a column, of a type that has a least one."""
        ...

    def converters(self, description: Sequence[Any]) -> Mapping[str, Convert]:
        """For columns whose values only their type tells how to read."""
        ...


def require(module: str, extra: str) -> None:
    """Raise ConfigurationError that says how to get a driver, when it is not there."""
    try:
        import_module(module)
    except ImportError:
        raise ConfigurationError(
            f"Reading this database needs the package {module}, which is not installed.",
            remedy=f"pip install 'synap-import-sql[{extra}]'",
        ) from None
