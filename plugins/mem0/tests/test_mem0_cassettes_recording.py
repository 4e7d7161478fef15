"""`make record SOURCE=mem0`: what a Platform answered, without whose account it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner, Result
from starlette.responses import JSONResponse

from mem0_support.platform_stand_in import PlatformStandIn, memory
from synap_import.cli.main import SourceGroup
from synap_import.testing import Bounds, leaks, load_cassette, read_provenance, read_source, replay
from synap_import.testing.recording import record_command
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source

# Nobody's, but of the form that the real ones have.
KEY = "m0-" + "C4naryKey0123456789abcdefABCDEF"
ORG = "org_" + "C4naryOrg0123456789"
PROJECT = "proj_" + "C4naryProject0123456"
OWNER, CUSTOMER = "canary.owner@team.test", "canary.customer@client.test"
DIGEST = hashlib.md5(KEY.encode()).hexdigest()
SECRETS = {
    "key": KEY,
    "md5 of the key": DIGEST,
    "organisation": ORG,
    "project": PROJECT,
    "owner's address": OWNER,
    "customer's address": CUSTOMER,
}


def _telling(stand_in, asked):
    """Answers that say more than they must."""
    if asked.headers.get("authorization") != f"Token {KEY}":
        words = f"Invalid API key {asked.headers['authorization']}"
        return JSONResponse({"detail": words}, 401, {"Set-Cookie": f"key={KEY}"})
    if asked.path == "/v1/ping/":
        ids = {"org_id": ORG, "project_id": PROJECT, "user_email": OWNER, "user_id": DIGEST}
        return JSONResponse({"status": "ok", **ids}, headers={"Mem0-User-ID": DIGEST})
    return None


@pytest.fixture
def platform(monkeypatch):
    monkeypatch.setattr("mem0_support.platform_stand_in.KEY", KEY)
    memories = [
        memory(1, user_id=CUSTOMER, memory=f"{CUSTOMER} knows {OWNER}"),
        memory(2, user_id="ada", metadata={"written_with": KEY, "org": ORG}),
    ]
    with PlatformStandIn(memories=memories, projects=[PROJECT], before=_telling) as stand_in:
        yield stand_in


@pytest.fixture
def recorded(platform, tmp_path):
    def run(key: str = KEY) -> tuple[Result, Path]:
        result = CliRunner().invoke(
            SourceGroup(record_command, "record", ""),
            ["mem0", "--api-url", platform.base_url, "--cassettes", str(tmp_path)],
            env={"MEM0_API_KEY": key},
        )
        [path] = (tmp_path / "mem0").glob("recorded_*.yaml")
        return result, path

    return run


def test_nothing_tells_whose_account_it_was(recorded) -> None:
    result, path = recorded()
    assert result.exit_code == 0, result.output
    text = path.read_text("utf-8")
    assert [name for name, secret in SECRETS.items() if secret in text] == []
    assert leaks(load_cassette(text)) == []


def test_a_refusal_that_quotes_the_key_is_recorded_without_it(recorded) -> None:
    wrong = "m0-" + "Wr0ngKey0123456789abcdefABCDEF"
    result, path = recorded(wrong)
    assert result.exit_code == 1
    assert "Mem0 refuses GET /v1/ping/ (HTTP 401)" in result.output
    assert wrong not in path.read_text("utf-8") + result.output


def test_the_recording_is_read_as_the_account_was(recorded) -> None:
    _, path = recorded()
    assert read_provenance(path).kind == "recorded"
    with replay(path):
        bounds = Bounds(partitions=20, pages=2)
        reading = anyio.run(read_source, Mem0Source, Mem0Config(api_key="any"), bounds)
    assert sorted(record.scope.user for record in reading.records) == [
        "ada",
        "person-2@example.com",
    ]
