"""The pages of a thread and of a graph."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from synap_import import MemoryRecord, Page, Unreadable
from synap_import.mapping import Unmappable

from .address import UnaddressableError
from .answers import Listed, RefusedError
from .dialect import Dialect, Graph, Order, Part, Thread
from .items import word_of
from .walking import Place, Step, Walk

if TYPE_CHECKING:
    from .making import Make, Maker
    from .notes import Notes

_GONE = 404
# Every graph has these lists; where one is not found, the graph is not there.
_EVERYWHERE = {Part.EPISODES, Part.FACTS, Part.ENTITIES}
_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads with one dialect; what is noticed goes into the notes."""

    dialect: Dialect
    maker: Maker
    notes: Notes

    async def thread_pages(self, thread: Thread, cursor: str | None) -> AsyncGenerator[Page, None]:
        """The messages, each with its place."""

        async def fetch(behind: str | None, _: Order) -> Listed:
            return await self.dialect.messages(thread, behind)

        # New messages come at the end, so there is no second look.
        walk, place = Walk(fetch, catches_up=False), Place.of(cursor)
        where, make = f"thread {thread.id}", self.maker.of_thread(thread)
        try:
            async with aclosing(walk.steps(place)) as steps:
                async for step in steps:
                    yield self._page(where, step, make, step.behind)
                    place = step.behind or place
        except (RefusedError, UnaddressableError) as error:
            if not place.seen:
                self.maker.roster.miss(thread)
            yield self._gone(where) if _is_gone(error) else self._refused(where, error, None)

    async def graph_pages(self, graph: Graph, cursor: str | None) -> AsyncGenerator[Page, None]:
        """List by list, in the order of :class:`~.dialect.Part`."""
        place, parts = Place.of(cursor).begun(), self.dialect.parts(graph)
        for number in range(place.part, len(parts)):
            part, last = parts[number], number + 1 == len(parts)
            start = place if number == place.part else Place(number, began=place.began)
            behind = None if last else Place(number + 1, began=place.began)
            try:
                async with aclosing(self._part_pages(graph, part, start, behind)) as pages:
                    async for page in pages:
                        yield page
            except UnaddressableError as error:
                yield self._refused(graph.label, error, None)
                return
            except RefusedError as error:
                if _is_gone(error) and part in _EVERYWHERE:
                    yield self._gone(graph.label)
                    return
                yield self._without(graph, part, error, behind)

    async def _part_pages(
        self, graph: Graph, part: Part, start: Place, behind: Place | None
    ) -> AsyncGenerator[Page, None]:
        fetch = partial(self.dialect.part, graph, part)
        async with aclosing(Walk(fetch).steps(start)) as steps:
            async for step in steps:
                make = self.maker.of_page(graph, part, step)
                yield self._page(f"{graph.label}: {part}", step, make, step.behind or behind)

    def _page(self, where: str, step: Step, make: Make, behind: Place | None) -> Page:
        records: list[MemoryRecord] = []
        unreadable: list[Unreadable] = []
        for number, item in enumerate(step.items, step.first):
            try:
                records += make(item, number)
            except Unmappable as error:
                unreadable.append(_unreadable(f"{where}: {_named(item) or number}", error, item))
        if step.problem:
            unreadable.append(self._hole(where, step.problem))
        return Page(records, _cursor(behind), unreadable)

    def _without(self, graph: Graph, part: Part, error: RefusedError, behind: Place | None) -> Page:
        """For a list that Zep does not give; one that it does not know is no hole."""
        if not _is_gone(error):
            return self._refused(f"{graph.label}: {part}", error, behind)
        if part is not Part.USER_SUMMARY:
            self.notes.not_offered[part] += 1
        return Page((), _cursor(behind))

    def _refused(self, where: str, error: Exception, behind: Place | None) -> Page:
        reason = error.message if isinstance(error, RefusedError) else str(error)
        return Page((), _cursor(behind), [self._hole(where, reason)])

    def _gone(self, where: str) -> Page:
        self.notes.gone.append(where)
        return Page((), None)

    def _hole(self, where: str, reason: str) -> Unreadable:
        self.notes.holes.append(f"{where}: {reason}")
        return Unreadable(where, reason)


def _is_gone(error: Exception) -> bool:
    return isinstance(error, RefusedError) and error.status == _GONE


def _cursor(behind: Place | None) -> str | None:
    return str(behind) if behind else None


def _named(item: Any) -> str | None:
    return word_of(item, "uuid", "uuid_") if isinstance(item, Mapping) else None


def _unreadable(where: str, error: Unmappable, item: Any) -> Unreadable:
    return Unreadable(where, str(error), repr(item)[:_EXCERPT])
