"""The report as Markdown, for a ticket or a pull request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from synap_import.assumptions import told

from .reasons import Meaning, meaning_of_doubt, meaning_of_hold, meaning_of_rejection
from .runs import summary_of
from .verdicts import judge
from .words import (
    NAMES,
    counted,
    day,
    destination,
    moment,
    number,
    older,
    owner,
    parts,
    shown,
    span,
    started,
)

if TYPE_CHECKING:
    from .facts import Facts, Listed, Outcomes, PluginSection, Reason

_LISTED_OF_REASON = 20
# What means something anywhere, what makes an address a link, and what begins a list or a heading.
_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&@!$]|:(?=//)|(?<=www)\.|^[-+=]", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")


def as_markdown(facts: Facts) -> str:
    """The report; of each reason it lists fewer records than the page does."""
    return "\n".join(_lines(facts)).rstrip() + "\n"


def plain(text: str, limit: int = 200) -> str:
    """The text as Markdown shows it, whatever it means to Markdown."""
    escaped = _SPECIAL.sub(r"\\\g<0>", shown(text, limit))
    return _NUMBERED.sub(r"\1\\\2", escaped)


def _lines(facts: Facts) -> Iterator[str]:
    verdict = judge(facts)
    about = facts.about
    yield f"# {plain(about.title)} → {plain(destination(facts))}"
    yield ""
    yield f"**{verdict.headline}.** {verdict.sentence}"
    yield ""
    yield (
        f"Job `{about.job}`, started {started(about)}, report of "
        f"{moment(about.written_at)} by synap-import {about.tool_version}."
    )
    yield from _section("Account", _account(facts))
    yield from _section("Users", _users(facts))
    yield from _section("Kinds", _kinds(facts))
    yield from _section("Original time", _timeline(facts))
    yield from _section("The runs", _runs(facts))
    yield from _section("Findings", _findings(facts))
    yield from _section("Rejected", _reasons(facts.rejected, meaning_of_rejection))
    of_hold = partial(meaning_of_hold, findings=facts.findings)
    yield from _section("Held", _reasons(facts.held, of_hold))
    yield from _section("In doubt", _reasons(facts.in_doubt, lambda _: meaning_of_doubt()))
    for section in facts.sections:
        yield from _section(plain(section.title), _of_plugin(section))
    steps = [
        f"- {step.why}{f': `{step.command}`' if step.command else ''}" for step in verdict.steps
    ]
    yield from _section("What to do next", steps)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Nothing at all where there is nothing to say."""
    content = list(lines)
    if content:
        yield from ("", f"## {title}", "", *content)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """All columns but the first hold numbers, unless their name ends in a space."""
    yield f"| {' | '.join(header)} |"
    yield "|" + "|".join(["---", *("---" if h.endswith(" ") else "---:" for h in header[1:])]) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _account(facts: Facts) -> Iterator[str]:
    account = facts.account
    rows = [("exported", number(account.exported))]
    rows += [(name, number(count)) for _, name, count in parts(account.outcomes)]
    if account.unaccounted:
        rows.append(("unaccounted", number(account.unaccounted)))
    yield from _table(("", "records"), rows)
    confirmed = facts.confirmed
    if confirmed.ingested or confirmed.partly:
        yield ""
        yield (
            f"{number(confirmed.ingested + confirmed.partly)} loaded records are confirmed: "
            f"Synap made {counted(confirmed.memories, 'memory', 'memories')} of them."
        )
    if account.seen_again:
        yield ""
        yield f"{counted(account.seen_again, 'item')} came out twice and are counted once."
    for said in older(account):
        yield from ("", f"{said}.")


def _of_outcomes(outcomes: Outcomes, fields: Sequence[str]) -> list[str]:
    return [number(outcomes.total), *(number(getattr(outcomes, field)) for field in fields)]


