"""The memory server of the Model Context Protocol: entities with observations, and relations.

It keeps JSON Lines; its tool ``read_graph`` answers with all of it in one object. It has no
ids, no times and no users. Facts: modelcontextprotocol/servers at 76d64c8, src/memory.
"""

from __future__ import annotations

from typing import Any

from synap_import import Kind, MemoryRecord
from synap_import.mapping import made_id

from .parts import Flaw, Made, Tools, listed, record, text_of

SYSTEM = "mcp-memory"
RELATION = "graph-relation"
BARE = "entity-without-observations"


def read_line(item: dict[str, Any], tools: Tools) -> Made:
    """The records of one line."""
    match item.get("type"):
        case "entity":
            yield from _observations(item, tools)
        case "relation":
            yield _relation(item, tools)
        case other:
            yield Flaw("", f"its type is {other!r}, neither 'entity' nor 'relation'")


def read_graph(item: dict[str, Any], tools: Tools) -> Made:
    """The records of a whole graph, with or without what a tool's answer puts around it."""
    inner = item.get("structuredContent")
    graph = inner if isinstance(inner, dict) else item
    for at, entity in enumerate(listed(graph.get("entities"))):
        for made in _observations(entity, tools):
            yield made._replace(where=f".entities[{at}]") if isinstance(made, Flaw) else made
    for relation in listed(graph.get("relations")):
        yield _relation(relation, tools)


def _observations(entity: dict[str, Any], tools: Tools) -> Made:
    name, observations = text_of(entity.get("name")), entity.get("observations")
    if name is None or not isinstance(observations, list):
        yield Flaw("", "the entity has no name, or no list of observations")
        return
    sort = text_of(entity.get("entityType"))
    for observation in observations:
        text = text_of(observation)
        if text is None:
            yield Flaw("", f"an observation about {name} is no text")
            continue
        yield _made(
            tools,
            (name, text),
            text=f"{name}: {text}",
            tags=(sort,) if sort else (),
            metadata={"entity": name, "entity_type": sort},
            raw={**entity, "observations": [observation]},
        )
    if not observations:
        yield _made(
            tools,
            (name, ""),
            kind=Kind.ENTITY,
            text=f"{name} ({sort})" if sort else name,
            hold=BARE,
            raw=entity,
        )


def _relation(item: dict[str, Any], tools: Tools) -> MemoryRecord | Flaw:
    ends = [text_of(item.get(name)) for name in ("from", "relationType", "to")]
    if None in ends:
        return Flaw("", "the relation lacks 'from', 'to' or 'relationType'", str(item)[:200])
    text = " ".join(end for end in ends if end)
    return _made(tools, ("", text), kind=Kind.RELATION, text=text, hold=RELATION, raw=item)


def _made(tools: Tools, parts: tuple[str, str], **fields: Any) -> MemoryRecord:
    """A record with an id of what it says, for it has no other; never twice for two people."""
    about, said = parts
    own_id = made_id(SYSTEM, tools.whose.user, f"{about}\n{said}", None)
    assumptions = ("made-id", "no-time:created_at")
    return record(SYSTEM, tools.whose, {}, {}, id=own_id, assumptions=assumptions, **fields)
