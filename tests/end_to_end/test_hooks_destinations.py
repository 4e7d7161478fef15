"""``--to NAME:WHERE``: documents go to a plugin's destination, with the same account."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.commands import Finished, memories, run, write_lines
from support.plugin_sites import declaring, install

KEEPS = """
from contextlib import asynccontextmanager
from synap_import import Delivery, DestinationStoppedError

@asynccontextmanager
async def opened(where):
    yield Kept(where)

class Kept:
    def __init__(self, where):
        self.place, self.title = where, f"the shelf {where}"

    async def send(self, documents):
        with open(self.place, "a") as file:
            for document in documents:
                file.write(document.document_id + "\\n")
        return [ANSWER for document in documents]
"""
STORED = KEEPS.replace("ANSWER", 'Delivery("stored")')


def write(site: Path, code: str, plugin: str = "acme", name: str = "shelf") -> None:
    module = f"{plugin}_plugin"
    declared = f"DestinationDeclaration({name!r}, 'A shelf', '{module}:opened')"
    install(site, f"synap-import-{plugin}", module, declaring("destinations", declared) + code)


def load(tmp_path: Path, *options: str, to: str = "shelf:kept.txt") -> Finished:
    file = write_lines(tmp_path / "m.jsonl", memories(4))
    where = ("--workdir", tmp_path / "work", "--to", to)
    return run("json", file, "--user-map", "identity", *where, *options, cwd=tmp_path)


def test_documents_go_there_once_and_the_books_add_up(tmp_path: Path, site: Path) -> None:
    write(site, STORED)
    done = load(tmp_path, "--json")
    assert (done.code, done.result["loaded"]) == (0, 4), done.err
    assert load(tmp_path).code == 0
    assert sorted((tmp_path / "kept.txt").read_text().split()) == [
        f"legacy_json_m-{n}" for n in range(4)
    ]


@pytest.mark.parametrize(
    ("answer", "state"), [('Delivery("already-there")', "already_there"), ("", "")]
)
def test_what_is_there_already_is_counted_so(
    tmp_path: Path, site: Path, answer: str, state: str
) -> None:
    write(site, KEEPS.replace("ANSWER", answer or 'Delivery("refused", "a conflict of shelves")'))
    done = load(tmp_path, "--json")
    if state:
        assert (done.code, done.result[state]) == (0, 4)
    else:
        assert (done.code, done.result["rejected"]) == (1, {"a conflict of shelves": 4})


def test_a_dry_run_does_not_open_it(tmp_path: Path, site: Path) -> None:
    write(site, STORED.replace("yield Kept(where)", "raise RuntimeError('opened')"))
    assert load(tmp_path, "--dry-run").code == 0
    assert load(tmp_path).code == 3


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ('Delivery("kept")', "its answer is Delivery"),
        ('Delivery("stored")][:-1] or [0', "answered 3 times for 4 documents"),
    ],
)
def test_one_that_fails_is_named_and_the_same_command_goes_on(
    tmp_path: Path, site: Path, answer: str, said: str
) -> None:
    code = KEEPS.replace("[ANSWER for document in documents]", f"[{answer} for _ in documents]")
    if "][" in answer:
        code = KEEPS.replace(
            "[ANSWER for document in documents]", '[Delivery("stored") for _ in documents][:-1]'
        )
    write(site, code)
    done = load(tmp_path)
    assert done.code == 3
    assert "destination 'shelf' of synap-import-acme 1.2" in done.err
    assert said in done.err
    (site / "acme_plugin.py").write_text(
        declaring("destinations", "DestinationDeclaration('shelf', 'A', 'acme_plugin:opened')")
        + STORED
    )
    done = load(tmp_path, "--json")
    assert (done.code, done.result["loaded"]) == (0, 4)


def test_one_that_takes_no_more_says_so_in_its_own_words(tmp_path: Path, site: Path) -> None:
    full = 'raise DestinationStoppedError("The shelf is full.", remedy="Build another.")'
    write(site, KEEPS.replace("return [ANSWER for document in documents]", full))
    done = load(tmp_path)
    assert done.code == 3
    assert "The shelf is full." in done.err
    assert "fault of the plugin" not in done.err


@pytest.mark.parametrize("command", ["confirm", "verify", "retry", "rollback"])
def test_commands_that_ask_synap_say_that_they_are_for_synap(
    tmp_path: Path, site: Path, command: str
) -> None:
    # With a refused document there is something to retry.
    write(
        site,
        KEEPS.replace("ANSWER", 'Delivery("refused" if document is documents[0] else "stored")'),
    )
    load(tmp_path)
    done = run(command, "--workdir", tmp_path / "work", SYNAP_API_KEY="synap_test")
    assert done.code == 2
    assert "for Synap only" in done.err


def test_its_report_and_status_name_it(tmp_path: Path, site: Path) -> None:
    write(site, STORED)
    load(tmp_path)
    work = ("--workdir", tmp_path / "work")
    report = run("report", "--markdown", *work).out
    assert "shelf kept.txt" in report
    assert "synap-import confirm" not in report
    assert json.loads(run("jobs", "--json", *work).out)[0]["destination"] == "shelf kept.txt"


@pytest.mark.parametrize("options", [("--try", "1"), ("--resync", "--mirror-deletes")])
def test_what_only_synap_can_do_is_refused(
    tmp_path: Path, site: Path, options: tuple[str, ...]
) -> None:
    write(site, STORED)
    done = load(tmp_path, *options)
    assert done.code == 2, done.err
    assert not (tmp_path / "kept.txt").exists()


@pytest.mark.parametrize("to", ["nowhere:x", "shelf", "shelf:", "elsewhere"])
def test_one_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, site: Path, to: str
) -> None:
    write(site, STORED)
    done = load(tmp_path, to=to)
    assert done.code == 2
    assert "sandbox" in done.err


def test_two_of_one_name_are_an_error_that_names_both(tmp_path: Path, site: Path) -> None:
    write(site, STORED)
    write(site, STORED, plugin="other")
    done = load(tmp_path)
    assert done.code == 2
    assert "synap-import-acme" in done.err
    assert "synap-import-other" in done.err


def test_none_can_take_the_place_of_synap_or_the_sandbox(tmp_path: Path, site: Path) -> None:
    write(site, STORED, name="sandbox")
    assert load(tmp_path, to="sandbox").code == 0
    assert "The destination 'sandbox' is declared by" in run("plugins").err
