"""Makes records of objects as a mapping says; everything is compiled once, beforehand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from synap_import.errors import MappingError
from synap_import.records import Scope, ScopeKind, SystemName

from .assembling import record_of
from .fields import (
    Draft,
    Fill,
    Find,
    Object,
    compile_find,
    fill_content,
    fill_kind,
    fill_metadata,
    fill_owner,
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
    from synap_import.records import MemoryRecord

    from .document import IdSpec, MappingDocument, ValueSpec

MADE_ID = "made-id"
TOO_DEEP = "too-deep:metadata"
# The ledger's encoder gives up at about 250.
MAX_METADATA_DEPTH = 64
_SMALL_DEPTH, _SMALL_LENGTH = 4, 32
# Files have a few; objects that each have names of their own must not fill the memory.
_SHAPES = 256

# A union here would be built anew for every item.
_CONTAINERS = (dict, list)
_SCALARS = frozenset({str, int, float, bool, type(None)})

_TIMES = ("created_at", "updated_at", "valid_from", "valid_to", "expires_at")
_SYSTEM: TypeAdapter[str] = TypeAdapter(SystemName)


class RecordMapper:
    """Turns objects into records. It remembers which fields matter for objects of one shape.

    ``owner`` is the user of objects that name none; with ``owner_assumed``, only of those that
    name nobody at all, and they are counted.
    Raises MappingError when ``default_system`` cannot name a system.
    """

    def __init__(
        self,
        document: MappingDocument,
        default_system: str = "json",
        *,
        owner: str | None = None,
        owner_assumed: bool = False,
    ) -> None:
        self._system = document.system or default_system
        try:
            _SYSTEM.validate_python(self._system)
        except ValidationError as error:
            raise MappingError(
                f"'{self._system}' cannot name a system.",
                remedy="Use letters, digits, '.' and '-'; start with a letter or digit.",
            ) from error
        owned = [] if owner is None else [_Step(fill_owner(owner, assumed=owner_assumed))]
        self._steps = (*_steps(document, owned), _Step(_fill_id(document.id, self._system)))
        self._known_shapes: dict[tuple[str, ...], _OfShape] = {}
        self._unmapped = document.unmapped
        self._mapped = _mapped_names(document)

    def __call__(self, raw: Any) -> MemoryRecord:
        """The record of one object. Raises Unmappable when it cannot become one."""
        if not isinstance(raw, dict):
            raise wrong_type("record", raw, "an object")
        draft = Draft({"system": self._system, "raw": raw})
        shape = tuple(raw)
        known = self._known_shapes.get(shape)
        fills, unmapped = self._of_shape(shape) if known is None else known
        for fill in fills:
            fill(raw, draft)
        if unmapped:
            self._keep_unmapped(raw, draft, unmapped)
        return _finished(draft)

    def _of_shape(self, shape: tuple[str, ...]) -> _OfShape:
        """What to fill for an object with these names, and those of them that nothing reads.

        Absent fields cost nothing.
        """
        fills = tuple(step.fill for step in self._steps if step.concerns(shape))
        keeps = self._mapped is not None and self._unmapped != "drop"
        mapped = self._mapped or frozenset()
        unmapped = tuple(name for name in shape if keeps and name not in mapped)
        if len(self._known_shapes) < _SHAPES:
            self._known_shapes[shape] = _OfShape(fills, unmapped)
        return _OfShape(fills, unmapped)

    def _keep_unmapped(self, raw: Object, draft: Draft, names: tuple[str, ...]) -> None:
        unmapped = {name: raw[name] for name in names}
        if self._unmapped == "error":
            told = ", ".join(sorted(map(str, unmapped)))
            raise Unmappable("unmapped", f"the mapping reads no field named {excerpt(told)}")
        draft.kept["unmapped"] = unmapped


class _OfShape(NamedTuple):
    fills: tuple[Fill, ...]
    unmapped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """A fill and the top-level names it reads; None when it has work for every object."""

    fill: Fill
    names: frozenset[str] | None = None

    def concerns(self, shape: tuple[str, ...]) -> bool:
        """Whether an object with these names gives it something to do."""
        return self.names is None or not self.names.isdisjoint(shape)


def _step(fill: Fill, spec: ValueSpec) -> _Step:
    acts_alone = spec.required or spec.default is not None or spec.const is not None
    return _Step(fill, None if acts_alone else spec.roots())


def _steps(document: MappingDocument, owned: list[_Step]) -> list[_Step]:
    # Skipping first, for a record that is skipped may be without content.
    steps = [_Step(fill_skipped(rule)) for rule in document.skip_if]
    steps += [
        _step(fill_scope(kind.value, spec), spec)
        for kind in ScopeKind
        if (spec := getattr(document, kind.value)) is not None
    ]
    # Behind the scope, and before the id, which can be made of the user.
    steps += owned
    steps.append(_Step(fill_content(document.content)))
    times = ((name, getattr(document, name)) for name in _TIMES)
    steps += [_step(fill_time(name, spec), spec) for name, spec in times if spec is not None]
    texts = (("role", document.role), ("name", document.name))
    steps += [_step(fill_text(name, spec), spec) for name, spec in texts if spec is not None]
    if document.position is not None:
        steps.append(_step(fill_position(document.position), document.position))
    if document.tags is not None:
        steps.append(_step(fill_tags(document.tags), document.tags))
    if document.kind is not None:
        steps.append(_Step(fill_kind(document.kind)))
    if document.state is not None:
        steps.append(_Step(fill_state(document.state)))
    if document.metadata is not None:
        steps.append(_step(fill_metadata(document.metadata), document.metadata))
    return steps


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
        return record_of(values)
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
    """Whether it is nested too deeply."""
    return not _is_small(metadata, _SMALL_DEPTH) and _is_deep_throughout(metadata)


def _is_small(container: Any, levels: int) -> bool:
    """Whether it is known at a glance to be shallow, as nearly all are."""
    items = container.values() if isinstance(container, dict) else container
    if _SCALARS.issuperset(map(type, items)):
        return True
    if not levels or len(container) > _SMALL_LENGTH:
        return False
    # A loop: a generator would cost more than what it goes through.
    for item in items:
        if isinstance(item, _CONTAINERS) and not _is_small(item, levels - 1):
            return False
    return True


def _is_deep_throughout(metadata: Object) -> bool:
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
