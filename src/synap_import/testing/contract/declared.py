"""Checks of what an adapter says about itself, before it reads anything.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from synap_import.settings import setting_of

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.sources import Source

__tracebackhide__ = True

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_SECRET = re.compile(r"(key|token|secret|password|dsn)$")


def check_name(adapter: type[Source[Any]]) -> None:
    """The name is a word of the command line."""
    assert _NAME.fullmatch(adapter.name), (
        f"name = {adapter.name!r} is typed on the command line: small letters, digits and hyphens, "
        "beginning with a letter."
    )


def check_described(config: type[BaseModel]) -> None:
    """Every option tells what it is for."""
    silent = [name for name, field in config.model_fields.items() if not field.description]
    assert not silent, (
        f"{config.__name__}: {', '.join(silent)} would stand in --help without a word. Give each "
        'field a description: Field(description="Your API key.").'
    )


def check_secrets_declared(config: type[BaseModel]) -> None:
    """Keys are secrets, and come from the environment too."""
    for name, field in config.model_fields.items():
        is_secret = any(one in str(field.annotation) for one in ("SecretStr", "SecretBytes"))
        if _SECRET.search(name):
            assert is_secret, (
                f"{config.__name__}.{name} holds a secret as plain text, and would be shown in "
                "errors. Annotate it as SecretStr."
            )
        if is_secret:
            assert setting_of(field).env, (
                f"{config.__name__}.{name} can only be given on the command line, where it stays "
                'in the shell\'s history. Add Setting(env="ACME_API_KEY") to its annotation.'
            )
