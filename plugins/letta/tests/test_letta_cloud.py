"""Letta Cloud, as public issues tell of it: no recording, and no claim that it was tried.

Limits of 200: letta-code #3494; ``error`` bodies: letta-code #3167; cursors in the order of the
list: letta-agent-sdk #239; memory files and their blocks: letta #3422.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.responses import JSONResponse

from letta_support.data import Data
from letta_support.reading import check, reading, records
from letta_support.stand_in import StandIn
from synap_import import ConfigurationError, SourceError

KEY = "sk-let-secret-canary"
PROJECTS = [
    {"id": "project-1", "name": "Default", "slug": "default"},
    {"id": "project-2", "name": "Travel bot", "slug": "travel-bot"},
]


def cloud(data: Data | None = None, **fields: Any) -> StandIn:
    return StandIn(data or Data(), cloud=True, password=KEY, projects=PROJECTS, **fields)


def options(**more: Any) -> dict[str, Any]:
    return {"api_key": KEY, **more}


def test_all_projects_are_read_though_lists_show_the_default_one() -> None:
    data = Data()
    agents = [data.agent(one["id"], project_id=one["id"]) for one in PROJECTS]
    blocks = [data.block("human", "x", a, project_id=a["project_id"]) for a in agents]
    found = records(cloud(data), **options())
    assert {one["id"] for one in (*agents, *blocks)} <= set(found)
    assert found[agents[1]["id"]].metadata["project_id"] == "project-2"


@pytest.mark.parametrize("name", ["project-2", "travel-bot", "Travel bot"])
def test_one_project_is_read_when_it_is_named(name: str) -> None:
    data = Data()
    agents = [data.agent(one["id"], project_id=one["id"]) for one in PROJECTS]
    found = records(cloud(data), **options(project=name))
    assert agents[1]["id"] in found
    assert agents[0]["id"] not in found


def test_a_project_that_the_key_does_not_open_names_those_that_it_does() -> None:
    with pytest.raises(SourceError, match="does not open a project secret; it opens") as raised:
        check(cloud(), **options(project="secret"))
    assert "travel-bot" in str(raised.value)
    assert "LETTA_API_KEY" in str(raised.value)


def test_a_key_of_another_project_is_told_in_the_clouds_words() -> None:
    stand_in = cloud()
    refused = JSONResponse({"error": f"Key {KEY} has no access to this project"}, 403)
    stand_in.before = lambda asked: refused if asked.url.path == "/v1/agents/" else None
    with pytest.raises(SourceError, match="has no access to this project") as raised:
        check(stand_in, **options())
    assert KEY not in str(raised.value)
    assert "--project" in raised.value.remedy


def test_without_a_key_and_with_a_wrong_one() -> None:
    with pytest.raises(SourceError, match="wants a key"):
        check(cloud())
    with pytest.raises(SourceError, match="does not accept the key"):
        check(cloud(), api_key="sk-wrong")


def test_an_account_over_its_limits_is_told_in_the_clouds_words() -> None:
    stand_in = cloud()
    limit = JSONResponse({"error": "You have reached your limit", "limit": 3}, 402)
    stand_in.before = lambda asked: limit if asked.url.path == "/v1/agents/" else None
    with pytest.raises(SourceError, match="You have reached your limit"):
        check(stand_in, **options())


def test_no_page_asks_for_more_than_the_cloud_gives() -> None:
    data = Data()
    for number in range(230):
        data.agent(f"agent {number}", project_id="project-1")
    stand_in = cloud(data)
    assert len(check(stand_in, **options()).title.split(": ")) == 2
    assert check(stand_in, **options()).title.endswith(": 230 agents")
    limits = {int(one.query_params["limit"]) for one in stand_in.asked_of("/v1/agents/")}
    assert max(limits) <= 200


def test_an_organization_is_not_for_the_cloud() -> None:
    with pytest.raises(ConfigurationError, match="--organization is for self-hosted"):
        check(cloud(), **options(organization="org-1"))


def test_archived_conversations_are_read_too() -> None:
    data = Data()
    agent = data.agent("a", project_id="project-1")
    archived = data.conversation(agent, "old", archived=True)
    data.exchange(agent, 1, conversation_id=archived["id"])
    sessions = {one.scope.session for one in records(cloud(data), **options()).values()}
    assert archived["id"] in sessions


def memory(data: Data) -> dict[str, Any]:
    agent = data.agent("a", project_id="project-1", tags=["user:alice"])
    data.memory_files[agent["id"]] = {
        "system/human.md": "---\ndescription: Who it is\n---\n\nName: Alice\n",
        "system/persona.md": "I am a helpful agent.",
        "system/policy.md": "---\nread_only: true\n---\nRefunds.",
        "notes/trip.md": "Likes trains.",
        "top.md": "at the top",
    }
    return agent


def test_memory_files_come_by_agent_and_path_with_the_times_of_their_commits() -> None:
    data = Data()
    agent = memory(data)
    found = records(cloud(data), **options())
    one = found[f"{agent['id']}/system/human.md"]
    assert one.text == "Name: Alice\n"
    assert one.metadata == {"path": "system/human.md", "description": "Who it is"}
    assert one.created_at == datetime(2026, 8, 1, 10, tzinfo=UTC)
    assert one.updated_at == datetime(2026, 8, 2, 10, tzinfo=UTC)
    assert one.scope.user == "alice"
    files = {own for own in found if own.startswith(f"{agent['id']}/")}
    assert files == {f"{agent['id']}/{path}" for path in data.memory_files[agent["id"]]}


def test_memory_files_that_are_not_about_the_user_are_held() -> None:
    data = Data()
    agent = memory(data)
    found = records(cloud(data), **options())
    assert found[f"{agent['id']}/system/persona.md"].hold == "persona-block"
    assert found[f"{agent['id']}/system/policy.md"].hold == "read-only-block"


def test_the_block_that_the_cloud_shows_for_a_memory_file_is_a_copy() -> None:
    data = Data()
    agent = memory(data)
    copy = data.block("system/human", "Name: Alice", agent, project_id="project-1")
    assert records(cloud(data), **options())[copy["id"]].hold == "memory-file-copy"


def test_a_server_of_ones_own_is_not_asked_for_memory_files() -> None:
    data = Data()
    data.agent("a")
    stand_in = StandIn(data)
    reading(stand_in)
    assert not [path for path in stand_in.paths() if "memory-files" in path]
