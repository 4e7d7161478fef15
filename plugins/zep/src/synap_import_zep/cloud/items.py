"""What all items of Zep have in common, whatever they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from synap_import import MemoryRecord
from synap_import.mapping import Unmappable

if TYPE_CHECKING:
    from .dialect import Graph, Thread

SYSTEM = "zep"


def message_id(uuid: str) -> str:
    """Of a record. A message and the episode made of it may share a UUID."""
    return f"message:{uuid}"


def episode_id(uuid: str) -> str:
    """Of an episode with a text."""
    return f"episode:{uuid}"


def textless_episode_id(uuid: str) -> str:
    """Of an episode without one: which texts there are is looked up by id."""
    return f"episode-without-text:{uuid}"


def object_in(item: Any) -> Mapping[str, Any]:
    """Raises Unmappable when it is none."""
    if not isinstance(item, Mapping):
        raise Unmappable("record", "is not an object")
    return item


def uuid_of(item: Mapping[str, Any]) -> str:
    """Raises Unmappable when there is none."""
    value = item.get("uuid") or item.get("uuid_")
    if not isinstance(value, str):
        raise Unmappable("uuid", "is missing")
    return value


def text_of(item: Mapping[str, Any], name: str) -> str:
    """Raises Unmappable when it is no text; absent is empty, which the host holds."""
    value = item.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unmappable(name, "is not a string")
    return value


def word_of(item: Mapping[str, Any], *names: str) -> str | None:
    """The first that is a text."""
    values = (item.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), None)


def uuids_in(item: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """A list of UUIDs, under the name that the dialect has for it."""
    values = next((item[name] for name in names if isinstance(item.get(name), list)), ())
    return tuple(value for value in values if isinstance(value, str) and value)


def some_of(item: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Those fields that say something."""
    return {name: item[name] for name in names if item.get(name) not in (None, "", [], {})}


def made(**fields: Any) -> MemoryRecord:
    """The record. Raises Unmappable instead of pydantic's error."""
    try:
        return MemoryRecord(system=SYSTEM, **fields)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        raise Unmappable(".".join(map(str, problem["loc"])), problem["msg"]) from None


def refuse_of_another_graph(item: Mapping[str, Any], graph: Graph) -> None:
    """Raises Unmappable for an item that says that it is in another graph, or another user's."""
    theirs, owner = item.get("graph_uuid"), item.get("user_uuid")
    ours = graph.user.graph_uuid if graph.user else graph.uuid
    if theirs and ours and theirs != ours:
        raise Unmappable("graph_uuid", f"is that of another graph, {theirs}")
    if owner and graph.user and owner != graph.user.uuid:
        raise Unmappable("user_uuid", f"is that of another user, {owner}")


def refuse_of_another_thread(item: Mapping[str, Any], thread: Thread) -> None:
    """Raises Unmappable for a message that says that it is in another thread."""
    theirs = item.get("thread_uuid")
    if theirs and theirs != thread.uuid:
        raise Unmappable("thread_uuid", f"is that of another thread, {theirs}")
