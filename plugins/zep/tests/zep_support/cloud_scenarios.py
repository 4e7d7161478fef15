"""What the constructed cassettes of Zep Cloud show, one project or accident each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zep_support.cloud_answers import V4, Answering
from zep_support.cloud_exchange import Asked, RateLimit, Said, said
from zep_support.cloud_project import Project

NOON = 1_772_366_400.0
"""2026-03-01, 12:00 UTC."""


@dataclass(frozen=True)
class Scenario:
    """A server, and the options of the adapter that asks it.

    ``beyond`` says what in the answers the models of the SDK do not allow: then they are not
    validated.
    """

    about: str
    server: Callable[[], Answering]
    options: Mapping[str, Any] = field(default_factory=dict)
    fails: bool = False
    beyond: str = ""


def _project() -> Project:
    """A small project in which most things occur."""
    project = Project()
    ada = project.user("ada", first_name="Ada", metadata={"tier": "gold"})
    thread = project.thread(ada, "trip")
    first = project.say(thread, "I moved to Porto", name="Ada")
    project.say(thread, "How is it there?", role="assistant", metadata={"model": "m"})
    made_of = {"episode_uuids": [first["uuid"]]}
    project.fact(
        ada, "Ada lives in Porto", name="LIVES_IN", valid_at="2025-02-01T00:00:00Z", **made_of
    )
    project.fact(
        ada,
        "Ada lives in Faro",
        name="LIVES_IN",
        valid_at="2023-01-02T00:00:00Z",
        invalid_at="2025-02-01T00:00:00Z",
        expired_at="2025-03-01T09:30:09Z",
        **made_of,
    )
    project.entity(ada, "Porto", summary="A city in Portugal", labels=["Entity", "City"])
    project.summary(ada, "Ada lives in Porto.", **made_of)
    project.add(ada, "observations", name="moves", summary="Ada moves often.", **made_of)
    project.add(ada, "thread-summaries", summary="Ada moved.", thread_uuid=thread["uuid"])
    news = project.graph("news", name="News")
    project.episode(news, '{"rain": true}', source="json", metadata={"feed": "weather"})
    project.fact(news, "It rains in Porto", name="RAINS_IN")
    project.add(news, "document-summaries", summary="It rains.", document_id="weather")
    return project


def _many() -> Project:
    """Three users, threads and graphs, and five of everything that is Ada's."""
    project = Project()
    for number in range(3):
        user = project.user(f"user-{number}")
        project.thread(user, f"thread-{number}")
        project.graph(f"graph-{number}")
    ada = project.users[0]
    for number in range(5):
        project.say(project.threads[0], f"said {number}")
        project.fact(ada, f"fact {number}")
        project.entity(ada, f"entity {number}")
        project.add(ada, "observations", name=f"observation {number}")
        project.add(ada, "thread-summaries", summary=f"summary {number}")
        project.add(ada, "document-summaries", summary=f"summary of document {number}")
        project.add(ada, "hyperedges", fact=f"fact of several {number}")
    return project


def _five_facts() -> Project:
    project = Project()
    ada = project.user("ada")
    for number in range(5):
        project.fact(ada, f"fact {number}")
    return project


def _one_thread() -> Project:
    project = Project()
    project.say(project.thread(project.user("ada"), "trip"), "hello")
    return project


def _hides_texts() -> Answering:
    project = Project()
    ada = project.user("ada")
    hidden = project.episode(ada, "never shown")
    violating = {"status": "not_evaluated", "violated": True, "category_keys": ["pii"]}
    project.episode(ada, "shown", content_policy=violating)
    project.fact(ada, "Ada has a card", episode_uuids=[hidden["uuid"]])
    project.info["include_policy_violating_episodes"] = False
    return Answering(project, hides={hidden["uuid"]})


def _bare_node() -> Answering:
    project = Project()
    ada = project.user("ada")
    project.add(ada, "nodes", name="tea", summary="a drink")
    project.entity(ada, "coffee")
    return Answering(project)


def _ontology() -> Answering:
    project = _one_thread()
    project.ontology = {
        "entity_types": [{"name": "City", "description": "A city", "properties": []}],
        "edge_types": [{"name": "LIVES_IN", "description": "Where", "source_targets": []}],
        "inherited": False,
    }
    return Answering(project)


def _unknown_values() -> Answering:
    project = Project()
    ada = project.user("ada")
    project.say(project.thread(ada, "trip"), "hello", role="narrator", mood="new in 5.0")
    project.episode(ada, "beep", source="sound")
    project.fact(ada, "Ada whistles", scope="overheard")
    return Answering(project)


