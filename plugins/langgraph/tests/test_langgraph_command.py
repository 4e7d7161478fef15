"""The first-time path, as somebody with an agent of LangGraph goes it."""

from __future__ import annotations

import csv
import re
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from langgraph_support.stores import Backend
from support.commands import Finished, run, sandbox, start
from support.postgres_server import PostgresServer
from synap_import.sources import Setting
from synap_import_langgraph.config import LangGraphConfig

PLUGIN = Path(__file__).parents[1]
README = (PLUGIN / "README.md").read_text("utf-8")


def filled(backend: Backend, count: int) -> Backend:
    with backend.store() as store:
        for number in range(count):
            store.put(
                ("memories", f"user-{number % 3}"), f"k{number}", {"content": f"tea {number}"}
            )
    return backend.readable()


def imported(backend: Backend, tmp_path: Path, *options: str | Path) -> Finished:
    return run(
        *("langgraph", "--owner", "memories.{user}", "--to", "sandbox"),
        *("--workdir", tmp_path / "work", "--json", *options),
        SYNAP_IMPORT_LANGGRAPH_DSN=backend.dsn,
    )


def test_a_store_becomes_memories_of_its_users(backend: Backend, tmp_path: Path) -> None:
    filled(backend, 12)
    with sandbox(tmp_path) as there:
        done = run(
            *("langgraph", "--owner", "memories.{user}", "--user-map", "identity"),
            *("--synap-url", there.url, "--workdir", tmp_path / "work", "--confirm", "none"),
            *("--json",),
            SYNAP_IMPORT_LANGGRAPH_DSN=backend.dsn,
            SYNAP_API_KEY="synap_test",
        )
        assert done.code == 0, done.err
        sent = {one["document"]: one for one in there.documents()}
    assert (done.result["exported"], done.result["loaded"]) == (12, 12)
    assert {one["user_id"] for one in sent.values()} == {"user-0", "user-1", "user-2"}
    assert sent["tea 4"]["user_id"] == "user-1"
    assert sent["tea 4"]["document_id"] == "legacy_langgraph_memories.user-1/k4"


def test_what_is_new_loads_by_the_same_command_and_what_changed_by_a_resync(
    backend: Backend, tmp_path: Path
) -> None:
    filled(backend, 3)
    options = ("--user-map", "identity")
    assert imported(backend, tmp_path, *options).code == 0
    backend.put("memories.user-0", "a-new", {"content": "coffee"})
    backend.put("memories.user-0", "k0", {"content": "no tea"})
    done = imported(backend, tmp_path, *options)
    assert (done.code, done.result["exported"], done.result["loaded"]) == (0, 4, 4), done.err
    done = imported(backend, tmp_path, *options, "--resync", "--yes")
    assert done.code == 0, done.err
    assert sum(done.result["replaced"].values()) == 1, done.out


def test_a_namespace_that_no_pattern_fits_stops_the_import(sqlite: Backend, tmp_path: Path) -> None:
    filled(sqlite, 3).put("cache", "x", {"content": "of nobody"})
    done = imported(sqlite, tmp_path, "--user-map", "identity")
    assert done.code == 2
    assert "cache" in done.err
    map_file = tmp_path / "users.csv"
    map_file.write_text("source_id,user_id,scope,action\n*,{source_id},user,\ncache,,group,skip\n")
    done = imported(sqlite, tmp_path, "--user-map", map_file)
    assert (done.code, done.result["held"]) == (0, {"skipped-by-user-map": 1}), done.err


def test_the_user_map_can_take_namespaces_apart_instead(sqlite: Backend, tmp_path: Path) -> None:
    filled(sqlite, 6)
    map_file = tmp_path / "users.csv"
    map_file.write_text("source_id,user_id,scope,action\nmemories.{user},{user},group,\n")
    done = run(
        *("langgraph", "--dsn", sqlite.dsn, "--user-map", map_file, "--to", "sandbox"),
        *("--workdir", tmp_path / "work", "--json"),
    )
    assert (done.code, done.result["loaded"]) == (0, 6), done.err


def test_who_is_there_is_listed(backend: Backend, tmp_path: Path) -> None:
    filled(backend, 6).put("cache", "x", {"text": "y"})
    listed = tmp_path / "users.csv"
    done = run(
        *("users", "langgraph", "--owner", "memories.{user}", "-o", listed),
        SYNAP_IMPORT_LANGGRAPH_DSN=backend.dsn,
    )
    assert done.code == 0, done.err
    with listed.open(newline="") as file:
        found = {(row["scope"], row["source_id"]): row["records"] for row in csv.DictReader(file)}
    assert found == {
        ("user", "user-0"): "2",
        ("user", "user-1"): "2",
        ("user", "user-2"): "2",
        ("group", "cache"): "1",
    }


def test_the_password_is_nowhere_in_what_is_said_or_kept(
    postgres: Backend, tmp_path: Path, postgres_running: PostgresServer
) -> None:
    filled(postgres, 2)
    done = imported(postgres, tmp_path, "--user-map", "identity")
    assert done.code == 0, done.err
    secret = postgres_running.reader_password
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret not in done.out + done.err
    assert secret.encode() not in kept


def test_killed_and_run_again_while_the_agent_writes_each_item_is_there_once(
    postgres: Backend, tmp_path: Path
) -> None:
    filled(postgres, 1200)
    command = (
        *("langgraph", "--owner", "memories.{user}", "--user-map", "identity"),
        *("--page-size", "20", "--workdir", tmp_path / "work", "--json", "--confirm", "none"),
    )
    environment = {"SYNAP_IMPORT_LANGGRAPH_DSN": postgres.dsn, "SYNAP_API_KEY": "synap_test"}
    with sandbox(tmp_path) as there:
        target = ("--synap-url", there.url)
        process = start(*command, *target, **environment)
        deadline = time.monotonic() + 30
        while records_of(tmp_path) < 300 and process.poll() is None:
            assert time.monotonic() < deadline, "the import does not get on"
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        assert process.returncode == -signal.SIGKILL, "it was done before it was killed"
        assert records_of(tmp_path) < 1200
        postgres.put("memories.user-0", "a-late-one", {"content": "behind the cursor"})
        done = run(*command, *target, **environment)
        assert done.code == 0, done.err
        sent = [one["document"] for one in there.documents()]
    assert sorted(sent) == sorted(["behind the cursor", *(f"tea {n}" for n in range(1200))])
    assert done.result["exported"] == 1201


def records_of(tmp_path: Path) -> int:
    for path in tmp_path.glob("work/jobs/*/ledger.sqlite"):
        with closing(sqlite3.connect(path)) as ledger, suppress(sqlite3.Error):
            return ledger.execute("SELECT count(*) FROM records").fetchone()[0]
    return 0


def test_the_readme_names_every_option_and_finding() -> None:
    code = "".join(path.read_text("utf-8") for path in (PLUGIN / "src").rglob("*.py"))
    codes = set(re.findall(r'"(langgraph-[a-z-]+)"', code))
    assert len(codes) == 5
    assert [one for one in sorted(codes) if f"`{one}`" not in README] == []
    for name, field in LangGraphConfig.model_fields.items():
        flags = [one.flag for one in field.metadata if isinstance(one, Setting)]
        flag = next(filter(None, flags), f"--{name.replace('_', '-')}")
        assert f"`{flag} " in README, name
