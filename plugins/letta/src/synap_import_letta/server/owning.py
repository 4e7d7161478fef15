"""Whose each block, passage and folder is, from who has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from synap_import import Scope, ScopeCount, ScopeKind
from synap_import_letta.blocks import block_record
from synap_import_letta.people import (
    Agent,
    Identity,
    Owner,
    Signal,
    note_of,
    owner_of_detached,
    text,
    texts,
)

from .catalog import Archive, Catalog, side_by_side, take_archives
from .refusals import NotThereError
from .walking import every, in_all

if TYPE_CHECKING:
    from .api import LettaApi

_Key = tuple[ScopeKind, str]


class Owning:
    """Answers whose something is; asks for archives and connected blocks once, when needed."""

    def __init__(self, api: LettaApi, catalog: Catalog) -> None:
        self._api = api
        self._catalog = catalog
        self._people = catalog.people
        self._archives: dict[str, Archive] | None = None
        self._identities_of_block: dict[str, list[Identity]] | None = None

    async def archives(self) -> Mapping[str, Archive]:
        """All archives, with the agents that have them."""
        if self._archives is None:
            self._archives = await take_archives(
                self._api, self._catalog.agents, self._catalog.projects
            )
        return self._archives

    def agents_of_block(self, block_id: str) -> tuple[str, ...]:
        """The agents that have a block, also in a conversation of its own."""
        return self._catalog.agents_of_block.get(block_id, ())

    async def scope_of_block(self, item: Mapping[str, Any]) -> Scope:
        """Whose a block is: its agent's user, or whom a detached one names."""
        agents = self.agents_of_block(item["id"])
        if agents:
            return self._people.scope_of_shared(item["id"], agents)
        owner = await self._owner_of_detached(item)
        return Scope(user=owner.user) if owner.user else Scope(group=item["id"])

    def scope_of_archive(self, archive: Archive) -> Scope:
        """Whose an archive's passages are."""
        if not archive.agents:
            return Scope(group=archive.id)
        return self._people.scope_of_shared(archive.id, archive.agents)

    def scope_of_passage(
        self, item: Mapping[str, Any], agent: str, archives: Mapping[str, Archive]
    ) -> Scope:
        """Whose a passage is that an agent shows."""
        archive = archives.get(text(item.get("archive_id")))
        if archive is None or not archive.agents:
            return self._people.scope_of(agent)
        return self.scope_of_archive(archive)

    def scope_of_folder(self, folder: str) -> tuple[Scope, tuple[str, ...]]:
        """Whose a folder's files are, and the agents that have it."""
        agents = tuple(sorted(a.id for a in self._catalog.agents.values() if folder in a.folders))
        if not agents:
            return Scope(group=folder), ()
        return self._people.scope_of_shared(folder, agents), agents

    async def counts(self) -> list[ScopeCount]:
        """Everybody whom the user map should decide about, and why they are taken for it."""
        notes: dict[_Key, str] = {}
        self._note_identities(notes)
        self._note_agents(notes)
        async for item, _ in in_all(self._api.blocks, self._catalog.projects):
            await self._note_block(item, notes)
        for archive in (await self.archives()).values():
            self._note_archive(archive, notes)
        return [ScopeCount(kind, own, None, note) for (kind, own), note in notes.items()]

    def _note_agents(self, notes: dict[_Key, str]) -> None:
        owners: dict[_Key, list[tuple[Agent, Owner]]] = defaultdict(list)
        for agent in self._catalog.agents.values():
            key = self._people.scope_of(agent.id).owner()
            if key is not None:
                owners[key].append((agent, self._people.owner(agent.id)))
        notes.update({key: note_of(several) for key, several in owners.items()})

    def _note_identities(self, notes: dict[_Key, str]) -> None:
        for one in self._people.identities.values():
            if one.is_user and one.key:
                shown = f"{Signal.IDENTITY}: {one.name}, of no agent; senders of messages"
                notes.setdefault((ScopeKind.USER, one.key), shown)

    async def _note_block(self, item: Mapping[str, Any], notes: dict[_Key, str]) -> None:
        if not text(item.get("value")).strip():
            return
        scope = await self.scope_of_block(item)
        record = block_record(item, scope)
        owner = scope.owner()
        if record.hold is not None or owner is None or owner in notes:
            return
        label, agents = text(item.get("label")), self.agents_of_block(item["id"])
        if agents:
            notes[owner] = f"block {label}, shared by {len(agents)} agents of different users"
        elif scope.user is None:
            notes[owner] = f"block {label} of no agent: {Signal.NONE}"
        else:
            found = await self._owner_of_detached(item)
            notes[owner] = f"{found.signal}: block {label} of no agent"

    def _note_archive(self, archive: Archive, notes: dict[_Key, str]) -> None:
        owner = self.scope_of_archive(archive).owner()
        if owner is None or owner in notes:
            return
        count = len(archive.agents)
        shared = f"shared by {count} agents of different users" if count else "of no agent"
        notes[owner] = f"archive {archive.name}, {shared}"

    async def _owner_of_detached(self, item: Mapping[str, Any]) -> Owner:
        connected = (await self._connected()).get(item["id"], ())
        return owner_of_detached(texts(item.get("tags")), item.get("metadata"), connected)

    async def _connected(self) -> Mapping[str, list[Identity]]:
        """The identities of blocks. Asked for per identity, so only once a block has no agent."""
        if self._identities_of_block is None:
            found: dict[str, list[Identity]] = defaultdict(list)

            async def ask(one: Identity) -> None:
                try:
                    async for item in every(
                        lambda after: self._api.blocks_of_identity(one.id, after)
                    ):
                        found[item["id"]].append(one)
                except NotThereError:
                    return

            people = sorted(one for one in self._people.identities.values() if one.is_user)
            await side_by_side(ask, people)
            self._identities_of_block = {block: sorted(ones) for block, ones in found.items()}
        return self._identities_of_block
