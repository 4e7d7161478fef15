"""What is said about a Platform before it is read, and about one that cannot be read."""

from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from mem0_support.platform_reading import everything, with_platform
from mem0_support.platform_stand_in import KEY, PlatformStandIn, memory
from mem0_support.reading import check, read_all, scopes
from synap_import import ScopeCount, ScopeKind, SourceError
from synap_import.errors import SourceUnavailableError, SynapImportError


def once(answer, path="/v3/memories/", page=1):
    """The first request for a page of full size is answered so; later ones as usual."""

    def before(server, asked):
        if asked.path != path or asked.page != page or asked.query.get("page_size") == "1":
            return None
        server.before = lambda *_: None
        return answer

    return before


def always(answer, path="/v3/memories/"):
    return lambda _, asked: answer if asked.path == path else None


def codes(result) -> list[str]:
    return [finding.code for finding in result.findings]


def test_the_account_is_the_project_and_never_the_key():
    with PlatformStandIn([memory(1, user_id="ada")]) as server:
        found = with_platform(server, check)
        assert found.account == "org-1/proj-1"
        assert "proj-1" in found.title
        assert KEY not in repr(found)


@pytest.mark.parametrize("null_scoping", [False, True])
def test_it_says_how_many_memories_to_expect(null_scoping):
    memories = [
        memory(1, user_id="ada"),
        memory(2, user_id="ada", session_id="r"),
        memory(3, agent_id="a"),
        memory(4, user_id="ada", expiration_date="2020-01-01"),
        memory(5, user_id="ada", merged=True),
    ]
    with PlatformStandIn(memories, null_scoping=null_scoping) as server:
        found = with_platform(server, check)
        assert found.expected == 5
        assert found.title.endswith(": 5 memories")


def test_it_claims_no_number_where_the_meaning_of_filters_is_not_known():
    """Two with a user, two with a run and one with both are three memories, or five."""
    memories = [
        *(memory(n, user_id="ada") for n in (1, 2)),
        *(memory(n, session_id="r") for n in (3, 4)),
        memory(5, user_id="ada", session_id="r"),
    ]
    with PlatformStandIn(memories, knows_memory_ids=False, null_scoping=True) as server:
        assert with_platform(server, check).expected is None


def test_checking_asks_for_no_page_of_memories():
    with PlatformStandIn([memory(n, user_id="ada") for n in range(300)]) as server:
        with_platform(server, check)
        assert server.list_pages() == []


def test_a_wrong_key_is_told_with_what_mem0_says_and_what_to_do():
    with PlatformStandIn() as server, pytest.raises(SourceError) as caught:
        with_platform(server, check, key="m0-wrong")
    assert "Invalid API key" in str(caught.value)
    assert "MEM0_API_KEY" in caught.value.remedy
    assert "m0-wrong" not in str(caught.value)


def test_a_key_that_the_server_quotes_is_not_shown():
    quoting = always(JSONResponse({"detail": f"no such key: {KEY}"}, 403), "/v1/ping/")
    with PlatformStandIn(before=quoting) as server, pytest.raises(SourceError) as caught:
        with_platform(server, check)
    assert "no such key: ***" in str(caught.value)
    assert KEY not in str(caught.value)


def test_an_empty_key_is_no_key():
    with PlatformStandIn() as server, pytest.raises(SynapImportError, match="empty"):
        with_platform(server, check, key="  ")
    assert server.asked == []


def test_an_empty_project_is_told_with_the_others_of_the_organisation():
    with PlatformStandIn(projects=["production", "staging"]) as server:
        found = with_platform(server, check)
        assert found.expected == 0
        assert codes(found) == ["mem0-project-empty"]
        assert "production, staging" in found.findings[0].message
        assert "MEM0_API_KEY" in found.findings[0].remedy


def test_other_projects_of_the_organisation_are_told():
    with PlatformStandIn([memory(1, user_id="ada")], projects=["a", "b", "c"]) as server:
        found = with_platform(server, check)
        assert codes(found) == ["mem0-other-projects"]
        assert found.findings[0].count == 2


def test_a_list_of_projects_that_is_refused_keeps_nobody_from_reading():
    with PlatformStandIn([memory(1, user_id="ada")], without={"/api/"}) as server:
        assert codes(with_platform(server, check)) == []


def test_a_server_that_does_not_know_include_merged_is_read_without_and_that_is_told():
    memories = [memory(1, user_id="ada"), memory(2, user_id="ada", merged=True)]
    with PlatformStandIn(memories, knows_include_merged=False, events=[]) as server:
        assert codes(with_platform(server, check)) == ["mem0-merged-not-exported"]
        assert everything(server).keys() == {memories[0]["id"]}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (HTMLResponse("<!doctype html><p>Welcome"), "web page"),
        (HTMLResponse("<html>No such page", 404), "web page"),
        (JSONResponse({"detail": "Not Found"}, 404), "not the API of the Mem0 Platform"),
        (JSONResponse(["hello"]), "not the API of the Mem0 Platform"),
        (JSONResponse({"hello": "world"}), "does not say which project"),
    ],
)
def test_a_server_that_is_not_mem0_is_told_with_the_option_for_another(answer, says):
    with PlatformStandIn(before=always(answer, "/v1/ping/")) as server:
        with pytest.raises(SourceError, match=says) as caught:
            with_platform(server, check)
        assert "--base-url" in caught.value.remedy
        assert len(server.asked) == 1


