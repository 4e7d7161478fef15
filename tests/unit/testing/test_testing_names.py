"""The names that authors of adapters import, and what happens where vcrpy is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import synap_import.testing
from synap_import.testing import NetworkBlockedError, Provenance, SynapSandbox, replay
from synap_import.testing.cassettes import cassette_text

WITHOUT_VCRPY = "import sys; sys.modules['vcr'] = None\n"


def python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_VCRPY + script], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", synap_import.testing.__all__)
def test_every_public_name_is_there_and_is_no_module(name: str) -> None:
    assert not isinstance(getattr(synap_import.testing, name), type(sys))


def test_pytest_runs_where_the_host_is_installed_without_its_kit(tmp_path: Path) -> None:
    done = python(f"import pytest; sys.exit(pytest.main(['--fixtures', '-q', {str(tmp_path)!r}]))")
    assert "synap_sandbox" in done.stdout, done.stderr


def test_what_needs_the_kit_says_how_to_install_it() -> None:
    done = python("from synap_import.testing import SourceContract")
    assert done.stderr.rstrip().endswith("install it with pip install 'synap-import[testing]'")


def test_a_synap_of_the_test_answers_while_a_cassette_is_replayed(
    synap_sandbox: SynapSandbox, head: Provenance, tmp_path: Path
) -> None:
    path = tmp_path / "nothing.yaml"
    path.write_text(cassette_text(head, []))
    with replay(path, passing=[synap_sandbox.url]):
        assert synap_sandbox.documents() == []


def test_another_computer_is_not_let_through(head: Provenance, tmp_path: Path) -> None:
    path = tmp_path / "nothing.yaml"
    path.write_text(cassette_text(head, []))
    with replay(path, passing=["http://192.0.2.1"]), pytest.raises(NetworkBlockedError):
        httpx.get("http://192.0.2.1/")


def test_a_question_that_the_cassette_does_not_know_is_told_with_what_it_knows(
    head: Provenance, tmp_path: Path
) -> None:
    question = {"method": "GET", "uri": "https://h.example.com/list?after=1", "headers": {}}
    answered = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "{}"}}
    path = tmp_path / "reading.yaml"
    exchange = {"request": {**question, "body": ""}, "response": answered}
    path.write_text(cassette_text(head, [exchange]))
    told = "reading.yaml has no answer.*after=2. Of that path it holds .*after=1"
    with pytest.raises(AssertionError, match=told), replay(path):
        httpx.get("https://h.example.com/list?after=2")
