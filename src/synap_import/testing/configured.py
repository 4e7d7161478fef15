"""What a configuration holds that must be told to nobody, and what takes it out of a recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import BaseModel, SecretBytes, SecretStr

from .scrubbing import Scrubber


def scrubber_for(config: BaseModel) -> Scrubber:
    """Knows the secrets of a configuration, and which hosts are the vendor's own: the defaults."""
    defaults = (_address(field.default) for field in type(config).model_fields.values())
    return Scrubber(secrets_of(config), (url.hostname for url in defaults if url.hostname))


def secrets_of(config: BaseModel) -> list[str]:
    """Its secrets, and the passwords in its addresses."""
    return [
        secret
        for name in type(config).model_fields
        for secret in _secrets_in(getattr(config, name))
    ]


def _secrets_in(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, SecretBytes):
        yield value.get_secret_value().decode()
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _secrets_in(one)
    elif password := _address(value).password:
        yield unquote(password)


def _address(value: Any) -> SplitResult:
    """Of a string, or of one of pydantic's addresses, which are none; anything else has no host."""
    try:
        return urlsplit(str(value))
    except ValueError:
        return urlsplit("")
