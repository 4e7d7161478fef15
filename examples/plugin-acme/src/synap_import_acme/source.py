"""Acme: the memories of one person after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    Scope,
    ScopeCount,
    ScopeKind,
    Severity,
    Source,
    SourceCheck,
    SourceError,
    State,
    Unreadable,
)

from .config import AcmeConfig


class Account(BaseModel):
    id: str
    name: str


class Person(BaseModel):
    id: str
    name: str
    memories: int


class Memory(BaseModel):
    id: str
    text: str
    learned_at: AwareDatetime
    old: bool = False


class Listing(BaseModel):
    memories: list[dict[str, Any]]
    next: str | None


class AcmeSource(Source[AcmeConfig]):
    name: ClassVar[str] = "acme"
    Config: ClassVar[type[BaseModel]] = AcmeConfig

    async def check(self) -> SourceCheck:
        key = self.config.api_key.get_secret_value()
        self._http = self.context.http_client(
            base_url=str(self.config.base_url), headers={"Authorization": f"Bearer {key}"}
        )
        account = Account.model_validate(await self._get("/me"))
        self._people = TypeAdapter(list[Person]).validate_python(await self._get("/people"))
        total = sum(person.memories for person in self._people)
        return SourceCheck(account.id, f"Acme, account {account.name}", expected=total)

    async def _get(self, path: str, **parameters: str | None) -> Any:
        given = {name: value for name, value in parameters.items() if value}
        return (await self._http.get(path, params=given)).raise_for_status().json()

    async def partitions(self) -> AsyncIterator[Partition]:
        for person in self._people:
            yield Partition(person.id, f"memories of {person.name}", expected=person.memories)

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        path, seen = f"/people/{quote(partition.id, safe='')}/memories", {cursor}
        while True:
            listing = Listing.model_validate(await self._get(path, after=cursor))
            yield page(partition.id, listing)
            cursor = listing.next
            if cursor is None:
                return
            if cursor in seen:
                raise SourceError(f"Acme gives the same {partition.title} again and again.")
            seen.add(cursor)

    async def scopes(self) -> Sequence[ScopeCount]:
        return [ScopeCount(ScopeKind.USER, one.id, one.memories, one.name) for one in self._people]

    async def reconcile(self) -> Sequence[Finding]:
        came = Counter({scope.user: count for scope, count in self.context.exported.scopes()})
        return [
            Finding(
                Severity.ERROR,
                "acme-fewer-than-counted",
                f"Acme counts {one.memories} memories of {one.name}, {came[one.id]} came out.",
                remedy="Unreadable ones are listed; ask Acme about any others.",
            )
            for one in self._people
            if came[one.id] < one.memories
        ]


def page(person: str, listing: Listing) -> Page:
    records, unreadable = [], []
    for item in listing.memories:
        try:
            records.append(record(person, item))
        except ValidationError as error:
            told = error.errors(include_input=False, include_url=False)[0]
            where = f"memory {item.get('id')} of {person}"
            unreadable.append(Unreadable(where, f"{told['loc'][0]}: {told['msg']}", str(item)))
    return Page(records, listing.next, unreadable)


def record(person: str, item: dict[str, Any]) -> MemoryRecord:
    memory = Memory.model_validate(item)
    return MemoryRecord(
        system="acme",
        id=memory.id,
        text=memory.text,
        scope=Scope(user=person),
        created_at=memory.learned_at,
        state=State.SUPERSEDED if memory.old else State.ACTIVE,
        raw=item,
    )
