"""Agent files as a source: what they hold, and said plainly, what they do not."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import anyio.lowlevel

from synap_import import (
    Finding,
    HoldReason,
    MemoryRecord,
    Page,
    Partition,
    Scope,
    ScopeCount,
    ScopeKind,
    Severity,
    Source,
    SourceCheck,
    SourceContext,
)
from synap_import_letta.blocks import block_record
from synap_import_letta.config import LettaConfig
from synap_import_letta.documents import folder_file_record
from synap_import_letta.entities import agent_record
from synap_import_letta.findings import doubts_about
from synap_import_letta.holds import BACKGROUND_COPY, HOLDS
from synap_import_letta.making import Converted, converted
from synap_import_letta.messages import Place, Thread, message_records
from synap_import_letta.passages import passage_record
from synap_import_letta.people import Agent, People, note_of, owner_of_detached, text, texts

from .agent_file import AgentFile, read_agent_file
from .stored import items_of

if TYPE_CHECKING:
    from pydantic import BaseModel

_TOGETHER = 200


class AgentFiles(Source[LettaConfig]):
    """Reads files whole: they hold what was in an agent's context, so they are small."""

    name: ClassVar[str] = "letta"
    Config: ClassVar[type[BaseModel]] = LettaConfig
    holds: ClassVar[Mapping[str, HoldReason]] = HOLDS

    def __init__(self, config: LettaConfig, context: SourceContext) -> None:
        super().__init__(config, context)
        self._files: dict[str, AgentFile] = {}

    async def check(self) -> SourceCheck:
        """What the files are. Raises SourceError for one that is no agent file."""
        for name in self.config.files:
            file = read_agent_file(Path(name))
            self._files.setdefault(file.digest, file)
            await anyio.lowlevel.checkpoint()
        agents = [agent for file in self._files.values() for agent in file.people()]
        chosen = self.config.chosen_users()
        self._people = People(agents, (), chosen)
        self._sharing = _sharing(agents)
        forms = ", ".join(f"{file.path.name} ({file.form})" for file in self._files.values())
        return SourceCheck(
            account=hashlib.sha256("\n".join(sorted(self._files)).encode()).hexdigest()[:16],
            title=f"Letta, {forms}",
            findings=(*self._losses(), *doubts_about(self._people, chosen)),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """One for each file; read anew when its agents are somebody else's."""
        chosen = " ".join(sorted(self.config.agent_user))
        for digest, file in sorted(self._files.items()):
            yield Partition(digest, file.path.name, chosen)

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Agents, blocks, files, messages; the cursor counts pages."""
        done = int(cursor or 0)
        for number, page in enumerate(self._converted(self._files[partition.id]), start=1):
            await anyio.lowlevel.checkpoint()
            if number > done:
                yield Page(page.records, str(number), page.unreadable)
        yield Page((), None)

    async def scopes(self) -> Sequence[ScopeCount] | None:
        """Whom agents and detached blocks name."""
        owners: dict[tuple[ScopeKind, str], list[Agent]] = {}
        for agent in self._people.agents.values():
            key = self._people.scope_of(agent.id).owner()
            if key is not None:
                owners.setdefault(key, []).append(agent)
        told = [
            ScopeCount(kind, own, None, note_of([(a, self._people.owner(a.id)) for a in agents]))
            for (kind, own), agents in owners.items()
        ]
        return None if any(file.passages for file in self._files.values()) else told

    async def reconcile(self) -> Sequence[Finding]:
        """Nothing to compare with, so the summary says again what cannot have come out."""
        return tuple(one for one in self._losses() if one.severity is Severity.WARNING)

    def _converted(self, file: AgentFile) -> Iterator[Converted]:
        where = file.digest
        for name, items, make in (
            ("agents", file.agents, self._agent),
            ("blocks", file.blocks, self._block),
            ("files", file.files if self.config.with_files else [], self._file),
            ("passages", file.passages, _passage),
        ):
            for number, several in enumerate(_batches(items)):
                yield converted(several, make, f"{where} {name} {number}")
        for agent in file.agents:
            yield from self._messages(agent)

    def _agent(self, item: Mapping[str, Any]) -> MemoryRecord:
        return agent_record(item, self._people.scope_of(item["id"]))

    def _block(self, item: Mapping[str, Any]) -> MemoryRecord:
        agents = self._sharing.get(item["id"], ())
        if agents:
            return block_record(
                item, self._people.scope_of_shared(item["id"], agents), agents=agents
            )
        owner = owner_of_detached(texts(item.get("tags")), item.get("metadata"))
        scope = Scope(user=owner.user) if owner.user else Scope(group=item["id"])
        return block_record(item, scope)

    def _file(self, item: Mapping[str, Any]) -> MemoryRecord:
        folder = text(item.get("source_id"))
        having = [a.id for a in self._people.agents.values() if folder in a.folders]
        scope = self._people.scope_of_shared(folder, having) if having else Scope(group=folder)
        return folder_file_record(item, scope, folder=folder, agents=having)

    def _messages(self, agent: Mapping[str, Any]) -> Iterator[Converted]:
        own = agent["id"]
        thread = Thread(
            scope=self._people.scope_of(own).model_copy(update={"agent": own, "session": own}),
            hold=BACKGROUND_COPY if self._people.is_copy(own) else None,
        )
        place = Place()
        for several in _batches(agent.get("messages") or ()):
            items = [
                item
                for message in several
                for item in items_of(message, text(agent.get("agent_type")))
            ]
            page, place = message_records(items, thread, place, f"messages of {own}")
            yield page

    def _losses(self) -> Iterator[Finding]:
        """An agent file is no export of an agent, and nobody would see it from the counts."""
        agent_files = [file.path.name for file in self._files.values() if file.agents]
        if agent_files:
            yield Finding(
                Severity.WARNING,
                "letta-agent-file-is-lossy",
                "Agent files are not a full export: they hold no archival passages, no identities, "
                "and only the messages that were in the agent's context.",
                remedy="Where the server or the Cloud account still exists, read that instead "
                "(LETTA_BASE_URL or LETTA_API_KEY).",
                count=len(agent_files),
                examples=tuple(agent_files[:5]),
            )
        files = sum(len(file.files) for file in self._files.values())
        if files and not self.config.with_files:
            yield Finding(
                Severity.INFO,
                "letta-folders-not-read",
                f"{files} file{'' if files == 1 else 's'} of folders in the agent files: not read.",
                remedy="--with-files brings them too, one document each.",
                count=files,
            )


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(items), _TOGETHER):
        yield items[first : first + _TOGETHER]


def _sharing(agents: Sequence[Agent]) -> dict[str, tuple[str, ...]]:
    having: dict[str, tuple[str, ...]] = {}
    for agent in agents:
        for block in agent.blocks:
            having[block] = (*having.get(block, ()), agent.id)
    return having


def _passage(item: Mapping[str, Any]) -> MemoryRecord:
    """A passage of a list that a script wrote: it knows its archive, older ones their agent."""
    agent, archive = text(item.get("agent_id")), text(item.get("archive_id"))
    scope = Scope(agent=agent) if agent else Scope(group=archive or None)
    return passage_record(item, scope)
