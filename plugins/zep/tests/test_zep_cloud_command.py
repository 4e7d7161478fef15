"""The first-time path from Zep Cloud, through the command as a person runs it."""

from __future__ import annotations

import csv
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.commands import Finished, run, sandbox, start
from zep_support.cloud_answers import Answering
from zep_support.cloud_exchange import KEY, Asked
from zep_support.cloud_project import Project, Size, generated
from zep_support.cloud_server import served

HELD = {
    "copy-of-message",
    "derived-fact",
    "derived-summary",
    "derived-entity",
    "derived-observation",
    "derived-thread-summary",
}


OPTIONS = ("--user-map", "identity", "--agents-as", "users")


def small_project() -> Project:
    project = generated(Size(users=4, threads=8, messages=120, facts=60, graphs=2))
    ada = project.users[0]
    said = project.in_graph(ada["graph_uuid"], "episodes")[0]
    project.summary(ada, "Ada likes tea", episode_uuids=[said["uuid"]])
    return project


@pytest.fixture
def project() -> Project:
    return small_project()


@pytest.fixture
def server(project: Project) -> Answering:
    return Answering(project)


@pytest.fixture
def url(server: Answering) -> Iterator[str]:
    with served(server) as address:
        yield address


def zep(url: str, workdir: Path, *options: str, key: str = KEY) -> Finished:
    """``synap-import zep``, into the sandbox."""
    target = ("--to", "sandbox", "--workdir", workdir, "--json")
    return run("zep", "--base-url", url, *options, *target, ZEP_API_KEY=key)


