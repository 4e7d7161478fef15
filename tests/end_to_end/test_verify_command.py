"""``synap-import verify``: whether what was loaded can be found, by the users whose it is."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.commands import Finished, Sandbox, run, sandbox, start, write_lines

KEY = {"SYNAP_API_KEY": "synap_test"}
HEADERS = {"Authorization": "Bearer synap_test"}
PLACES = ("Lisbon", "Reykjavik", "Montevideo", "Samarkand", "Kyoto", "Antananarivo", "Tromsø")


def memories(count: int, users: int = 3) -> list[dict[str, Any]]:
    return [
        {
            "id": f"m-{number}",
            "user_id": f"user-{number % users}",
            "content": f"Visited {PLACES[number % 7]} {number} years ago",
            "created_at": f"2025-06-01T12:00:{number % 60:02d}Z",
        }
        for number in range(count)
    ]


class Here:
    """A sandbox, and a job that loads into it."""

    def __init__(self, folder: Path, box: Sandbox) -> None:
        self.box = box
        self.folder = folder
        self.at = ("--synap-url", box.url, "--workdir", folder / "work")

    def load(self, count: int = 30, *options: str, users: int = 3) -> Finished:
        path = write_lines(self.folder / "memories.jsonl", memories(count, users))
        arguments = ("json", path, "--user-map", "identity", *self.at, "--json", *options)
        return run(*arguments, seconds=120, **KEY)

    def verify(self, *options: str) -> Finished:
        return run("verify", *self.at, *options, seconds=120, **KEY)

    def memory_of(self, document_id: str) -> str:
        [memory_id] = [
            one["memory_id"] for one in self.box.documents() if one["document_id"] == document_id
        ]
        return memory_id

    def delete(self, document_id: str) -> None:
        url = f"{self.box.url}/api/v1/memories/{self.memory_of(document_id)}"
        httpx.delete(url, headers=HEADERS).raise_for_status()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with sandbox(tmp_path) as box:
        yield Here(tmp_path, box)


def test_a_healthy_load_is_all_well(here: Here) -> None:
    here.load()
    done = here.verify()
    assert done.code == 0, done.err
    assert done.out.endswith("All well.\n")
    assert "30 searches, which Synap meters" in done.err
    rows = [line.split() for line in done.out.splitlines() if line.startswith("  user-")]
    assert rows == [[f"user-{n}", "10", "10", "10"] for n in range(3)]


def test_the_result_as_json_adds_up(here: Here) -> None:
    here.load()
    result = here.verify("--json").result
    assert result["documents"]["found"] == result["documents"]["sought"] == 30
    assert result["requests"] == {"searches": 30, "others": 3}
    assert result["books"]["exported"] == result["books"]["loaded"] == 30
    assert (result["differences"], result["mixed_up"], result["missing"]) == ([], [], [])
    assert (result["users_sought"], result["users_fine"]) == (3, 3)


def test_a_sample_has_every_user_in_it(here: Here) -> None:
    here.load(60, users=6)
    result = here.verify("--sample", "8", "--json").result
    assert result["documents"]["sought"] <= 8
    assert result["users_sought"] == 6


def test_users_that_are_not_in_the_sample_are_told(here: Here) -> None:
    here.load(60, users=6)
    done = here.verify("--sample", "4")
    assert done.code == 0
    assert "of 4 of 6 users" in done.err
    assert "--sample 6 takes a document of every user" in done.err


def test_a_missing_memory_is_named_and_the_exit_code_says_so(here: Here) -> None:
    here.load()
    here.delete("legacy_json_m-4")
    done = here.verify()
    assert done.code == 1
    assert "Missing: legacy_json_m-4 of user-1, searched for as" in done.out
    assert "its memories are gone" in done.out
    first = next(line for line in done.out.splitlines() if line.startswith("  user-"))
    assert first.split() == ["user-1", "10", "10", "9", "1"]


def test_users_that_are_mixed_up_are_an_error_before_all_else(here: Here) -> None:
    here.load()
    moved = {"document": "Visited Kyoto", "document_id": "legacy_json_m-4", "user_id": "user-0"}
    url = f"{here.box.url}/api/v1/memories/batch"
    httpx.post(url, json={"documents": [moved]}, headers=HEADERS).raise_for_status()
    done = here.verify()
    assert done.code == 1
    assert "ERROR: users are mixed up." in done.out
    assert "user-0 was shown legacy_json_m-4, which belongs to user-1" in done.out
    [mixed] = here.verify("--json").result["mixed_up"]
    assert (mixed["user_id"], mixed["given_to_user_id"]) == ("user-0", "user-1")


def test_only_one_user_is_verified(here: Here) -> None:
    here.load()
    result = here.verify("--user", "user-2", "--json").result
    assert [user["user_id"] for user in result["users"]] == ["user-2"]
    wrong = here.verify("--user", "nobody")
    assert wrong.code == 2
    assert "sent nothing to a user 'nobody'" in wrong.err


def test_the_books_alone_cost_no_search(here: Here) -> None:
    here.load()
    result = here.verify("--sample", "0", "--json").result
    assert result["exit_code"] == 0
    assert result["requests"] == {"searches": 0, "others": 0}


def test_documents_that_were_not_followed_are_asked_about_and_then_found(here: Here) -> None:
    here.load(30, "--confirm", "none")
    done = here.verify()
    assert done.code == 0, done.out
    assert "Note: " not in done.out
    assert "about 33 questions" in done.err


def test_an_import_that_is_not_finished_is_not_all_well(here: Here) -> None:
    here.load(30, "--limit", "5")
    done = here.verify()
    assert done.code == 3
    assert "Not finished: 25 records not sent yet." in done.out
    assert "run the same command again later" in done.out


def test_many_users_do_not_fill_the_screen(here: Here) -> None:
    here.load(90, users=45)
    done = here.verify()
    assert "  and 25 more users, all fine" in done.out
    assert sum(line.startswith("  user-") for line in done.out.splitlines()) == 20


@pytest.mark.parametrize(
    ("faults", "code", "said"),
    [
        ("rate=1,kinds=search-degraded", 3, "Could not be verified, 30 documents: Synap's search"),
        ("rate=1,kinds=search-silent", 3, "returned nothing to anybody"),
        ("searches=ok+search-402", 3, "Not reached"),
        pytest.param(
            *("rate=0.2,kinds=search-429,retry_after_seconds=0.01", 0, "All well."),
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_a_bad_day_of_synap_is_never_a_loss(
    tmp_path: Path, faults: str, code: int, said: str
) -> None:
    with sandbox(tmp_path, "--faults", faults) as box:
        here = Here(tmp_path, box)
        here.load()
        done = here.verify()
    assert done.code == code, done.err
    assert said in done.out
    assert "Missing" not in done.out


def test_a_hostile_user_id_cannot_write_to_the_terminal(here: Here) -> None:
    rows = [{"id": "1", "user_id": "\x1b[2Jeve\nAll well.", "content": "Lives in Lisbon"}]
    path = write_lines(here.folder / "memories.jsonl", rows)
    assert run("json", path, "--user-map", "identity", *here.at, **KEY).code == 0
    here.delete("legacy_json_1")
    done = here.verify()
    assert done.code == 1
    assert "\x1b" not in done.out + done.err
    assert "\\x1b[2Jeve\\nAll well." in done.out


def test_a_control_c_tells_what_is_known(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--faults", "searches=ok+ok+search-429,retry_after_seconds=60") as box:
        here = Here(tmp_path, box)
        here.load()
        process = start("verify", *here.at, **KEY)
        deadline = time.monotonic() + 30
        while not here.box.counters()["faults"].get("search-429"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Not reached: " in out
    assert out.endswith("Interrupted. The same command begins anew.\n")
