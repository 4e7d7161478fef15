"""Graphiti in FalkorDB: each group has a graph of its own, read with GRAPH.RO_QUERY."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from synap_import import ConfigurationError, SourceError, SourceUnavailableError
from synap_import_zep.extras import needed
from synap_import_zep.words import first_line

from .database import PROPERTY_GRAPH, Row, Session

if TYPE_CHECKING:
    from synap_import_zep.graphiti.sorts import Shape, Sort

_SCHEMES = {"falkor", "falkors", "redis", "rediss"}
_TIMEOUTS = {"socket_connect_timeout": 20, "socket_timeout": 120}

T = TypeVar("T")


class FalkorDatabase:
    """A server with all its graphs."""

    keeps_zones = True
    graph_per_group = True

    def __init__(self, url: str) -> None:
        self._driver = needed("falkordb", extra="graphiti", purpose="Reading FalkorDB")
        self._wrong = needed("redis.exceptions", extra="graphiti", purpose="Reading FalkorDB")
        self._url = url
        place = _place(url)
        self.title = f"FalkorDB at {place}"
        self.account = f"falkordb://{place}"

    def open(self) -> Session:
        """Connects, so that a wrong address or password is known at once."""
        return self._explaining(self._connect)

    def _connect(self) -> _FalkorSession:
        client = self._driver.FalkorDB.from_url(self._url, **_TIMEOUTS)
        return _FalkorSession(client, self._explaining)

    def _explaining(self, work: Callable[[], T]) -> T:
        wrong = self._wrong
        try:
            return work()
        except (wrong.AuthenticationError, wrong.NoPermissionError) as error:
            raise SourceError(
                f"{self.title} does not let this user read: {first_line(error)}.",
                remedy="Check user and password in --falkordb (FALKORDB_URL); reading needs "
                "GRAPH.LIST and GRAPH.RO_QUERY.",
            ) from None
        except (wrong.ConnectionError, wrong.TimeoutError) as error:
            raise SourceUnavailableError(
                f"{self.title} does not answer: {first_line(error)}.",
                remedy="Check the address and the network, then run the same command again.",
            ) from None
        except wrong.ResponseError as error:
            raise _refused(self.title, error) from None


class _FalkorSession:
    def __init__(self, client: Any, explaining: Callable[..., Any]) -> None:
        self._client = client
        self._explaining = explaining

    def graphs(self) -> Sequence[str]:
        names: list[str] = self._explaining(self._client.list_graphs)
        return sorted(names)

    def shapes(self, graph: str) -> Mapping[Sort, Shape]:
        return PROPERTY_GRAPH

    def rows(self, graph: str, query: str, params: Mapping[str, Any]) -> list[Row]:
        def read() -> list[Row]:
            answer = self._client.select_graph(graph).ro_query(query, params=dict(params))
            names = [name for _, name in answer.header]
            return [dict(zip(names, row, strict=True)) for row in answer.result_set]

        rows: list[Row] = self._explaining(read)
        return rows

    def close(self) -> None:
        self._client.connection.close()


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _no_url() from None
    # A password that is not percent-encoded spills into what stands behind it.
    if parts.scheme not in _SCHEMES or not host or "@" in parts.path:
        raise _no_url()
    return f"{host}:{port or 6379}"


def _no_url() -> ConfigurationError:
    return ConfigurationError(
        "--falkordb is not the address of a FalkorDB server.",
        remedy="It looks like falkor://USER:PASSWORD@HOST:6379 (falkors:// with TLS); characters "
        "such as @ / % in the password are percent-encoded (@ is %40).",
    )


def _refused(title: str, error: Exception) -> SourceError:
    if "unknown command" in str(error).lower():
        return SourceError(
            f"{title} is a Redis server without FalkorDB.",
            remedy="Give the address of the server that Graphiti's FalkorDriver uses.",
        )
    return SourceError(
        f"{title} refuses to be read: {first_line(error)}.",
        remedy="If a query takes too long there, raise its TIMEOUT_MAX and TIMEOUT_DEFAULT.",
    )
