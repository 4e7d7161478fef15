"""What the constructed cassettes show, one organization or accident each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from supermemory_support.items import document, memory, own_id, version
from supermemory_support.stand_in import SCOPED, UNAUTHORIZED, Asked, Said, StandIn

Before = Callable[[StandIn, Asked], Said | None]


@dataclass(frozen=True)
class Scenario:
    """``make`` gives the server; ``beyond`` says what in its answers no description has."""

    about: str
    make: Callable[[], StandIn]
    options: Mapping[str, Any] = field(default_factory=dict)
    fails: bool = False
    beyond: str = ""


def _mixed(**more: Any) -> StandIn:
    """One of everything."""
    event = {"documentDate": "2026-01-15T00:00:00.000Z", "eventDate": ["2026-01-10"]}
    ana = [
        memory(
            1,
            "Ana lives in Lisbon",
            version=2,
            parentMemoryId=own_id("mem", 0),
            rootMemoryId=own_id("mem", 0),
            memoryRelations={own_id("mem", 0): "updates", own_id("mem", 2): "extends"},
            temporalContext=event,
            metadata={"temporalContext": event, "source": "slack"},
            documentIds=[own_id("doc", 1)],
            history=[version(0, "Ana lives in Madrid")],
        ),
        memory(2, "Ana is vegetarian", isStatic=True, documentIds=[own_id("doc", 1)]),
        memory(3, "Ana may like cats", isInference=True),
        memory(4, "Ana said so", isForgotten=True),
        memory(5, "Dentist", isForgotten=True, forgetAfter="2026-01-17T00:00:00.000Z",
               forgetReason="temporary event"),
    ]  # fmt: skip
    shared = {"containerTags": ["org:1:user_bob", "user_ana"]}
    documents = [
        document(1, "Had a call with Ana.", customId="chat_session_1", metadata={"priority": 3}),
        document(2, None, type="image", url="https://files.example/cat.png"),
        document(3, None, type="pdf", status="failed"),
        document(4, "Minutes of both", **shared),
    ]
    return StandIn(
        memories={"user_ana": ana, "org:1:user_bob": [memory(6, "Bob likes tea")]},
        documents={"user_ana": documents, "org:1:user_bob": [documents[3]]},
        untagged=[document(7, "Of nobody")],
        **more,
    )


def _many(**more: Any) -> StandIn:
    memories = [memory(n) for n in range(7)]
    return StandIn(memories={"user_ana": memories}, most_per_page=2, **more)


def _moves() -> StandIn:
    def before(server: StandIn, asked: Asked) -> None:
        second = asked.path == "/v4/memories/list" and asked.body["page"] == 2
        if second and asked.body["limit"] == 2 and len(server.memories["user_ana"]) == 7:
            del server.memories["user_ana"][0]
            server.memories["user_ana"].append(memory(9))

    return _many(before=before)


def _shrinks() -> StandIn:
    def before(server: StandIn, asked: Asked) -> None:
        third = asked.path == "/v4/memories/list" and asked.body["page"] == 3
        if third and asked.body["limit"] == 2 and len(server.memories["user_ana"]) == 7:
            del server.memories["user_ana"][:3]

    return _many(before=before)


def _two(answer: Said, path: str = "/v4/memories/list", *, times: int | None = None) -> StandIn:
    """Of two tags one gives this answer, always or so many times."""
    given: list[Said] = []

    def before(_: StandIn, asked: Asked) -> Said | None:
        if asked.path != path or asked.tag != "user_ana" or len(given) == times:
            return None
        given.append(answer)
        return answer

    memories = {"user_ana": [memory(1)], "user_bob": [memory(2)]}
    return StandIn(memories=memories, before=before)


def _first(answer: Said, path: str) -> StandIn:
    return StandIn(before=lambda _, asked: answer if asked.path == path else None)


def _null_content() -> StandIn:
    def before(server: StandIn, asked: Asked) -> Said | None:
        if asked.path != "/v3/documents/list" or not asked.body.get("includeContent"):
            return None
        server.before = lambda *_: None
        said = server.respond(asked)
        server.asked.pop()
        server.before = before
        said.content["memories"] = [{**one, "content": None} for one in said.content["memories"]]
        return said

    items = [document(1, None, type="video"), document(2, None, status="queued")]
    return StandIn(documents={"user_ana": items}, before=before)


def _unknown_values() -> StandIn:
    return StandIn(
        memories={"user_ana": [memory(1, memoryRelations={own_id("mem", 2): "contradicts"})]},
        documents={"user_ana": [document(1, type="hologram", status="dreamt")]},
    )


_ZOD = {
    "data": {"containerTags": ["user_ana"]},
    "error": [{"path": ["containerTags", 0], "message": "Must contain only alphanumeric"}],
}
_V5 = {"api": "v5"}

SCENARIOS: Mapping[str, Scenario] = {
    "v4_reading": Scenario("one of everything", _mixed),
    "v4_pages": Scenario("lists of several pages, smaller than asked for", _many),
    "v4_total_stays": Scenario(
        "a memory goes and one comes between two pages, so that the total stays", _moves
    ),
    "v4_total_falls": Scenario("memories that were read go away between two pages", _shrinks),
    "v4_empty_page": Scenario(
        "a page in the middle is empty, and more is counted than shown",
        lambda: _many(hidden={own_id("mem", n) for n in (2, 3)}),
    ),
    "v4_empty": Scenario("an organization without memories", StandIn),
    "v4_scoped_key": Scenario(
        "a scoped key may not list tags, and reads the one that is named",
        lambda: _mixed(session=SCOPED, lists_tags=False),
        {"tags": ("user_ana",)},
    ),
    "v4_scoped_key_without_tag": Scenario(
        "a scoped key may not list tags",
        lambda: _mixed(session=SCOPED, lists_tags=False),
        fails=True,
        beyond="the 403 of a list of tags, which is told in the vendor's guides",
    ),
    "v4_wrong_key": Scenario(
        "the key is refused", lambda: _first(Said(401, UNAUTHORIZED), "/v3/session"), fails=True
    ),
    "v4_one_tag_refused": Scenario(
        "one tag is refused, `error` is a text",
        lambda: _two(Said(403, {"error": "No access to this container"})),
        beyond="the 403 of a list, which public reports show",
    ),
    "v4_error_list": Scenario(
        "one tag is refused, `error` is a list",
        lambda: _two(Said(400, _ZOD)),
        beyond="an error that is a list, which public reports show",
    ),
    "v4_merging": Scenario(
        "a tag is being merged",
        lambda: _two(Said(409, {"error": "Merge in progress"})),
        beyond="the 409 of a list, which the vendor's guides tell",
    ),
    "v4_credits": Scenario(
        "credits are spent",
        lambda: _two(Said(402, {"error": "Search quota or credits exhausted"})),
        fails=True,
        beyond="the 402 of a list, which is described for searches only",
    ),
    "v4_busy": Scenario(
        "429 with retry-after: 0, then an answer",
        lambda: _two(Said(429, {"error": "Too many requests"}, {"retry-after": "0"}), times=1),
        beyond="the 429, which the vendor's clients handle",
    ),
    "v4_fails_once": Scenario(
        "500, then an answer", lambda: _two(Said(500, {"error": "Internal"}), times=1)
    ),
    "v4_web_page": Scenario(
        "a web page answers with 502, then the API does",
        lambda: _two(Said(502, "<!DOCTYPE html><title>Bad gateway</title>"), times=1),
        beyond="the 502",
    ),
    "v4_null_content": Scenario(
        "`content` is null in lists", _null_content, beyond="null for a text"
    ),
    "v4_unknown_values": Scenario(
        "kinds, states and relations that nobody has described",
        _unknown_values,
        beyond="these values",
    ),
    "v5_reading": Scenario("one of everything, as v5 shows it", _mixed, _V5),
    "v5_pages": Scenario("lists of several pages", _many, _V5),
    "v5_only": Scenario("v3/v4 is gone", lambda: _mixed(has=("v5",), session=None)),
    "v5_one_namespace_refused": Scenario(
        "one namespace is refused, `error` is a text",
        lambda: _two(Said(403, {"error": "Namespace access denied"}), "/ns/user_ana/list/memories"),
        _V5,
    ),
    "v5_error_list": Scenario(
        "one namespace is refused, `error` is a list",
        lambda: _two(
            Said(
                400,
                {"success": False, "error": [{"path": ["limit"], "message": "Bad"}], "data": {}},
            ),
            "/ns/user_ana/list/memories",
        ),
        _V5,
    ),
}
