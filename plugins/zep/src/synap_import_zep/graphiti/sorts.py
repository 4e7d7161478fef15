"""The sorts of items in a Graphiti graph, and how a query gets at each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Sort(StrEnum):
    """What is read, in this order."""

    EPISODES = "episodes"
    FACTS = "facts"
    ENTITIES = "entities"
    COMMUNITIES = "communities"
    SAGAS = "sagas"


class End(NamedTuple):
    """The entity at one end of a fact."""

    uuid: str | None
    name: str | None


class Item(NamedTuple):
    """One node or fact, without its embedding. ``labels`` are as the database has them."""

    uuid: str
    labels: tuple[str, ...]
    properties: Mapping[str, Any]
    source: End | None = None
    target: End | None = None


class Shape(NamedTuple):
    """Where a database keeps a sort. The item is ``n``, what a fact connects ``a`` and ``b``.

    ``match`` finds all of them, ``more`` adds what else is wanted of those that are chosen.
    """

    match: str
    properties: str
    labels: str
    more: str = ""
    ends: str = ""

    def page(self, limit: int) -> str:
        """The next ones behind the uuid ``$after``."""
        return (
            f"{self.match} WHERE n.uuid > $after WITH n{self._with} ORDER BY n.uuid LIMIT {limit}"
            f"{self.more} RETURN {self._returned} ORDER BY uuid"
        )

    def named(self) -> str:
        """Those with the uuids ``$ids``."""
        return f"{self.match} WHERE n.uuid IN $ids{self.more} RETURN {self._returned}"

    def ids(self, limit: int) -> str:
        """The uuids behind ``$after``."""
        return (
            f"{self.match} WHERE n.uuid > $after "
            f"RETURN n.uuid AS uuid ORDER BY n.uuid LIMIT {limit}"
        )

    def survey(self, changed: str) -> str:
        """How many there are, how many can be told apart, and the last of the times ``changed``.

        Only aggregates: with any other column an empty graph has no row at all.
        """
        return (
            f"{self.match} RETURN count(*) AS items, "
            "sum(CASE WHEN n.uuid > '' THEN 1 ELSE 0 END) AS keyed, "
            "count(DISTINCT CASE WHEN n.uuid > '' THEN n.uuid ELSE null END) AS ids, "
            "max(n.created_at) AS latest, "
            f"max(n.{changed}) AS changed"
        )

    def groups(self) -> str:
        """How many there are of each group."""
        return f"{self.match} RETURN n.group_id AS group_id, count(*) AS items"

    @property
    def _with(self) -> str:
        return ", a, b" if self.ends and not self.more else ""

    @property
    def _returned(self) -> str:
        ends = f", {self.ends}" if self.ends else ""
        return f"n.uuid AS uuid, {self.labels} AS labels, {self.properties} AS properties{ends}"


ENDS = "a.uuid AS source_uuid, a.name AS source_name, b.uuid AS target_uuid, b.name AS target_name"
