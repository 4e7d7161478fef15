"""What SuperMemory answers. v3/v4 and v5 say the same things in other places: one model for both.

Here is what decides about a record; only its id and its text are required. The rest of an item is
kept as it comes, whatever it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic.alias_generators import to_camel

from synap_import.mapping import time_reader

LONG_AGO = datetime.min.replace(tzinfo=UTC)
read_time = time_reader()
_ITEMS = TypeAdapter(list[Any])


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _from_v5(cls, fields: Any) -> Any:
        return as_v4(fields) if isinstance(fields, dict) else fields


class Memory(_Model):
    """A memory entry, or an earlier version of one, which has fewer fields, as all have in v5."""

    id: str
    memory: str
    version: int | None = None
    is_latest: bool = True
    is_forgotten: bool = False
    is_static: bool | None = None
    is_inference: bool | None = None
    created_at: Any = None
    updated_at: Any = None
    forget_after: Any = None
    parent_memory_id: str | None = None
    memory_relations: dict[str, Any] | None = None
    document_ids: list[str] | None = None
    history: list[Any] | None = None
    temporal_context: Any = None
    metadata: Any = None


class Document(_Model):
    """A document. In v5 ``id`` may be the one that its author gave, and there are no tags."""

    id: str
    content: str | None = None
    status: Any = None
    container_tags: list[str] | None = None
    created_at: Any = None
    updated_at: Any = None
    metadata: Any = None


class Tag(_Model):
    """A container tag, which v5 calls a namespace. ``memory_count`` leaves out forgotten ones."""

    tag: str = Field(validation_alias=AliasChoices("containerTag", "namespace"))
    name: str | None = None
    memory_count: int = 0
    document_count: int = 0
    merge_status: str | None = None

    @property
    def count(self) -> int:
        """Both kinds."""
        return self.memory_count + self.document_count


class Session(_Model):
    """Whose the key is, and how much it opens."""

    org: dict[str, Any] = Field(default_factory=dict)
    access_type: str | None = None
    scope: dict[str, Any] | None = None
    container_tags: list[Tag] | None = None

    @property
    def is_restricted(self) -> bool:
        """Whether there may be tags that the key does not show."""
        return self.access_type == "restricted" or as_dict(self.scope).get("type") == "scoped"


class Row(NamedTuple):
    """An item of a list as it came, and where in the list's order it stands."""

    id: str
    created: datetime
    updated: str
    item: Any

    @classmethod
    def of(cls, item: Any) -> Row:
        """Of whatever the list holds."""
        fields = as_v4(as_dict(item))
        own_id = fields.get("id")
        if not isinstance(own_id, str) or not own_id:
            own_id = "#" + sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:16]
        created = read_time(fields.get("createdAt")).time or LONG_AGO
        return cls(own_id, created, str(fields.get("updatedAt")), item)


class Pagination(_Model):
    """Where a page stands in its list. ``limit`` is what the server takes a page to be."""

    total_items: int
    total_pages: int
    limit: int | None = Field(default=None, ge=0)


class Listing(NamedTuple):
    """One page: ``size`` items, or fewer at the end; the answer had so many ``bytes``."""

    rows: Sequence[Row]
    total: int
    pages: int
    size: int
    bytes: int
    content_left_out: bool = False

    @classmethod
    def of(cls, content: Any, key: str, asked: int, length: int) -> Listing:
        """The page in an answer. Raises pydantic's ValidationError when there is none."""
        items = _ITEMS.validate_python(as_dict(content).get(key))
        told = Pagination.model_validate(content.get("pagination"))
        size = min(told.limit or asked, asked)
        return cls([*map(Row.of, items)], told.total_items, told.total_pages, size, length)


class Namespaces(_Model):
    """A page of the tags, in v5."""

    namespaces: list[Tag]
    pagination: Pagination


class _Problem(BaseModel):
    path: list[str | int] = []
    message: str

    def __str__(self) -> str:
        place = ".".join(map(str, self.path))
        return f"{place}: {self.message}" if place else self.message


class Complaint(BaseModel):
    """The body of a refusal: ``error`` is a text or a list, and may be missing."""

    error: str | list[_Problem] = ""
    message: str = ""
    details: Any = None

    def __str__(self) -> str:
        said = self.error or self.message
        words = said if isinstance(said, str) else "; ".join(map(str, said))
        return f"{words} ({self.details})" if self.details else words


def as_dict(value: Any) -> dict[str, Any]:
    """An object of the answer; an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def as_v4(fields: dict[str, Any]) -> dict[str, Any]:
    """v5 keeps times and states in an object ``system``."""
    return {**fields, **as_dict(fields.get("system"))}
