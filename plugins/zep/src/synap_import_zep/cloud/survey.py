"""What a project holds, as far as its lists count it, and how long reading will take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from synap_import import Finding, Severity

from .dialect import Dialect, Graph, Order, User

if TYPE_CHECKING:
    import httpx

    from .answers import Listed

_PER_PAGE = 100
_MANY_REQUESTS = 3_000
_HOUR = 60
_DAY = 24 * _HOUR
_SHOWN = 8


@dataclass(slots=True)
class Meter:
    """How many requests a minute the plan allows, as the last answer said."""

    limit: int | None = None

    async def note(self, response: httpx.Response) -> None:
        """Read the header that every answer has."""
        told = response.headers.get("X-RateLimit-Limit", "").strip()
        if told.isdecimal() and int(told) > 0:
            self.limit = int(told)


@dataclass(frozen=True, slots=True)
class Survey:
    """Counts of the lists; None where Zep does not count."""

    users: int | None
    threads: int | None
    graphs: int | None
    requests: int
    """At least so many are needed to read it all."""

    @property
    def is_empty(self) -> bool:
        """Nobody and nothing is there."""
        return not (self.users or self.threads or self.graphs)

    def title(self) -> str:
        """The counts in words."""
        counts = (("user", self.users), ("thread", self.threads), ("graph", self.graphs))
        return ", ".join(
            f"{count:,} {what}{'' if count == 1 else 's'}"
            for what, count in counts
            if count is not None
        )


async def take_survey(dialect: Dialect) -> Survey:
    """Three requests."""
    users = _count(await dialect.users(None, Order.STABLE))
    threads = _count(await dialect.threads(None, Order.STABLE))
    graphs = _count(await dialect.graphs(None))
    of_user = len(dialect.parts(Graph("", "", User("", ""))))
    of_graph = len(dialect.parts(Graph("", "")))
    pages = sum(ceil((count or 0) / _PER_PAGE) for count in (users, threads, graphs))
    requests = pages + (users or 0) * of_user + (threads or 0) + (graphs or 0) * of_graph
    return Survey(users, threads, graphs, requests)


def _count(listed: Listed) -> int | None:
    """The total, or what a list of one page holds."""
    if listed.total is None and listed.next is None:
        return len(listed.items)
    return listed.total


def findings_of(survey: Survey, project: Mapping[str, Any], limit: int | None) -> list[Finding]:
    """What should be known before reading begins."""
    found = [_empty(project)] if survey.is_empty else []
    if project.get("include_policy_violating_episodes") is False:
        found.append(_hidden())
    if takes_long := _duration(survey.requests, limit):
        found.append(takes_long)
    return found


def _empty(project: Mapping[str, Any]) -> Finding:
    return Finding(
        Severity.WARNING,
        "zep-empty",
        f"The key opens the project {project.get('name') or project.get('uuid')}, which has no "
        "users, threads or graphs.",
        remedy="Check that it is the key of the right project: each project has keys of its own.",
    )


def _hidden() -> Finding:
    return Finding(
        Severity.WARNING,
        "zep-policy-hides-episodes",
        "If the project has a content policy, texts that violate it are not shown and will be "
        "missing; facts that only such texts are behind are loaded instead.",
        remedy="To get the texts, have include_policy_violating_episodes switched on.",
    )


def _duration(requests: int, limit: int | None) -> Finding | None:
    if limit is None:
        if requests < _MANY_REQUESTS:
            return None
        text = (
            f"Reading takes at least {requests:,} requests; how many the plan allows a minute is "
            "not told."
        )
    else:
        text = (
            f"Reading takes at least {requests:,} requests, and the plan allows {limit:,} a "
            f"minute: about {_span(ceil(requests / limit))}."
        )
    return Finding(
        Severity.INFO,
        "zep-duration",
        text,
        remedy="It may be interrupted at any time: the same command goes on. Zep's sales raise "
        "limits for a large move.",
    )


def _span(minutes: int) -> str:
    if minutes > 2 * _DAY:
        return f"{minutes / _DAY:.1f} days"
    if minutes > 2 * _HOUR:
        return f"{minutes / _HOUR:.1f} hours"
    return f"{minutes} minutes" if minutes > 1 else "a minute"


def ontology_finding(ontology: Mapping[str, Any]) -> Finding | None:
    """The project's own types: they are no memories, but labels of entities and names of facts."""
    names = [
        str(one.get("name"))
        for part in ("entity_types", "edge_types")
        for one in ontology.get(part) or ()
        if isinstance(one, Mapping)
    ]
    if not names:
        return None
    return Finding(
        Severity.INFO,
        "zep-ontology",
        f"The project has an ontology of {len(names)} types, which has no place in Synap. "
        "The types stay with entities and facts, in their tags and metadata.",
        examples=tuple(names[:_SHOWN]),
    )
