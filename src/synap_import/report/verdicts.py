"""The first sentences of a report: how the job stands, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from synap_import.destinations import is_elsewhere
from synap_import.planning import Hold

from .words import counted, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Facts


class Standing(StrEnum):
    """Whether somebody must look."""

    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something to do next: why, and the command that does it, where there is one."""

    why: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the job stands."""

    standing: Standing
    headline: str
    sentence: str
    steps: tuple[NextStep, ...]


def judge(facts: Facts) -> Verdict:
    """The verdict on a job."""
    standing, headline = next((s, text) for is_so, s, text in _headlines(facts) if is_so)
    steps = tuple(step for count, step in _steps(facts) if count)
    return Verdict(standing, headline, _sentence(facts), steps)


def _headlines(facts: Facts) -> Iterator[tuple[bool | int, Standing, str]]:
    """What could be said, the worst first: whether it is so, how bad it is, the words."""
    account, outcomes = facts.account, facts.account.outcomes
    lost = counted(abs(account.unaccounted), "record is", "records are")
    yield account.unaccounted, Standing.BAD, f"{lost} unaccounted for: a fault of this tool"
    yield account.exported == 0, Standing.ATTENTION, "Nothing came out of the source"
    waiting = counted(outcomes.unfinished, "record waits", "records wait")
    yield outcomes.unfinished, Standing.ATTENTION, f"Not finished: {waiting} for an end"
    yield account.incomplete, Standing.BAD, "The source holds more than came out of it"
    in_doubt = counted(outcomes.in_doubt, "record is", "records are")
    yield outcomes.in_doubt, Standing.ATTENTION, f"{in_doubt} in doubt"
    if not outcomes.in_synap:
        yield outcomes.rolled_back, Standing.ATTENTION, "The job was rolled back"
        yield True, Standing.ATTENTION, "Nothing was loaded"
    refused = counted(outcomes.rejected, "was rejected", "were rejected")
    told = f"Every record is accounted for; {refused}"
    yield outcomes.rejected, Standing.ATTENTION, told
    yield True, Standing.GOOD, "Every record is accounted for"


def _sentence(facts: Facts) -> str:
    account, outcomes = facts.account, facts.account.outcomes
    if account.exported == 0:
        return "No record and no unreadable item is in the ledger of this job."
    share = percent(outcomes.in_synap, account.exported)
    records = counted(account.exported, "record")
    is_there = "is" if outcomes.in_synap == 1 else "are"
    told = [f"{number(outcomes.in_synap)} of {records} ({share}) {is_there} in Synap"]
    others = {
        "held back for a reason": outcomes.held,
        "rejected": outcomes.rejected,
        "in doubt": outcomes.in_doubt,
        "rolled back": outcomes.rolled_back,
        "not finished": outcomes.unfinished,
    }
    told += [f"{number(count)} {name}" for name, count in others.items() if count]
    return ", ".join(told) + "."


def _steps(facts: Facts) -> Iterator[tuple[int, NextStep]]:
    """What could be done next, and of how many records it is worth it."""
    outcomes, job = facts.account.outcomes, facts.about.job
    yield (
        outcomes.unfinished,
        NextStep("Go on: the import command that made this job resumes it"),
    )
    unmapped = sum(one.count for one in facts.held if one.reason == Hold.UNMAPPED_USER)
    whose = counted(unmapped, "record")
    yield (
        unmapped,
        NextStep(f"Add the users of {whose} to the user map, then run the import command again"),
    )
    yield (
        outcomes.in_doubt,
        NextStep("Settle what is in doubt: the import command without --on-doubt hold"),
    )
    yield (
        outcomes.rejected,
        NextStep("Get the rejected records whole, to mend them", f"synap-import rejected {job}"),
    )
    yield (
        outcomes.rejected,
        NextStep("Send them again, once the cause is mended in Synap", f"synap-import retry {job}"),
    )
    waiting = facts.confirmed.processing + facts.confirmed.unasked
    if is_elsewhere(facts.about.destination):
        waiting = 0  # only Synap is asked
    yield (
        waiting,
        NextStep(
            f"Ask Synap what became of {counted(waiting, 'loaded record')}",
            f"synap-import confirm {job} --confirm all",
        ),
    )
    yield (
        outcomes.in_synap,
        NextStep("Old ids and new ones, for your own code", f"synap-import ids {job}"),
    )
