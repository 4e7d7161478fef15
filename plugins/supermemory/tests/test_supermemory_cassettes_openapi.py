"""What was constructed is as the vendor's own descriptions say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from supermemory_support.cassettes import cassette
from supermemory_support.scenarios import SCENARIOS
from support.openapi import answer_schema, described_in, operation, problems
from synap_import.testing import load_cassette

SESSION = "/v3/session"
AS_DESCRIBED = [name for name, scenario in SCENARIOS.items() if not scenario.beyond]

FILES = {
    "v4": "supermemory-v3-v4-e8ad71a.openapi.yaml.gz",
    "v5": "supermemory-v5-sdk5.0.1.openapi.json.gz",
}


def exchanges(name: str) -> Iterator[tuple[Mapping[str, Any], Any, Any]]:
    """Description, request and response of all but the session and what is not there."""
    content = load_cassette(cassette(name).read_text("utf-8"))
    for exchange in content["interactions"]:
        asked, answered = exchange["request"], exchange["response"]
        path = urlsplit(asked["uri"]).path
        is_probe = name == "v5_only" and answered["status"]["code"] == 404
        if path != SESSION and not is_probe:
            yield described_in(FILES["v5" if path.startswith("/ns") else "v4"]), asked, answered


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_descriptions_know_every_request(name: str) -> None:
    for described, asked, _ in exchanges(name):
        known = operation(described, asked["method"], asked["uri"])
        assert known is not None, asked["uri"]
        if asked["method"] == "POST":
            schema = known["requestBody"]["content"]["application/json"]["schema"]
            assert problems(described, schema, json.loads(asked["body"])) == []
        parameters = {one["name"] for one in known.get("parameters", ()) if one["in"] == "query"}
        assert {pair[0] for pair in parse_qsl(urlsplit(asked["uri"]).query)} <= parameters


@pytest.mark.parametrize("name", AS_DESCRIBED)
def test_every_answer_is_as_described(name: str) -> None:
    for described, asked, answered in exchanges(name):
        known = operation(described, asked["method"], asked["uri"])
        assert known is not None
        schema = answer_schema(known, answered["status"]["code"])
        assert schema is not None, (asked["uri"], answered["status"])
        assert problems(described, schema, json.loads(answered["body"]["string"])) == []


def spoiled(content: dict[str, Any], how: str) -> dict[str, Any]:
    item = content["memoryEntries"][0]
    if how == "no text":
        del item["memory"]
    elif how == "a relation that is none":
        item["memoryRelations"] = {"m": "adores"}
    elif how == "null where there is always something":
        content["pagination"]["totalItems"] = None
    else:
        item["mood"] = "good"
    return content


@pytest.mark.parametrize(
    "how",
    [
        "no text",
        "a relation that is none",
        "null where there is always something",
        "a field that is not described",
    ],
)
def test_an_answer_that_is_not_as_described_would_be_found(how: str) -> None:
    for described, asked, answered in exchanges("v4_reading"):
        if asked["uri"].endswith("/v4/memories/list"):
            known = operation(described, asked["method"], asked["uri"])
            schema = known and answer_schema(known, 200)
            content = json.loads(answered["body"]["string"])
            assert schema
            assert problems(described, schema, content) == []
            assert problems(described, schema, spoiled(deepcopy(content), how)) != []
            return
    pytest.fail("no list of memories is in the cassette")
