"""What check says of a server: what it found, or what to do."""

from __future__ import annotations

import json

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from mem0_support.reading import check, read_all
from mem0_support.server_reading import on
from mem0_support.server_stand_in import ADMIN_KEY, MEMBER_KEY, TOKEN, Age, StandIn, running
from mem0_support.server_store import Store
from synap_import import ConfigurationError, SourceCheck, SourceError, SourceUnavailableError
from synap_import.errors import SynapImportError
from synap_import.testing import InMemoryExported, in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.server.address import key_headers
from synap_import_mem0.server.source import Server


def a_server(*, provider: str = "pgvector", age: Age = Age.SHOW_EXPIRED) -> StandIn:
    store = Store()
    store.add("likes tea", user_id="ann")
    return StandIn(store, age, provider=provider)


def checked(stand_in: StandIn, **options: object) -> SourceCheck:
    with running(stand_in):
        return on(stand_in, check, **options)


def refusal(
    stand_in: StandIn, error: type[SynapImportError] = SourceError, **options: object
) -> str:
    with pytest.raises(error) as refused:
        checked(stand_in, **options)
    return str(refused.value)


def refused_config(**options: object) -> str:
    with pytest.raises(ConfigurationError) as refused:
        in_one_run(lambda context: Server(Mem0Config.model_validate(options), context), check)
    return str(refused.value)


def codes(checked: SourceCheck) -> list[str]:
    return [one.code for one in checked.findings]


def test_the_account_is_the_address_and_the_collection() -> None:
    stand_in = a_server()
    found = checked(stand_in)
    assert found.account == f"{stand_in.url}#memories"
    assert (found.expected, found.findings) == (1, ())


def test_the_account_is_the_same_however_the_address_is_written() -> None:
    stand_in = a_server()
    with running(stand_in):
        plain = on(stand_in, check)
        written = stand_in.url.replace("http://", "HTTP://user:secret@") + "/?x=1#y"
        assert on(stand_in, check, base_url=written).account == plain.account


def test_no_key_asks_for_one_by_its_name() -> None:
    text = refusal(a_server(), key=None)
    assert "asks for a key" in text
    assert "MEM0_SERVER_KEY" in text


def test_a_wrong_key_is_named_but_not_shown() -> None:
    text = refusal(a_server(), key="m0sk_wrong")
    assert "refuses the key in MEM0_SERVER_KEY" in text
    assert "AUTH_DISABLED" in text
    assert "m0sk_wrong" not in text


def test_a_key_of_the_platform_is_recognised() -> None:
    assert "looks like one of the Platform" in refusal(a_server(), key="m0-platform")


def test_a_token_that_ended_says_how_long_they_last() -> None:
    assert "30 minutes" in refusal(a_server(), key=TOKEN + "x")


def test_a_server_without_auth_refuses_a_key_that_it_does_not_know() -> None:
    stand_in = a_server()
    stand_in.auth_disabled = True
    assert "AUTH_DISABLED takes no key, so leave it out" in refusal(stand_in, key="left-over")


def test_the_key_of_a_member_is_a_finding() -> None:
    assert codes(checked(a_server(), key=MEMBER_KEY)) == ["not-an-admin"]


def test_a_server_without_entities_is_named_by_its_age() -> None:
    text = refusal(a_server(age=Age.V2_0_0))
    assert "before 2026-04-23" in text
    assert "--postgres postgresql://" in text


def test_an_empty_server_is_a_finding() -> None:
    found = checked(StandIn())
    assert (codes(found), found.expected) == (["no-memories"], 0)


def test_a_server_on_qdrant_is_refused_for_it_lists_nothing() -> None:
    # Its driver's answer confuses the server: no entities, and two memories of nulls.
    text = refusal(a_server(provider="qdrant"))
    assert "cannot list its own store (qdrant)" in text
    assert "--qdrant http://127.0.0.1:55871 --collection memories" in text


def test_a_server_on_qdrant_is_refused_to_a_member_too() -> None:
    assert "cannot list its own store" in refusal(a_server(provider="qdrant"), key=MEMBER_KEY)


def test_a_qdrant_folder_is_named_as_the_way_around() -> None:
    stand_in = a_server(provider="qdrant")
    config = {"path": "/data/qdrant", "collection_name": "mem0"}
    stand_in.early["/configure"] = JSONResponse(
        {"vector_store": {"provider": "qdrant", "config": config}}
    )
    assert "give /data/qdrant" in refusal(stand_in)


def test_another_store_is_a_warning() -> None:
    assert codes(checked(a_server(provider="redis"))) == ["other-store"]


@pytest.mark.parametrize("body", [{}, {"results": {}}, {"results": ["x"]}, "x", None])
def test_lists_of_another_shape_are_not_taken_for_mem0s(body: object) -> None:
    shaped = Response(json.dumps(body), media_type="application/json")
    assert "is not a self-hosted Mem0 server" in refusal(answering("/memories", shaped))


@pytest.mark.parametrize("url", ["https://api.mem0.ai", "https://app.mem0.ai/dashboard"])
def test_the_platform_is_no_self_hosted_server(url: str) -> None:
    text = refused_config(base_url=url)
    assert "is the Mem0 Platform" in text
    assert "MEM0_API_KEY" in text