def _without_user() -> Answering:
    project = Project()
    project.say(project.thread(None, "kiosk"), "hello")
    project.say(project.thread({"uuid": project.new_uuid()}), "from somebody unseen")
    return Answering(project)


def _hyperedge() -> Answering:
    project = Project()
    ada = project.user("ada")
    made = project.add(ada, "hyperedges", fact="Ada bought tea for Bob", edges=[])
    for name in ("BOUGHT", "FOR"):
        edge = project.fact(ada, "Ada bought tea for Bob", name=name, hyperedge_uuid=made["uuid"])
        told = ("uuid", "name", "source_node_uuid", "target_node_uuid")
        made["edges"].append({one: edge[one] for one in told})
    return Answering(project)


def _empty_in_v4() -> Answering:
    return Answering(_one_thread(), before=shows_nothing_in_v4)


def shows_nothing_in_v4(asked: Asked) -> Said | None:
    """The project is there, its lists are empty."""
    is_list = asked.path.startswith(V4) and asked.place[0] != "project"
    return said({"items": [], "total_size": 0}) if is_list else None


def _answers(place: str, answer: Said) -> Callable[[], Answering]:
    """A server that gives this answer whenever the place is in the path."""

    def make() -> Answering:
        def first(asked: Asked) -> Said | None:
            return answer if place in asked.place else None

        return Answering(_one_thread(), before=first)

    return make


def _limited(window: float, *, retry_after: bool) -> Callable[[], Answering]:
    def make() -> Answering:
        ticks = iter(range(1_000_000))

        def clock() -> float:
            # Each request comes as late as the one before it was told to come.
            return NOON + next(ticks) // 6 * window

        limit = RateLimit(5, clock, window, told=lambda: NOON, retry_after=retry_after)
        return Answering(_one_thread(), limit=limit)

    return make


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "request_id": "r-1"}}


SCENARIOS: Mapping[str, Scenario] = {
    "v4_reading": Scenario("a small project, all of it", lambda: Answering(_project())),
    "v4_cursors": Scenario(
        "every list in pages of two, an empty page in the middle of each",
        lambda: Answering(_many(), most=2, most_in_graph=2, empty_after=1),
    ),
    "v4_repeated_cursor": Scenario(
        "a cursor is given again",
        lambda: Answering(_five_facts(), most_in_graph=2, repeats_cursor=True),
    ),
    "v4_policy_hides_texts": Scenario("a content policy hides a text", _hides_texts),
    "v4_bare_node": Scenario(
        "an entity without episode_uuids", _bare_node, beyond="that entity, which they refuse"
    ),
    "v4_ontology": Scenario("types of the project's own", _ontology),
    "v4_unknown_values": Scenario("roles and sources that nobody knows yet", _unknown_values),
    "v4_thread_without_user": Scenario("threads of nobody, and of an unseen user", _without_user),
    "v4_hyperedge": Scenario("one fact in two edges", _hyperedge),
    "v4_five_a_minute": Scenario(
        "a limit of 5 requests a minute, with X-RateLimit-Reset",
        _limited(60, retry_after=False),
    ),
    "v4_long_wait": Scenario(
        "429 with a longer wait than the SDK makes", _limited(200, retry_after=True)
    ),
    "v4_wrong_key": Scenario(
        "401",
        _answers("project", said(_error("unauthorized", "unauthorized"), 401)),
        {"api": "v4"},
        fails=True,
    ),
    "v4_forbidden": Scenario(
        "403 for the facts", _answers("edges", said(_error("forbidden", "not yours"), 403))
    ),
    "v4_not_found": Scenario(
        "404 for a thread that is being deleted",
        _answers("messages", said(_error("not_found", "no such thread"), 404)),
    ),
    "v4_invalid_identifier": Scenario(
        "400 invalid_identifier",
        _answers("messages", said(_error("invalid_identifier", "not a UUID"), 400)),
    ),
    "v3_fallback": Scenario(
        "v4 is refused and v3 is not: a small project, all of it",
        lambda: Answering(_project(), v4=False),
    ),
    "v3_only": Scenario("v4 shows an empty project, v3 a small one", _empty_in_v4),
    "v3_cursors": Scenario(
        "lists of v3 in pages of two",
        lambda: Answering(_many(), most=2, most_in_graph=2),
        {"api": "v3"},
    ),
}
