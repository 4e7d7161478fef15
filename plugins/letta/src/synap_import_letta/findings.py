"""What nobody here decides: whose an agent is that several users could own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from synap_import import Finding, Severity

if TYPE_CHECKING:
    from .people import Agent, Owner, People

_EXAMPLES = 5


def doubts_about(people: People, chosen: Mapping[str, str | None]) -> Iterator[Finding]:
    """Agents with several users, and choices for agents that are not there."""
    if several := people.ambiguous():
        yield ambiguous(several)
    if unknown := sorted(set(chosen) - set(people.agents)):
        yield unknown_agents(unknown)


def ambiguous(found: Sequence[tuple[Agent, Owner]]) -> Finding:
    """Agents that several users could own: nobody here guesses."""
    named = [
        f"{agent.name or agent.id} ({agent.id}): {', '.join(owner.candidates)}"
        for agent, owner in found
    ]
    agents = "1 agent has" if len(found) == 1 else f"{len(found)} agents have"
    first = found[0][0].id
    return Finding(
        Severity.ERROR,
        "letta-ambiguous-user",
        f"{agents} more than one user in Letta, and their memories can be one user's only: "
        f"{'; '.join(named[:_EXAMPLES])}{'; …' if len(named) > _EXAMPLES else ''}.",
        remedy=f"Say whose they are: --agent-user {first}=USER for each of them, or "
        f"--agent-user {first}= for an agent that is nobody's.",
        count=len(found),
        examples=tuple(named[:_EXAMPLES]),
    )


def unknown_agents(names: Sequence[str]) -> Finding:
    """``--agent-user`` names agents that are not there."""
    return Finding(
        Severity.ERROR,
        "letta-unknown-agent",
        f"--agent-user names agents that Letta does not show: {', '.join(names[:_EXAMPLES])}.",
        remedy="Give the agent's id (agent-…), not its name.",
        count=len(names),
        examples=tuple(names[:_EXAMPLES]),
    )
