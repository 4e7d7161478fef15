"""What the page shows, made ready for its template: facts with their words, bars and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from synap_import.assumptions import told
from synap_import.destinations import SANDBOX, is_elsewhere
from synap_import.preflight.codes import CATALOG

from .charts.bars import bar
from .charts.flow import flow_chart, leaves
from .charts.marks import SIZES
from .charts.pace import pace_chart
from .charts.timeline import timeline_chart
from .reasons import Meaning, meaning_of_doubt, meaning_of_hold, meaning_of_rejection
from .runs import are_worth_a_picture, stretches, summary_of
from .words import (
    NAMES,
    clock,
    counted,
    day,
    destination,
    number,
    older,
    parts,
    percent,
    span,
    started,
)

if TYPE_CHECKING:
    from .facts import Facts, OfUser, Outcomes, Reason

_ALWAYS = ("loaded", "held", "rejected")
_OPEN_AT_ONCE = 12
_ROWS_OF_RUN = 60


def page(facts: Facts) -> dict[str, Any]:
    """Everything that the template names, but what is the same on every page."""
    return {
        "about": facts.about,
        "started": started(facts.about),
        "destination": "Synap" if _is_instance(facts) else destination(facts),
        "instance": facts.about.destination if _is_instance(facts) else "",
        "sections": facts.sections,
        "account": facts.account,
        "tiles": [
            (field, name, getattr(facts.account.outcomes, field))
            for field, name in NAMES.items()
            if field in _ALWAYS or getattr(facts.account.outcomes, field)
        ],
        "notes": _notes(facts),
        "fields": [field for field, _, _ in parts(facts.account.outcomes)],
        **_flow(facts),
        **_timeline(facts),
        **_users(facts),
        "kind_rows": _kinds(facts),
        **_run(facts),
        "findings": facts.findings,
        "explained": any(finding.code in CATALOG for finding in facts.findings),
        "assumptions": [
            {"said": told(one.code, one.count), "count": one.count} for one in facts.assumptions
        ],
        **_reasons(facts),
    }


def _is_instance(facts: Facts) -> bool:
    name = facts.about.destination
    return name != SANDBOX and not is_elsewhere(name)


def _notes(facts: Facts) -> list[str]:
    """What the account has to say beside its sum."""
    account, confirmed = facts.account, facts.confirmed
    notes = []
    in_documents = account.outcomes.in_synap
    if account.documents and account.documents < in_documents:
        notes.append(f"as {counted(account.documents, 'document')}")
    done = confirmed.ingested + confirmed.partly
    if done:
        made = counted(confirmed.memories, "memory", "memories")
        notes.append(f"{number(done)} of the loaded are confirmed: Synap made {made} of them")
    if account.seen_again:
        notes.append(f"{counted(account.seen_again, 'item')} came out twice and are counted once")
    return [*notes, *older(account)]


def _flow(facts: Facts) -> dict[str, Any]:
    exported = facts.account.exported
    if not exported:
        return {"flow": (), "flow_rows": ()}
    rows = [("exported", number(exported), "")]
    for leaf in leaves(facts):
        name = NAMES[leaf.outcome]
        rows.append(
            (
                name if leaf.name == name else f"{name}: {leaf.name}",
                number(leaf.count),
                percent(leaf.count, exported),
            )
        )
    return {"flow": [flow_chart(facts, size) for size in SIZES], "flow_rows": rows}


def _timeline(facts: Facts) -> dict[str, Any]:
    timeline = facts.timeline
    if not timeline.spans:
        return {"timeline": timeline}
    fields = [field for field, _, _ in parts(facts.account.outcomes)]
    told_of = [f"From {day(timeline.first)} to {day(timeline.last)}, in UTC."]
    if timeline.timeless:
        told_of.append(f"{counted(timeline.timeless, 'record')} without a time.")
    far = timeline.earlier + timeline.later
    if far:
        told_of.append(f"Not drawn: {counted(far, 'record')} far away from all others.")
    return {
        "timeline": timeline,
        "timeline_lead": " ".join(told_of),
        "timeline_charts": [timeline_chart(timeline, size) for size in SIZES],
        "timeline_header": [timeline.step.value, "records", *(NAMES[field] for field in fields)],
        "timeline_rows": [
            [
                span(one.start, timeline.step),
                number(one.outcomes.total),
                *(number(getattr(one.outcomes, field)) for field in fields),
            ]
            for one in timeline.spans
        ],
    }


def _users(facts: Facts) -> dict[str, Any]:
    users = facts.users
    most = max((user.outcomes.total for user in users.most), default=0)
    others = users.count - len(users.most)
    lead = f"{counted(users.count, 'owner')} in the source."
    if others:
        lead = f"The {number(len(users.most))} with most records, of {number(users.count)} in all."
    rest = {
        "name": counted(others, "other"),
        "bar": "",  # a bar of many together would dwarf those of one each
        "total": users.others.total,
        "cells": asdict(users.others),
    }
    return {
        "users": users,
        "users_lead": lead,
        "user_rows": [
            {
                "id": user.id,
                "scope": user.scope,
                "becomes": _becomes(user),
                "outcomes": user.outcomes,
                **_bar(user.outcomes, most),
            }
            for user in users.most
        ],
        "other_users": rest if others else None,
    }


def _becomes(user: OfUser) -> str:
    """Who the owner is in Synap; nothing where that is the same id."""
    if user.user_ids > 1:
        return f"{number(user.user_ids)} users"
    return "" if user.user_id is None or user.user_id == user.id else user.user_id


def _kinds(facts: Facts) -> list[dict[str, Any]]:
    most = max((kind.outcomes.total for kind in facts.kinds), default=0)
    return [
        {"kind": kind.kind, "total": kind.outcomes.total, **_bar(kind.outcomes, most)}
        for kind in facts.kinds
    ]


def _bar(outcomes: Outcomes, most: int) -> dict[str, Any]:
    return {"bar": bar(outcomes, most), "cells": asdict(outcomes)}


def _run(facts: Facts) -> dict[str, Any]:
    work = stretches(facts.moments)
    if not are_worth_a_picture(work):
        return {"run_lead": summary_of(facts.moments), "run_charts": (), "run_rows": ()}
    every = max(1, len(work) // _ROWS_OF_RUN)
    return {
        "run_lead": summary_of(facts.moments),
        "run_charts": [pace_chart(work, size) for size in SIZES],
        "run_rows": [
            [clock(one.end), number(one.rate), number(one.in_flight)] for one in work[::every]
        ],
    }


def _reasons(facts: Facts) -> dict[str, Any]:
    job = facts.about.job
    listed = sum(len(one.listed) for one in (*facts.held, *facts.rejected, *facts.in_doubt))
    are_few = listed <= _OPEN_AT_ONCE

    def of(
        reasons: Iterable[Reason], meaning: Callable[[str], Meaning], where: str
    ) -> Sequence[dict[str, Any]]:
        return [
            {
                "reason": one.reason,
                "count": one.count,
                "listed": one.listed,
                "more": one.count > len(one.listed),
                "where": where,
                "is_open": are_few,
                **meaning(one.reason)._asdict(),
            }
            for one in reasons
        ]

    ids = f"synap-import ids {job}"
    return {
        "held": of(facts.held, partial(meaning_of_hold, findings=facts.findings), ids),
        "rejected": of(facts.rejected, meaning_of_rejection, f"synap-import rejected {job}"),
        "in_doubt": of(
            facts.in_doubt, lambda _: meaning_of_doubt(), f"synap-import rejected --in-doubt {job}"
        ),
    }
