"""What the constructed cassettes of the Platform show, one account or accident each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mem0_support.described_platform import Account, Answer, Item

LIST = "/v3/memories/"
PING = "/v1/ping/"
KEY_REFUSED = {
    "detail": "Invalid API key. You can find your API key on "
    "https://app.mem0.ai/dashboard/api-keys."
}


@dataclass(frozen=True)
class Scenario:
    """An account, and answers that come before the account's own, by path.

    ``beyond`` says what in the answers the description does not have: those are not validated.
    """

    about: str
    account: Account = field(default_factory=Account)
    first: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    fails: bool = False
    beyond: str = ""


def memory(number: int, text: str, **fields: Any) -> Item:
    """A memory as the description has it."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "memory": text,
        "user_id": None,
        "agent_id": None,
        "app_id": None,
        "session_id": None,
        "metadata": None,
        "categories": None,
        "created_at": f"2026-03-{number:02d}T10:30:00Z",
        "updated_at": f"2026-03-{number:02d}T11:00:00Z",
        **fields,
    }


def _one() -> Account:
    return Account([memory(1, "Likes tea", user_id="ada")])


def _seven() -> Account:
    items = [memory(number, f"Fact {number}", user_id="ada") for number in range(1, 8)]
    return Account(items, page_size=3, after_first_page=[items[-1], *items[:-1]])


def _many_owners() -> Account:
    return Account(
        [memory(number, f"Fact {number}", user_id=f"user-{number}") for number in range(1, 4)],
        entities_page_size=2,
    )


def _states() -> Account:
    expired = {"user_id": "ada", "expiration_date": "2020-01-31"}
    items = [
        memory(1, "Lives in Lisbon", user_id="ada", categories=["location"], metadata={"n": 1}),
        memory(2, "Has a ticket", **expired),
        memory(3, "Has a visa", user_id="ada", expiration_date="2999-12-31"),
        memory(4, "Lives in Porto", user_id="ada", replaced_by=memory(1, "")["id"]),
        memory(5, "Lives at Lisbon", user_id="ada"),
        memory(6, "Moves often", user_id="ada", synthesized=True),
    ]
    return Account(items, merged=frozenset({memory(5, "")["id"]}))


def _without_user() -> Account:
    return Account(
        [
            memory(1, "Likes tea", user_id="ada"),
            memory(2, "Answers briefly", agent_id="concierge"),
            memory(3, "Trip to Porto", session_id="trip-1"),
            memory(4, "Runs on phones", app_id="travel"),
        ]
    )


def _several_ids(*, closed: bool) -> Account:
    return Account(
        [
            memory(1, "Likes tea", user_id="ada"),
            memory(2, "Trip to Porto", user_id="ada", session_id="trip-1"),
            memory(3, "Asked twice", user_id="ada", agent_id="concierge"),
            memory(4, "All of it", user_id="bob", agent_id="concierge", session_id="trip-2"),
        ],
        closed_filters=closed,
    )


def _old_item(item: Item) -> Item:
    old = {name: value for name, value in item.items() if name not in ("session_id", "updated_at")}
    return {**old, "run_id": item["session_id"], "created_at": "2024-07-20T01:30:36.275141-07:00"}


def _refused(content: Any) -> Scenario:
    return Scenario(
        "the list of memories is refused in one of five shapes",
        _one(),
        first={LIST: [Answer.of(400, content)]},
        fails=True,
    )


SCENARIOS: Mapping[str, Scenario] = {
    "three_pages": Scenario("a memory moves to the front between two pages", _seven()),
    "entities_two_pages": Scenario("the list of entities has two pages", _many_owners()),
    "states": Scenario("active, expired, superseded, merged, synthesized", _states()),
    "without_user": Scenario("memories of only an agent, a run, an app", _without_user()),
    "filters_open": Scenario(
        "a filter says nothing about ids that it does not mention", _several_ids(closed=False)
    ),
    "filters_closed": Scenario(
        "a filter wants ids that it does not mention to be absent", _several_ids(closed=True)
    ),
    "empty": Scenario("a project without memories"),
    "merged_unknown": Scenario(
        "include_merged is refused",
        Account([memory(1, "Likes tea", user_id="ada")], knows_merged=False),
    ),
    "older_shapes": Scenario(
        "bare lists, run_id, times with an offset, no updated_at, a notice in the list",
        Account(
            [memory(1, "Likes tea", user_id="ada", session_id="trip-1")],
            bare_lists=True,
            shown=lambda item: {**_old_item(item), "mem0_notice": "Claim your agent"},
        ),
        beyond="answers as they were before August 2026, and mem0_notice, which it never had",
    ),
    "wrong_key": Scenario(
        "the key is refused", first={PING: [Answer.of(401, KEY_REFUSED)]}, fails=True
    ),
    "refused_detail": _refused({"detail": "Filters are too deep."}),
    "refused_error": _refused({"error": "limit must be <= 200"}),
    "refused_message": _refused({"message": "Schema is required and must be a valid object"}),
    "refused_list": _refused(
        ["One of the filters: app_id, user_id, agent_id, run_id is required!"]
    ),
    "refused_fields": _refused({"name": ["This field is required."]}),
    "busy_retry_after": Scenario(
        "429 with Retry-After, then an answer",
        _one(),
        first={LIST: [Answer.of(429, {"detail": "Request was throttled."}, retry_after="2")]},
    ),
    "busy": Scenario(
        "429 without Retry-After, then an answer",
        _one(),
        first={LIST: [Answer.of(429, {"detail": "Request was throttled."})]},
    ),
    "fails_once": Scenario(
        "500, then an answer",
        _one(),
        first={LIST: [Answer(500, "Internal Server Error", {"content-type": "text/plain"})]},
    ),
    "breaks_off": Scenario(
        "the JSON of a list breaks off",
        _one(),
        first={
            LIST: [Answer(200, '{"count":1,"next":null,"previous":null,"results":[{"id":"0000')]
        },
        fails=True,
        beyond="JSON that breaks off",
    ),
    "web_page": Scenario(
        "a web page answers instead of the API",
        first={
            PING: [
                Answer(
                    200,
                    "<!DOCTYPE html><html><title>Sign in</title></html>",
                    {"content-type": "text/html; charset=utf-8"},
                )
            ]
        },
        fails=True,
        beyond="HTML",
    ),
}
