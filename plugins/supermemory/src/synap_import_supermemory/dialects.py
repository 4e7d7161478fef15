"""The two APIs of SuperMemory, asked for the same things. Nothing else knows them apart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple
from urllib.parse import quote

from pydantic import TypeAdapter

from .models import Listing, Namespaces, Tag
from .server import NotThereError, Server

SliceKind = Literal["memories", "documents"]
KINDS: tuple[SliceKind, ...] = ("memories", "documents")

Order = Mapping[str, str]
OLDEST_FIRST: Order = {"sort": "createdAt", "order": "asc"}
JUST_CHANGED: Order = {"sort": "updatedAt", "order": "desc"}
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

    @property
    def title(self) -> str:
        """For people."""
        return f"The {self.kind} of {'the organization' if self.tag is None else self.tag}"

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

    @abstractmethod
    async def page(self, of: Slice, page: int, size: int, content: bool, order: Order) -> Listing:
        """One page. ``content`` brings the texts of documents along."""

    async def latest(self, of: Slice) -> Listing:
        """Only the item that was changed last."""
        return await self.page(of, 1, 1, False, JUST_CHANGED)

    async def document(self, own_id: str) -> Any:
        """A document whose tag is not known; None when there is none."""
        return None


class V4(Dialect):
    """v3 for documents and tags, v4 for memories: also what a local server speaks."""

    name = "v4"
    lists_all_documents = True

    async def tags(self) -> list[Tag]:
        """One list, not in pages."""
        return _TAGS.validate_python(await self._server.get("/v3/container-tags/list"))

    async def document(self, own_id: str) -> Any:
        """With its text and its tags."""
        try:
            return await self._server.get(f"/v3/documents/{segment(own_id)}")
        except NotThereError:
            return None

    async def page(self, of: Slice, page: int, size: int, content: bool, order: Order) -> Listing:
        """All is said in the body."""
        body: dict[str, Any] = {"page": page, "limit": size, **order}
        if of.tag is not None:
            body["containerTags"] = [of.tag]
        if of.kind == "memories":
            return await self._server.listing("/v4/memories/list", "memoryEntries", body, size)
        body["includeContent"] = content
        # They are documents, in spite of the name.
        return await self._server.listing("/v3/documents/list", "memories", body, size)


class V5(Dialect):
    """Tags are namespaces, in the path. It shows no lineage, no expiry and no sources."""

    name = "v5"
    lists_all_documents = False

    async def tags(self) -> list[Tag]:
        """All pages, until they bring nothing new: the newest come first, so others move."""
        found: dict[str, Tag] = {}
        for _ in range(_MOST_PASSES):
            known, page, pages = len(found), 1, 1
            while page <= pages:
                answer = await self._server.get("/ns", page=page, limit=100)
                got = Namespaces.model_validate(answer)
                found |= {tag.tag: tag for tag in got.namespaces}
                page, pages = page + 1, got.pagination.total_pages
            if pages <= 1 or known == len(found):
                break
        return list(found.values())

    async def page(self, of: Slice, page: int, size: int, content: bool, order: Order) -> Listing:
        """Which page is said in the query, what to include in the body."""
        path = f"/ns/{segment(of.tag or '')}/list/{of.kind}"
        include = {"forgotten": True} if of.kind == "memories" else {"content": content}
        asked = {"page": page, "limit": size, **order}
        return await self._server.listing(path, of.kind, {"include": include}, size, **asked)


DIALECTS: Mapping[str, type[Dialect]] = {"v4": V4, "v5": V5}


def segment(name: str) -> str:
    """A name as one segment of a path, whatever is in it: also ``..`` stays a name."""
    return quote(name, safe="").replace(".", "%2E")