def _fields(facts: Facts) -> list[str]:
    """The outcomes that occur in this job, which are the columns of its tables."""
    return [field for field, _, _ in parts(facts.account.outcomes)]


def _users(facts: Facts) -> Iterator[str]:
    users, fields = facts.users, _fields(facts)
    if not users.most:
        return
    rows = [
        [
            plain(owner(user)),
            plain(_target(user.user_id, user.user_ids)),
            *_of_outcomes(user.outcomes, fields),
        ]
        for user in users.most
    ]
    others = users.count - len(users.most)
    if others:
        rows.append([counted(others, "other"), "", *_of_outcomes(users.others, fields)])
    header = ("in the source", "in Synap ", "records", *(NAMES[field] for field in fields))
    yield from _table(header, rows)


def _target(user_id: str | None, user_ids: int) -> str:
    if user_ids > 1:
        return f"{user_ids} users"
    return shown(user_id, 80) if user_id else ""


def _kinds(facts: Facts) -> Iterator[str]:
    fields = _fields(facts)
    if facts.kinds:
        header = ("kind", "records", *(NAMES[field] for field in fields))
        yield from _table(
            header, ([plain(k.kind), *_of_outcomes(k.outcomes, fields)] for k in facts.kinds)
        )


def _timeline(facts: Facts) -> Iterator[str]:
    timeline, fields = facts.timeline, _fields(facts)
    if timeline.spans:
        yield f"From {day(timeline.first)} to {day(timeline.last)} (UTC)."
        yield ""
        header = (timeline.step.value, "records", *(NAMES[field] for field in fields))
        rows = (
            [span(one.start, timeline.step), *_of_outcomes(one.outcomes, fields)]
            for one in timeline.spans
        )
        yield from _table(header, rows)
    if timeline.earlier or timeline.later:
        yield ""
        far = timeline.earlier + timeline.later
        yield f"{counted(far, 'record')} far away from the others left out of this table."
    if timeline.timeless:
        yield ""
        yield f"{counted(timeline.timeless, 'record')} without an original time."


def _runs(facts: Facts) -> Iterator[str]:
    if summary := summary_of(facts.moments):
        yield summary


def _findings(facts: Facts) -> Iterator[str]:
    for finding in facts.findings:
        remedy = f" {plain(finding.remedy, 500)}" if finding.remedy else ""
        yield (
            f"- **{finding.severity}** {plain(finding.code)}: {plain(finding.message, 500)} "
            f"({number(finding.count)}){remedy}"
        )
    for assumption in facts.assumptions:
        yield f"- **note** {plain(told(assumption.code, assumption.count))}."


def _of_plugin(section: PluginSection) -> Iterator[str]:
    if section.text:
        yield from (plain(section.text, 1000), "")
    if section.rows:
        header = [plain(section.header[0]), *(f"{plain(one)} " for one in section.header[1:])]
        yield from _table(header, ([plain(cell) for cell in row] for row in section.rows))
        yield ""
    yield f"From {plain(section.plugin)}."


def _reasons(reasons: Iterable[Reason], meaning: Callable[[str], Meaning]) -> Iterator[str]:
    for reason in reasons:
        said = meaning(reason.reason)
        count = counted(reason.count, "record")
        meant = plain(f"{said.means} {said.remedy}".strip(), 600)
        yield f"**{plain(reason.reason)}**: {count}. {meant}"
        yield ""
        yield from map(_listed, reason.listed[:_LISTED_OF_REASON])
        more = reason.count - min(len(reason.listed), _LISTED_OF_REASON)
        if more:
            yield f"- and {number(more)} more"
        yield ""


def _listed(one: Listed) -> str:
    whose = f" of {plain(one.owner, 80)}" if one.owner else ""
    text = f": {plain(one.text, 100)}" if one.text else ""
    detail = f" ({plain(one.detail)})" if one.detail else ""
    return f"- {plain(one.id, 100)}{whose}{text}{detail}"
