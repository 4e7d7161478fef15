"""An adapter's ``Config`` from plain values, with the environment for what is not given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from .errors import ConfigurationError
from .sources import Setting

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

ConfigT = TypeVar("ConfigT", bound=BaseModel)


def setting_of(field: FieldInfo) -> Setting:
    """How a field is set, as its adapter declares it."""
    return next((item for item in field.metadata if isinstance(item, Setting)), Setting())


def config_of(
    config: type[ConfigT], given: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> ConfigT:
    """The ``Config`` of these values. A value is never repeated, since it may be a secret.

    Raises ConfigurationError that names each wrong or missing one.
    """
    unknown = sorted(set(given) - set(config.model_fields))
    if unknown:
        known = ", ".join(config.model_fields)
        raise ConfigurationError(
            f"There is no setting {', '.join(unknown)}.", remedy=f"Settings there are: {known}."
        )
    values = {**_from_environment(config, environment), **given}
    try:
        return config.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError("; ".join(_complaints(config, error))) from None


def _from_environment(config: type[BaseModel], environment: Mapping[str, str]) -> dict[str, str]:
    variables = {name: setting_of(field).env for name, field in config.model_fields.items()}
    return {
        name: environment[variable]
        for name, variable in variables.items()
        if variable is not None and environment.get(variable)
    }


def _complaints(config: type[BaseModel], error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        field = config.model_fields.get(name)
        variable = setting_of(field).env if field else None
        spelling = f"{name} ({variable})" if variable else name
        yield f"{spelling}: {problem['msg']}".lstrip(": ")
