"""The command that records: what it asks, what it writes, and what it never writes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from support.acme import KEY, SECRETS, Acme, Config
from synap_import import SourceDeclaration
from synap_import.plugins import InstalledSource
from synap_import.testing import leaks, read_provenance, replay
from synap_import.testing.configured import scrubber_for
from synap_import.testing.recording import record_command


@pytest.fixture
def command(monkeypatch) -> click.Command:
    declaration = SourceDeclaration("acme", "Acme", "nowhere:Acme")
    monkeypatch.setattr(InstalledSource, "load", lambda _: Acme)
    return record_command(InstalledSource(declaration, "synap-import-acme", "1.0"))


@pytest.fixture
def recorded(command, service, tmp_path):
    def run(*options: str, key: str = KEY) -> Result:
        return CliRunner().invoke(
            command,
            ["--url", service, "--cassettes", str(tmp_path), *options],
            env={"ACME_API_KEY": key},
        )

    return run


def only_file(folder: Path) -> Path:
    [path] = folder.glob("acme/*.yaml")
    return path


def test_the_first_pages_of_an_account_are_in_the_file(recorded, tmp_path) -> None:
    assert recorded().exit_code == 0
    text = only_file(tmp_path).read_text()
    assert "memory-2" in text
    assert "memory-3" not in text


def test_the_file_is_named_and_labelled_as_a_recording(recorded, tmp_path) -> None:
    recorded("--scenario", "small", "--server", "Acme 3.1")
    head = read_provenance(only_file(tmp_path))
    assert only_file(tmp_path).name == f"recorded_{head.date}_small.yaml"
    assert (head.kind, head.source, head.version) == ("recorded", "acme", "Acme 3.1")


def test_neither_key_nor_digest_nor_address_nor_tenant_is_in_the_file(recorded, tmp_path) -> None:
    recorded()
    text = only_file(tmp_path).read_text()
    digests = [hashlib.new(name, KEY.encode()).hexdigest() for name in ("md5", "sha1", "sha256")]
    assert [one for one in (*SECRETS.values(), *digests) if one in text] == []
    assert leaks(text) == []


def test_a_refused_key_makes_a_cassette_too_and_a_sentence(recorded, tmp_path) -> None:
    result = recorded(key="m0-" + "wr0ng0123456789abcdef")
    assert result.exit_code == 1
    assert "refuses the key" in result.output
    assert "wr0ng" not in only_file(tmp_path).read_text() + result.output


@pytest.mark.parametrize(
    ("url", "answer", "scrubbed"),
    [
        ("https://me:hunter%202@h.example.com", "not hunter 2", "not secret_1"),
        ("https://h.example.com", "https://api.acme.example.com/", "https://api.acme.example.com/"),
    ],
)
def test_the_configuration_tells_what_is_secret(url, answer, scrubbed) -> None:
    assert scrubber_for(Config(url=url, api_key=KEY)).text(answer) == scrubbed


def test_a_second_recording_of_a_day_takes_the_next_number(recorded, tmp_path) -> None:
    recorded()
    recorded()
    names = sorted(path.stem.partition("_reading")[2] for path in tmp_path.glob("acme/*.yaml"))
    assert names == ["", "_2"]


def test_it_tells_what_to_do_with_the_file(recorded, tmp_path) -> None:
    said = recorded().output
    assert f"Written: {only_file(tmp_path)}. Look through it" in said
    assert "PROVENANCE.md" in said


def test_what_is_recorded_can_be_played(recorded, tmp_path) -> None:
    recorded()
    with replay(only_file(tmp_path), all_played=False) as tape:
        assert len(tape) == 3


def test_it_goes_into_the_file_that_is_named_but_replaces_none(recorded, tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    said = recorded("--output", str(file)).output
    assert "memory-2" in file.read_text()
    assert "PROVENANCE.md" not in said
    refused = recorded("--output", str(file))
    assert refused.exit_code == 1
    assert "is there already" in refused.output
