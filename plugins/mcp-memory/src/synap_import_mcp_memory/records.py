"""From a line to records. What becomes of what is a table in the README.

The format is that of ``saveGraph`` in src/memory/index.ts of modelcontextprotocol/servers.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

from synap_import import Kind, MemoryRecord, Scope

from .holds import BARE, RELATION

SYSTEM = "mcp-memory"


class Flaw(NamedTuple):
    """A part of a line that is no record: the ``observation``, counted from 1, or the line."""

    reason: str
    observation: int | None = None


Made: TypeAlias = Iterator[MemoryRecord | Flaw]


def records_of(item: Any, user: str | None) -> Made:
    """The observations of an entity, or a relation."""
    match item:
        case {"type": "entity", "name": str(name), "observations": list(observations)} if name:
            yield from _of_entity(item, name, observations, user)
        case {"type": "relation", "from": str(one), "to": str(other), "relationType": str(how)}:
            parts = (one, how, other)
            yield _record(
                parts, user, kind=Kind.RELATION, text=" ".join(parts), hold=RELATION, raw=item
            )
        case {"type": "entity"}:
            yield Flaw("an entity needs 'name', a text, and 'observations', a list")
        case {"type": "relation"}:
            yield Flaw("a relation needs 'from', 'to' and 'relationType', which are texts")
        case {"type": other}:
            yield Flaw(f"its type is {str(other)[:50]!r}, neither 'entity' nor 'relation'")
        case _:
            yield Flaw("it is no object with a 'type'")


def _of_entity(item: Any, name: str, observations: list[Any], user: str | None) -> Made:
    """One record for each observation: they are facts by themselves, added and removed alone."""
    sort = item.get("entityType")
    told = {"entity": name, "entityType": sort}
    tags = (sort,) if isinstance(sort, str) and sort else ()
    for number, observation in enumerate(observations, start=1):
        if not isinstance(observation, str):
            yield Flaw("the observation is no text", number)
            continue
        yield _record(
            (name, sha256(observation.encode("utf-8", "surrogatepass")).hexdigest()[:16]),
            user,
            text=f"{name}: {observation}" if observation.strip() else "",
            tags=tags,
            metadata={SYSTEM: told},
            raw={**item, "observations": [observation]},
        )
    if not observations:
        text = f"{name} ({sort})" if tags else name
        kept = {"kind": Kind.ENTITY, "hold": BARE, "metadata": {SYSTEM: told}}
        yield _record((name,), user, text=text, tags=tags, raw=item, **kept)


def _record(names: tuple[str, ...], user: str | None, **fields: Any) -> MemoryRecord:
    """A record under an id of names.

    The user is one of them: many files have an entity ``default_user``, each another person.
    """
    owner = () if user is None else (user,)
    own_id = "/".join(_segment(name) for name in (*owner, *names))
    return MemoryRecord(system=SYSTEM, id=own_id, scope=Scope(user=user), **fields)


def _segment(name: str) -> str:
    return name.replace("%", "%25").replace("/", "%2F")
