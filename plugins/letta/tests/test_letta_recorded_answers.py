"""The stand-in of the tests answers as the real server does: single questions, asked of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest

from letta_support.data import Data
from letta_support.recorded import answered, exchanges
from letta_support.stand_in import StandIn

UNKNOWN = "11111111-1111-4111-8111-111111111111"
CLIENT = {"X-Stainless-Package-Version": "1.12.1"}


def recorded(path: str, **query: str) -> dict[str, Any]:
    """The exchange whose path matches and whose query is this."""
    [found] = [
        one
        for one in exchanges("server_answers")
        if re.fullmatch(path, urlsplit(one["request"]["uri"]).path)
        and {name: values[-1] for name, values in _query(one).items()} == query
    ]
    return found


def _query(exchange: dict[str, Any]) -> dict[str, list[str]]:
    return parse_qs(urlsplit(exchange["request"]["uri"]).query)


@pytest.fixture
def data() -> Data:
    """An agent with a long chat and two passages; an archive."""
    made = Data()
    agent = made.agent("ada")
    for number in range(60):
        made.exchange(agent, number)
    archive = made.archive("ada's Archive", agent)
    for number in range(3):
        made.passage(archive, f"Fact {number}", f"2026-01-0{number + 1}T00:00:00Z")
    made.block("human", "Hidden", hidden=True)
    return made


def asked(data: Data, path: str, **query: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(StandIn(data).application())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            return await http.get(path, params=query, headers=CLIENT)

    return anyio.run(ask)


def pages_of(exchange: dict[str, Any]) -> Iterator[list[Any]]:
    """Everything that the same path gave to the adapter, oldest first, each page once."""
    path = urlsplit(exchange["request"]["uri"]).path
    for one in exchanges("server_reading"):
        if urlsplit(one["request"]["uri"]).path == path and "conversation_id" not in _query(one):
            yield answered(one)


def status_of(exchange: dict[str, Any]) -> int:
    return int(exchange["response"]["status"]["code"])


def test_a_path_without_its_slash_redirects_to_an_absolute_address(data) -> None:
    real, stand_in = recorded("/v1/agents", limit="1"), asked(data, "/v1/agents", limit=1)
    assert status_of(real) == stand_in.status_code == 307
    for location in (real["response"]["headers"]["location"][0], stand_in.headers["location"]):
        assert re.fullmatch(r"http://127\.0\.0\.1(:\d+)?/v1/agents/\?limit=1", location)


def test_an_unknown_cursor_of_messages_is_not_found(data) -> None:
    query = {"limit": "2", "order": "asc", "after": f"message-{UNKNOWN}"}
    real = recorded("/v1/agents/.+/messages", **query)
    stand_in = asked(data, f"/v1/agents/{data.agents[0]['id']}/messages", **query)
    assert status_of(real) == stand_in.status_code == 404
    assert list(answered(real)) == list(stand_in.json()) == ["detail"]


def test_an_unknown_cursor_of_passages_looks_like_the_end(data) -> None:
    query = {"limit": "2", "ascending": "true", "after": f"passage-{UNKNOWN}"}
    real = recorded("/v1/agents/.+/archival-memory", **query)
    stand_in = asked(data, f"/v1/agents/{data.agents[0]['id']}/archival-memory", **query)
    assert answered(real) == stand_in.json() == []


def test_an_unknown_cursor_of_agents_begins_anew(data) -> None:
    query = {"limit": "2", "order": "asc", "after": f"agent-{UNKNOWN}"}
    assert len(answered(recorded("/v1/agents/", **query))) == 2
    assert len(asked(data, "/v1/agents/", **query).json()) == 1


def test_by_default_the_newest_messages_come_printed_oldest_first(data) -> None:
    real = recorded("/v1/agents/.+/messages", limit="2")
    whole = [item["id"] for page in pages_of(real) for item in page]
    assert [one["id"] for one in answered(real)] == whole[-2:]
    stand_in = asked(data, f"/v1/agents/{data.agents[0]['id']}/messages", limit=2).json()
    assert [one["id"] for one in stand_in] == [one["id"] for one in data.messages[-2:]]


def test_a_limit_of_0_gives_nothing(data) -> None:
    real = recorded("/v1/agents/.+/messages", limit="0")
    stand_in = asked(data, f"/v1/agents/{data.agents[0]['id']}/messages", limit=0)
    assert answered(real) == stand_in.json() == []


def test_what_is_not_asked_for_of_an_agent_is_empty_for_the_official_client(data) -> None:
    data.identity("ada@example.com", data.agents[0])
    real = answered(recorded("/v1/agents/", limit="2", order="asc", after=f"agent-{UNKNOWN}"))
    names = ("blocks", "tags", "identities", "identity_ids", "sources", "tools")
    assert {name: real[0][name] for name in names} == {name: [] for name in names}
    [stand_in] = asked(data, "/v1/agents/").json()
    assert {name: stand_in[name] for name in names} == {name: [] for name in names}


def test_secrets_travel_in_clear_for_whoever_includes_them() -> None:
    real = answered(recorded("/v1/agents/agent-.+", include="agent.secrets"))
    [secret] = real["secrets"]
    assert secret["key"] == "CRM_PASSWORD"
    assert re.fullmatch(r"secret_\d", secret["value"]), "scrubbed; the server sent it as it is"


def test_passages_of_an_archive_have_no_list(data) -> None:
    real = recorded("/v1/archives/.+/passages")
    stand_in = asked(data, f"/v1/archives/{data.archives[0]['id']}/passages")
    assert status_of(real) == 405
    assert stand_in.status_code in (404, 405)


@pytest.mark.parametrize("kind", ["agents", "passages", "messages", "blocks", "identities"])
def test_every_field_of_the_stand_ins_objects_is_one_of_the_servers(data, kind) -> None:
    """Otherwise the other tests would show that the adapter reads what no server sends."""
    data.identity("ada@example.com", data.agents[0])
    own = data.agents[0]["id"]
    paths = {
        "agents": "/v1/agents/",
        "passages": f"/v1/agents/{own}/archival-memory",
        "messages": f"/v1/agents/{own}/messages",
        "blocks": "/v1/blocks/?show_hidden_blocks=true",
        "identities": "/v1/identities/",
    }
    endings = {"passages": "archival-memory"}
    real = {
        name
        for one in exchanges("server_reading")
        if urlsplit(one["request"]["uri"]).path.rstrip("/").endswith(endings.get(kind, kind))
        for item in answered(one)
        for name in item
    }
    stand_in = {name for item in asked(data, paths[kind]).json() for name in item}
    assert stand_in <= real
