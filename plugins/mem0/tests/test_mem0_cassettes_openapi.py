"""What was constructed is as the vendor's own description of the Platform says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from mem0_support.cassettes import cassette
from mem0_support.platform_scenarios import SCENARIOS
from support.openapi import answer_schema, described_in, operation, problems
from synap_import.testing import load_cassette

AS_DESCRIBED = [name for name, scenario in SCENARIOS.items() if not scenario.beyond]
# Neither has a description of these, nor of the words of a 400 or a 401 for lists.
PASSING = {429, 500}


@pytest.fixture
def description():
    return described_in("mem0-platform-8d5b7865.openapi.json.gz")


def exchanges(name: str) -> list[dict[str, Any]]:
    content = load_cassette(cassette(f"platform_{name}").read_text("utf-8"))
    found: list[dict[str, Any]] = content["interactions"]
    return found


def described_answers(description, name: str) -> Iterator[tuple[Any, Any]]:
    """Schema and content of each answer that has a schema."""
    for exchange in exchanges(name):
        asked, answered = exchange["request"], exchange["response"]
        known = operation(description, asked["method"], asked["uri"])
        schema = known and answer_schema(known, answered["status"]["code"])
        if schema:
            yield schema, json.loads(answered["body"]["string"])


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_description_knows_every_request(description, name) -> None:
    for exchange in exchanges(name):
        asked = exchange["request"]
        known = operation(description, asked["method"], asked["uri"])
        assert known is not None, asked["uri"]
        if "requestBody" in known:
            schema = known["requestBody"]["content"]["application/json"]["schema"]
            body = json.loads(asked["body"])
            # Told by the vendor's guides, not by the description.
            body.pop("include_merged", None)
            assert problems(description, schema, body) == []


@pytest.mark.parametrize("name", AS_DESCRIBED)
def test_the_description_knows_every_status(description, name) -> None:
    for exchange in exchanges(name):
        asked, status = exchange["request"], exchange["response"]["status"]["code"]
        known = operation(description, asked["method"], asked["uri"])
        assert status in PASSING or str(status) in known["responses"], asked["uri"]


@pytest.mark.parametrize("name", AS_DESCRIBED)
def test_every_answer_is_as_described(description, name) -> None:
    for schema, content in described_answers(description, name):
        assert problems(description, schema, content) == []


def spoiled(content: dict[str, Any], how: str) -> dict[str, Any]:
    item = content["results"][0]
    if how == "an id that is none":
        item["id"] = "1"
    elif how == "no text":
        del item["memory"]
    elif how == "a time that is none":
        item["created_at"] = "yesterday"
    elif how == "null where there is always something":
        content["count"] = None
    else:
        item["immutable"] = False
    return content


@pytest.mark.parametrize(
    "how",
    [
        "an id that is none",
        "no text",
        "a time that is none",
        "null where there is always something",
        "a field that is not described",
    ],
)
def test_an_answer_that_is_not_as_described_would_be_found(description, how) -> None:
    schema, content = next(
        (schema, content)
        for schema, content in described_answers(description, "states")
        if isinstance(content, dict) and "memory" in (content.get("results") or [{}])[0]
    )
    assert problems(description, schema, content) == []
    assert problems(description, schema, spoiled(deepcopy(content), how)) != []
