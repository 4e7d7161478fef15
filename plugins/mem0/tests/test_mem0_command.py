"""The first-time path, as somebody who leaves Mem0 goes it, with the sandbox as destination."""

from __future__ import annotations

import csv
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import JSONResponse

from mem0_support.platform_stand_in import KEY, PlatformStandIn, memory
from mem0_support.server_stand_in import ADMIN_KEY, Age, StandIn, running
from support.commands import Finished, run, start

MEMORIES = [
    *(memory(n, user_id=f"user-{n % 3}", categories=["food"]) for n in range(1, 451)),
    memory(1001, agent_id="travel-bot"),
    memory(1002, session_id="run-7"),
    memory(1003, user_id="user-0", expiration_date="2020-01-01"),
    memory(1004, user_id="user-1", replaced_by=memory(1)["id"]),
    memory(1005, user_id="user-2", merged=True),
]


@pytest.fixture
def platform() -> Iterator[PlatformStandIn]:
    with PlatformStandIn(list(MEMORIES)) as here:
        yield here


def mem0(platform: PlatformStandIn, tmp_path: Path, *options: str | Path, **more: str) -> Finished:
    """``synap-import mem0``, with the key in the environment."""
    environment = {"MEM0_API_KEY": KEY, "MEM0_API_URL": platform.base_url, **more}
    target = ("--to", "sandbox", "--workdir", tmp_path / "work", "--json")
    return run("mem0", *options, *target, **environment)


def test_one_command_moves_everything_and_the_account_adds_up(
    platform: PlatformStandIn, tmp_path: Path
) -> None:
    done = mem0(platform, tmp_path, "--user-map", "identity", "--agents-as", "hold")
    assert done.code == 0, done.err
    assert done.result["exported"] == len(MEMORIES)
    assert done.result["loaded"] == 450
    assert done.result["held"] == {
        "no-user": 2,
        "state-expired": 1,
        "state-merged": 1,
        "state-superseded": 1,
    }
    assert [one for one in done.result["findings"] if one["severity"] == "error"] == []


def test_what_is_held_loads_when_it_is_asked_for(platform: PlatformStandIn, tmp_path: Path) -> None:
    included = ("--include", "expired", "--include", "state-superseded", "--include", "merged")
    options = ("--user-map", "identity", "--agents-as", "users", *included)
    done = mem0(platform, tmp_path, *options)
    assert done.code == 0, done.err
    assert done.result["loaded"] == done.result["exported"] == len(MEMORIES)


def test_the_user_map_is_written_without_reading_the_memories(
    platform: PlatformStandIn, tmp_path: Path
) -> None:
    output = tmp_path / "users.csv"
    environment = {"MEM0_API_KEY": KEY, "MEM0_API_URL": platform.base_url}
    done = run("users", "mem0", "-o", output, **environment)
    assert done.code == 0, done.err
    assert platform.list_pages() == []
    with output.open(newline="") as file:
        rows = {row["source_id"]: row for row in csv.DictReader(file)}
    assert rows["user-1"]["records"] in ("150", "151")
    assert rows["travel-bot"]["scope"] == "agent"


def test_the_filled_in_user_map_decides(platform: PlatformStandIn, tmp_path: Path) -> None:
    users = tmp_path / "users.csv"
    rows = [
        "user-0,u-1001,,,",
        "user-1,,,,keep",
        "user-2,,,,skip",
        "*,,,agent,skip",
        "*,,,session,skip",
    ]
    users.write_text("source_id,user_id,customer_id,scope,action\n" + "\n".join(rows) + "\n")
    done = mem0(platform, tmp_path, "--user-map", users)
    assert done.code == 0, done.err
    assert done.result["loaded"] == 300
    assert done.result["held"]["skipped-by-user-map"] == 152


def test_the_same_command_again_loads_nothing(platform: PlatformStandIn, tmp_path: Path) -> None:
    options = ("--user-map", "identity", "--agents-as", "hold")
    assert mem0(platform, tmp_path, *options).code == 0
    again = mem0(platform, tmp_path, *options)
    assert again.code == 0, again.err
    assert (again.result["loaded"], again.result["already_there"]) == (450, 0)
    assert again.result["exported"] == again.result["documents"] + 5


def test_killed_while_reading_the_same_command_finishes(
    platform: PlatformStandIn, tmp_path: Path
) -> None:
    environment = {"MEM0_API_KEY": KEY, "MEM0_API_URL": platform.base_url}
    options = ("--user-map", "identity", "--agents-as", "hold")
    pages = 0

    def dies_at_the_second(_: PlatformStandIn, asked: object) -> None:
        nonlocal pages
        if getattr(asked, "query", {}).get("page_size") == "200":
            pages += 1
            if pages == 2:
                process.send_signal(signal.SIGKILL)
                time.sleep(0.2)

    platform.before = dies_at_the_second
    target = ("--to", "sandbox", "--workdir", tmp_path / "work")
    process = start("mem0", *options, *target, **environment)
    assert process.wait(60) == -signal.SIGKILL
    platform.before = lambda *_: None
    done = mem0(platform, tmp_path, *options)
    assert done.code == 0, done.err
    assert done.result["exported"] == len(MEMORIES)
    assert done.result["loaded"] == 450


def test_the_export_reads_back_without_loss(platform: PlatformStandIn, tmp_path: Path) -> None:
    environment = {"MEM0_API_KEY": KEY, "MEM0_API_URL": platform.base_url}
    output = tmp_path / "memories.jsonl"
    assert run("export", "mem0", "-o", output, **environment).code == 0
    again = tmp_path / "again.jsonl"
    assert run("export", "json", output, "-o", again).code == 0
    assert again.read_bytes() == output.read_bytes()
    assert len(output.read_bytes().splitlines()) == len(MEMORIES)


def test_a_wrong_key_gets_a_sentence_and_is_not_shown(
    platform: PlatformStandIn, tmp_path: Path
) -> None:
    platform.before = lambda *_: JSONResponse({"detail": "Invalid API key."}, 401)
    done = mem0(platform, tmp_path, "--user-map", "identity", MEM0_API_KEY="m0-wrong-and-secret")
    assert done.code == 2
    assert "Invalid API key" in done.err
    assert "MEM0_API_KEY" in done.err
    assert "m0-wrong-and-secret" not in done.out + done.err


def test_the_key_of_an_empty_project_gets_a_sentence(tmp_path: Path) -> None:
    with PlatformStandIn([], projects=["default", "production"]) as empty:
        done = mem0(empty, tmp_path, "--user-map", "identity")
    assert done.code == 0
    assert done.result["exported"] == 0
    assert "production" in done.err


def test_without_a_key_it_says_where_the_key_goes(tmp_path: Path) -> None:
    done = run("mem0", "--user-map", "identity", "--to", "sandbox", "--workdir", tmp_path)
    assert done.code == 2
    assert "MEM0_API_KEY" in done.err


def test_a_server_of_2025_is_refused_with_the_way_that_works(tmp_path: Path) -> None:
    with running(StandIn(age=Age.V2_0_0)) as server:
        done = run(
            *("mem0", "--base-url", server.url, "--user-map", "identity", "--to", "sandbox"),
            *("--workdir", tmp_path),
            MEM0_SERVER_KEY=ADMIN_KEY,
        )
    assert done.code == 2
    assert "--postgres" in done.err
