"""All memories of one entity out of lists that end at 1,000."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from .entities import LIST_LIMIT, Entity, Item, narrower

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .api import ServerApi

Items = dict[str, Item]
"""By id."""


class Whole(NamedTuple):
    """What the lists show of an entity. ``all_shown`` says whether it is all of it."""

    items: Items
    all_shown: bool


async def list_whole(api: ServerApi, entity: Entity, entities: Sequence[Entity]) -> Whole:
    """The list of an entity; where it is full, also those of its pairs with further ids.

    It stops as soon as there are as many as the server counts.
    """
    found: Items = {}
    asked = [{entity.field: entity.id}]
    known = {frozenset(asked[0].items())}
    for filters in asked:
        items = await api.listed(filters)
        found |= by_id(items)
        if len(found) >= entity.total:
            break
        if len(items) >= LIST_LIMIT:
            for further in narrower(filters, items, entities):
                if frozenset(further.items()) not in known:
                    known.add(frozenset(further.items()))
                    asked.append(further)
    return Whole(found, len(found) >= entity.total)


def by_id(items: Sequence[Item]) -> Items:
    """Items under their ids; what has none gets one of its content, to be named by."""
    return {id_of(item): item for item in items}


def id_of(item: Item) -> str:
    """The id of an item, or something that stands for it."""
    own = item.get("id")
    if isinstance(own, str) and own:
        return own
    return "no-id-" + sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:16]
