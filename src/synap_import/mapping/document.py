"""The mapping file as a model: what it may say, checked before the first record is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from synap_import.records import Kind, State, SystemName

from .expressions import compile_expression
from .paths import Path, parse_path
from .times import time_reader

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

FORMAT_VERSION = 1

HashPart = Literal["user", "content", "created_at"]


def _checked_path(text: str) -> str:
    parse_path(text)
    return text


def _checked_expression(text: str) -> str:
    compile_expression(text)
    return text


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("it is blank")
    return text


PathText = Annotated[StrictStr, AfterValidator(_checked_path)]
Paths = Annotated[
    tuple[PathText, ...],
    Field(min_length=1),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        }
    ),
]
ExpressionText = Annotated[StrictStr, AfterValidator(_checked_expression)]
Text = Annotated[StrictStr, AfterValidator(_not_blank)]
Word = StrictStr | StrictBool | StrictInt | StrictFloat | None


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)


class SourceSpec(_Model):
    """Where a value comes from: ``path`` (the first that is not missing) or ``jmespath``.

    A text or a list in place of the mapping is the ``path``.
    """

    shorthand: ClassVar[str | None] = "path"
    origins: ClassVar[tuple[str, ...]] = ("path", "jmespath")

    path: Paths | None = None
    jmespath: ExpressionText | None = None

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, value: Any) -> Any:
        if isinstance(value, str) and cls.shorthand is not None:
            return {cls.shorthand: value}
        return {"path": value} if isinstance(value, list) and cls.shorthand else value

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = [name for name in self.origins if name in self.model_fields_set]
        if len(given) != 1 or getattr(self, given[0]) is None:
            names = ", ".join(f"'{name}'" for name in self.origins)
            raise ValueError(f"exactly one of {names} must be given")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        written_out = handler.resolve_ref_schema(handler(core_schema))
        if cls.shorthand is None:
            return written_out
        listed = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        return {"anyOf": [cls._schema_of_short(written_out), listed, written_out]}

    @classmethod
    def _schema_of_short(cls, written_out: dict[str, Any]) -> dict[str, Any]:
        short = {"description": f"The same as {{{cls.shorthand}: …}}."}
        if cls.shorthand == "path":
            return {"type": "string", **short}
        constant: dict[str, Any] = written_out["properties"][cls.shorthand]["anyOf"][0]
        return constant | short

    def paths(self) -> tuple[Path, ...]:
        """The paths, parsed, in the order in which they are tried."""
        return tuple(parse_path(text) for text in self.path or ())

    def roots(self) -> frozenset[str] | None:
        """The top-level fields it reads; None when it reads the whole object."""
        if self.jmespath is not None:
            return compile_expression(self.jmespath).roots
        paths = self.paths()
        if any(not path.steps for path in paths):
            return None
        return frozenset(path.root for path in paths if path.root is not None)


class ValueSpec(SourceSpec):
    """A value that may also be a constant, have a default, or be required."""

    origins: ClassVar[tuple[str, ...]] = ("path", "const", "jmespath")

    const: Any = None
    default: Any = None
    required: StrictBool = False

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.required and self.default is not None:
            raise ValueError("a required field cannot have a default")
        return self


class TextSpec(ValueSpec):
    """A text: the role or the name of who said it."""

    const: Text | None = None
    default: Text | None = None


class ScopeSpec(ValueSpec):
    """An id of whose a record is. Blank is missing, never an id."""

    const: Text | StrictInt | None = None
    default: Text | StrictInt | None = None


class ContentSpec(ValueSpec):
    """The text of the record. It must be there unless it has a default, but may be blank."""

    const: Text | None = None
    default: Text | None = None
    strip: StrictBool = Field(
        default=False, description="Take white space off both ends of the text."
    )


class PositionSpec(ValueSpec):
    """The place of a message in its conversation."""

    const: StrictInt | None = None
    default: StrictInt | None = None


class TimeSpec(ValueSpec):
    """A time, how it is written, and the zone of times that name none."""

    const: Text | StrictInt | StrictFloat | None = None
    default: Text | StrictInt | StrictFloat | None = None
    format: StrictStr = Field(
        default="auto",
        description="auto, iso, epoch_s, epoch_ms, epoch_us, epoch_ns, or a strptime pattern.",
    )
    tz: StrictStr = Field(
        default="UTC", description="The zone of times without one: Europe/Berlin, +02:00."
    )

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        time_reader(value)
        return value

    @field_validator("tz")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        time_reader("auto", value)
        return value

    @model_validator(mode="after")
    def _readable_constants(self) -> Self:
        for value in (self.const, self.default):
            if value is not None and time_reader(self.format, self.tz)(value).time is None:
                raise ValueError(f"'{value}' cannot be read as a time of format '{self.format}'")
        return self


class TagsSpec(ValueSpec):
    """Tags: a list of words, or one word."""

    const: tuple[Text, ...] | None = None
    default: tuple[Text, ...] | None = None


class MetadataSpec(ValueSpec):
    """An object that goes along with the record."""

    const: dict[str, Any] | None = None
    default: dict[str, Any] | None = None
    drop: tuple[StrictStr, ...] = Field(
        default=(), description="Names to leave out, here and among the unmapped fields."
    )
    flatten: StrictBool = Field(
        default=False, description="Write nested names as one dotted name: a.b.c."
    )


class KindSpec(SourceSpec):
    """What sort of item a record is. A text in place of the mapping is the kind itself."""

    shorthand: ClassVar[str | None] = "const"
    origins: ClassVar[tuple[str, ...]] = ("path", "const", "jmespath")

    const: Kind | None = None
    values: dict[str, Kind] = Field(default_factory=dict, description="Theirs: ours.")
    default: Kind = Kind.FACT


class StateSpec(SourceSpec):
    """Whether a record still holds. A text in place of the mapping is the state itself."""

    shorthand: ClassVar[str | None] = "const"
    origins: ClassVar[tuple[str, ...]] = ("path", "const", "jmespath")

    const: State | None = None
    values: dict[str, State] = Field(default_factory=dict, description="Theirs: ours.")
    default: State = State.ACTIVE


class IdSpec(SourceSpec):
    """The source's own id, or one made from parts of the record."""

    origins: ClassVar[tuple[str, ...]] = ("path", "jmespath", "hash")

    hash: tuple[HashPart, ...] | None = Field(
        default=None, description="Parts that tell records apart; 'content' is one of them."
    )
    required: StrictBool = False

    @field_validator("hash")
    @classmethod
    def _tells_apart(cls, value: tuple[HashPart, ...] | None) -> tuple[HashPart, ...] | None:
        if value is not None and "content" not in value:
            raise ValueError(
                "'content' must be a part, or two memories of a user would become one record"
            )
        return value


