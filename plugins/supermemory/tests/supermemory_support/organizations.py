"""A generated organization: many tags, versions, ties, shared and untagged documents."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from supermemory_support.items import document, memory, moment, own_id, version
from supermemory_support.stand_in import Asked, StandIn

_A_VERSION, _A_NEW_ONE = 10_000_000, 20_000_000


def organization(tags: int, memories: int, documents: int, *, seed: int = 7) -> StandIn:
    """Tags of very different sizes; up to seven memories share an instant, as those of a document
    do; every fourth memory has an earlier version, some are forgotten, some documents shared.
    """
    rng = random.Random(seed)
    names = [f"user_{n}" if n % 3 else f"org:{n}:user.{n}" for n in range(tags)]
    server = StandIn(memories={name: [] for name in names}, documents={name: [] for name in names})
    for number in range(memories):
        at = moment(number // 7)
        history = [version(_A_VERSION + number)] if number % 4 == 0 else []
        forgotten = {"isForgotten": True} if number % 11 == 0 else {}
        entry = memory(number, createdAt=at, updatedAt=at, history=history, **forgotten)
        server.memories[_one_of(names, rng)].append(entry)
    for number in range(documents):
        content = None if number % 50 == 0 else f"text {number} " * (1 + number % 40)
        at = moment(number // 3)
        one = document(number, content, createdAt=at, updatedAt=at)
        if number % 97 == 0:
            server.untagged.append(one)
            continue
        owners = sorted({_one_of(names, rng) for _ in range(2 if number % 101 == 0 else 1)})
        for name in owners:
            server.documents[name].append({**one, "containerTags": owners})
    return server


def _one_of(names: list[str], rng: random.Random) -> str:
    return names[int(len(names) * rng.random() ** 2)]


def wanted_ids(server: StandIn) -> set[str]:
    """What must come out of it."""
    ids = {one["id"] for one in server.untagged}
    for items in server.memories.values():
        ids.update(one["id"] for item in items for one in (item, *item["history"]))
    for tag, items in server.documents.items():
        for one in items:
            ids.add(one["id"] if tag == min(one["containerTags"]) else f"{tag}/{one['id']}")
    return ids


@dataclass
class Unrest:
    """Somebody uses the organization: now and then an old memory goes and a new one comes."""

    every: int
    gone: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    _rng: random.Random = field(default_factory=lambda: random.Random(3))

    def __call__(self, server: StandIn, asked: Asked) -> None:
        if asked.tag is None or len(server.asked) % self.every:
            return
        items: list[dict[str, Any]] = server.memories[asked.tag]
        if len(items) > 2:
            gone = items.pop(self._rng.randrange(len(items) // 2))
            self.gone.update(one["id"] for one in (gone, *gone["history"]))
        number = _A_NEW_ONE + len(server.asked)
        self.new.add(own_id("mem", number))
        items.append(memory(number))
