"""What the owner of a graph should know about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from synap_import import Finding, Severity

from .sorts import Sort
from .survey import GraphSight, all_groups

if TYPE_CHECKING:
    from .databases.database import Database

_EXAMPLES = 5


def findings_of(
    database: Database, sights: Sequence[GraphSight], *, zone_is_told: bool
) -> Iterator[Finding]:
    """All of them, the gravest first."""
    yield from _about_keys(sights)
    if not database.keeps_zones and not zone_is_told:
        yield from _about_zones(sights)
    yield from _about_nobody(sights)
    if database.graph_per_group:
        yield from _about_strays(sights)
    yield from _about_doubles(sights)
    yield from _about_silence(sights)


def _about_keys(sights: Sequence[GraphSight]) -> Iterator[Finding]:
    counts = [count for sight in sights for count in sight.counts.values()]
    if without := sum(count.items - count.keyed for count in counts):
        yield Finding(
            Severity.WARNING,
            "graphiti-no-uuid",
            "Nodes or relationships with Graphiti's labels but without a uuid are not read: "
            "another program made them.",
            remedy="If they are memories, give each a property uuid.",
            count=without,
        )
    if doubles := sum(max(count.keyed - count.ids, 0) for count in counts):
        yield Finding(
            Severity.WARNING,
            "graphiti-same-uuid",
            "Several items have the same uuid; only one of each comes out for certain.",
            remedy="Look for them with MATCH (n:Entity) WITH n.uuid AS uuid, count(*) AS c "
            "WHERE c > 1 RETURN uuid.",
            count=doubles,
        )


def _about_zones(sights: Sequence[GraphSight]) -> Iterator[Finding]:
    episodes = _total(sights, Sort.EPISODES)
    if episodes:
        yield Finding(
            Severity.WARNING,
            "graphiti-lost-time-zones",
            "Kuzu keeps no time zones: the times that your program gave with its episodes "
            "are read as UTC, and are wrong by its offset if it gave local ones.",
            remedy="If it did, say its zone: --assume-tz Europe/Berlin.",
            count=episodes,
        )


def _about_nobody(sights: Sequence[GraphSight]) -> Iterator[Finding]:
    if nobodys := all_groups(sights)[""]:
        yield Finding(
            Severity.WARNING,
            "graphiti-default-group",
            "Items were stored without a group_id, so the graph does not say whose they are.",
            remedy="They are held, unless --no-user makes them everybody's: not if they may be "
            "somebody's own.",
            count=nobodys,
        )


def _about_strays(sights: Sequence[GraphSight]) -> Iterator[Finding]:
    astray = [sight for sight in sights if sight.strays]
    if astray:
        yield Finding(
            Severity.WARNING,
            "graphiti-other-group-in-graph",
            "Items lie in the graph of another group than their own. Their group_id decides "
            "whose they are; releases of Graphiti mixed graphs up when several were written at "
            "once.",
            remedy="Look at a few of them before you trust their group.",
            count=sum(sight.strays for sight in astray),
            examples=tuple(sight.name for sight in astray[:_EXAMPLES]),
        )


def _about_doubles(sights: Sequence[GraphSight]) -> Iterator[Finding]:
    if doubled := sum(sight.doubled for sight in sights):
        yield Finding(
            Severity.WARNING,
            "graphiti-messages-twice",
            "Zep's Community Edition wrote these episodes: each message once under its session "
            "and once under its user, and so the facts too.",
            remedy="In the user map, skip the rows whose id is a session, where it has a user. "
            "The messages themselves: synap-import zep --ce-dsn.",
            count=doubled,
        )


def _about_silence(sights: Sequence[GraphSight]) -> Iterator[Finding]:
    if silent := sum(sight.silent for sight in sights):
        yield Finding(
            Severity.INFO,
            "graphiti-episodes-without-text",
            "The text of episodes was not kept (store_raw_episode_content=False); their facts "
            "are loaded in its place.",
            count=silent,
        )


def _total(sights: Sequence[GraphSight], sort: Sort) -> int:
    return sum(sight.counts[sort].items for sight in sights if sort in sight.counts)
