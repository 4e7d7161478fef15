"""Imports from Python code, and what they tell while they work."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from support.commands import memories, run, write_lines
from synap_import import ConfigurationError, import_memories, run_import
from synap_import.errors import ExitCode, UserMapError
from synap_import.events import Ended, Event, JobOpened, Progressed, SourceSeen

EXAMPLE = Path(__file__).parents[2] / "examples" / "import_with_progress.py"


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, list[str]]:
    return {"files": [str(write_lines(tmp_path / "memories.jsonl", memories(10)))]}


def test_a_few_lines_import_a_file(tmp_path: Path, settings: dict[str, list[str]]) -> None:
    result = run_import("json", settings, to="sandbox", workdir=tmp_path)
    assert result.is_complete
    assert result.books.loaded == 10
    assert result.folder is not None
    assert (result.folder / "ledger.sqlite").exists()


@pytest.mark.anyio
async def test_code_with_an_event_loop_awaits_it(
    tmp_path: Path, settings: dict[str, list[str]]
) -> None:
    result = await import_memories("json", settings, to="sandbox", workdir=tmp_path)
    assert result.books.loaded == 10


def test_the_command_line_goes_on_with_a_job_begun_in_python(
    tmp_path: Path, settings: dict[str, list[str]]
) -> None:
    limited = run_import("json", settings, to="sandbox", workdir=tmp_path, limit=4)
    file = settings["files"][0]
    done = run(
        *(
            "json",
            file,
            "--user-map",
            "identity",
            "--to",
            "sandbox",
            "--workdir",
            tmp_path,
            "--json",
        )
    )
    assert limited.books.loaded == 4
    assert (done.result["job"], done.result["loaded"]) == (limited.job, 10)


def test_a_callback_hears_of_everything_in_order(
    tmp_path: Path, settings: dict[str, list[str]]
) -> None:
    heard: list[Event] = []
    run_import("json", settings, to="sandbox", workdir=tmp_path, on_event=heard.append)
    kinds = [type(event) for event in heard]
    assert kinds[0] is SourceSeen
    assert kinds.index(JobOpened) < kinds.index(Progressed) < kinds.index(Ended)
    assert heard[-2:] == [heard[-2], Ended(heard[-1].books, ExitCode.OK)]
    assert heard[-2].progress["loaded"] == 10


def test_a_dry_run_sends_nothing_and_leaves_nothing(
    tmp_path: Path, settings: dict[str, list[str]]
) -> None:
    result = run_import("json", settings, to="sandbox", workdir=tmp_path / "work", dry_run=True)
    assert (result.books.loaded, result.books.unfinished, result.folder) == (0, 10, None)
    assert list((tmp_path / "work").iterdir()) == []


def test_rules_are_given_by_their_plain_words(
    tmp_path: Path, settings: dict[str, list[str]]
) -> None:
    users = tmp_path / "users.csv"
    users.write_text("source_id,user_id\nuser-0,u-0\n")
    result = run_import(
        *("json", settings),
        user_map=users,
        rules={"unmapped": "hold"},
        to="sandbox",
        workdir=tmp_path,
    )
    assert result.books.held == {"unmapped-user": 6}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"source": "jsn"}, "jsn"),
        ({"settings": {"file": "a"}}, "file"),
        ({"settings": {}}, "files"),
        ({"rules": {"mood": "glad"}}, "mood"),
        ({"rules": {"unmapped": "maybe"}}, "maybe"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, settings: dict[str, list[str]], given: dict[str, object], named: str
) -> None:
    arguments = {"source": "json", "settings": settings, "workdir": tmp_path, **given}
    with pytest.raises(ConfigurationError, match=named):
        run_import(to="sandbox", **arguments)


def test_users_that_nobody_decided_about_raise(
    tmp_path: Path, settings: dict[str, list[str]]
) -> None:
    users = tmp_path / "users.csv"
    users.write_text("source_id,user_id\nuser-0,u-0\n")
    with pytest.raises(UserMapError, match="user-1"):
        run_import("json", settings, user_map=users, to="sandbox", workdir=tmp_path)


def test_the_example_runs_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    runpy.run_path(str(EXAMPLE))
    said = capsys.readouterr().out
    assert "would load 10" in said
    assert "complete: True" in said
