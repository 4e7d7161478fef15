"""Which dialect to speak: v4, or v3 where v4 is refused with a key that v3 takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import httpx

from synap_import import Finding, Severity, SourceError

from .answers import RefusedError
from .v3 import V3
from .v4 import V4

if TYPE_CHECKING:
    from .dialect import Dialect

Api = Literal["auto", "v4", "v3"]
Connect = Callable[[], httpx.AsyncClient]
_OF_THE_KEY = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A dialect that answered, with the project that it answered with."""

    dialect: Dialect
    project: Mapping[str, Any]
    finding: Finding | None = None


async def choose(wanted: Api, connect: Connect, root: str, key: str) -> Chosen:
    """The dialect to read with. Raises RefusedError when neither is spoken with this key."""
    if wanted == "v3":
        return await _with(V3(connect(), root, key))
    try:
        return await _with(V4(connect(), root, key))
    except RefusedError as refusal:
        if wanted == "v4":
            raise
        return await _older(V3(connect(), root, key), refusal)


async def _with(dialect: Dialect) -> Chosen:
    return Chosen(dialect, await dialect.project())


async def _older(dialect: Dialect, refusal: RefusedError) -> Chosen:
    try:
        chosen = await _with(dialect)
    except RefusedError as error:
        if error.status in _OF_THE_KEY or refusal.status in _OF_THE_KEY:
            raise (refusal if refusal.status in _OF_THE_KEY else error) from None
        raise _nowhere(refusal) from None
    return Chosen(dialect, chosen.project, _told(refusal))


def _nowhere(refusal: RefusedError) -> SourceError:
    return SourceError(
        f"Neither v4 nor v3 of Zep's API is at this address. {refusal.message}",
        remedy="Check --base-url: without it https://api.getzep.com is read. A self-hosted Zep "
        "or Graphiti is read from its database.",
    )


def _told(refusal: RefusedError) -> Finding:
    return Finding(
        Severity.INFO,
        "zep-v3",
        f"Read through v3 of Zep's API, which has the same data but for two things: when "
        f"something was said is when Zep received it, and hyperedges are seen only in their "
        f"edges. {refusal.message}",
        remedy="Nothing needs to be done. If the key may use v4, --api v4 shows why it does not.",
    )
