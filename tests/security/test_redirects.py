"""No server can have the key sent to another address."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from support.commands import run
from support.hostile import ODD_IDENTITY, Hostile, hostile, in_turn, reply
from support.synap import ScriptedSynap
from synap_import.destination import whoami
from synap_import.errors import ConfigurationError
from synap_import.polite_http import polite_client

REDIRECTS = [301, 302, 303, 307, 308]
KEY = {"SYNAP_API_KEY": "synap_test"}


@pytest.mark.parametrize("status", REDIRECTS)
def test_the_question_who_we_are_follows_no_redirect(status: int, elsewhere: Hostile) -> None:
    target = f"{elsewhere.url}/steal?token=geheim"
    with (
        hostile(reply(status, Location=target)) as synap,
        pytest.raises(ConfigurationError, match=r"steal\?token=\*\*\*.*was not sent there"),
    ):
        anyio.run(whoami, synap.url, "synap_test")
    assert len(synap.requests) == 1
    assert elsewhere.requests == []


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_batch_follows_no_redirect(
    status: int, elsewhere: Hostile, synap: ScriptedSynap, tmp_path: Path, file: Path
) -> None:
    synap.script = [lambda _: (status, {"Location": f"{elsewhere.url}/steal"}, b"")] * 9
    done = run(
        *("json", file, "--user-map", "identity", "--synap-url", synap.url),
        *("--workdir", tmp_path / "work"),
        **KEY,
    )
    assert done.code == 3
    assert f"HTTP {status}" in done.err
    assert "--synap-url" in done.err
    assert len(synap.batches) == 1
    assert elsewhere.requests == []


def test_what_the_sdk_asks_by_itself_follows_no_redirect(
    elsewhere: Hostile, tmp_path: Path, file: Path
) -> None:
    away = reply(307, Location=f"{elsewhere.url}/steal")
    with hostile(in_turn(reply(body=ODD_IDENTITY), away)) as synap:
        done = run(
            *("json", file, "--user-map", "identity", "--synap-url", synap.url),
            *("--workdir", tmp_path / "work"),
            **KEY,
        )
    assert done.code == 3
    assert [path for _, path in synap.requests][:2] == ["/api/v1/auth/whoami"] * 2
    assert elsewhere.requests == []


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_source_follows_no_redirect(status: int, elsewhere: Hostile) -> None:
    async def ask(url: str) -> int:
        async with polite_client(base_url=url, headers={"X-Api-Key": "geheim"}) as client:
            return (await client.get("/memories")).status_code

    with hostile(reply(status, Location=elsewhere.url)) as source:
        assert anyio.run(ask, source.url) == status
    assert elsewhere.requests == []
