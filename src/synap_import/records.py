"""The common record: one item of a source, complete, nothing interpreted away.

Adapters make :class:`MemoryRecord`; the ledger keeps it; planning turns it into what
Synap is given. Its JSON Schema is published as ``docs/record.schema.json``, and a file
with one record per line is the format of ``synap-import export``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter
from pydantic_core import to_json

RECORD_VERSION: Literal[1] = 1

NonEmptyStr = Annotated[str, Field(min_length=1)]
# No underscore: `legacy_{system}_{id}` must name one record, whatever the id looks like.
SystemName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9.-]*$")]


class Kind(StrEnum):
    """What sort of item a record is in its source."""

    FACT = "fact"
    MESSAGE = "message"
    DOCUMENT = "document"
    SUMMARY = "summary"
    BLOCK = "block"
    ENTITY = "entity"
    RELATION = "relation"


class State(StrEnum):
    """Whether the source still holds the item to be true and present."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    DELETED = "deleted"
    MERGED = "merged"


class ScopeKind(StrEnum):
    """Whose ids a source knows, in the order in which they decide about the user."""

    USER = "user"
    AGENT = "agent"
    SESSION = "session"
    APP = "app"
    GROUP = "group"


class _Model(BaseModel):
    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", ser_json_inf_nan="constants"
    )


class Scope(_Model):
    """Whose a record is in the source: its ids, verbatim."""

    user: NonEmptyStr | None = None
    agent: NonEmptyStr | None = None
    session: NonEmptyStr | None = None
    app: NonEmptyStr | None = None
    group: NonEmptyStr | None = None

    def __eq__(self, other: object) -> bool:
        # pydantic's own looks at more than a frozen model without private fields has, and is
        # called for each record that is written, to leave out what is default.
        return isinstance(other, Scope) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def owner(self) -> tuple[ScopeKind, str] | None:
        """The id that decides whose the record is: the first one it carries."""
        if self.user is not None:
            return ScopeKind.USER, self.user
        for kind in ScopeKind:
            value: str | None = getattr(self, kind)
            if value is not None:
                return kind, value
        return None


class Link(_Model):
    """A relation to another record of the same source."""

    relation: Literal["replaced_by", "derived_from", "updates", "extends"]
    id: NonEmptyStr


class MemoryRecord(_Model):
    """One memory, message, document, … of a source.

    ``system`` and ``id`` are the source's own; ids are unique within one account across
    kinds. Times are aware, and absent where the source has none. ``assumptions`` names
    what the adapter had to assume while reading (for example ``naive-time:created_at``);
    the host counts and reports them. ``hold`` says why the adapter would not load the record
    by default (it is kept and counted, not sent). ``raw`` is the source's object as it came.
    """

    record_version: Literal[1] = RECORD_VERSION
    system: SystemName
    id: NonEmptyStr
    kind: Kind = Kind.FACT
    text: str
    role: str | None = None
    name: str | None = None
    position: int | None = None
    scope: Scope = Scope()
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    state: State = State.ACTIVE
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] = Field(default_factory=dict)
    links: tuple[Link, ...] = ()
    assumptions: tuple[str, ...] = ()
    hold: NonEmptyStr | None = None
    raw: Any = None


# A place for every field, in their order; those without a default are always given.
_DEFAULTS = {
    name: None if one.is_required() else one.get_default()
    for name, one in MemoryRecord.model_fields.items()
}
# The models are frozen for everybody else.
_set = object.__setattr__


def assembled_record(checked: dict[str, Any]) -> MemoryRecord:
    """What ``MemoryRecord(**checked)`` gives, in a third of the time: nothing is looked at again.

    For values that are known to pass: of the exact types, ids valid Unicode and not empty, times
    aware. Containers become the record's own.
    """
    made = MemoryRecord.__new__(MemoryRecord)
    # What pydantic's `model_construct` does, whose care for aliases takes longer than validation.
    _set(made, "__dict__", {**_DEFAULTS, "metadata": {}, **checked})
    _set(made, "__pydantic_fields_set__", set(checked))
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


