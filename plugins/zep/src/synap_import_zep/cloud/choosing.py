"""Which dialect to speak: v4, or v3 where only that one shows the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import httpx

from synap_import import Finding, Severity, SourceError

from .answers import RefusedError
from .survey import Survey, take_survey
from .v3 import V3
from .v4 import V4

if TYPE_CHECKING:
    from .dialect import Dialect

Api = Literal["auto", "v4", "v3"]
Connect = Callable[[], httpx.AsyncClient]
_OF_THE_KEY = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A dialect that answered, with the project and the counts that it answered with."""

    dialect: Dialect
    project: Mapping[str, Any]
    survey: Survey
    finding: Finding | None = None


async def choose(wanted: Api, connect: Connect, root: str, key: str) -> Chosen:
    """The dialect to read with. Raises RefusedError when neither is spoken with this key."""
    if wanted == "v3":
        return await _with(V3(connect(), root, key))
    try:
        newer = await _with(V4(connect(), root, key))
    except RefusedError as refusal:
        if wanted == "v4":
            raise _insisted(refusal) from None
        return await _instead(V3(connect(), root, key), refusal)
    if wanted == "v4" or not newer.survey.is_empty:
        return newer
    return await _fuller(newer, V3(connect(), root, key))


async def _with(dialect: Dialect) -> Chosen:
    return Chosen(dialect, await dialect.project(), await take_survey(dialect))


async def _instead(older: Dialect, refusal: RefusedError) -> Chosen:
    """v3, since v4 was refused."""
    try:
        chosen = await _with(older)
    except RefusedError as error:
        if error.status in _OF_THE_KEY or refusal.status in _OF_THE_KEY:
            raise (refusal if refusal.status in _OF_THE_KEY else error) from None
        raise _nowhere(refusal) from None
    return replace(chosen, finding=_told(refusal.message))


async def _fuller(newer: Chosen, older: Dialect) -> Chosen:
    """v3, if it shows something where v4 shows nothing. They should show the same."""
    try:
        chosen = await _with(older)
    except SourceError:
        return newer
    if chosen.survey.is_empty:
        return newer
    return replace(chosen, finding=_told("v4 shows an empty project."))


def _insisted(refusal: RefusedError) -> RefusedError:
    return RefusedError(
        refusal.message,
        status=refusal.status,
        remedy=f"{refusal.remedy} Without --api v4 it is tried through v3 too.",
    )


def _nowhere(refusal: RefusedError) -> SourceError:
    return SourceError(
        f"Neither v4 nor v3 of Zep's API is at this address. {refusal.message}",
        remedy="Check --base-url: without it https://api.getzep.com is read. A self-hosted Zep "
        "or Graphiti is read from its database.",
    )


def _told(why: str) -> Finding:
    return Finding(
        Severity.INFO,
        "zep-v3",
        "The project is read through v3 of Zep's API. Its data is the same, but times are when "
        "Zep received a text, hyperedges are seen only in their edges, and it does not tell which "
        f"threads have grown since they were read. {why}",
        remedy="If users go on talking meanwhile, run again with --new-job at the end.",
    )