@pytest.mark.parametrize("url", ["localhost:8888", "ftp://localhost", "http://", "http://h:x", "x"])
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    assert "is not an http address" in refused_config(base_url=url)


def answering(path: str, response: Response) -> StandIn:
    stand_in = a_server()
    stand_in.early[path] = response
    return stand_in


def test_something_else_on_that_port_is_not_taken_for_mem0() -> None:
    page = HTMLResponse("<html>dashboard</html>")
    text = refusal(answering("/openapi.json", page))
    assert "is not a self-hosted Mem0 server" in text
    assert "port 8888" in text


def test_another_api_is_not_taken_for_mem0() -> None:
    other = JSONResponse({"paths": {"/memories": {"get": {}}, "/pets": {}}})
    assert "is not a self-hosted Mem0 server" in refusal(answering("/openapi.json", other))


def test_nothing_described_is_not_taken_for_mem0() -> None:
    missing = JSONResponse({"detail": "Not Found"}, 404)
    assert "is not a self-hosted Mem0 server" in refusal(answering("/openapi.json", missing))


def test_an_address_that_describes_nothing_to_strangers_refuses_the_key() -> None:
    closed = JSONResponse({"detail": "closed"}, 403)
    assert "refuses the key" in refusal(answering("/openapi.json", closed))


def test_an_empty_answer_is_not_taken_for_mem0() -> None:
    assert "is not a self-hosted" in refusal(answering("/openapi.json", Response(status_code=204)))


def test_openmemory_is_named_with_its_own_way() -> None:
    openmemory = JSONResponse({"paths": {"/api/v1/memories/": {"get": {}}}})
    text = refusal(answering("/openapi.json", openmemory))
    assert "OpenMemory" in text
    assert "/api/v1/backup/export" in text


def test_a_redirect_is_not_followed_with_the_key() -> None:
    elsewhere = RedirectResponse("https://elsewhere.example/openapi.json")
    text = refusal(answering("/openapi.json", elsewhere))
    assert "elsewhere.example" in text
    assert ADMIN_KEY not in text


def test_a_failing_store_is_named_with_the_request_in_the_servers_log() -> None:
    body = {"detail": "x", "code": "datastore_unavailable", "request_id": "1234abcd"}
    failing = JSONResponse(body, 502, {"X-Request-ID": "1234abcd"})
    text = refusal(answering("/entities", failing), SourceUnavailableError)
    assert "datastore_unavailable" in text
    assert "1234abcd" in text


def test_a_gateway_that_cannot_reach_the_server_is_not_blamed_on_the_store() -> None:
    text = refusal(answering("/entities", HTMLResponse("bad gateway", 502)), SourceUnavailableError)
    assert "cannot answer right now (HTTP 502)" in text


def test_the_way_around_names_a_store_that_is_read_no_other_way() -> None:
    stand_in = a_server(provider="redis", age=Age.ENTITIES)
    assert "store (redis)" in refusal(stand_in, key=MEMBER_KEY)


@pytest.mark.parametrize("body", [{}, [1], [{"type": "user"}], None, [{"type": "pet", "id": "x"}]])
def test_entities_of_another_shape_are_refused(body: object) -> None:
    shaped = Response(json.dumps(body), media_type="application/json")
    assert "does not look like Mem0's" in refusal(answering("/entities", shaped))


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    stand_in = a_server()
    with running(stand_in):
        pass
    with pytest.raises(SourceUnavailableError, match="does not answer"):
        on(stand_in, check)


def test_a_server_behind_a_path_is_asked_below_it() -> None:
    stand_in = a_server()
    with running(stand_in):
        found = on(stand_in, check, base_url=f"{stand_in.url}/mem0/")
    assert found.account == f"{stand_in.url}/mem0#memories"


def test_a_connection_string_with_its_password_is_never_shown() -> None:
    # The server redacts by the names of fields, and this one is not among them.
    config = {"connection_string": "postgresql://u:hush@db/x", "collection_name": "memories"}
    stand_in = StandIn(age=Age.ENTITIES)
    for n in range(1100):
        stand_in.store.add(f"fact {n}", user_id="ann")
    stand_in.early["/configure"] = JSONResponse(
        {"vector_store": {"provider": "pgvector", "config": config}}
    )
    text = refusal(stand_in)
    assert "--postgres postgresql://USER:PASSWORD@HOST:5432/DATABASE" in text
    assert "hush" not in text


def test_a_busy_server_is_asked_again() -> None:
    stand_in = a_server()
    refusals = iter([JSONResponse({"detail": "busy"}, 503), JSONResponse({"detail": "x"}, 429)])

    def sometimes(request: Request) -> Response | None:
        return next(refusals, None) if request.url.path == "/entities" else None

    stand_in.before_answer = sometimes
    exported = InMemoryExported()
    with running(stand_in):
        assert len(on(stand_in, read_all, exported=exported)) == 1


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (None, {}),
        ("m0sk_abc.def", {"X-API-Key": "m0sk_abc.def"}),
        ("one.two.three", {"X-API-Key": "one.two.three"}),
        (TOKEN, {"Authorization": f"Bearer {TOKEN}"}),
        ("bearer  opaque", {"Authorization": "Bearer opaque"}),
    ],
)
def test_keys_and_tokens_have_headers_of_their_own(
    key: str | None, headers: dict[str, str]
) -> None:
    assert key_headers(key) == headers
