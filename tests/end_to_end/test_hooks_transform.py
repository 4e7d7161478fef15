"""``--transform``: what a plugin does to records is what is kept, compared and sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import Finished, Sandbox, memories, run, sandbox, write_lines
from support.plugin_sites import declaring, install

KEY = {"SYNAP_API_KEY": "synap_test"}
SHOUT = """
def apply(records):
    return [record.model_copy(update={"text": record.text.upper()}) for record in records]
"""


def write(site: Path, code: str = SHOUT, version: str = "1") -> None:
    declared = f"TransformDeclaration('shout', 'Shout', {version!r}, 'acme_plugin:apply')"
    if not (site / "acme_plugin.py").exists():
        install(site, "synap-import-acme", "acme_plugin", "")
    (site / "acme_plugin.py").write_text(declaring("transforms", declared) + code)


def load(tmp_path: Path, there: Sandbox, *options: str) -> Finished:
    file = tmp_path / "m.jsonl"
    if not file.exists():
        write_lines(file, memories(5))
    where = ("--workdir", tmp_path / "work", "--synap-url", there.url, "--confirm", "none")
    return run("json", file, "--user-map", "identity", *where, *options, **KEY)


def texts(there: Sandbox) -> set[str]:
    return {one["document"] for one in there.documents()}


def test_nothing_is_transformed_unless_it_is_asked_for(tmp_path: Path, site: Path) -> None:
    write(site)
    with sandbox(tmp_path) as there:
        done = load(tmp_path, there)
        assert done.code == 0, done.err
        assert "memory 0" in texts(there)


def test_what_is_sent_is_what_came_out_of_it_and_a_finding_says_so(
    tmp_path: Path, site: Path
) -> None:
    write(site)
    with sandbox(tmp_path) as there:
        done = load(tmp_path, there, "--transform", "shout")
        assert done.code == 0, done.err
        assert texts(there) == {f"MEMORY {n}" for n in range(5)}
        assert {one["document_id"] for one in there.documents()} == {
            f"legacy_json_m-{n}" for n in range(5)
        }
    assert "shout 1 (synap-import-acme 1.2)" in done.err


def test_the_same_command_again_sends_nothing(tmp_path: Path, site: Path) -> None:
    write(site)
    with sandbox(tmp_path) as there:
        for options in ((), (), ("--resync",)):
            assert load(tmp_path, there, "--transform", "shout", *options).code == 0
        batches = [n for route, n in there.counters()["requests"].items() if "batch" in route]
    assert batches == [1]


@pytest.mark.parametrize("then", [(), ("--transform", "shout")])
def test_a_job_that_was_read_otherwise_is_refused(
    tmp_path: Path, site: Path, then: tuple[str, ...]
) -> None:
    write(site)
    now = () if then else ("--transform", "shout")
    with sandbox(tmp_path) as there:
        assert load(tmp_path, there, *then).code == 0
        before = texts(there)
        done = load(tmp_path, there, *now)
        assert done.code == 2
        assert "--resync" in done.err
        assert texts(there) == before


def test_another_version_of_a_transform_is_noticed_and_a_resync_sends_what_differs(
    tmp_path: Path, site: Path
) -> None:
    write(site)
    with sandbox(tmp_path) as there:
        assert load(tmp_path, there, "--transform", "shout").code == 0
        only_first = SHOUT.replace("for record", "if record.id == 'm-0' else record for record")
        write(site, only_first, version="2")
        assert load(tmp_path, there, "--transform", "shout").code == 2
        assert load(tmp_path, there, "--transform", "shout", "--resync", "--limit", "1").code == 2
        done = load(tmp_path, there, "--transform", "shout", "--resync", "--keep-replaced")
        assert done.code == 0, done.err
        assert "--transform shout 1 then, --transform shout 2 now" in done.err
        assert texts(there) == {f"MEMORY {n}" for n in range(5)} | {
            f"memory {n}" for n in range(1, 5)
        }


def test_one_that_is_not_installed_is_told_with_those_that_are(tmp_path: Path, site: Path) -> None:
    write(site)
    file = write_lines(tmp_path / "m.jsonl", memories(1))
    done = run("json", file, "--user-map", "identity", "--dry-run", "--transform", "whisper")
    assert done.code == 2
    assert "shout" in done.err


def test_one_that_raises_stops_the_run_is_named_and_nothing_of_its_page_is_sent(
    tmp_path: Path, site: Path
) -> None:
    write(site, "def apply(records):\n    raise KeyError('owner')\n")
    with sandbox(tmp_path) as there:
        done = load(tmp_path, there, "--transform", "shout")
        assert done.code == 3
        assert "synap-import-acme 1.2" in done.err
        assert "KeyError" in done.err
        assert there.documents() == []
        write(site)
        assert load(tmp_path, there, "--transform", "shout").code == 0
        assert texts(there) == {f"MEMORY {n}" for n in range(5)}
