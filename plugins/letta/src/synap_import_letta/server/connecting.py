"""Which Letta it is, and which part of it is read, before anything else is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import httpx

from synap_import import (
    ConfigurationError,
    Politeness,
    SourceContext,
    SourceError,
    SourceUnavailableError,
)
from synap_import_letta.config import CLOUD_URL, LettaConfig
from synap_import_letta.people import text

from .api import LettaApi
from .catalog import NEWEST, Version, version_in
from .refusals import ForbiddenError, NotThereError, is_cloud, not_running, unlike_letta
from .walking import every

DEFAULT_ACCOUNT = "user-00000000-0000-4000-8000-000000000000"
"""Whom a self-hosted server takes a request without `user_id` for."""

_FIRST_ASKED = Politeness(max_attempts=2)
_MOST_PROJECTS = 10_000


class Reached(NamedTuple):
    """What is read: a server or the Cloud, an organization or projects of it."""

    api: LettaApi
    version: Version
    shown_version: str
    address: str
    part: str
    """The organization or the project, as far as it is known."""
    projects: Sequence[str | None] = (None,)
    others: Sequence[str] = ()
    """Organizations or projects beside what is read."""


async def reach(config: LettaConfig, context: SourceContext) -> Reached:
    """Ask for health, organization and projects. Raises what tells a person what to change."""
    address = address_of(config)
    key = config.api_key.get_secret_value().strip() if config.api_key is not None else None
    version = await _version(address, key, context)
    api = LettaApi(context.http_client(base_url=address), address, key or None)
    shown = ".".join(map(str, version or ()))
    reached = Reached(api, version or NEWEST, shown, address, "")
    if is_cloud(address):
        return await _with_projects(reached, config)
    return await _with_organization(reached, config)


def address_of(config: LettaConfig) -> str:
    """The server's address without a path: the paths are the official client's."""
    given = (config.base_url or CLOUD_URL).strip()
    if "://" not in given:
        given = f"http://{given}"
    try:
        url = httpx.URL(given)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError(
            "The address of the Letta server is none.",
            remedy="Give it as --base-url http://localhost:8283.",
        )
    path = url.path.rstrip("/").removesuffix("/v1")
    return str(url.copy_with(path=path or "/", query=None, fragment=None)).rstrip("/")


async def _version(address: str, key: str | None, context: SourceContext) -> Version | None:
    """The server's version, asked for with little patience; the Cloud need not tell one."""
    http = context.http_client(base_url=address, politeness=_FIRST_ASKED)
    try:
        health = await LettaApi(http, address, key or None).health()
    except SourceUnavailableError as error:
        raise not_running(address, error) from None
    except SourceError:
        if is_cloud(address):
            return None
        raise
    version = version_in(health)
    if version is None and not is_cloud(address):
        raise unlike_letta(address, "it does not tell its version at /v1/health/")
    return version


async def _with_organization(reached: Reached, config: LettaConfig) -> Reached:
    """The organization that is meant: a wrong id would silently show the default one's data."""
    accounts: dict[str, str] = {}
    try:
        async for item in every(reached.api.accounts):
            accounts[item["id"]] = text(item.get("organization_id"))
    except (NotThereError, ForbiddenError):
        accounts.clear()
    if config.project is not None:
        raise ConfigurationError(
            "--project is for Letta Cloud; a self-hosted server has no projects.",
            remedy="Leave it out, or choose an organization with --organization.",
        )
    account = DEFAULT_ACCOUNT
    if config.organization is not None:
        account = _account_in(accounts, config.organization.strip())
        reached.api.as_user(account)
    part = accounts.get(account, "")
    others = sorted({organization for organization in accounts.values() if organization} - {part})
    return reached._replace(part=part, others=others)


def _account_in(accounts: Mapping[str, str], wanted: str) -> str:
    """A user through whom the organization is seen."""
    if wanted in accounts:
        return wanted
    found = next((user for user, organization in accounts.items() if organization == wanted), None)
    if found is not None:
        return found
    known = ", ".join(sorted(set(accounts.values()))[:5])
    raise SourceError(
        f"The Letta server has no organization {wanted} with a user in it.",
        remedy=f"It has {known}." if known else "It does not say which it has.",
    )


async def _with_projects(reached: Reached, config: LettaConfig) -> Reached:
    """The projects that are read: without one, lists show the default project's only."""
    if config.organization is not None:
        raise ConfigurationError(
            "--organization is for self-hosted servers; on Letta Cloud the key decides it.",
            remedy="Leave it out, or choose a project with --project.",
        )
    projects = await _projects(reached.api)
    ids = sorted(text(one.get("id")) for one in projects)
    if config.project is None:
        return reached._replace(part=ids[0] if ids else "", projects=ids or [None])
    wanted = config.project.strip()
    for one in projects:
        if wanted in (one.get("id"), one.get("slug"), one.get("name")):
            others = [_shown(other) for other in projects if other is not one]
            return reached._replace(part=one["id"], projects=[one["id"]], others=others)
    names = ", ".join(_shown(one) for one in projects[:5]) or "none"
    raise SourceError(
        f"The key does not open a project {wanted}; it opens: {names}.",
        remedy="A key can belong to one project: put that project's key into LETTA_API_KEY, or "
        "correct --project.",
    )


async def _projects(api: LettaApi) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    try:
        while len(found) < _MOST_PROJECTS:
            answer = await api.projects(len(found))
            page = answer.get("projects") if isinstance(answer, Mapping) else None
            new = [one for one in page or () if isinstance(one, Mapping) and one.get("id")]
            found += new
            if not new or not answer.get("hasNextPage"):
                break
    except NotThereError:
        pass
    return found


def _shown(project: Mapping[str, Any]) -> str:
    return text(project.get("slug")) or text(project.get("name")) or str(project["id"])
