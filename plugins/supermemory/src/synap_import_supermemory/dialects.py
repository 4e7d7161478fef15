"""The two APIs of SuperMemory, asked for the same things. Nothing else knows them apart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, NamedTuple
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from .models import Listing, Tag
from .server import Answer, NotThereError, Server, not_supermemory

SliceKind = Literal["memories", "documents"]
KINDS: tuple[SliceKind, ...] = ("memories", "documents")

_OLDEST_FIRST = {"sort": "createdAt", "order": "asc"}
_JUST_CHANGED = {"sort": "updatedAt", "order": "desc"}
_NAMESPACES = 100
_MOST_PASSES = 4
_TAGS = TypeAdapter(list[Tag])


class Slice(NamedTuple):
    """What one list shows. Without a tag: the documents of the whole organization."""

    kind: SliceKind
    tag: str | None

    @classmethod
    def of(cls, text: str) -> Slice:
        """Read what ``str`` made."""
        kind, colon, tag = text.partition(":")
        return cls("memories" if kind == "memories" else "documents", tag if colon else None)

    def __str__(self) -> str:
        return self.kind if self.tag is None else f"{self.kind}:{self.tag}"


class Dialect(ABC):
    """How one generation of the API is asked."""

    name: ClassVar[str]
    lists_all_documents: ClassVar[bool]

    def __init__(self, server: Server) -> None:
        self._server = server

    @abstractmethod
    async def tags(self) -> list[Tag]:
        """Every tag that the key shows. Raises RefusedError where it may not list them."""

    async def page(self, of: Slice, page: int, size: int, *, content: bool = False) -> Listing:
        """A page, the oldest items first. ``content`` brings the texts of documents along."""
        order = {"page": page, "limit": size, **_OLDEST_FIRST}
        return await self._list(of, order, size, content=content)

    async def latest(self, of: Slice) -> Listing:
        """Only the item that was changed last."""
        return await self._list(of, {"page": 1, "limit": 1, **_JUST_CHANGED}, 1, content=False)

    async def document(self, own_id: str) -> Any:
        """A document whose tag is not known; None when there is none."""
        return None

    @abstractmethod
    async def _list(
        self, of: Slice, order: dict[str, Any], size: int, *, content: bool
    ) -> Listing: ...


class V4(Dialect):
    """v3 for documents and tags, v4 for memories: also what a local server speaks."""

    name = "v4"
    lists_all_documents = True

    async def tags(self) -> list[Tag]:
        """One list, not in pages."""
        path = "/v3/container-tags/list"
        return _tags(path, (await self._server.get(path)).content)

    async def document(self, own_id: str) -> Any:
        """With its text and its tags."""
        try:
            return (await self._server.get(f"/v3/documents/{segment(own_id)}")).content
        except NotThereError:
            return None

    async def _list(self, of: Slice, order: dict[str, Any], size: int, *, content: bool) -> Listing:
        body = order if of.tag is None else {**order, "containerTags": [of.tag]}
        if of.kind == "memories":
            answer = await self._server.page("/v4/memories/list", body, size)
            return _listing("/v4/memories/list", answer, "memoryEntries", size)
        body = {**body, "includeContent": content}
        answer = await self._server.page("/v3/documents/list", body, size)
        # They are documents, in spite of the name.
        return _listing("/v3/documents/list", answer, "memories", size)


class V5(Dialect):
    """Tags are namespaces, in the path. It shows no lineage, no expiry and no sources."""

    name = "v5"
    lists_all_documents = False

    async def tags(self) -> list[Tag]:
        """All pages, until they bring nothing new: the newest come first, so others move."""
        found: dict[str, Tag] = {}
        for _ in range(_MOST_PASSES):
            before, page, pages = set(found), 1, 1
            while page <= pages:
                answer = await self._server.get("/ns", page=page, limit=_NAMESPACES)
                listing = _listing("/ns", answer, "namespaces", _NAMESPACES)
                items = _tags("/ns", [row.item for row in listing.rows])
                found |= {item.tag: item for item in items}
                page, pages = page + 1, listing.pages
            if pages <= 1 or before == set(found):
                break
        return list(found.values())

    async def _list(self, of: Slice, order: dict[str, Any], size: int, *, content: bool) -> Listing:
        path = f"/ns/{segment(of.tag or '')}/list/{of.kind}"
        include = {"forgotten": True} if of.kind == "memories" else {"content": content}
        answer = await self._server.page(path, {"include": include}, size, **order)
        return _listing(path, answer, of.kind, size)


def segment(name: str) -> str:
    """A name as one segment of a path, whatever is in it: also ``..`` stays a name."""
    return quote(name, safe="").replace(".", "%2E")


def _listing(path: str, answer: Answer, key: str, size: int) -> Listing:
    try:
        return Listing.of(answer.content, key, size, answer.bytes)
    except ValueError:
        raise not_supermemory(path, "nothing that SuperMemory says") from None


def _tags(path: str, content: Any) -> list[Tag]:
    try:
        return _TAGS.validate_python(content)
    except ValidationError:
        raise not_supermemory(path, "nothing that SuperMemory says") from None
