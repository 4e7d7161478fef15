"""The first-time path, as somebody with a memory server goes it."""

from __future__ import annotations

import csv
import json
import re
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from support.commands import run, sandbox, start
from support.reasons import constants_of, reasons_in, written_out
from synap_import.sources import Setting
from synap_import_mcp_memory import holds
from synap_import_mcp_memory.source import McpMemory, McpMemoryConfig

PLUGIN = Path(__file__).parents[1]
README = (PLUGIN / "README.md").read_text("utf-8")


def test_the_servers_own_file_becomes_memories_of_the_user(recorded, tmp_path):
    command = ("mcp-memory", recorded, "--user", "ana", "--user-map", "identity")
    with sandbox(tmp_path) as there:
        target = ("--synap-url", there.url, "--workdir", tmp_path / "work", "--json")
        done = run(*command, *target, "--confirm", "none", SYNAP_API_KEY="synap_test")
        assert done.code == 0, done.err
        sent = there.documents()
    assert (done.result["exported"], done.result["loaded"]) == (7, 4)
    assert done.result["held"] == {"graph-relation": 2, "entity-without-observations": 1}
    assert {one["user_id"] for one in sent} == {"ana"}
    assert "default_user: Allergic to peanuts" in {one["document"] for one in sent}


def test_relations_load_when_they_are_asked_for(recorded, tmp_path):
    command = ("mcp-memory", recorded, "--user", "ana", "--user-map", "identity")
    target = ("--to", "sandbox", "--workdir", tmp_path / "work", "--json")
    done = run(*command, *target, "--include", "graph-relation")
    assert (done.code, done.result["loaded"]) == (0, 6), done.err


def test_without_a_user_nothing_is_sent(recorded, tmp_path):
    command = ("mcp-memory", recorded, "--user-map", "identity", "--to", "sandbox")
    done = run(*command, "--workdir", tmp_path / "work", "--json")
    assert done.result["loaded"] == 0
    assert done.result["held"]["no-owner"] == 4
    assert "--user ID" in done.err


def test_the_user_is_listed_for_the_user_map(recorded, tmp_path):
    listed = tmp_path / "users.csv"
    done = run("users", "mcp-memory", recorded, "--user", "ana", "-o", listed)
    assert done.code == 0, done.err
    with listed.open(newline="") as file:
        assert [row["source_id"] for row in csv.DictReader(file)] == ["ana"]


def test_killed_and_run_again_everything_is_there_once(tmp_path):
    file, count = tmp_path / "memory.jsonl", 3000
    lines = [
        {"type": "entity", "name": f"e{n}", "entityType": "x", "observations": [f"says {n}"]}
        for n in range(count)
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    command = ("mcp-memory", file, "--user", "ana", "--user-map", "identity", "--page-size", "50")
    with sandbox(tmp_path) as there:
        target = ("--synap-url", there.url, "--workdir", tmp_path / "work", "--json")
        rest = ("--confirm", "none")
        process = start(*command, *target, *rest, SYNAP_API_KEY="synap_test")
        deadline = time.monotonic() + 30
        while records_of(tmp_path) < 500 and process.poll() is None:
            assert time.monotonic() < deadline, "the import does not get on"
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        assert process.returncode == -signal.SIGKILL, "it was done before it was killed"
        assert records_of(tmp_path) < count
        done = run(*command, *target, *rest, SYNAP_API_KEY="synap_test")
        assert done.code == 0, done.err
        sent = [one["document"] for one in there.documents()]
    assert sorted(sent) == sorted(f"e{n}: says {n}" for n in range(count))
    assert done.result["exported"] == count


def records_of(tmp_path: Path) -> int:
    for path in tmp_path.glob("work/jobs/*/ledger.sqlite"):
        with closing(sqlite3.connect(path)) as ledger, suppress(sqlite3.Error):
            return ledger.execute("SELECT count(*) FROM records").fetchone()[0]
    return 0


def test_the_readme_names_every_option_finding_and_reason():
    code = "".join(path.read_text("utf-8") for path in (PLUGIN / "src").rglob("*.py"))
    codes = set(re.findall(r'"(mcp-memory-[a-z-]+)"', code))
    assert len(codes) == 4
    assert [one for one in sorted(codes) if f"`{one}`" not in README] == []
    assert reasons_in(README) == set(McpMemory.holds) == constants_of(holds)
    assert written_out(PLUGIN / "src") == []
    for name, field in McpMemoryConfig.model_fields.items():
        setting = next((one for one in field.metadata if isinstance(one, Setting)), Setting())
        told = setting.metavar if setting.argument else f"--{name.replace('_', '-')} "
        assert f"`{told}" in README, name
