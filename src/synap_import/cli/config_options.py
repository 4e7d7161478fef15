"""The bridge from an adapter's ``Config`` to command line options, and back."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin

import click
from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from synap_import.settings import setting_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


_METAVARS = {int: "INTEGER", float: "NUMBER", Path: "PATH"}

ConfigT = TypeVar("ConfigT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What matters about a field's type on a command line."""

    inner: Any
    many: bool
    secret: bool

    @classmethod
    def of(cls, annotation: Any) -> _Shape:
        """Look through Optional, and through tuples and lists."""
        inner = _without_none(annotation)
        many = get_origin(inner) in (tuple, list, set, frozenset)
        if many:
            inner = get_args(inner)[0]
        return cls(inner, many, inner in (SecretStr, SecretBytes))


def options_of(config: type[BaseModel]) -> list[click.Parameter]:
    """The options and arguments that a ``Config`` asks for, in the order of its fields."""
    return [_parameter(name, field) for name, field in config.model_fields.items()]


def read_config(config: type[ConfigT], given: Mapping[str, Any]) -> ConfigT:
    """The ``Config`` from parsed options.

    Raises click.UsageError that names each wrong option; a value is never repeated, since
    it may be a secret.
    """
    values = {name: given[name] for name in config.model_fields if _is_given(given.get(name))}
    try:
        return config.model_validate(values, strict=False)
    except ValidationError as error:
        raise click.UsageError("\n".join(_complaints(config, error))) from None


def _is_given(value: Any) -> bool:
    return value is not None and value != ()


def _complaints(config: type[BaseModel], error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        field = config.model_fields.get(name)
        yield f"{_spelling(name, field) if field else name}: {problem['msg']}".lstrip(": ")


def _spelling(name: str, field: FieldInfo) -> str:
    setting = setting_of(field)
    if setting.argument:
        return setting.metavar or name.upper()
    flag = setting.flag or _flag(name)
    return f"{flag} ({setting.env})" if setting.env else flag


def _parameter(name: str, field: FieldInfo) -> click.Parameter:
    setting, shape = setting_of(field), _Shape.of(field.annotation)
    if setting.argument:
        return click.Argument(
            [name],
            nargs=-1 if shape.many else 1,
            required=field.is_required(),
            metavar=setting.metavar,
            type=click.STRING,
        )
    flag = setting.flag or _flag(name)
    is_switch = shape.inner is bool
    return click.Option(
        [f"{flag}/--no-{flag.removeprefix('--')}" if is_switch else flag, name],
        help=_help(field, shape),
        envvar=setting.env,
        show_envvar=setting.env is not None,
        multiple=shape.many,
        metavar=setting.metavar or _METAVARS.get(shape.inner),
        default=None,
        type=click.BOOL if is_switch else _click_type(shape.inner),
    )


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _help(field: FieldInfo, shape: _Shape) -> str:
    if field.is_required():
        return f"{field.description or ''}  [required]".strip()
    return f"{field.description or ''}{_shown_default(field, shape)}"


def _shown_default(field: FieldInfo, shape: _Shape) -> str:
    default = field.get_default()
    if shape.secret or shape.many or isinstance(default, bool) or default is None:
        return ""
    return f"  [default: {default.value if isinstance(default, Enum) else default}]"


def _click_type(inner: Any) -> click.ParamType[Any]:
    if get_origin(inner) is Literal:
        return click.Choice([str(choice) for choice in get_args(inner)])
    if isinstance(inner, type) and issubclass(inner, Enum):
        return click.Choice([str(member.value) for member in inner])
    return click.STRING


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        others = [item for item in get_args(annotation) if item is not type(None)]
        if len(others) == 1:
            return others[0]
    return annotation
