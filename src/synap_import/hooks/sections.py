"""The sections that plugins add to a report; of one that fails, the report says so in its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from synap_import.report.facts import PluginSection

from .faults import WrongAnswerError, described
from .looking import LedgerView

if TYPE_CHECKING:
    from synap_import.hookspecs import SectionDeclaration
    from synap_import.jobs import Job
    from synap_import.ledger import Ledger
    from synap_import.plugins import InstalledHook

    from .contract import Section

_MOST_ROWS = 200


async def make_sections(
    installed: Iterable[InstalledHook[SectionDeclaration]],
    job: Job,
    ledger: Ledger,
    *,
    with_text: bool,
) -> tuple[PluginSection, ...]:
    """What the plugins have to say about the job."""
    view = LedgerView(ledger, job.source, job.destination, with_text)
    sections = [await _section(one, view) for one in installed]
    return tuple(section for section in sections if section is not None)


async def _section(
    one: InstalledHook[SectionDeclaration], view: LedgerView
) -> PluginSection | None:
    title, plugin = one.declaration.title, one.origin
    try:
        section = await one.load()(view)
        return None if section is None else _checked(section, title, plugin)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        said = f"This section could not be made: {plugin} failed: {described(error)}."
        return PluginSection(title, plugin, said)


def _checked(section: Section, title: str, plugin: str) -> PluginSection:
    rows = tuple(tuple(map(str, row)) for row in section.rows)
    if any(len(row) != len(section.header) for row in rows):
        raise WrongAnswerError("a row has not as many cells as the header")
    text = section.text
    if len(rows) > _MOST_ROWS:
        text = f"{text} The first {_MOST_ROWS} of {len(rows):,} rows.".strip()
    header = tuple(map(str, section.header))
    return PluginSection(title, plugin, text, header, rows[:_MOST_ROWS])
