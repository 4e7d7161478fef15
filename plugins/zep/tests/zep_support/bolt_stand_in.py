"""Stands in for Neo4j: speaks Bolt 5.4 to the official driver, and lets a FalkorDB run the queries.

What differs between the two as far as Graphiti is concerned: Neo4j has times of its own, with
zone and nanoseconds, where FalkorDB has texts. So texts under names that are times become such
times on their way. Not Neo4j's own: its planner, its errors, its users.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import falkordb

USER, PASSWORD = "neo4j", "s3cret-of-neo4j"
_SUCCESS, _RECORD, _FAILURE = 0x70, 0x71, 0x7F
_HELLO, _GOODBYE, _RESET, _RUN, _BEGIN, _COMMIT, _ROLLBACK = 1, 2, 0x0F, 0x10, 0x11, 0x12, 0x13
_PULL, _LOGON = 0x3F, 0x6A
_TIMES = ("_at", "reference_time")


class Structure(NamedTuple):
    """A value of Bolt with fields: a message, or a time."""

    tag: int
    fields: tuple[Any, ...]


@dataclass
class BoltStandIn:
    """``modes`` and ``databases`` are those of all transactions, ``queries`` what was asked."""

    port: int
    graph: falkordb.Graph
    modes: list[str] = field(default_factory=list)
    databases: list[str | None] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    refusal: tuple[str, str] | None = None
    """Code and words of what every query is answered with."""

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"

    def answer(self, query: str, params: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
        self.queries.append(query)
        result = self.graph.ro_query(query, params)
        names = [name for _, name in result.header]
        return names, [[_as_neo4j(value) for value in row] for row in result.result_set]


@contextmanager
def bolt_stand_in(graph: falkordb.Graph) -> Iterator[BoltStandIn]:
    with _Server(("127.0.0.1", 0), _Connection) as server:
        server.stand_in = BoltStandIn(server.server_address[1], graph)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.stand_in
        finally:
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    stand_in: BoltStandIn


class _Connection(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.rfile.read(20)  # the magic bytes, and four proposals of versions
        self.wfile.write(bytes((0, 0, 4, 5)))
        self._rows: list[list[Any]] = []
        while (message := self._receive()) is not None and message.tag != _GOODBYE:
            self._react(message)

    def _react(self, message: Structure) -> None:
        stand_in = self.server.stand_in
        match message.tag:
            case tag if tag == _HELLO:
                self._send(_SUCCESS, {"server": "Neo4j/5.26.0", "connection_id": "bolt-1"})
            case tag if tag == _LOGON and message.fields[0].get("credentials") != PASSWORD:
                code = "Neo.ClientError.Security.Unauthorized"
                self._send(_FAILURE, {"code": code, "message": "The client is unauthorized."})
            case tag if tag == _BEGIN:
                stand_in.modes.append(message.fields[0].get("mode", "w"))
                stand_in.databases.append(message.fields[0].get("db"))
                self._send(_SUCCESS, {})
            case tag if tag == _RUN and stand_in.refusal:
                code, words = stand_in.refusal
                self._send(_FAILURE, {"code": code, "message": words})
            case tag if tag == _RUN:
                names, self._rows = stand_in.answer(message.fields[0], message.fields[1])
                self._send(_SUCCESS, {"fields": names})
            case tag if tag == _PULL:
                for row in self._rows:
                    self._send(_RECORD, row)
                self._send(_SUCCESS, {"has_more": False})
            case _:
                self._send(_SUCCESS, {})

    def _receive(self) -> Structure | None:
        body = b""
        while head := self.rfile.read(2):
            (size,) = struct.unpack(">H", head)
            if size == 0 and body:
                return _Unpacker(body).value()
            body += self.rfile.read(size)
        return None

    def _send(self, tag: int, content: Any) -> None:
        body = pack(Structure(tag, (content,)))
        for start in range(0, len(body), 0xFFFF):
            chunk = body[start : start + 0xFFFF]
            self.wfile.write(struct.pack(">H", len(chunk)) + chunk)
        self.wfile.write(b"\0\0")


def _as_neo4j(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _as_neo4j(one, key) for key, one in value.items()}
    if isinstance(value, str) and name.endswith(_TIMES):
        return zoned(datetime.fromisoformat(value))
    return value


def zoned(moment: datetime, finer: int = 789) -> Structure:
    """A time of Neo4j, with nanoseconds that Python does not have."""
    offset = int((moment.utcoffset() or datetime.now(UTC).utcoffset()).total_seconds())
    return Structure(0x49, (int(moment.timestamp()), moment.microsecond * 1000 + finer, offset))


def pack(value: Any) -> bytes:
    match value:
        case None:
            return b"\xc0"
        case bool():
            return b"\xc3" if value else b"\xc2"
        case int():
            return b"\xcb" + struct.pack(">q", value)
        case float():
            return b"\xc1" + struct.pack(">d", value)
        case str():
            text = value.encode()
            return b"\xd2" + struct.pack(">I", len(text)) + text
        case Structure(tag, fields):
            return bytes((0xB0 + len(fields), tag)) + b"".join(map(pack, fields))
        case list() | tuple():
            return b"\xd6" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
        case Mapping():
            items = b"".join(pack(str(key)) + pack(one) for key, one in value.items())
            return b"\xda" + struct.pack(">I", len(value)) + items
    raise TypeError(f"Bolt has no {type(value)}")


class _Unpacker:
    """Reads what the driver sends."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def value(self) -> Any:
        mark = self._take(1)[0]
        if mark < 0x80:
            return mark
        if mark >= 0xF0:
            return mark - 0x100
        if 0xB0 <= mark < 0xC0:
            tag = self._take(1)[0]
            return Structure(tag, tuple(self.value() for _ in range(mark & 0xF)))
        if mark < 0xB0:
            return self._sized(mark & 0xF0, mark & 0xF)
        return self._marked(mark)

    def _marked(self, mark: int) -> Any:
        if mark in {0xC0, 0xC2, 0xC3}:
            return {0xC0: None, 0xC2: False, 0xC3: True}[mark]
        if mark == 0xC1:
            return struct.unpack(">d", self._take(8))[0]
        if 0xC8 <= mark <= 0xCB:
            return int.from_bytes(self._take(1 << (mark - 0xC8)), "big", signed=True)
        kinds = {0xD0: 0x80, 0xD4: 0x90, 0xD8: 0xA0}
        first = mark & 0xFC
        return self._sized(kinds[first], int.from_bytes(self._take(1 << (mark - first)), "big"))

    def _sized(self, kind: int, size: int) -> Any:
        if kind == 0x80:
            return self._take(size).decode()
        if kind == 0x90:
            return [self.value() for _ in range(size)]
        return {self.value(): self.value() for _ in range(size)}

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]
