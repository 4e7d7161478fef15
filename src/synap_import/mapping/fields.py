"""Compiles each field of a mapping to a function that fills its part of a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from synap_import.records import Kind, State

from .expressions import compile_expression
from .problems import Unmappable, described, wrong_type
from .times import time_reader

if TYPE_CHECKING:
    from .document import (
        ContentSpec,
        KindSpec,
        MetadataSpec,
        PositionSpec,
        ScopeSpec,
        SkipRule,
        SourceSpec,
        StateSpec,
        TagsSpec,
        TextSpec,
        TimeSpec,
        ValueSpec,
    )
    from .paths import Getter

ODD = "unreadable-value"
UNLISTED = "unknown-value"
DEFAULTED = "default"
SKIPPED = "skipped-by-mapping"
MAX_FLATTENED_DEPTH = 16
MAX_FLATTENED_NAMES = 10_000

_TEXT = frozenset({str})
_INTEGER = re.compile(r"\s*-?[0-9]{1,19}\s*")


class Draft:
    """A record in the making: what its constructor takes, and what had to be assumed.

    ``kept`` is what is kept in the metadata because the record's own field does not say it exactly.
    """

    __slots__ = ("assumptions", "created_raw", "kept", "metadata", "scope", "skipped", "values")

    def __init__(self, values: dict[str, Any]) -> None:
        # Not a dataclass: its factories take twice the time, and one is made for every record.
        self.values = values
        self.scope: dict[str, str] = {}
        self.assumptions: list[str] = []
        self.kept: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.created_raw: Any = None
        self.skipped = False

    def assume(self, assumption: str, about: str, found: Any) -> None:
        """Note an assumption, and keep the value it was made about."""
        self.assumptions.append(f"{assumption}:{about}")
        self.kept[f"source_{about}"] = found


Object: TypeAlias = dict[str, Any]
Find: TypeAlias = Callable[[Object, Draft], Any]
Fill: TypeAlias = Callable[[Object, Draft], None]


def compile_find(about: str, spec: SourceSpec) -> Find:
    """A function that gives the first value that is not null, missing or blank, or None."""
    if spec.jmespath is not None:
        return _present(_guarded(about, compile_expression(spec.jmespath).search))
    first, *others = spec.paths()
    if others:
        return _first_present(tuple(path.getter() for path in (first, *others)))
    match first.steps:
        case (str(name),):
            return _present_key(name)
        case (str(outer), str(name)):
            return _present_key_in_key(outer, name)
    return _present(first.getter())


def _present_key(name: str) -> Find:
    """What most paths are, in one step."""

    def find(raw: Object, _draft: Draft) -> Any:
        value = raw.get(name)
        return None if type(value) is str and (not value or value.isspace()) else value

    return find


def _present_key_in_key(outer: str, name: str) -> Find:
    def find(raw: Object, _draft: Draft) -> Any:
        inner = raw.get(outer)
        value = inner.get(name) if isinstance(inner, dict) else None
        return None if type(value) is str and (not value or value.isspace()) else value

    return find


def _present(get: Getter) -> Find:
    def find(raw: Object, _draft: Draft) -> Any:
        value = get(raw)
        return None if type(value) is str and (not value or value.isspace()) else value

    return find


def _first_present(getters: tuple[Getter, ...]) -> Find:
    def find(raw: Object, _draft: Draft) -> Any:
        for get in getters:
            value = get(raw)
            if value is not None and not (type(value) is str and (not value or value.isspace())):
                return value
        return None

    return find


def _guarded(about: str, search: Getter) -> Getter:
    def get(raw: Object) -> Any:
        try:
            return search(raw)
        except Exception as error:  # noqa: BLE001 - functions meet any data, and raise anything
            raise Unmappable(about, f"its expression failed: {described(error)}") from None

    return get


def compile_value(about: str, spec: ValueSpec, *, counted: bool = True) -> Find:
    """Like :func:`compile_find`, with the field's constant, default and requirement.

    ``counted`` defaults are assumptions: whose a record is and when it was made should
    not come from a default unseen.
    """
    const, default, required = spec.const, spec.default, spec.required
    if const is not None:
        return lambda _raw, _draft: const
    find = compile_find(about, spec)
    if default is None and not required:
        return find

    def find_or_default(raw: Object, draft: Draft) -> Any:
        value = find(raw, draft)
        if value is not None:
            return value
        if required:
            raise Unmappable(about, "it is missing or blank, and the mapping requires it")
        if counted:
            draft.assumptions.append(f"{DEFAULTED}:{about}")
        return default

    return find_or_default


def fill_scope(about: str, spec: ScopeSpec) -> Fill:
    """Whose a record is: a text, or an integer or UUID as text."""
    find = compile_value(about, spec)

    def fill(raw: Object, draft: Draft) -> None:
        value = find(raw, draft)
        if value is not None:
            draft.scope[about] = value if type(value) is str else id_text(about, value)

    return fill


def fill_owner(user: str, *, assumed: bool) -> Fill:
    """The user of a record that names none; an assumed one only of what names nobody at all."""

    def fill(_raw: Object, draft: Draft) -> None:
        named = draft.scope.keys() - {"session"}
        if not assumed and "user" not in named:
            draft.scope["user"] = user
        elif assumed and not named:
            draft.scope["user"] = user
            draft.assumptions.append(f"{DEFAULTED}:user")

    return fill


def id_text(about: str, value: Any) -> str:
    """An id as text. Raises Unmappable for what cannot be one."""
    if isinstance(value, str | UUID):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return str(value)
        except ValueError:
            raise Unmappable(about, "the number is too long for an id") from None
    raise wrong_type(about, value, "a text, an integer or a UUID")


def fill_content(spec: ContentSpec) -> Fill:
    """The text itself. One that is there but blank is a memory without words, not a fault."""
    find = compile_value("content", spec.model_copy(update={"required": False}))
    strip = spec.strip
    is_blank = _is_blank(spec)

    def fill(raw: Object, draft: Draft) -> None:
        value = find(raw, draft)
        if isinstance(value, str):
            draft.values["text"] = value.strip() if strip else value
        elif value is not None:
            raise wrong_type("content", value, "a text")
        elif draft.skipped or (not spec.required and is_blank(raw)):
            draft.values["text"] = ""
        else:
            raise Unmappable("content", "it is missing")

    return fill


def _is_blank(spec: ContentSpec) -> Callable[[Object], bool]:
    getters = [] if spec.jmespath is not None else [path.getter() for path in spec.paths()]
    return lambda raw: any(isinstance(getter(raw), str) for getter in getters)


def fill_time(about: str, spec: TimeSpec) -> Fill:
    """A time; one that cannot be read is absent, and kept as it came in the metadata."""
    find = compile_value(about, spec)
    read = time_reader(spec.format, spec.tz)
    identifies = about == "created_at"

    def fill(raw: Object, draft: Draft) -> None:
        value = find(raw, draft)
        if value is None:
            return
        if identifies:
            draft.created_raw = value
        time, assumption = read(value)
        if time is not None:
            draft.values[about] = time
        if assumption is not None:
            draft.assume(assumption, about, value)

    return fill


def fill_text(about: str, spec: TextSpec) -> Fill:
    """A role or a name: a text, or an integer as text."""
    find = compile_value(about, spec, counted=False)

    def fill(raw: Object, draft: Draft) -> None:
        value = find(raw, draft)
        if isinstance(value, str):
            draft.values[about] = value
        elif (text := scalar_text(value)) is not None:
            draft.values[about] = text
        elif value is not None:
            draft.assume(ODD, about, value)

    return fill


def fill_position(spec: PositionSpec) -> Fill:
    """The place in a conversation: an integer of 64 bits, or one written as text."""
    find = compile_value("position", spec, counted=False)

    def fill(raw: Object, draft: Draft) -> None:
        value = find(raw, draft)
        if value is None:
            return
        position = _integer(value)
        if position is None:
            draft.assume(ODD, "position", value)
        else:
            draft.values["position"] = position

    return fill


def _integer(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = scalar_text(value) or ""
    number = int(text) if _INTEGER.fullmatch(text) else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def fill_tags(spec: TagsSpec) -> Fill:
    """The tags: words and numbers of a list, or a single one."""
    find = compile_value("tags", spec, counted=False)

    def fill(raw: Object, draft: Draft) -> None:
        value = find(raw, draft)
        if value is None:
            return
        items = value if isinstance(value, (list, tuple)) else [value]
        # All in C: this is done for every record.
        if _TEXT.issuperset(map(type, items)) and all(items) and not any(map(str.isspace, items)):
            draft.values["tags"] = tuple(items)
            return
        texts = [
            item if type(item) is str else scalar_text(item) for item in items if item is not None
        ]
        draft.values["tags"] = tuple(text for text in texts if text and not text.isspace())
        if None in texts:
            draft.assume(ODD, "tags", value)

    return fill


def fill_kind(spec: KindSpec) -> Fill:
    """What sort of item it is, by the mapping's words and ours."""
    ours = {kind.value: kind for kind in Kind}
    return _fill_word("kind", spec, spec.const, ours | spec.values)


