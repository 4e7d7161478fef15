"""The pages of each partition."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from synap_import import Exported, MemoryRecord, Page, Unreadable
from synap_import_letta.blocks import block_record
from synap_import_letta.documents import folder_file_record, memory_file_record
from synap_import_letta.entities import agent_record, identity_record
from synap_import_letta.holds import BACKGROUND_COPY
from synap_import_letta.making import SYSTEM, Converted, converted, unreadable
from synap_import_letta.messages import Thread
from synap_import_letta.passages import passage_record
from synap_import_letta.people import text

from . import slices
from .api import COMMITS, LettaApi
from .archives import passages_by_time
from .conversation import pages_backward, pages_forward
from .memory_files import commits_of, memory_paths
from .refusals import NotThereError, is_cloud
from .walking import Cursor, Fetch, FetchInProject, in_project, walk

if TYPE_CHECKING:
    from .catalog import Catalog
    from .owning import Owning
    from .slices import Slice

Pages = AsyncGenerator[Page, None]
_AT_ONCE = 20


class Reading:
    """Reads what a slice names."""

    def __init__(
        self, api: LettaApi, catalog: Catalog, owning: Owning, exported: Callable[[], Exported]
    ) -> None:
        self._api = api
        self._catalog = catalog
        self._people = catalog.people
        self._owning = owning
        self._exported = exported

    def pages(self, which: Slice, cursor: str | None) -> Pages:
        """The pages of a slice from a cursor on."""
        readers: Mapping[str, Callable[[Slice, str | None], Pages]] = {
            slices.AGENTS: self._agents,
            slices.IDENTITIES: self._identities,
            slices.BLOCKS: self._blocks,
            slices.TEMPLATES: self._templates,
            slices.ATTACHED: self._attached_blocks,
            slices.PASSAGES: self._passages,
            slices.ARCHIVE: self._archive,
            slices.MESSAGES: self._messages,
            slices.MEMORY: self._memory_files,
            slices.FOLDER: self._files,
        }
        return _to_the_end(readers[which.kind](which, cursor), which)

    async def _agents(self, _: Slice, cursor: str | None) -> Pages:
        def make(item: Mapping[str, Any]) -> MemoryRecord:
            return agent_record(item, self._people.scope_of(item["id"]))

        async for page in self._of_projects(self._api.agents, cursor, _plain(make), "agents"):
            yield page

    async def _identities(self, _: Slice, cursor: str | None) -> Pages:
        listed, make = self._api.identities, _plain(identity_record)
        try:
            async for page in self._of_projects(listed, cursor, make, "identities"):
                yield page
        except NotThereError:
            yield Page((), None)

    async def _blocks(self, _: Slice, cursor: str | None) -> Pages:
        blocks = self._of_projects(self._api.blocks, cursor, self._block_records, "blocks")
        async for page in blocks:
            yield page

    async def _templates(self, _: Slice, cursor: str | None) -> Pages:
        listed, where = self._api.template_blocks, "templates"
        async for page in self._of_projects(listed, cursor, self._block_records, where):
            yield page

    async def _attached_blocks(self, _: Slice, _cursor: str | None) -> Pages:
        """Blocks that agents and conversations have and that the lists did not show."""
        known = sorted(self._catalog.agents_of_block)
        missing = self._exported().missing(SYSTEM, known)
        for first in range(0, len(missing), _AT_ONCE):
            items = [await self._block(one) for one in missing[first : first + _AT_ONCE]]
            done = await self._block_records([one for one in items if one is not None], "blocks")
            yield Page(done.records, str(first), done.unreadable)
        yield Page((), None)

    async def _block(self, block_id: str) -> Any:
        try:
            return await self._api.block(block_id)
        except NotThereError:
            return None

    async def _passages(self, which: Slice, cursor: str | None) -> Pages:
        agent = which.thing
        archives = await self._owning.archives()

        def make(item: Mapping[str, Any]) -> MemoryRecord:
            archive = archives.get(text(item.get("archive_id")))
            return passage_record(
                item,
                self._owning.scope_of_passage(item, agent, archives),
                archive=archive.name if archive else "",
                agents=archive.agents if archive else (),
            )

        async def fetch(after: str | None) -> list[Any]:
            return await self._api.passages(agent, after)

        where = f"passages of {agent}"
        async for page in _list_pages(
            fetch, Cursor.of(cursor), _plain(make), where, last=which.last, doubt=True
        ):
            yield page

    async def _archive(self, which: Slice, cursor: str | None) -> Pages:
        archive = (await self._owning.archives())[which.thing]
        scope = self._owning.scope_of_archive(archive)

        def make(item: Mapping[str, Any]) -> MemoryRecord:
            return passage_record(item, scope, archive=archive.name)

        async with aclosing(passages_by_time(self._api, archive.id, cursor)) as found:
            async for step in found:
                done = converted(step.items, make, f"archive {archive.id} {step.since}")
                holes = [step.hole] if step.hole is not None else []
                yield Page(done.records, step.since, [*done.unreadable, *holes])
        yield Page((), None)

    async def _messages(self, which: Slice, cursor: str | None) -> Pages:
        agent, part, start = which.thing, which.part, Cursor.of(cursor)
        thread = self._thread(agent, part)
        if not self._catalog.version.orders_messages:
            pages = pages_backward(self._api, agent, thread, start)
        else:
            conversation = part if part not in ("", slices.REST) else None
            pages = pages_forward(self._api, agent, conversation, thread, start)
        async with aclosing(pages):
            async for page in pages:
                yield self._only_missing(page) if part == slices.REST else page
        yield Page((), None)

    def _thread(self, agent: str, part: str) -> Thread:
        conversations = self._catalog.conversations.get(agent, ())
        one = next((one for one in conversations if one.id == part), None)
        owner = self._people.scope_of(agent)
        return Thread(
            scope=owner.model_copy(update={"agent": agent, "session": one.id if one else agent}),
            sender=self._people.sender,
            hold=BACKGROUND_COPY if self._people.is_copy(agent) else None,
            metadata={"conversation": one.title} if one and one.title else {},
        )

    def _only_missing(self, page: Page) -> Page:
        missing = set(self._exported().missing(SYSTEM, [one.id for one in page.records]))
        return Page([one for one in page.records if one.id in missing], page.cursor)

    async def _files(self, which: Slice, cursor: str | None) -> Pages:
        folder = which.thing
        scope, agents = self._owning.scope_of_folder(folder)

        def make(item: Mapping[str, Any]) -> MemoryRecord:
            return folder_file_record(item, scope, folder=folder, agents=agents)

        async def fetch(after: str | None) -> list[Any]:
            return await self._api.files(folder, after)

        async for page in _list_pages(fetch, Cursor.of(cursor), _plain(make), f"files of {folder}"):
            yield page

    async def _memory_files(self, which: Slice, cursor: str | None) -> Pages:
        agent = which.thing
        paths = [
            path for path in await memory_paths(self._api, agent) if not cursor or path > cursor
        ]
        for first in range(0, len(paths), _AT_ONCE):
            several = paths[first : first + _AT_ONCE]
            done = Converted([], [])
            for path in several:
                await self._take_memory_file(agent, path, done)
            yield Page(done.records, several[-1], done.unreadable)
        yield Page((), None)

    async def _take_memory_file(self, agent: str, path: str, done: Converted) -> None:
        try:
            content = await self._api.memory_file(agent, path)
        except NotThereError as error:
            done.unreadable.append(Unreadable(f"{agent}/{path}", f"it is gone: {error.what}"))
            return
        commits = await commits_of(self._api, agent, path)
        try:
            record = memory_file_record(
                agent,
                path,
                content,
                commits,
                self._people.scope_of(agent),
                whole_history=len(commits) < COMMITS,
            )
        except ValueError as error:
            done.unreadable.append(unreadable(content, f"{agent}/{path}", error))
        else:
            done.records.append(record)

    async def _block_records(self, items: Sequence[Any], where: str) -> Converted:
        scopes = {
            one["id"]: await self._owning.scope_of_block(one)
            for one in items
            if isinstance(one, dict) and isinstance(one.get("id"), str)
        }

        def make(item: Mapping[str, Any]) -> MemoryRecord:
            agents = self._owning.agents_of_block(item["id"])
            return block_record(item, scopes[item["id"]], agents=agents, in_files=self._in_files)

        return converted(items, make, where)

    @property
    def _in_files(self) -> bool:
        return is_cloud(self._api.address)

    async def _of_projects(
        self,
        fetch: FetchInProject,
        cursor: str | None,
        convert: Callable[[Sequence[Any], str], Awaitable[Converted]],
        where: str,
    ) -> Pages:
        """One list per project, one after the other; the cursor says which."""
        projects = self._catalog.projects
        begun, _, inside = (cursor or "0").partition(":")
        for number in range(int(begun), len(projects)):
            start = Cursor.of(inside) if number == int(begun) else Cursor()
            async with aclosing(walk(in_project(fetch, projects[number]), start)) as steps:
                async for step in steps:
                    done = await convert(step.items, f"{where} to {step.cursor.after}")
                    yield Page(done.records, f"{number}:{step.cursor.text()}", done.unreadable)
        yield Page((), None)


async def _to_the_end(pages: Pages, which: Slice) -> Pages:
    """The pages; of what is deleted while it is read, those that came, and a word about it."""
    try:
        async with aclosing(pages):
            async for page in pages:
                yield page
    except NotThereError as error:
        gone = Unreadable(which.id(), f"deleted in Letta while it was read ({error.what})")
        yield Page((), None, [gone])


def _plain(
    make: Callable[[Mapping[str, Any]], MemoryRecord],
) -> Callable[[Sequence[Any], str], Awaitable[Converted]]:
    async def convert(items: Sequence[Any], where: str) -> Converted:
        return converted(items, make, where)

    return convert


async def _list_pages(
    fetch: Fetch,
    start: Cursor,
    convert: Callable[[Sequence[Any], str], Awaitable[Converted]],
    where: str,
    *,
    last: str | None = None,
    doubt: bool = False,
) -> Pages:
    """The pages of one list; the last one says that there is no more."""
    async with aclosing(walk(fetch, start, last=last, doubt=doubt)) as steps:
        async for step in steps:
            done = await convert(step.items, f"{where} to {step.cursor.after}")
            yield Page(done.records, step.cursor.text(), done.unreadable)
    yield Page((), None)
