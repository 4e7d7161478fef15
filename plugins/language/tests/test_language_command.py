"""The plugin at work: tags in what is sent, a warning, a section of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import Finished, run, write_lines

GERMAN = "Ich wohne in Berlin und trinke morgens gerne Kaffee mit Milch."
ENGLISH = "She prefers to be called in the morning, before nine o'clock."


@pytest.fixture
def memories(tmp_path: Path) -> Path:
    said = [("ada", GERMAN), ("ada", ENGLISH), ("bob", ENGLISH), ("bob", "ok")]
    rows = [
        {"id": f"{user}-{number}-{text[:3]}", "user_id": user, "content": text}
        for user, text in said
        for number in range(3)
    ]
    return write_lines(tmp_path / "m.jsonl", rows)


def load(file: Path, *options: str) -> Finished:
    where = ("--workdir", file.parent / "work", "--to", "sandbox", "--confirm", "none")
    return run("json", file, "--user-map", "identity", *where, *options)


def report(file: Path, *options: str) -> Finished:
    return run("report", *options, "--workdir", file.parent / "work")


def test_who_has_memories_in_several_languages_is_a_warning(memories: Path) -> None:
    assert load(memories, "--transform", "language").code == 0
    found = {one["code"]: one for one in report(memories, "--json").result["findings"]}
    assert found["language-mixed"]["severity"] == "warning"
    assert found["language-mixed"]["examples"] == ["ada: de 3, en 3"]


def test_the_report_counts_languages(memories: Path) -> None:
    load(memories, "--transform", "language")
    (section,) = report(memories, "--json", "--no-text").result["sections"]
    assert section["title"] == "Languages"
    assert section["rows"] == [["en", "6", "2"], ["de", "3", "1"], ["not told", "3", "1"]]
    assert "| de | 3 | 1 |" in report(memories, "--markdown").out


def test_without_the_transform_it_says_nothing(memories: Path) -> None:
    load(memories)
    told = report(memories, "--json").result
    assert told["sections"] == []
    assert not {one["code"] for one in told["findings"]} & {"language-mixed", "transformed"}


def test_a_job_without_the_transform_does_not_read_its_model(memories: Path) -> None:
    script = (
        "import sys\nfrom synap_import.cli.main import main\n"
        f"arguments = ['json', {str(memories)!r}, '--user-map', 'identity', '--dry-run']\n"
        "try: main(arguments)\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert 'py3langid' not in sys.modules\n"
    )
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