class SkipRule(SourceSpec):
    """Records whose value is one of ``in`` are kept and counted, but not loaded."""

    shorthand: ClassVar[str | None] = None

    words: tuple[Word, ...] = Field(alias="in", min_length=1)


class MappingDocument(_Model):
    """How an object of a JSON source becomes a record."""

    version: Literal[1]
    system: SystemName | None = Field(
        default=None, description="The system that the ids belong to; 'json' if not given."
    )
    records: StrictStr | None = Field(
        default=None,
        description="Path to the array in the file; '.' is each line, or the top-level array.",
    )
    id: IdSpec | None = None
    user: ScopeSpec | None = None
    agent: ScopeSpec | None = None
    session: ScopeSpec | None = None
    app: ScopeSpec | None = None
    group: ScopeSpec | None = None
    content: ContentSpec
    role: TextSpec | None = None
    name: TextSpec | None = None
    position: PositionSpec | None = None
    created_at: TimeSpec | None = None
    updated_at: TimeSpec | None = None
    valid_from: TimeSpec | None = None
    valid_to: TimeSpec | None = None
    expires_at: TimeSpec | None = None
    tags: TagsSpec | None = None
    metadata: MetadataSpec | None = None
    kind: KindSpec | None = None
    state: StateSpec | None = None
    skip_if: tuple[SkipRule, ...] = ()
    unmapped: Literal["keep", "drop", "error"] = Field(
        default="keep", description="What to do with top-level fields that nothing here reads."
    )

    @field_validator("version", mode="before")
    @classmethod
    def _known_version(cls, value: Any) -> Any:
        if value != FORMAT_VERSION or isinstance(value, bool | float):
            raise ValueError(
                f"mapping format version {value!r} is not known; this synap-import reads version "
                f"{FORMAT_VERSION} (write 'version: {FORMAT_VERSION}')",
            )
        return value

    @field_validator("records")
    @classmethod
    def _plain_names(cls, value: str | None) -> str | None:
        if value is not None and not all(isinstance(step, str) for step in parse_path(value).steps):
            raise ValueError("it must be names with dots between them, without '[…]'")
        return value

    def record_names(self) -> tuple[str, ...] | None:
        """The names that lead to the array; empty for the top level, None to detect it."""
        if self.records is None:
            return None
        return tuple(str(step) for step in parse_path(self.records).steps)

    def sources(self) -> tuple[SourceSpec, ...]:
        """Everything in this document that reads from an object."""
        fields = (getattr(self, name) for name in type(self).model_fields)
        return (*(spec for spec in fields if isinstance(spec, SourceSpec)), *self.skip_if)


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema of a mapping file, published as docs/mapping.schema.json for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **MappingDocument.model_json_schema(by_alias=True, mode="validation"),
    }
