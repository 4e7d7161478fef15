"""The first minutes of a new user: whatever goes wrong ends in a sentence that helps."""

from __future__ import annotations

import socket
from typing import Any

import anyio
import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from letta_support.data import Data
from letta_support.reading import CLOUD, check, errors, records
from letta_support.stand_in import StandIn
from synap_import import (
    ConfigurationError,
    SourceError,
    SourceUnavailableError,
)
from synap_import.testing import read_source
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

OTHER = "user-22222222-2222-4222-8222-222222222222"
KEY = "sk-let-secret-canary"


def refusal(stand_in: StandIn, **options: Any) -> str:
    with pytest.raises((SourceError, ConfigurationError)) as raised:
        check(stand_in, **options)
    assert KEY not in str(raised.value)
    return str(raised.value)


def answering(path: str, response: Response, stand_in: StandIn | None = None) -> StandIn:
    stand_in = stand_in or StandIn()
    stand_in.before = lambda request: response if request.url.path.startswith(path) else None
    return stand_in


def test_it_says_which_letta_it_is_and_what_it_holds() -> None:
    data = Data()
    data.agent("a")
    seen = check(StandIn(data))
    assert seen.title.startswith("Letta 0.16.8 at http://letta.test:8283, org-")
    assert seen.title.endswith(": 1 agent")
    assert seen.account == f"letta.test:8283/{data.organization}"
    assert seen.findings == ()


def test_nothing_named_says_what_can_be_named() -> None:
    with pytest.raises(ConfigurationError, match="not said which Letta") as raised:
        LettaSource.of(LettaConfig(), None)  # type: ignore[arg-type]
    assert "LETTA_API_KEY" in raised.value.remedy


def test_a_server_that_is_not_running_says_how_to_start_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

    async def read() -> Any:
        return await read_source(LettaSource, LettaConfig(base_url=url))

    with pytest.raises(SourceUnavailableError, match=f"No Letta server answers at {url}") as raised:
        anyio.run(read)
    assert "letta server" in raised.value.remedy


def test_a_secure_server_without_its_password() -> None:
    said = refusal(StandIn(password="a password"))
    assert "secured and wants its password" in said
    assert "LETTA_SERVER_PASSWORD" in said


def test_a_secure_server_with_a_wrong_password() -> None:
    assert "does not accept the password" in refusal(StandIn(password="right"), api_key=KEY)


def test_a_secure_server_with_its_password() -> None:
    data = Data()
    agent = data.agent("a")
    assert agent["id"] in records(StandIn(data, password=KEY), api_key=KEY)


def test_an_organization_is_read_through_one_of_its_users() -> None:
    other = Data("org-22222222-2222-4222-8222-222222222222")
    theirs = other.agent("theirs")
    stand_in = StandIn(more={OTHER: other})
    mine = stand_in.data.agent("mine")
    assert set(records(stand_in, organization=other.organization)) >= {theirs["id"]}
    assert set(records(stand_in, organization=OTHER)) >= {theirs["id"]}
    assert mine["id"] in records(stand_in)
    assert check(stand_in, organization=OTHER).account.endswith(other.organization)


def test_an_unknown_organization_is_refused_not_answered_with_the_default_ones_data() -> None:
    stand_in = StandIn()
    stand_in.data.agent("mine")
    said = refusal(stand_in, organization="org-33333333-3333-4333-8333-333333333333")
    assert "no organization org-33333333" in said
    assert stand_in.data.organization in said
    assert "/v1/agents/" not in stand_in.paths()


def test_other_organizations_are_told_about() -> None:
    stand_in = StandIn(more={OTHER: Data("org-2")})
    stand_in.data.agent("mine")
    [finding] = check(stand_in).findings
    assert finding.code == "letta-other-organizations"
    assert "org-2" in finding.message


def test_an_empty_organization_names_the_others() -> None:
    [finding] = check(StandIn(more={OTHER: Data("org-2")})).findings
    assert finding.code == "letta-empty"
    assert "org-2" in finding.message
    assert not errors([finding])


@pytest.mark.parametrize(
    "response",
    [
        HTMLResponse("<html>a router's page</html>"),
        JSONResponse({"status": "ok"}),
        JSONResponse([]),
        JSONResponse({"detail": "Not Found"}, 404),
    ],
)
def test_something_else_at_the_address(response: Response) -> None:
    said = refusal(answering("/v1/health", response))
    assert "not as a Letta server does" in said
    assert "--base-url" in said


def test_something_that_only_looks_like_letta() -> None:
    assert "not as a Letta" in refusal(answering("/v1/agents", JSONResponse({"agents": []})))


def test_a_redirect_is_told_and_not_followed() -> None:
    moved = Response(status_code=307, headers={"Location": "http://elsewhere.test/v1/agents/"})
    said = refusal(answering("/v1/agents", moved), api_key=KEY)
    assert "points to another address" in said


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("http://letta.test:8283/", "http://letta.test:8283"),
        ("http://letta.test:8283/v1/", "http://letta.test:8283"),
        ("letta.test:8283", "http://letta.test:8283"),
        ("https://example.org/letta/", "https://example.org/letta"),
    ],
)
def test_an_address_is_taken_as_people_write_it(given: str, asked: str) -> None:
    from synap_import_letta.server.connecting import address_of

    assert address_of(LettaConfig(base_url=given)) == asked


@pytest.mark.parametrize("given", ["ftp://letta.test", "http://", "http://letta.test:port"])
def test_an_address_that_is_none_is_refused(given: str) -> None:
    from synap_import_letta.server.connecting import address_of

    with pytest.raises(ConfigurationError, match="address"):
        address_of(LettaConfig(base_url=given))


def test_a_project_is_not_for_a_server_of_ones_own() -> None:
    assert "--project is for Letta Cloud" in refusal(StandIn(), project="p")


def test_a_server_that_breaks_is_asked_again_and_then_told() -> None:
    broken = answering("/v1/agents", JSONResponse({"detail": "An unknown error occurred"}, 500))
    with pytest.raises(SourceUnavailableError, match="cannot answer right now"):
        check(broken)


def test_the_address_of_the_cloud_is_the_official_clients() -> None:
    from letta_client._client import ENVIRONMENTS

    assert ENVIRONMENTS["cloud"] == CLOUD


def test_accounts_that_a_proxy_hides_are_no_reason_to_stop() -> None:
    stand_in = answering("/v1/admin", JSONResponse({"detail": "Forbidden"}, 403))
    agent = stand_in.data.agent("a")
    assert agent["id"] in records(stand_in)
    assert "does not say which it has" in refusal(stand_in, organization="org-1")