_RECORD = TypeAdapter(MemoryRecord)
_RECORDS = TypeAdapter(list[MemoryRecord])
_RAW = {"raw"}
# U+FFFD in UTF-8: what pydantic-core writes for a lone surrogate in a key.
_REPLACEMENT = b"\xef\xbf\xbd"
# The fast encoder writes integers that nothing here could read again.
_MOST_DIGITS = 4_300
_MOST_BITS = 14_280  # what 4,300 digits surely hold
_UNREADABLE_NUMBER = re.compile(rb"(?<![0-9])[0-9]{%d}" % (_MOST_DIGITS + 1))


def encode_record(record: MemoryRecord) -> tuple[bytes, bytes]:
    """A record as two JSON texts: its content, and its ``raw`` object.

    Lone surrogates, NaN and large integers survive: what the fast encoder refuses, or
    replaces silently, goes through the standard library, which escapes it. An integer of
    more digits than Python reads (4,300) is kept as a hexadecimal text.
    """
    return encode_content(record), _encode_raw(record.raw)


def encode_content(record: MemoryRecord) -> bytes:
    """The first of the two: what tells a record from other contents under its id."""
    try:
        content = _RECORD.dump_json(record, exclude=_RAW, exclude_defaults=True)
    except ValueError:
        return _escaped(_plain(record))
    if _REPLACEMENT in content or _has_unreadable_number(content):
        return _escaped(_plain(record))
    return content


def encode_contents(records: Sequence[MemoryRecord]) -> bytes | None:
    """The contents of many records as one JSON array, in half the time.

    It is the contents of :func:`encode_record`, joined, unless these need more care than the
    fast encoder has; None where it knows that.
    """
    try:
        return _RECORDS.dump_json(
            list(records), exclude={"__all__": {"raw"}}, exclude_defaults=True
        )
    except ValueError:
        return None


def decode_record(content: bytes, raw: bytes = b"null") -> MemoryRecord:
    """The record of :func:`encode_record`; leave ``raw`` out where it is not needed.

    Raises pydantic's ``ValidationError`` when the bytes hold anything else.
    """
    try:
        record = _RECORD.validate_json(content)
    except ValueError:
        record = _RECORD.validate_python(json.loads(content), strict=False)
    return record if raw == b"null" else record.model_copy(update={"raw": json.loads(raw)})


def record_line(record: MemoryRecord) -> bytes:
    """The record as one line of an export file, without the line's end."""
    return joined(*encode_record(record))


def joined(content: bytes, raw: bytes) -> bytes:
    """The two texts of :func:`encode_record` as one line of an export file."""
    marked = b'{"record_version":%d,' % RECORD_VERSION + content[1:]
    return marked if raw == b"null" else marked[:-1] + b',"raw":' + raw + b"}"


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a line of an export file, published as docs/record.schema.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **MemoryRecord.model_json_schema(mode="validation"),
    }


def _plain(record: MemoryRecord) -> dict[str, Any]:
    plain = record.model_dump(exclude={"raw", "metadata"}, exclude_defaults=True)
    return {**plain, "metadata": record.metadata} if record.metadata else plain


def _encode_raw(raw: Any) -> bytes:
    try:
        encoded = to_json(raw, inf_nan_mode="constants")
    except ValueError:
        return _escaped(raw)
    if _REPLACEMENT in encoded or _has_unreadable_number(encoded):
        return _escaped(raw)
    return encoded


def _escaped(value: Any) -> bytes:
    """JSON in ASCII; what nests deeper than the interpreter can follow is named, not kept."""
    try:
        return json.dumps(value, default=_jsonable).encode("ascii")
    except RecursionError:
        if not isinstance(value, dict) or "metadata" not in value:
            return b'"(nested too deeply to be kept)"'
        return _escaped({**value, "metadata": {"unkept": "(nested too deeply to be kept)"}})
    except ValueError:
        return _escaped(_with_short_numbers(value))


def _has_unreadable_number(encoded: bytes) -> bool:
    return len(encoded) > _MOST_DIGITS and _UNREADABLE_NUMBER.search(encoded) is not None


def _with_short_numbers(value: Any) -> Any:
    """The value with integers of more digits than Python writes as hexadecimal texts."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return hex(value)
    if isinstance(value, dict):
        return {name: _with_short_numbers(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_short_numbers(item) for item in value]
    return value


def _jsonable(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
