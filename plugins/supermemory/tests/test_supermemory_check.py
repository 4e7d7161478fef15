"""The first command somebody tries: it works, or a sentence says what to do."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from supermemory_support.items import document, memory
from supermemory_support.reading import checked, config, ids, read, scopes
from supermemory_support.stand_in import SCOPED, SESSION, Asked, Said, StandIn
from synap_import import ConfigurationError, SourceError, SourceUnavailableError
from synap_import_supermemory.config import CLOUD


def small(**more: Any) -> StandIn:
    return StandIn(memories={"user_ana": [memory(1)]}, documents={"bob": [document(1)]}, **more)


def test_the_session_is_asked_before_anything_else() -> None:
    server = small()
    check = checked(server)
    assert server.asked[0].path == "/v3/session"
    assert check.account == "v4:127.0.0.1:6767/org1"
    assert check.title == "SuperMemory, Acme (v4): 1 memory, 1 document in 2 tags"
    assert check.expected == 2
    assert check.findings == ()


def test_the_cloud_without_a_key_is_a_sentence_before_any_request() -> None:
    server = small()
    with pytest.raises(ConfigurationError, match=r"SUPERMEMORY_API_KEY.*--base-url"):
        checked(server, key=None, base_url=str(CLOUD))
    assert server.asked == []


def test_a_local_server_needs_no_key_and_no_session() -> None:
    server = small(key=None, session=None)
    check = checked(server, key=None)
    assert "authorization" not in server.asked[0].headers
    assert check.account == "v4:127.0.0.1:6767/"
    assert len(ids(read(server, key=None))) == 2


def test_a_local_server_that_wants_a_key_says_where_to_find_it() -> None:
    with pytest.raises(SourceError, match=r"SUPERMEMORY_API_KEY.*local server prints its key"):
        checked(small(), key=None)


def test_a_wrong_key_is_a_sentence_without_the_key() -> None:
    with pytest.raises(
        SourceError, match=r"HTTP 401.*Unauthorized.*Check SUPERMEMORY_API_KEY"
    ) as it:
        checked(small(), key="sm_wrong_secret")
    assert "sm_wrong_secret" not in str(it.value)


def test_a_key_that_the_server_repeats_is_not_shown() -> None:
    def echo(_: StandIn, asked: Asked) -> Said:
        return Said(401, {"error": f"bad key {asked.headers['authorization']}"})

    with pytest.raises(SourceError) as it:
        checked(small(before=echo), key="sm_wrong_secret")
    assert "sm_wrong_secret" not in str(it.value)


@pytest.mark.parametrize("url", ["http://localhost:port", "localhost:6767", "ftp://example.com"])
def test_an_address_that_is_none_is_a_sentence(url: str) -> None:
    with pytest.raises(ValidationError, match=r"(?s)base_url.*URL"):
        config(base_url=url)


def test_an_organization_without_memories_is_told() -> None:
    [finding] = checked(StandIn()).findings
    assert finding.code == "supermemory-empty"
    assert "in another" in finding.remedy
    assert read(StandIn()).codes == []


@pytest.mark.parametrize("session", [[], 3, {"org": None}, {"scope": [], "org": {}}])
def test_a_session_of_another_shape_keeps_nothing_from_being_read(session: Any) -> None:
    server = small(session=session)
    assert checked(server).account == "v4:127.0.0.1:6767/"
    assert len(ids(read(server))) == 2


def test_one_of_anything_is_told_in_the_singular() -> None:
    assert checked(StandIn(memories={"a": [memory(1)]})).title.endswith(
        "1 memory, 0 documents in 1 tag"
    )


# -- restricted keys -------------------------------------------------------------------------


def test_a_scoped_key_is_named_as_such_and_wants_a_tag() -> None:
    server = small(session=SCOPED, lists_tags=False)
    with pytest.raises(SourceError, match=r"key is restricted.*--tag user_ana"):
        checked(server)


def test_a_scoped_key_that_may_not_even_ask_for_the_session_wants_a_tag() -> None:
    def only_lists(_: StandIn, asked: Asked) -> Said | None:
        return None if asked.method == "POST" else Said(403, {"error": "Forbidden"})

    server = small(before=only_lists)
    with pytest.raises(SourceError, match="--tag TAG"):
        checked(server)
    outcome = read(server, tags=("user_ana",))
    assert len(ids(outcome)) == 1
    assert outcome.check.account == "v4:127.0.0.1:6767/user_ana"


def test_with_its_tag_a_scoped_key_reads_and_what_it_cannot_see_is_told() -> None:
    server = small(session=SCOPED, lists_tags=False)
    outcome = read(server, tags=("user_ana",))
    assert len(ids(outcome)) == 1
    assert [one.code for one in outcome.check.findings] == ["supermemory-restricted-key"]
    [scope] = scopes(server, tags=("user_ana",))
    assert (scope.id, scope.records) == ("user_ana", 1)


def test_a_restricted_key_whose_lists_are_narrowed_is_told_too() -> None:
    restricted = {**SESSION, "accessType": "restricted"}
    [finding] = checked(small(session=restricted)).findings
    assert "stays unseen" in finding.message


def test_a_tag_that_holds_nothing_is_mostly_misspelt() -> None:
    [finding] = checked(small(), tags=("user_anna",)).findings
    assert "user_anna" in finding.message
    assert "spelling" in finding.remedy


# -- which API -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_v5_is_spoken_where_there_is_no_v4(status: int) -> None:
    def gone(_: StandIn, asked: Asked) -> Said | None:
        return Said(status, {"error": "Gone"}) if asked.segments[0] in ("v3", "v4") else None

    check = checked(small(before=gone))
    assert check.account == "v5:127.0.0.1:6767/"
    assert [one.code for one in check.findings] == ["supermemory-v5-tells-less"]
    assert checked(small(before=gone), tags=("user_ana",)).account == "v5:127.0.0.1:6767/user_ana"


def test_v4_is_spoken_where_both_are() -> None:
    assert checked(small()).account.startswith("v4:")
    assert checked(small(), api="v5").account.startswith("v5:")


@pytest.mark.parametrize(("api", "has"), [("v4", ("v5",)), ("v5", ("v4",)), ("auto", ())])
def test_an_api_that_is_not_there_is_a_sentence(api: str, has: tuple[str, ...]) -> None:
    with pytest.raises(SourceError, match=r"no list of container tags.*HTTP 404.*--base-url"):
        checked(small(has=has), api=api)


def test_all_pages_of_namespaces_are_read() -> None:
    server = StandIn(memories={f"user_{n}": [] for n in range(250)})
    assert "in 250 tags" in checked(server, api="v5").title


def test_namespaces_that_move_between_pages_are_read_again() -> None:
    server = StandIn(memories={f"user_{n}": [] for n in range(150)})

    def move(server: StandIn, asked: Asked) -> None:
        if asked.query.get("page") == "2" and "user_0" in server.memories:
            del server.memories["user_0"]
            server.memories["new"] = []

    server.before = move
    found = {one.id for one in scopes(server, api="v5")}
    assert set(server.memories) <= found


# -- something else answers ------------------------------------------------------------------


PAGE = "<!DOCTYPE html><title>Sign in</title>"


@pytest.mark.parametrize(
    ("said", "error", "sentence"),
    [
        (Said(200, PAGE), SourceError, "not JSON.*right address"),
        (Said(200, {"hello": 1}), SourceError, "shape that is not known.*right address"),
        (Said(200, [{"name": "x"}]), SourceError, "shape that is not known.*right address"),
        (Said(403, PAGE), SourceError, "HTTP 403"),
        (Said(502, PAGE), SourceUnavailableError, "cannot answer right now"),
        (Said(503), SourceUnavailableError, "cannot answer right now"),
        (Said(402, {"error": "Search quota or credits exhausted"}), SourceError, "credits"),
        (
            Said(302, "", {"location": "https://elsewhere.example/login"}),
            SourceError,
            "points to another address",
        ),
    ],
)
def test_what_is_not_supermemory_or_not_well_is_a_sentence(
    said: Said, error: type[Exception], sentence: str
) -> None:
    def instead(_: StandIn, asked: Asked) -> Said | None:
        return said if asked.path == "/v3/container-tags/list" else None

    with pytest.raises(error, match=sentence):
        checked(small(before=instead))


def test_an_answer_that_breaks_off_is_a_sentence() -> None:
    with pytest.raises(SourceError, match="not JSON, or with a part of it"):
        checked(small(before=lambda *_: Said(200, None)))


def test_loading_both_warns_that_everything_is_extracted_twice() -> None:
    [finding] = checked(small(), load="both").findings
    assert (finding.code, finding.severity) == ("supermemory-extracted-twice", "warning")
    assert "twice" in finding.message
    assert checked(small(), load="documents").findings == ()


def test_tags_that_are_being_merged_are_named() -> None:
    [finding] = checked(small(merging={"bob"})).findings
    assert finding.examples == ("bob",)
