"""Makes records of objects as a mapping says; everything is compiled once, beforehand."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from synap_import.errors import MappingError
from synap_import.records import MemoryRecord, Scope, ScopeKind, SystemName

from .fields import (
    Draft,
    Fill,
    Find,
    Object,
    compile_find,
    fill_content,
    fill_kind,
    fill_metadata,
    fill_position,
    fill_scope,
    fill_skipped,
    fill_state,
    fill_tags,
    fill_text,
    fill_time,
    id_text,
    put,
)
from .made_ids import made_id
from .problems import Unmappable, excerpt, wrong_type

if TYPE_CHECKING:
    from .document import IdSpec, MappingDocument

MADE_ID = "made-id"
TOO_DEEP = "too-deep:metadata"
# The ledger's encoder gives up at about 250.
MAX_METADATA_DEPTH = 64

# A union here would be built anew for every item.
_CONTAINERS = (dict, list)

_TIMES = ("created_at", "updated_at", "valid_from", "valid_to", "expires_at")
_SYSTEM: TypeAdapter[str] = TypeAdapter(SystemName)


class RecordMapper:
    """Turns objects into records. It keeps nothing between calls.

    Raises MappingError when ``default_system`` cannot name a system.
    """

    def __init__(self, document: MappingDocument, default_system: str = "json") -> None:
        self._system = document.system or default_system
        try:
            _SYSTEM.validate_python(self._system)
        except ValidationError as error:
            raise MappingError(
                f"'{self._system}' cannot name a system.",
                remedy="Use letters, digits, '.' and '-'; start with a letter or digit.",
            ) from error
        self._fills = (*_fills(document), _fill_id(document.id, self._system))
        self._unmapped = document.unmapped
        self._mapped = _mapped_names(document)

    def __call__(self, raw: Any) -> MemoryRecord:
        """The record of one object. Raises Unmappable when it cannot become one."""
        if not isinstance(raw, dict):
            raise wrong_type("record", raw, "an object")
        draft = Draft({"system": self._system, "raw": raw})
        for fill in self._fills:
            fill(raw, draft)
        if self._mapped is not None and self._unmapped != "drop":
            self._keep_unmapped(raw, draft)
        return _finished(draft)

    def _keep_unmapped(self, raw: Object, draft: Draft) -> None:
        mapped = self._mapped or frozenset()
        if raw.keys() <= mapped:
            return
        unmapped = {name: value for name, value in raw.items() if name not in mapped}
        if self._unmapped == "error":
            names = ", ".join(sorted(map(str, unmapped)))
            raise Unmappable("unmapped", f"the mapping reads no field named {excerpt(names)}")
        draft.kept["unmapped"] = unmapped


def _fills(document: MappingDocument) -> list[Fill]:
    # First, for a record that is skipped may be without content.
    fills = [fill_skipped(rule) for rule in document.skip_if]
    fills += [
        fill_scope(kind.value, spec)
        for kind in ScopeKind
        if (spec := getattr(document, kind.value)) is not None
    ]
    fills.append(fill_content(document.content))
    times = ((name, getattr(document, name)) for name in _TIMES)
    fills += [fill_time(name, spec) for name, spec in times if spec is not None]
    texts = (("role", document.role), ("name", document.name))
    fills += [fill_text(name, spec) for name, spec in texts if spec is not None]
    if document.position is not None:
        fills.append(fill_position(document.position))
    if document.tags is not None:
        fills.append(fill_tags(document.tags))
    if document.kind is not None:
        fills.append(fill_kind(document.kind))
    if document.state is not None:
        fills.append(fill_state(document.state))
    if document.metadata is not None:
        fills.append(fill_metadata(document.metadata))
    return fills


def _fill_id(spec: IdSpec | None, system: str) -> Fill:
    """The last fill: what an id is made of is there by then."""
    if spec is not None and spec.hash is not None:
        return _fill_hashed_id(frozenset(spec.hash), system)
    find: Find = (lambda _raw, _draft: None) if spec is None else compile_find("id", spec)
    required = spec is not None and spec.required

    def fill(raw: Object, draft: Draft) -> None:
        value = find(raw, draft)
        if type(value) is str:
            draft.values["id"] = value
        elif value is not None:
            draft.values["id"] = id_text("id", value)
            draft.kept["source_id_type"] = type(value).__name__
        elif required:
            raise Unmappable("id", "it is missing or blank, and the mapping requires it")
        else:
            _make_id(draft, system)
            draft.assumptions.append(MADE_ID)

    return fill


def _fill_hashed_id(parts: frozenset[str], system: str) -> Fill:
    def fill(_raw: Object, draft: Draft) -> None:
        _make_id(draft, system, parts)

    return fill


def _make_id(
    draft: Draft, system: str, parts: frozenset[str] = frozenset({"user", "content", "created_at"})
) -> None:
    text: str = draft.values["text"]
    if not text:
        raise Unmappable("id", "it is missing, and there is no content to make one from")
    user = draft.scope.get("user") if "user" in parts else None
    created = draft.created_raw if "created_at" in parts else None
    draft.values["id"] = made_id(system, user, text, created)


def _mapped_names(document: MappingDocument) -> frozenset[str] | None:
    """Top-level fields that something reads or drops; None when all of them are."""
    names: set[str] = set(document.metadata.drop) if document.metadata is not None else set()
    for spec in document.sources():
        roots = spec.roots()
        if roots is None:
            return None
        names |= roots
    return frozenset(names)


def _finished(draft: Draft) -> MemoryRecord:
    values, metadata = draft.values, draft.metadata
    for name, value in draft.kept.items():
        put(metadata, name, value)
    if metadata:
        values["metadata"] = _shallow(metadata, draft)
    if draft.assumptions:
        values["assumptions"] = tuple(draft.assumptions)
    try:
        if draft.scope:
            values["scope"] = Scope(**draft.scope)
        return MemoryRecord(**values)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise Unmappable(".".join(map(str, problem["loc"])), problem["msg"]) from error


def _shallow(metadata: Object, draft: Draft) -> Object:
    """The metadata without entries that are nested too deeply to be kept."""
    if not _is_deep(metadata):
        return metadata
    draft.assumptions.append(TOO_DEEP)
    return {name: value for name, value in metadata.items() if not _is_deep({name: value})}


def _is_deep(metadata: Object) -> bool:
    level: Collection[Any] = (metadata,)
    for _ in range(MAX_METADATA_DEPTH):
        # Each once, or an object that holds itself twice would double on every level.
        inner: dict[int, Any] = {}
        for container in level:
            for item in container.values() if isinstance(container, dict) else container:
                if isinstance(item, _CONTAINERS):
                    inner[id(item)] = item
        if not inner:
            return False
        level = inner.values()
    return True
