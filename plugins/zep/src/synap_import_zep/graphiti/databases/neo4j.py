"""Graphiti in Neo4j, over Bolt, in transactions that the server keeps from writing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from synap_import import ConfigurationError, SourceError, SourceUnavailableError
from synap_import_zep.extras import needed
from synap_import_zep.words import first_line

from .database import PROPERTY_GRAPH, Row, Session

if TYPE_CHECKING:
    from synap_import_zep.graphiti.config import GraphitiConfig
    from synap_import_zep.graphiti.sorts import Shape, Sort

_SCHEMES = {f"{scheme}{tls}" for scheme in ("bolt", "neo4j") for tls in ("", "+s", "+ssc")}
_SETTINGS = {
    "connection_timeout": 20,
    "max_transaction_retry_time": 30,
    "telemetry_disabled": True,
    "user_agent": "synap-import",
}

T = TypeVar("T")


class Neo4jDatabase:
    """One database of a server; ``group_id`` is a property in it."""

    keeps_zones = True
    graph_per_group = False

    def __init__(self, config: GraphitiConfig) -> None:
        self._driver = needed("neo4j", extra="graphiti", purpose="Reading Neo4j")
        self._uri = config.neo4j or ""
        self._user = config.neo4j_user
        password = config.neo4j_password
        self._password = password.get_secret_value() if password else ""
        self._database = config.database
        place = _place(self._uri)
        self.title = f"Neo4j at {place}" + (
            f", database {config.database}" if config.database else ""
        )
        self.account = f"neo4j://{place}/{config.database or ''}"

    def open(self) -> Session:
        """Connects, so that a wrong address or password is known at once."""
        return self._explaining(self._connect)

    def _connect(self) -> _Neo4jSession:
        # That nobody used a label yet is no news; older servers cannot be told to keep it.
        logging.getLogger("neo4j.notifications").setLevel(logging.ERROR)
        auth = (self._user, self._password) if self._password else None
        driver = self._driver.GraphDatabase.driver(self._uri, auth=auth, **_SETTINGS)
        try:
            # Fails at once where a transaction would try for a while.
            driver.verify_connectivity()
            session = _Neo4jSession(driver, self._database, self._explaining)
            session.rows("", "RETURN 1", {})
        except BaseException:
            driver.close()
            raise
        return session

    def _explaining(self, work: Callable[[], T]) -> T:
        wrong = self._driver.exceptions
        try:
            return work()
        except (ValueError, wrong.ConfigurationError):
            raise _no_uri() from None
        except wrong.AuthError:
            raise SourceError(
                f"{self.title} lets nobody in with this user and password.",
                remedy="Check --neo4j-user (NEO4J_USER) and NEO4J_PASSWORD.",
            ) from None
        except wrong.ClientError as error:
            raise SourceError(
                f"{self.title} refuses to be read: {_said(error)}.",
                remedy="Check --database, and that the user may read it.",
            ) from None
        except (wrong.DriverError, wrong.Neo4jError) as error:
            raise SourceUnavailableError(
                f"{self.title} does not answer: {_said(error)}.",
                remedy="Check the address and the network, then run the same command again.",
            ) from None


class _Neo4jSession:
    def __init__(self, driver: Any, database: str | None, explaining: Callable[..., Any]) -> None:
        self._driver = driver
        self._database = database
        self._explaining = explaining

    def graphs(self) -> Sequence[str]:
        return [""]

    def shapes(self, graph: str) -> Mapping[Sort, Shape]:
        return PROPERTY_GRAPH

    def rows(self, graph: str, query: str, params: Mapping[str, Any]) -> list[Row]:
        def read() -> list[Row]:
            with self._driver.session(database=self._database, default_access_mode="READ") as one:
                answer: list[Row] = one.execute_read(_answer, query, dict(params))
                return answer

        rows: list[Row] = self._explaining(read)
        return rows

    def close(self) -> None:
        self._driver.close()


def _answer(transaction: Any, query: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(record) for record in transaction.run(query, params)]


def _place(uri: str) -> str:
    """Host and port; a password that somebody put into the address is not shown."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _no_uri() from None
    if not host or parts.scheme not in _SCHEMES:
        raise _no_uri()
    return f"{host}:{port or 7687}"


def _no_uri() -> ConfigurationError:
    return ConfigurationError(
        "--neo4j is not the address of a Neo4j server.",
        remedy="It looks like neo4j://HOST:7687, bolt://HOST:7687 or neo4j+s://HOST; user and "
        "password go into NEO4J_USER and NEO4J_PASSWORD.",
    )


def _said(error: Exception) -> str:
    words = first_line(getattr(error, "message", None) or error)
    return words.partition(" (resolved to")[0]
