"""Zep Cloud, answered by cassettes; the answers are as Zep's own SDK has them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from openapi_schema_validator import OAS31Validator
from zep_cloud import AsyncZep, types
from zep_cloud.core.pydantic_utilities import parse_obj_as

from synap_import import Scope, SourceError, State
from synap_import.testing import Reading, load_cassette, read_source, replay
from synap_import_zep.config import ZepConfig
from synap_import_zep.source import ZepSource
from zep_support.cloud_constructing import REMEDY, constructed, path_of
from zep_support.cloud_scenarios import SCENARIOS

FOLDER = Path(__file__).parents[3] / "cassettes" / "zep"
DATA = Path(__file__).parent / "data"
AS_DESCRIBED = [name for name, one in SCENARIOS.items() if not one.beyond]

# What answers are, by the end of the path without ids: the model and schema in each dialect.
_V4 = {
    "project": "Project",
    "ontology": "Ontology",
    "users/list": "UserPage",
    "threads": "ThreadPage",
    "messages": "MessagePage",
    "graphs/list": "GraphPage",
    "episodes/list": "EpisodePage",
    "edges/list": "EdgePage",
    "nodes/list": "NodePage",
    "observations/list": "ObservationPage",
    "thread-summaries/list": "ThreadSummaryPage",
    "document-summaries/list": "DocumentSummaryPage",
    "hyperedges/list": "HyperedgePage",
}
_V3 = {
    "projects/info": "ProjectInfoResponse",
    "entity-types": "EntityTypeResponse",
    "users-ordered": "UserListResponse",
    "threads": "ThreadListResponse",
    "messages": "MessageListResponse",
    "graph/list-all": "GraphListResponse",
    "node": "UserNodeResponse",
    "episodes": "Episode",
    "edge": "EntityEdge",
    "nodes": "EntityNode",
    "observation": "DerivedNode",
    "thread-summary": "ThreadSummary",
    "document-summary": "DocumentSummary",
}


def play(name: str) -> Reading:
    """What the source says when the cassette answers, all of which must be asked for."""
    config = ZepConfig(api_key="z_any", **SCENARIOS[name].options)
    with replay(path_of(FOLDER, name)):
        return anyio.run(read_source, ZepSource, config)


def answers(name: str) -> Iterator[tuple[str, int, Any]]:
    """Path, status and content of each."""
    cassette = load_cassette(path_of(FOLDER, name).read_text("utf-8"))
    for exchange in cassette["interactions"]:
        response = exchange["response"]
        path = urlsplit(exchange["request"]["uri"]).path
        yield path, response["status"]["code"], json.loads(response["body"]["string"])


def kind_of(path: str) -> str:
    """The name of the answer's model."""
    if path.startswith("/api/v4/"):
        if path.endswith("/node"):
            return "Node"
        ends = [end for end in _V4 if path.endswith(f"/{end}")]
        return _V4[max(ends, key=len)]
    if found := re.match(r"/api/v2/graph/([a-z-]+)/(?:user|graph)/[^/]+$", path):
        return _V3["nodes" if found[1] == "node" else found[1]]
    ends = [end for end in _V3 if path.endswith(f"/{end}")]
    return _V3[max(ends, key=len)]


@cache
def schemas(version: str) -> dict[str, Any]:
    return json.loads((DATA / f"zep_cloud_{version}_schemas.json").read_text("utf-8"))


def problems(path: str, content: Any) -> list[str]:
    """In what an answer differs from the schemas that the SDK's models give."""
    version = "4.0.1" if path.startswith("/api/v4/") else "3.30.0"
    known = schemas(version)
    kind = kind_of(path)
    of_node = {"$defs": known.get("NodePage", {}).get("$defs"), "$ref": "#/$defs/Node"}
    schema = of_node if kind == "Node" else known[kind]
    items = content if isinstance(content, list) else [content]
    validator = OAS31Validator(schema)
    shown = [_in_python(one) if version == "3.30.0" else one for one in items]
    return [error.message for one in shown for error in validator.iter_errors(one)]


def _in_python(content: Any) -> Any:
    """With the names that the models of 3.30.0 have for what is called uuid on the wire."""
    if isinstance(content, dict):
        renamed = {"uuid_" if name == "uuid" else name: value for name, value in content.items()}
        return {name: _in_python(value) for name, value in renamed.items()}
    return [_in_python(one) for one in content] if isinstance(content, list) else content


@pytest.mark.parametrize("name", AS_DESCRIBED)
def test_every_answer_is_as_the_schemas_of_the_sdk_have_it(name: str) -> None:
    for path, status, content in answers(name):
        if status == 200:
            assert problems(path, content) == [], path


@pytest.mark.parametrize("name", [name for name in AS_DESCRIBED if name.startswith("v4")])
def test_the_models_of_the_sdk_take_every_answer_of_v4(name: str) -> None:
    for path, status, content in answers(name):
        if status == 200:
            parse_obj_as(getattr(types, kind_of(path)), content)
        elif path.startswith("/api/v4/"):
            parse_obj_as(types.ApiError, content)


