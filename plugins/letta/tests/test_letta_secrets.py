"""Keys, environment values and vectors are in no record, in no form of Letta."""

from __future__ import annotations

import json
from pathlib import Path

import anyio

from letta_support.data import Data
from letta_support.reading import reading
from letta_support.stand_in import StandIn
from synap_import import MemoryRecord, record_line
from synap_import.testing import read_source
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

CANARY = "canary-9f2c"


def with_secrets() -> dict[str, object]:
    value = {"key": "DB_URL", "value": CANARY, "description": CANARY}
    return {
        "secrets": [value],
        "tool_exec_environment_variables": [value],
        "tools": [{"id": "tool-1", "name": "t", "source_code": f"KEY = '{CANARY}'"}],
        "llm_config": {"model_endpoint": f"https://user:{CANARY}@llm.test"},
        "embedding_config": {"embedding_endpoint": f"https://user:{CANARY}@llm.test"},
        "a_field_of_next_year": CANARY,
    }


def assert_clean(records: list[MemoryRecord]) -> None:
    assert records
    assert not [one.id for one in records if CANARY.encode() in record_line(one)]


def test_secrets_and_environment_values_of_agents_are_in_no_record() -> None:
    data = Data()
    agent = data.agent("a", **with_secrets())
    data.exchange(agent, 1)
    archive = data.archive("x", agent)
    data.passage(archive, "fact", "2026-01-01T00:00:00Z", embedding_config={"key": CANARY})
    stand_in = StandIn(data, password=CANARY)
    assert_clean(reading(stand_in, api_key=CANARY).records)
    asked = {one for r in stand_in.asked for one in r.query_params.getlist("include")}
    assert not asked & {"agent.secrets", "agent.tools"}


def test_vectors_are_in_no_record() -> None:
    data = Data()
    archive = data.archive("x", data.agent("a"))
    data.passage(archive, "fact", "2026-01-01T00:00:00Z", embedding=[0.25] * 4096)
    for one in reading(StandIn(data)).records:
        assert b"0.25" not in record_line(one)


def test_secrets_in_agent_files_are_in_no_record(tmp_path: Path) -> None:
    agent = {
        "id": "agent-0",
        "name": "a",
        "block_ids": [],
        "messages": [],
        **with_secrets(),
    }
    new = {"agents": [agent], "blocks": [], "mcp_servers": [{"token": CANARY}], "metadata": {}}
    old = {**agent, "core_memory": [{"label": "human", "value": "Name: A"}]}
    for number, content in enumerate((new, old)):
        path = tmp_path / f"{number}.af"
        path.write_text(json.dumps(content))
        found = anyio.run(read_source, LettaSource, LettaConfig(files=(str(path),)))
        assert_clean(found.records)