def fill_state(spec: StateSpec) -> Fill:
    """Whether it still holds, by the mapping's words and ours."""
    ours = {state.value: state for state in State}
    return _fill_word("state", spec, spec.const, ours | spec.values)


def _fill_word(
    about: str, spec: KindSpec | StateSpec, const: Any, words: Mapping[str, Any]
) -> Fill:
    if const is not None:
        return lambda _raw, draft: draft.values.__setitem__(about, const)
    find, default = compile_find(about, spec), spec.default

    def fill(raw: Object, draft: Draft) -> None:
        value = find(raw, draft)
        word = words.get(value if type(value) is str else scalar_text(value) or "")
        if word is None:
            word = default
            if value is not None:
                draft.assume(UNLISTED, about, value)
        draft.values[about] = word

    return fill


def fill_metadata(spec: MetadataSpec) -> Fill:
    """The source's own metadata, without what the mapping drops."""
    find = compile_value("metadata", spec, counted=False)
    dropped, flatten = frozenset(spec.drop), spec.flatten

    def fill(raw: Object, draft: Draft) -> None:
        value = find(raw, draft)
        if isinstance(value, dict):
            if not dropped and _TEXT.issuperset(map(type, value)):
                kept = dict(value)
            else:
                kept = {str(name): item for name, item in value.items() if name not in dropped}
            draft.metadata = flattened(kept, dropped) if flatten else kept
        elif value is not None:
            draft.assume(ODD, "metadata", value)

    return fill


