"""A cassette that is not there: recorded where pytest was told to, or a sentence that says how.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretBytes, SecretStr

from synap_import.settings import config_of, setting_of
from synap_import.testing.cassettes import record
from synap_import.testing.configured import scrubber_for
from synap_import.testing.plugin import RECORD_OPTION
from synap_import.testing.provenance import Provenance
from synap_import.testing.reading import read_source

from .running import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from synap_import.sources import Source

    from .walks import Subject

__tracebackhide__ = True

_RECORDED = pytest.StashKey[set[Path]]()


def provide(path: Path | None, subject: Subject, session: pytest.Config) -> None:
    """Record the cassette if there is to be one, once in a session of pytest.

    Raises AssertionError when it is not there and not to be recorded, or when it cannot be.
    """
    mode = session.getoption(RECORD_OPTION)
    recorded = session.stash.setdefault(_RECORDED, set())
    if path is None or path in recorded or (path.exists() and mode != "all"):
        return
    keys = ", ".join(_keys(subject.config)) or "what the source needs"
    assert mode != "none", (
        f"{path} is not there. Record one of a test account: set {keys} in the environment, and "
        f"run pytest {RECORD_OPTION}=missing. Keys and addresses do not get into it."
    )
    assert not hasattr(session, "workerinput"), f"{path}: record in one process, without -n."
    _record(path, subject)
    recorded.add(path)


def _record(path: Path, subject: Subject) -> None:
    """A whole reading; what was there before stays until there is a new one."""
    config = _real(subject.config)
    fresh = path.with_name(f"{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)
    try:
        run(
            _read_patiently,
            subject.adapter,
            config,
            within=record(fresh, _provenance(subject), scrubber_for(config)),
        )
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


async def _read_patiently(adapter: type[Source[Any]], config: BaseModel) -> None:
    """A real server is given the pauses that it asks for."""
    await read_source(adapter, config, wait=True)


def _real(config: BaseModel) -> BaseModel:
    """The tests' configuration, with what the environment says; keys come from nowhere else."""
    variables = {name: setting_of(field).env for name, field in _fields(config).items()}
    said = {name for name, variable in variables.items() if variable and os.environ.get(variable)}
    unsaid = [key for key in _keys(config) if not os.environ.get(key)]
    assert not unsaid, (
        f"The key of the tests is nobody's. To record the real service set {', '.join(unsaid)}."
    )
    given = {name: getattr(config, name) for name in config.model_fields_set - said}
    return config_of(type(config), given)


def _keys(config: BaseModel) -> list[str]:
    """The variables of the secrets that the tests give."""
    return [
        setting_of(field).env or name
        for name, field in _fields(config).items()
        if isinstance(getattr(config, name), SecretStr | SecretBytes)
    ]


def _fields(config: BaseModel) -> Mapping[str, FieldInfo]:
    return type(config).model_fields


def _provenance(subject: Subject) -> Provenance:
    return Provenance(
        kind="recorded",
        source=subject.adapter.name,
        version="the service as it answered on that day",
        how=f"one whole reading, by pytest {RECORD_OPTION}; scrubbed by synap_import.testing",
        validated="it is what the server answered, but for placeholders and headers left out",
        date=datetime.now(UTC).date().isoformat(),
    )
