"""The first minutes with Zep Cloud, and each way in which they go wrong."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from pydantic import SecretStr

from synap_import import (
    ConfigurationError,
    ScopeCount,
    ScopeKind,
    SourceError,
    SourceUnavailableError,
)
from zep_support.cloud_answers import Answering
from zep_support.cloud_exchange import KEY, Said, said
from zep_support.cloud_project import Project
from zep_support.cloud_reading import Journal, check, opened, read
from zep_support.cloud_scenarios import shows_nothing_in_v4


def refusal(server: Answering, **options: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        check(server, **options)
    return caught.value


@pytest.fixture
def project() -> Project:
    project = Project()
    project.thread(project.user("ada", first_name="Ada", email="ada@example.com"), "chat")
    project.graph("news", name="News")
    return project


def test_the_project_and_what_it_holds_are_named(project: Project) -> None:
    seen = check(Answering(project))
    assert seen.title == "Zep Cloud, project shop: 1 user, 1 thread, 1 graph"
    assert seen.account == project.info["uuid"]
    assert seen.findings == ()


@pytest.mark.parametrize(
    "address",
    [
        "https://zep.example.com",
        "https://zep.example.com/",
        "https://zep.example.com/api/v4",
        "https://zep.example.com/api/v4/",
        "https://zep.example.com/api/v2",
    ],
)
def test_the_address_may_end_in_the_dialect_or_not(project: Project, address: str) -> None:
    server = Answering(project)
    assert check(server, base_url=address).account == project.info["uuid"]
    assert server.asked[0].path == "/api/v4/project"
    assert server.asked[0].headers["host"] == "zep.example.com"


@pytest.mark.parametrize(
    "address", ["api.getzep.com", "https://", "http://[::1", "ftp://api.getzep.com", ""]
)
def test_what_is_no_address_is_said_before_anything_is_asked(
    project: Project, address: str
) -> None:
    server = Answering(project)
    with pytest.raises(ConfigurationError, match=r"--base-url \(ZEP_API_URL\) is not an http"):
        check(server, base_url=address)
    assert server.asked == []


def test_an_address_below_a_path_keeps_it(project: Project) -> None:
    server = Answering(project)
    refusal(server, base_url="https://proxy.example.com/zep/api/v4")
    assert server.asked[0].path == "/zep/api/v4/project"


def test_a_wrong_key_gets_zeps_words_and_where_the_key_goes(project: Project) -> None:
    error = refusal(Answering(project), api_key=SecretStr("z_wrong.and-secret"))
    assert "401" in error.message
    assert error.message.count("unauthorized") == 1
    assert "ZEP_API_KEY" in error.remedy
    assert "z_wrong" not in str(error)


def test_a_key_that_a_refusal_repeats_is_not_shown(project: Project) -> None:
    server = Answering(project)
    server.before = lambda _: said({"error": {"code": "bad_key", "message": f"no {KEY}"}}, 401)
    assert KEY not in str(refusal(server))
    assert "bad_key: no ***" in str(refusal(server))


def test_a_refusal_in_plain_text_is_understood(project: Project) -> None:
    server = Answering(project, before=lambda _: Said(401, b"unauthorized"))
    assert "(HTTP 401): unauthorized" in str(refusal(server))


def test_a_key_that_only_v3_takes_reads_through_v3(project: Project) -> None:
    for status in (400, 401, 403, 404, 410):
        server = Answering(project, v4=False, v4_refusal=(status, "refused", "use v3"))
        (told,) = check(server).findings
        assert (told.code, told.severity) == ("zep-v3", "info")
        assert "use v3" in told.message


def test_v4_can_be_insisted_on(project: Project) -> None:
    error = refusal(Answering(project, v4=False), api="v4")
    assert "v4 is not enabled" in error.message
    assert "Without --api v4" in error.remedy


def test_a_project_that_only_v3_shows_is_read_through_v3(project: Project) -> None:
    message = project.say(project.threads[0], "hello")
    journal, run = read(Answering(project, before=shows_nothing_in_v4))
    (told,) = run.check.findings
    assert told.code == "zep-v3"
    assert "v4 shows an empty project" in told.message
    assert f"message:{message['uuid']}" in journal.records


def test_v4_is_read_even_if_it_shows_nothing_when_it_is_insisted_on(project: Project) -> None:
    server = Answering(project, before=shows_nothing_in_v4)
    (told,) = check(server, api="v4").findings
    assert told.code == "zep-empty"
    assert not [one for one in server.asked if one.path.startswith("/api/v2/")]


def test_a_zep_that_only_has_v4_is_asked_for_nothing_else(project: Project) -> None:
    server = Answering(project, v3=False)
    check(server)
    assert {one.path.split("/")[2] for one in server.asked} == {"v4"}
    assert "HTTP 404" in str(refusal(server, api="v3"))


def test_an_address_without_zep_gets_a_sentence(project: Project) -> None:
    server = Answering(project, before=lambda _: said({"detail": "Not Found"}, 404))
    error = refusal(server, base_url="https://graphiti.example.com")
    assert "Neither v4 nor v3" in error.message
    assert "--base-url" in error.remedy
    assert "Graphiti" in error.remedy


def test_a_web_page_is_no_zep(project: Project) -> None:
    server = Answering(project, before=lambda _: Said(200, b"<!doctype html><title>Hi</title>"))
    assert "this is not the API of Zep Cloud" in str(refusal(server))


def test_an_answer_in_an_unknown_shape_is_no_zep(project: Project) -> None:
    server = Answering(project, before=lambda _: said([1, 2]))
    assert "not in a shape that is known of Zep" in str(refusal(server))


def test_an_old_id_in_the_place_of_a_uuid_gets_zeps_words(project: Project) -> None:
    server = Answering(project)
    words = {"error": {"code": "invalid_identifier", "message": "not a UUID"}}
    server.before = lambda asked: said(words, 400) if "messages" in asked.place else None
    journal, _ = read(server)
    assert "invalid_identifier: not a UUID" in journal.unreadable["thread chat"].reason


@pytest.mark.parametrize("v3", [True, False])
def test_an_empty_project_is_warned_about_with_its_name(v3: bool) -> None:
    (told,) = check(Answering(Project(), v3=v3)).findings
    assert (told.code, told.severity) == ("zep-empty", "warning")
    assert "shop" in told.message


def test_an_ontology_is_told_and_its_types_stay_with_the_entities(project: Project) -> None:
    project.ontology = {
        "entity_types": [{"name": "City", "description": "a city"}],
        "edge_types": [{"name": "LIVES_IN"}],
    }
    (told,) = check(Answering(project)).findings
    assert (told.code, told.examples) == ("zep-ontology", ("City", "LIVES_IN"))


def test_without_a_key_it_says_where_the_key_goes(project: Project) -> None:
    with pytest.raises(ConfigurationError, match="ZEP_API_KEY"):
        check(Answering(project), api_key=None)
    with pytest.raises(ConfigurationError, match="ZEP_API_KEY"):
        check(Answering(project), api_key=SecretStr("  "))


def test_a_database_is_read_although_a_key_lies_in_the_environment(project: Project) -> None:
    server = Answering(project)
    with pytest.raises(SourceUnavailableError, match="PostgreSQL"):
        check(server, ce_dsn=SecretStr("postgresql://127.0.0.1:1/zep"))
    assert server.asked == []


@pytest.mark.parametrize("api", ["v4", "v3"])
def test_whose_memories_there_are_is_told_without_reading_them(project: Project, api: str) -> None:
    project.say(project.thread(None, "kiosk"), "hello")

    async def run() -> Any:
        async with opened(Answering(project), Journal(), api=api) as source:
            await source.check()
            return await source.scopes()

    assert anyio.run(run) == [
        ScopeCount(ScopeKind.USER, "ada", note="Ada, ada@example.com"),
        ScopeCount(ScopeKind.SESSION, "kiosk", note="a thread"),
        ScopeCount(ScopeKind.APP, "news", note="News"),
    ]
