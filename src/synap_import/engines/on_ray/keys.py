"""What a worker must know and nobody else may read: kept apart from all that goes through Ray.

Ray shows arguments and environments of its actors to whoever may look at its cluster, and keeps
some of them. So keys never go through it. Workers of a Ray that this tool starts inherit them as
it inherited them itself, in the environment; workers of any other Ray find them where the command
does, in variables of their own environment, under the same names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, SecretBytes, SecretStr

from synap_import.errors import ConfigurationError
from synap_import.settings import setting_of

SYNAP_KEY = "SYNAP_API_KEY"
LEDGER_PASSWORD = "PGPASSWORD"  # noqa: S105 - libpq's name of the variable, not a password
INHERITED = "SYNAP_IMPORT_WORKER_KEYS"
"""The variable in which workers of a Ray of our own find them all."""

ConfigT = TypeVar("ConfigT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which keys a worker needs: fields of the source's configuration, and other variables.

    ``variables`` are the names under which a worker of another Ray finds those of the fields.
    """

    fields: tuple[str, ...] = ()
    variables: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The keys themselves, by field or variable."""

    values: Mapping[str, str]

    def as_environment(self) -> dict[str, str]:
        """How workers of a Ray of our own inherit them."""
        return {INHERITED: json.dumps(dict(self.values))}


def apart(config: ConfigT) -> tuple[ConfigT, Wanted, dict[str, str]]:
    """The configuration without what is secret in it, what that was, and its values."""
    values = {
        name: secret for name in type(config).model_fields if (secret := _secret(config, name))
    }
    kinds = type(config).model_fields
    wanted = Wanted(tuple(values), {name: setting_of(kinds[name]).env for name in values})
    return config.model_copy(update=dict.fromkeys(values)), wanted, values


def together(config: ConfigT, wanted: Wanted, where: str) -> ConfigT:
    """The configuration with its keys, on a worker. Raises ConfigurationError without them."""
    found = {name: SecretStr(_found(name, wanted.variables[name], where)) for name in wanted.fields}
    return config.model_copy(update=found)


def key(variable: str, where: str) -> str:
    """A key that is known by its variable, on a worker. Raises ConfigurationError without it."""
    return _found(variable, variable, where)


def inherited(name: str) -> str | None:
    """A key that this worker got from a Ray of our own."""
    known: dict[str, str] = json.loads(os.environ.get(INHERITED, "{}"))
    return known.get(name)


def _found(name: str, variable: str | None, where: str) -> str:
    value = inherited(name) or (variable and os.environ.get(variable, "").strip())
    if not value:
        raise ConfigurationError(
            f"A worker on {where} has no {variable or name} in its environment.",
            remedy="Keys do not go through Ray: give them to the processes of the cluster when "
            "they start, under the names that the command reads.",
        )
    return value


def _secret(config: BaseModel, name: str) -> str | None:
    value = getattr(config, name)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, SecretBytes):
        raise ConfigurationError(
            f"The setting {name} is a secret in bytes, and workers cannot be given it.",
            remedy="Leave out --engine.",
        )
    return None
