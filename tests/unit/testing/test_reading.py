"""A source read as the host reads it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import anyio
import httpx
import pytest
from pydantic import BaseModel

from support.acme import Acme, Config
from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    Scope,
    ScopeCount,
    ScopeKind,
    Severity,
    Source,
    SourceCheck,
    SourceError,
)
from synap_import.testing import Bounds, read_source, replay
from synap_import.testing.cassettes import cassette_text


class Nothing(BaseModel):
    """No options."""


def one(id_: str, user: str) -> MemoryRecord:
    return MemoryRecord(system="t", id=id_, text="t", scope=Scope(user=user))


class Twice(Source[Nothing]):
    """Two partitions that share a record, and a reconciliation that tells what came out."""

    name: ClassVar[str] = "twice"
    Config: ClassVar[type[BaseModel]] = Nothing

    async def check(self) -> SourceCheck:
        return SourceCheck(account="a", title="t")

    async def partitions(self):
        yield Partition(id="p", title="p")
        yield Partition(id="q", title="q")

    async def pages(self, partition, cursor):
        yield Page([one("1", "ada")], "half")
        yield Page([one(partition.id, "bob")], None)

    async def scopes(self):
        return [ScopeCount(kind=ScopeKind.USER, id="ada")]

    async def reconcile(self):
        seen = {scope.user: count for scope, count in self.context.exported.scopes()}
        missing = self.context.exported.missing("t", ["1", "z"])
        return [Finding(Severity.ERROR, "seen", f"{seen} {missing}")]


def exchange(target: str, status: int, body: str, headers: dict[str, list[str]]):
    return {
        "request": {
            "method": "GET",
            "uri": f"https://api.acme.example.com{target}",
            "body": "",
            "headers": {},
        },
        "response": {
            "status": {"code": status, "message": ""},
            "headers": headers,
            "body": {"string": body},
        },
    }


def read(bounds: Bounds | None = None):
    return anyio.run(read_source, Twice, Nothing(), bounds)


def test_a_record_of_two_partitions_is_one() -> None:
    assert [record.id for record in read().records] == ["1", "p", "q"]


def test_the_source_sees_what_came_out_of_it() -> None:
    [finding] = read().findings
    assert finding.message == "{'ada': 1, 'bob': 2} ['z']"


def test_scopes_are_kept() -> None:
    assert [scope.id for scope in read().scopes] == ["ada"]


@pytest.mark.parametrize("bounds", [Bounds(partitions=1), Bounds(pages=1)])
def test_what_was_not_read_to_its_end_is_not_compared(bounds) -> None:
    assert read(bounds).findings is None


def test_pauses_between_attempts_are_told_instead_of_made(tmp_path, head) -> None:
    path, account = tmp_path / "busy.yaml", '{"org_id":"o","project_id":"p"}'
    exchanges = [
        exchange("/ping", 429, "", {"retry-after": ["7"]}),
        exchange("/ping", 200, account, {}),
        exchange("/p/memories?page=1", 200, '{"results":[],"next":null}', {}),
    ]
    path.write_text(cassette_text(head, exchanges))
    with replay(path):
        reading = anyio.run(read_source, Acme, Config(api_key="k"))
    assert reading.waits == [7.0]


def test_an_answer_that_the_adapter_refuses_is_a_sentence(tmp_path, head) -> None:
    path = tmp_path / "refused.yaml"
    path.write_text(cassette_text(head, [exchange("/ping", 401, "", {})]))
    with replay(path), pytest.raises(SourceError, match="refuses the key"):
        anyio.run(read_source, Acme, Config(api_key="k"))


def test_a_transport_of_the_test_may_answer_instead_of_a_server() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/ping":
            return httpx.Response(200, json={"org_id": "o", "project_id": "p"})
        return httpx.Response(200, json={"results": [], "next": None})

    transport = httpx.MockTransport(answer)
    reading = anyio.run(partial(read_source, Acme, Config(api_key="k"), transport=transport))
    assert reading.check.account == "o"
