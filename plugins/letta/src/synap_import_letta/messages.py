"""Messages: what user and assistant said, and the rest held by reason.

A stored message is 0 to n items of one id (a thought, then words). Items of one message are always
on one page, so ids made from their order are the same on every read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from synap_import import Kind, MemoryRecord, Scope, Unreadable

from .cleaning import cleaned_message
from .holds import (
    APPROVAL,
    BOOT,
    COMPACTION,
    EVENT,
    HEARTBEAT,
    LOGIN,
    REASONING,
    SYSTEM_PROMPT,
    TOOL,
    UNKNOWN,
)
from .making import SYSTEM, Converted, mapping, unreadable
from .people import text
from .times import times_of

SPEAKING_TOOL = "send_message"
"""Agents before letta_v1_agent speak by calling this tool."""

_MOTTO = "More human than human is our motto."
_NOTICES = {"login": LOGIN, "heartbeat": HEARTBEAT, "system_alert": COMPACTION}
_HOLD_OF_TYPE = {
    "system_message": ("system", "content", SYSTEM_PROMPT),
    "reasoning_message": ("reasoning", "reasoning", REASONING),
    "hidden_reasoning_message": ("reasoning", "state", REASONING),
    "tool_return_message": ("tool", "tool_return", TOOL),
    "approval_request_message": ("tool", "tool_call", APPROVAL),
    "approval_response_message": ("tool", "reason", APPROVAL),
    "summary_message": ("summary", "summary", COMPACTION),
    "event_message": ("event", "event_type", EVENT),
}


class Said(NamedTuple):
    """What an item says, in which role, and the reason not to load it."""

    role: str
    words: str
    hold: str | None = None
    pictures: int = 0


class Place(NamedTuple):
    """Where a walk through a conversation is: how many items came, and who spoke last."""

    number: int = 0
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation: whose it is, and what every message in it shares."""

    scope: Scope
    sender: Callable[[str], str | None] = lambda _: None
    hold: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def message_records(
    items: Sequence[Any], thread: Thread, place: Place, where: str
) -> tuple[Converted, Place]:
    """The records of some items, in their order, and the place behind them."""
    done = Converted([], [])
    for message_id, several in groupby(items, key=_id_of):
        group = list(several)
        spoken, wrong = _said_in(group, f"{where}:{place.number}")
        done.unreadable.extend(wrong)
        ids = iter(_ids(message_id, [said for _, said in spoken]))
        for item, said in spoken:
            place = _next_place(item, said, thread, place)
            try:
                done.records.append(_record(next(ids), item, said, thread, place))
            except ValueError as error:
                done.unreadable.append(unreadable(item, f"{where}:{place.number}", error))
    return done, place


def said_in(item: Mapping[str, Any]) -> list[Said]:
    """What an item says; a tool call that speaks is what it speaks."""
    kind = text(item.get("message_type"))
    if kind == "user_message":
        words, pictures = words_of(item.get("content"))
        return [Said("user", words, notice_in(words), pictures)]
    if kind == "assistant_message":
        words, pictures = words_of(item.get("content"))
        return [Said("assistant", words, BOOT if words == _MOTTO else None, pictures)]
    if kind == "tool_call_message":
        return list(_called(item))
    role, name, hold = _HOLD_OF_TYPE.get(kind, ("other", "content", UNKNOWN))
    value = item.get(name)
    return [Said(role, words_of(value)[0] if name == "content" else _shown(value), hold)]


def words_of(content: Any) -> tuple[str, int]:
    """The text of a content, which is a string or parts, and how many parts are pictures."""
    if not isinstance(content, list):
        return _shown(content), 0
    parts = [part for part in content if isinstance(part, Mapping)]
    said = [text(part.get("text")) for part in parts if part.get("type") == "text"]
    return "\n".join(said), sum(part.get("type") == "image" for part in parts)


def notice_in(words: str) -> str | None:
    """Why words of a user are none: the server writes notices to its agents as user messages."""
    if not words.lstrip().startswith("{"):
        return None
    with suppress(ValueError, RecursionError):
        packed = json.loads(words)
        if isinstance(packed, dict):
            return _NOTICES.get(text(packed.get("type")))
    return None


def _called(item: Mapping[str, Any]) -> Iterator[Said]:
    """What tool calls say aloud first, then the calls themselves."""
    calls = [one for one in item.get("tool_calls") or [item.get("tool_call")] if one]
    spoken = [words for one in calls if (words := _spoken(one)) is not None]
    if spoken:
        words = "\n".join(spoken)
        yield Said("assistant", words, BOOT if words == _MOTTO else None)
    silent = [one for one in calls if _spoken(one) is None]
    if silent or not calls:
        yield Said("tool", "\n".join(map(_call_shown, silent)), TOOL)


def _spoken(call: Any) -> str | None:
    if not isinstance(call, Mapping) or call.get("name") != SPEAKING_TOOL:
        return None
    with suppress(ValueError, TypeError, RecursionError):
        arguments = json.loads(call.get("arguments") or "", strict=False)
        if isinstance(arguments, dict) and isinstance(arguments.get("message"), str):
            return str(arguments["message"])
    return None


def _call_shown(call: Any) -> str:
    if not isinstance(call, Mapping):
        return _shown(call)
    return f"{text(call.get('name'))}({_shown(call.get('arguments'))})"


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _said_in(
    group: Sequence[Any], where: str
) -> tuple[list[tuple[Mapping[str, Any], Said]], list[Unreadable]]:
    spoken, wrong = [], []
    for number, item in enumerate(group):
        try:
            spoken += [(item, said) for said in said_in(mapping(item))]
        except ValueError as error:
            wrong.append(unreadable(item, f"{where}+{number}", error))
    return spoken, wrong


def _ids(message_id: str, spoken: Sequence[Said]) -> Iterator[str]:
    """An id for each: the message's own for its words, or else for what comes first of it."""
    main = next((n for n, said in enumerate(spoken) if said.role in ("user", "assistant")), 0)
    seen: dict[str, int] = {}
    for number, said in enumerate(spoken):
        count = seen[said.role] = seen.get(said.role, 0) + 1
        suffix = f"/{said.role}" + (f"-{count}" if count > 1 else "")
        yield message_id if number == main else message_id + suffix


def _next_place(item: Mapping[str, Any], said: Said, thread: Thread, place: Place) -> Place:
    """A reply is for the user who spoke last; the sender of a message is an identity."""
    speaker = place.speaker
    if said.role == "user" and said.hold is None:
        speaker = thread.sender(text(item.get("sender_id")))
    return Place(place.number + 1, speaker)


def _record(
    own_id: str, item: Mapping[str, Any], said: Said, thread: Thread, place: Place
) -> MemoryRecord:
    times = times_of(item, "date", "")
    scope = thread.scope
    if place.speaker is not None:
        scope = scope.model_copy(update={"user": place.speaker})
    shown = {
        **thread.metadata,
        "pictures": said.pictures,
        "sender_id": text(item.get("sender_id")),
    }
    return MemoryRecord(
        system=SYSTEM,
        id=own_id,
        kind=Kind.MESSAGE,
        text=said.words,
        role=said.role,
        name=text(item.get("name")) or None if said.role == "user" else None,
        position=place.number - 1,
        scope=scope,
        created_at=times.created_at,
        assumptions=times.assumptions,
        metadata={name: value for name, value in shown.items() if value},
        hold=thread.hold or said.hold,
        raw=cleaned_message(item),
    )


def _id_of(item: Any) -> str:
    own = item.get("id") if isinstance(item, Mapping) else None
    return own if isinstance(own, str) else ""
