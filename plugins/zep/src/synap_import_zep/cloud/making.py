"""Which records the items of a page become, and what has to be looked up for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synap_import import MemoryRecord

from .derived import (
    Deriving,
    episodes_of,
    fact_record,
    hyperedge_id,
    hyperedge_record,
    member_record,
    other_record,
    standing_in_record,
    user_summary_record,
)
from .dialect import Graph, Part, Thread
from .items import SYSTEM, episode_id, message_id, uuid_of, word_of
from .texts import episode_record, message_record
from .times import moment

if TYPE_CHECKING:
    from datetime import datetime

    from synap_import import Exported

    from .notes import Notes
    from .roster import Roster
    from .walking import Step

Make = Callable[[Any, int], Sequence[MemoryRecord]]
"""The records of an item, which is the so-manieth of its list. Raises Unmappable."""

Objects = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Maker:
    """Knows what came out so far, and whose messages are read."""

    exported: Exported
    roster: Roster
    rules: Deriving
    notes: Notes

    def of_thread(self, thread: Thread) -> Make:
        """Messages, counted."""
        return lambda item, number: [message_record(item, thread, number)]

    def of_page(self, graph: Graph, part: Part, step: Step) -> Make:
        """For a page of a graph's list."""
        objects = [item for item in step.items if isinstance(item, Mapping)]
        match part:
            case Part.EPISODES:
                uuids = [uuid for item in objects if (uuid := word_of(item, "uuid", "uuid_"))]
                return self._of_episodes(graph, uuids)
            case Part.HYPEREDGES:
                return lambda item, _: [hyperedge_record(item, graph, self.rules)]
            case Part.FACTS:
                return self._of_facts(graph, objects, moment(step.place.began))
            case Part.USER_SUMMARY:
                texts = self._texts_of(objects)
                return lambda item, _: user_summary_record(item, graph, texts, self.rules)
            case _:
                return lambda item, _: [other_record(item, part, graph)]

    def _of_episodes(self, graph: Graph, uuids: Sequence[str]) -> Make:
        """A list that is looked at once more has episodes that were noted already."""
        messages = self._came_out(uuids, message_id)
        noted = self._came_out(uuids, episode_id)

        def make(item: Any, _: int) -> Sequence[MemoryRecord]:
            in_thread = isinstance(item, Mapping) and self.roster.has_thread_of(item)
            record = episode_record(item, graph, messages, in_thread=in_thread)
            if (uuid := uuid_of(item)) not in noted:
                self.notes.unprocessed += item.get("processed") is False
                if record.hold:
                    self.notes.see_copy(uuid, has_message=uuid in messages)
            return [record]

        return make

    def _of_facts(self, graph: Graph, objects: Objects, began: datetime | None) -> Make:
        """Of the edges of a hyperedge that is not listed, the first stands for it.

        The text of a fact that is younger than the reading of its graph may not have come out
        yet.
        """
        texts = self._texts_of(objects)
        for item in objects:
            if began and (time := moment(item.get("created_at"))) and time > began:
                texts.update(episodes_of(item))
        groups = [group for item in objects if (group := word_of(item, "hyperedge_uuid"))]
        known = self._came_out(groups, hyperedge_id)

        def make(item: Any, _: int) -> Sequence[MemoryRecord]:
            group = word_of(item, "hyperedge_uuid") if isinstance(item, Mapping) else None
            if group is None:
                return [fact_record(item, graph, texts, self.rules)]
            member = member_record(item, graph, self.rules)
            if group in known:
                return [member]
            known.add(group)
            return [standing_in_record(item, graph, texts, self.rules), member]

        return make

    def _texts_of(self, objects: Objects) -> set[str]:
        """Those of the episodes that the items were made of whose texts came out."""
        episodes = list({uuid for item in objects for uuid in episodes_of(item)})
        return self._came_out(episodes, episode_id) | self._came_out(episodes, message_id)

    def _came_out(self, uuids: Sequence[str], id_of: Callable[[str], str]) -> set[str]:
        if not uuids:
            return set()
        missing = set(self.exported.missing(SYSTEM, [id_of(uuid) for uuid in uuids]))
        return {uuid for uuid in uuids if id_of(uuid) not in missing}