def test_an_answer_that_is_not_as_described_would_be_found() -> None:
    (bare,) = [one for path, _, one in answers("v4_bare_node") if path.endswith("nodes/list")]
    assert problems("/api/v4/graphs/g/nodes/list", bare) != []
    assert problems("/api/v4/users/list", {"items": [{"uuid": 7}]}) != []
    assert problems("/api/v2/graph/edge/user/ada", [{"uuid": "1"}]) != []


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_cassette_is_what_its_construction_makes(name: str) -> None:
    assert path_of(FOLDER, name).read_text("utf-8") == constructed(name), REMEDY


def test_the_sdk_lists_the_same_as_the_adapter_reads() -> None:
    raw = {record.id.partition(":")[2]: record.raw for record in play("v4_reading").records}

    async def lists() -> list[Any]:
        zep = AsyncZep(api_key="z_any", max_retries=0)
        order = {"order_by": "uuid", "order": "asc"}
        (user,) = [one async for one in await zep.user.list(page_size=200, **order)]
        listed = [
            one
            for listing in (zep.graph.episode, zep.graph.edge, zep.graph.node)
            async for one in await listing.list(user.graph_uuid, page_size=100, **order)
        ]
        return [one.model_dump(by_alias=True, exclude_unset=True) for one in listed]

    with replay(path_of(FOLDER, "v4_reading"), all_played=False):
        listed = anyio.run(lists)
    assert len(listed) == 2 + 2 + 2
    for one in listed:
        assert raw[one["uuid"]]["content" if "content" in one else "created_at"] is not None
        assert one["uuid"] in raw


def test_a_whole_project_is_read_in_both_dialects() -> None:
    newer, older = play("v4_reading"), play("v3_fallback")
    assert {one.id for one in newer.records} == {one.id for one in older.records}
    assert len(newer.records) == 14
    assert [one.code for one in older.check.findings] == ["zep-v3"]
    history = [one.text for one in newer.records if one.state is State.SUPERSEDED]
    assert history == ["Ada lives in Faro (was true from 2023-01-02 until 2025-02-01)"]


def test_a_project_that_v4_does_not_show_is_read_through_v3() -> None:
    reading = play("v3_only")
    assert [one.code for one in reading.check.findings] == ["zep-v3"]
    assert {one.hold for one in reading.records} == {None, "copy-of-message"}


@pytest.mark.parametrize("name", ["v4_cursors", "v3_cursors"])
def test_every_list_is_read_behind_empty_pages(name: str) -> None:
    reading = play(name)
    kinds = {"message", "episode", "fact", "entity", "observation", "thread-summary"}
    if name.startswith("v4"):
        kinds |= {"document-summary", "hyperedge"}
    found = Counter(one.id.partition(":")[0] for one in reading.records)
    assert found == dict.fromkeys(kinds, 5)
    assert reading.unreadable == []


def test_a_repeated_cursor_is_a_hole_and_does_not_go_on_for_ever() -> None:
    reading = play("v4_repeated_cursor")
    assert [one.where for one in reading.unreadable] == ["user ada: edges"]


@pytest.mark.parametrize(("name", "wait"), [("v4_five_a_minute", 0.0), ("v4_long_wait", 200.0)])
def test_what_a_limit_asks_for_is_waited(name: str, wait: float) -> None:
    """The reset of the first is a moment, which has passed."""
    reading = play(name)
    assert len(reading.waits) > 1
    assert set(reading.waits) == {wait}
    assert "zep-duration" in [one.code for one in reading.check.findings]


def test_threads_without_a_user_and_with_an_unseen_one_are_whose_they_are() -> None:
    first, second = sorted(play("v4_thread_without_user").records, key=lambda one: one.text)
    assert first.scope.user is not None
    assert second.scope == Scope(session="kiosk")


@pytest.mark.parametrize(
    ("name", "where", "reason"),
    [
        ("v4_forbidden", "user ada: edges", "forbidden: not yours"),
        ("v4_invalid_identifier", "thread trip", "invalid_identifier: not a UUID"),
    ],
)
def test_a_refused_list_is_a_hole_with_zeps_words(name: str, where: str, reason: str) -> None:
    (hole,) = play(name).unreadable
    assert hole.where == where
    assert reason in hole.reason


def test_a_thread_that_is_gone_is_none() -> None:
    reading = play("v4_not_found")
    assert reading.unreadable == []
    assert "zep-gone" in [one.code for one in reading.findings or ()]


def test_a_wrong_key_is_a_sentence() -> None:
    with pytest.raises(SourceError, match=r"HTTP 401.*Check ZEP_API_KEY"):
        play("v4_wrong_key")


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("v4_policy_hides_texts", {None}),
        ("v4_bare_node", {"derived-entity"}),
        ("v4_unknown_values", {None, "copy-of-message"}),
        ("v4_hyperedge", {"derived-fact", "member-of-hyperedge"}),
        ("v4_ontology", {None, "copy-of-message"}),
    ],
)
def test_odd_things_are_read(name: str, held: set[str | None]) -> None:
    reading = play(name)
    assert reading.unreadable == []
    assert {one.hold for one in reading.records} == held