def test_a_redirect_is_told_and_not_followed():
    moved = Response(status_code=302, headers={"Location": "https://elsewhere.invalid/"})
    server = PlatformStandIn(before=always(moved, "/v1/ping/"))
    with server, pytest.raises(SourceError, match=r"elsewhere\.invalid"):
        with_platform(server, check)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"detail": "told in detail"}, "told in detail"),
        ({"error": "told as error"}, "told as error"),
        ({"message": "told as message"}, "told as message"),
        (["told in a list"], "told in a list"),
        ({"filters": ["This field is required."]}, "filters: This field is required."),
    ],
)
def test_what_mem0_says_against_a_request_is_passed_on(body, words):
    with PlatformStandIn(before=always(JSONResponse(body, 400))) as server:
        with pytest.raises(SourceError, match="POST /v3/memories/") as caught:
            with_platform(server, check)
        assert words in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"detail": "slow down"}, 429),
        JSONResponse({"detail": "slow down"}, 429, headers={"Retry-After": "2"}),
        JSONResponse({"error": "oops"}, 500),
        Response(b'{"count": 3, "resu', headers={"Content-Length": "900"}),
    ],
    ids=["429", "429 with Retry-After", "500", "cut off"],
)
def test_a_failure_that_passes_loses_nothing(answer):
    memories = [memory(n, user_id="ada") for n in range(450)]
    with PlatformStandIn(memories, before=once(answer, page=2)) as server:
        assert len(everything(server)) == 450
        assert [one.page for one in server.list_pages()].count(2) == 2


def test_a_server_that_stays_away_is_unavailable_and_the_run_can_be_resumed():
    down = always(JSONResponse({"error": "down"}, 503))
    with PlatformStandIn(before=down) as server, pytest.raises(SourceUnavailableError):
        with_platform(server, read_all)


def test_a_page_that_is_no_json_is_unavailable_and_the_run_can_be_resumed():
    memories = [memory(n, user_id="ada") for n in range(3)]
    torn = once(Response(b'{"count": 3, "results": [{"id": "a'))
    server = PlatformStandIn(memories, before=torn)
    with server, pytest.raises(SourceUnavailableError, match="breaks off"):
        with_platform(server, read_all)


def test_every_entity_of_every_page_is_listed_with_its_count_and_no_memory_is_read():
    memories = [memory(n, user_id=f"user {n % 25}") for n in range(50)]
    memories += [memory(90, agent_id="a"), memory(91, session_id="r"), memory(92, app_id="p")]
    with PlatformStandIn(memories, entities_per_page=10) as server:
        listed = with_platform(server, scopes)
        assert set(listed) == {
            *(ScopeCount(ScopeKind.USER, f"user {n}", 2) for n in range(25)),
            ScopeCount(ScopeKind.AGENT, "a", 1),
            ScopeCount(ScopeKind.SESSION, "r", 1),
            ScopeCount(ScopeKind.APP, "p", 1),
        }
        assert server.list_pages() == []


@pytest.mark.parametrize("null_scoping", [False, True])
def test_counts_of_entities_include_memories_that_carry_other_ids_too(null_scoping):
    memories = [
        memory(1, user_id="ada"),
        memory(2, user_id="ada", session_id="r"),
        memory(3, user_id="ada", agent_id="a"),
        memory(4, user_id="bob"),
    ]
    with PlatformStandIn(memories, null_scoping=null_scoping) as server:
        counts = {(one.kind, one.id): one.records for one in with_platform(server, scopes)}
    assert counts == {
        (ScopeKind.USER, "ada"): 3,
        (ScopeKind.USER, "bob"): 1,
        (ScopeKind.AGENT, "a"): 1,
        (ScopeKind.SESSION, "r"): 1,
    }


def test_an_older_list_of_entities_tells_the_counts_itself():
    with PlatformStandIn([memory(1, user_id="ada")], entity_totals=True) as server:
        assert with_platform(server, scopes) == [ScopeCount(ScopeKind.USER, "ada", 1)]
        named = [one for one in server.asked_of("/v3/memories/") if "ada" in str(one.body)]
        assert named == []


def test_an_entity_called_like_the_wildcard_is_listed_without_a_count():
    with PlatformStandIn([memory(1, user_id="*"), memory(2, user_id="ada")]) as server:
        assert set(with_platform(server, scopes)) == {
            ScopeCount(ScopeKind.USER, "*", None),
            ScopeCount(ScopeKind.USER, "ada", 1),
        }


def test_without_a_list_of_entities_only_reading_tells():
    with PlatformStandIn([memory(1, user_id="ada")], without={"/v1/entities/"}) as server:
        assert with_platform(server, scopes) is None