def flattened(nested: Object, dropped: frozenset[str] = frozenset()) -> Object:
    """Nested names as one dotted name, 16 levels deep; what lies deeper stays nested.

    Where two would get the same name, the later one gets underscores behind it.
    """
    flat: Object = {}
    todo: list[tuple[str, Any, int, frozenset[int]]] = [("", nested, 0, frozenset())]
    while todo:
        name, value, depth, above = todo.pop()
        if name in dropped:
            continue
        opens = isinstance(value, dict) and value and id(value) not in above
        if opens and depth < MAX_FLATTENED_DEPTH and len(flat) < MAX_FLATTENED_NAMES:
            within = above | {id(value)}
            prefix = f"{name}." if name else ""
            parts = [(f"{prefix}{key}", item, depth + 1, within) for key, item in value.items()]
            todo += reversed(parts)
        else:
            put(flat, name, value)
    return flat


def put(metadata: Object, name: str, value: Any) -> None:
    """Add an entry beside what is there, never in place of it."""
    while name in metadata:
        name += "_"
    metadata[name] = value


def fill_skipped(rule: SkipRule) -> Fill:
    """Marks records that the rule says are not to be loaded."""
    find = compile_find("skip_if", rule)
    words = frozenset(scalar_text(word) for word in rule.words)

    def fill(raw: Object, draft: Draft) -> None:
        if _is_among(find(raw, draft), words):
            draft.skipped = True
            draft.values["hold"] = SKIPPED

    return fill


def _is_among(value: Any, words: frozenset[str | None]) -> bool:
    if type(value) is str:
        return value in words
    if isinstance(value, list):
        return any(_is_among(item, words) for item in value if not isinstance(item, list))
    text = scalar_text(value)
    return text in words and (text is not None or value is None)


def scalar_text(value: Any) -> str | None:
    """A word, truth value or number as a mapping file writes it; None for anything else."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _digits(value)
    return None


def _digits(value: float | Decimal) -> str | None:
    try:
        return str(value)
    except ValueError:
        # Python refuses to write integers of more than 4,300 digits.
        return None
