"""The fixtures that pytest has wherever the host is installed."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pytest
from pydantic import SecretStr

from support.acme import KEY, Acme, Config, service
from support.commands import memories, write_lines
from synap_import import run_import
from synap_import.testing import Provenance, Scrubber, read_source
from synap_import.testing.plugin import Cassettes, SynapSandbox


def read(url: str) -> list[str]:
    reading = anyio.run(read_source, Acme, Config(url=url, api_key=SecretStr(KEY)))
    return [record.text for record in reading.records]


@pytest.mark.parametrize("mode", ["missing", "all"])
def test_a_missing_cassette_is_recorded_and_then_replayed_without_the_server(
    tmp_path: Path, head: Provenance, mode: str
) -> None:
    path = tmp_path / "reading.yaml"
    with service() as url, Cassettes(mode)(path, head, Scrubber([KEY])):
        recorded = read(url)
    assert KEY not in path.read_text()
    with Cassettes("none")(path, head, Scrubber([KEY])):
        assert len(read(url)) == len(recorded) == 3


def test_one_that_is_there_is_recorded_anew_only_when_all_are(
    tmp_path: Path, head: Provenance
) -> None:
    path = tmp_path / "reading.yaml"
    path.write_text("an old one")
    with service() as url, Cassettes("all")(path, head, Scrubber([KEY])):
        read(url)
    assert "an old one" not in path.read_text()


def test_without_an_option_nothing_is_recorded(cassette: Cassettes, tmp_path: Path) -> None:
    assert cassette == Cassettes("none")


def test_an_import_of_the_test_goes_to_its_own_sandbox(
    synap_sandbox: SynapSandbox, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(3))
    result = run_import("json", {"files": [str(file)]}, workdir=tmp_path)
    assert result.books.loaded == 3
    assert {one["document_id"] for one in synap_sandbox.documents()} == {
        "legacy_json_m-0",
        "legacy_json_m-1",
        "legacy_json_m-2",
    }


def test_the_sandbox_wants_its_key(synap_sandbox: SynapSandbox) -> None:
    refused = httpx.get(f"{synap_sandbox.url}/api/v1/auth/whoami")
    assert refused.status_code in (401, 403, 404)