@dataclass
class Told:
    """Three runs of one job: a first one, the same again, and one that asks for more."""

    records: int
    first: dict[str, Any]
    again: dict[str, Any]
    more: dict[str, Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    project, workdir = small_project(), tmp_path_factory.mktemp("zep")
    with served(Answering(project)) as url:
        first, again = (zep(url, workdir, *OPTIONS) for _ in range(2))
        more = zep(url, workdir, *OPTIONS, "--load", "facts", "--include", "superseded")
    assert (first.code, again.code, more.code) == (0, 0, 0), first.err + again.err + more.err
    return Told(len(set(project.record_ids())), first.result, again.result, more.result)


def test_one_command_moves_everything_and_the_account_adds_up(told: Told) -> None:
    assert told.first["exported"] == told.records
    assert set(told.first["held"]) >= HELD
    assert told.first["loaded"] >= 120
    assert told.records == told.first["loaded"] + sum(told.first["held"].values())


def test_the_same_command_again_loads_nothing(told: Told) -> None:
    names = ("exported", "loaded", "held", "documents")
    assert [told.again[name] for name in names] == [told.first[name] for name in names]


def test_facts_and_history_load_later_when_they_are_asked_for(told: Told) -> None:
    assert told.more["exported"] == told.records
    facts = {"derived-fact", "derived-summary", "state-superseded"}
    assert set(told.more["held"]) == set(told.first["held"]) - facts
    released = sum(told.first["held"].get(reason, 0) for reason in facts)
    assert told.more["loaded"] == told.first["loaded"] + released


def test_the_user_map_is_written_without_reading_the_messages(
    server: Answering, url: str, tmp_path: Path
) -> None:
    output = tmp_path / "users.csv"
    done = run("users", "zep", "--base-url", url, "-o", output, ZEP_API_KEY=KEY)
    assert done.code == 0, done.err
    assert not [one for one in server.asked if "messages" in one.place]
    with output.open(newline="", encoding="utf-8") as file:
        rows = {(row["scope"], row["source_id"]) for row in csv.DictReader(file)}
    assert rows == {("user", f"user-{n}") for n in range(4)} | {
        ("app", "graph-0"),
        ("app", "graph-1"),
    }


def test_killed_while_reading_the_same_command_finishes(
    project: Project, server: Answering, url: str, tmp_path: Path
) -> None:
    pages = 0

    def dies(asked: Asked) -> None:
        nonlocal pages
        pages += "edges" in asked.place
        if pages == 3:
            pages = 1_000
            process.send_signal(signal.SIGKILL)
            process.wait()

    server.before = dies
    target = ("--to", "sandbox", "--workdir", tmp_path)
    process = start("zep", "--base-url", url, *OPTIONS, *target, ZEP_API_KEY=KEY)
    assert process.wait(60) == -signal.SIGKILL
    process.communicate()
    asked_before = len(server.asked_of("messages"))
    done = zep(url, tmp_path, *OPTIONS)
    assert done.code == 0, done.err
    assert done.result["exported"] == len(set(project.record_ids()))
    assert len(server.asked_of("messages")) == asked_before, "threads are not read again"


def test_a_thread_becomes_windows_of_whole_turns_with_speakers_and_their_times(
    tmp_path: Path,
) -> None:
    project = Project()
    thread = project.thread(project.user("ada"), "trip")
    for day in (1, 2, 3):
        asked, answered = (f"2024-05-0{day}T10:00:0{second}Z" for second in (0, 5))
        project.say(thread, f"Question {day}", name="Ada L.", reference_time=asked)
        project.say(thread, f"Answer {day}", "assistant", reference_time=answered)
    with served(Answering(project)) as url, sandbox(tmp_path) as here:
        options = ("--user-map", "identity", "--turns-per-document", "2", "--workdir", tmp_path)
        address = ("--base-url", url, "--synap-url", here.url)
        done = run("zep", *address, *options, ZEP_API_KEY=KEY, SYNAP_API_KEY="synap_test")
        assert done.code == 0, done.err
        first, second = sorted(here.documents(), key=lambda one: one["document_created_at"])
    assert first["document"] == (
        "Ada L.: Question 1\nAssistant: Answer 1\nAda L.: Question 2\nAssistant: Answer 2"
    )
    assert second["document"] == "Ada L.: Question 3\nAssistant: Answer 3"
    assert (first["user_id"], first["metadata"]["original_session_id"]) == ("ada", "trip")
    assert second["metadata"]["original_times"] == [
        "2024-05-03T10:00:00+00:00",
        "2024-05-03T10:00:05+00:00",
    ]


def test_history_says_in_its_text_and_beside_it_from_when_to_when_it_was_true(
    tmp_path: Path,
) -> None:
    project = Project()
    ended = {"valid_at": "2023-01-02T00:00:00Z", "invalid_at": "2025-02-01T00:00:00Z"}
    project.fact(project.user("ada"), "Ada lives in Faro", **ended)
    with served(Answering(project)) as url, sandbox(tmp_path) as here:
        options = ("--user-map", "identity", "--include", "superseded", "--workdir", tmp_path)
        address = ("--base-url", url, "--synap-url", here.url)
        done = run("zep", *address, *options, ZEP_API_KEY=KEY, SYNAP_API_KEY="synap_test")
        assert done.code == 0, done.err
        (document,) = here.documents()
    assert document["document"] == "Ada lives in Faro (was true from 2023-01-02 until 2025-02-01)"
    assert document["metadata"]["original_valid_from"] == "2023-01-02T00:00:00+00:00"
    assert document["metadata"]["original_valid_to"] == "2025-02-01T00:00:00+00:00"


def test_what_is_no_address_gets_a_sentence(tmp_path: Path) -> None:
    done = zep("http://[::1", tmp_path, "--user-map", "identity")
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert "--base-url" in done.err


def test_a_wrong_key_gets_a_sentence_and_is_not_shown(url: str, tmp_path: Path) -> None:
    done = zep(url, tmp_path, "--user-map", "identity", key="z_wrong.and-secret")
    assert done.code == 2
    assert "ZEP_API_KEY" in done.err
    assert "z_wrong" not in done.out + done.err
