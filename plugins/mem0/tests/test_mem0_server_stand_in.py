"""The stand-in answers what the vendor's own server answered when it was recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from mem0_support.server_stand_in import ADMIN_KEY, StandIn, running
from mem0_support.server_store import RECORDED, recorded_store

EXCHANGES = json.loads((RECORDED / "recorded_exchanges.json").read_text())
CASSETTE = yaml.safe_load((RECORDED / "recorded_cassette.yaml").read_text())["interactions"]
_EDITED_AT = "2026-11-21T04:38:51.280325+00:00"
# Made anew for each answer, so never the same twice.
_OWN_TO_ONE_ANSWER = {"request_id"}


@pytest.fixture
def server() -> Iterator[httpx.Client]:
    stand_in = StandIn(recorded_store(), clock=lambda: _EDITED_AT)
    key = {"X-API-Key": ADMIN_KEY}
    with running(stand_in), httpx.Client(base_url=stand_in.url, headers=key) as client:
        yield client


def asked_again(server: httpx.Client, exchange: dict[str, Any]) -> httpx.Response:
    body = {"text": "server fact 0000 edited"} if exchange["method"] == "PUT" else None
    request = server.build_request(
        exchange["method"], exchange["path"], params=exchange.get("params"), json=body
    )
    if exchange.get("note") == "no credentials":
        del request.headers["X-API-Key"]
    return server.send(request)


def test_every_recorded_exchange_gets_its_recorded_answer(server: httpx.Client) -> None:
    # In their order: one of them is an update, after which the list begins elsewhere.
    for exchange in EXCHANGES:
        answer = asked_again(server, exchange)
        what = f"{exchange['method']} {exchange['path']} {exchange.get('params')}"
        assert answer.status_code == exchange["status"], what
        assert comparable(answer.json(), exchange["body"]) == recorded(exchange["body"]), what


def test_the_cassette_of_the_same_server_gets_its_answers_too(server: httpx.Client) -> None:
    (edit,) = [exchange for exchange in EXCHANGES if exchange["method"] == "PUT"]
    asked_again(server, edit)
    for interaction in CASSETTE:
        request, response = interaction["request"], interaction["response"]
        path = request["uri"].removeprefix("http://127.0.0.1:18888")
        headers = {"X-API-Key": ADMIN_KEY} if response["status"]["code"] != 401 else {}
        answer = httpx.get(address(server, path), headers=headers)
        assert answer.status_code == response["status"]["code"], path
        assert answer.json() == json.loads(response["body"]["string"]), path


def test_a_refusal_names_the_scheme_as_recorded(server: httpx.Client) -> None:
    (refused,) = [one for one in EXCHANGES if one["status"] == 401]
    answer = asked_again(server, refused)
    assert answer.headers["www-authenticate"] == refused["headers"]["www-authenticate"]


@pytest.mark.parametrize("path", ["/memories", "/entities", "/configure"])
def test_the_platforms_scheme_opens_nothing(server: httpx.Client, path: str) -> None:
    answer = httpx.get(address(server, path), headers={"Authorization": "Token m0-x"})
    assert answer.status_code == 401


def comparable(body: Any, shown: Any) -> Any:
    """The answer, cut as the sample was cut."""
    if isinstance(body, dict) and "_truncated_for_sample_total" in (shown or {}):
        results = body["results"]
        return {"results": results[:3], "_truncated_for_sample_total": len(results)}
    return recorded(body)


def recorded(body: Any) -> Any:
    if isinstance(body, list) and body and "event" in body[0]:
        # Ids of history entries are the server's own; what they say is compared.
        return [{**event, "id": None} for event in body]
    if isinstance(body, dict):
        return {name: value for name, value in body.items() if name not in _OWN_TO_ONE_ANSWER}
    return body


def address(server: httpx.Client, path: str) -> str:
    return f"{str(server.base_url).rstrip('/')}{path}"
