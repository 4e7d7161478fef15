"""Imports from Python, in a few lines.

result = await import_memories("json", {"files": ["memories.jsonl"]}, user_map="users.csv")
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from .engines import EngineChoice, EngineName
from .engines.choosing import USUAL_WORKERS
from .errors import ConfigurationError, ExitCode
from .events import nobody
from .importing import ImportRequest, decided_user_map, opened_import, run_opened
from .jobs import Workdir
from .loading import LoadLimits
from .loading.confirming import ConfirmChoice
from .planning import ConversationsAs, Ownerless, PlanRules, Unmapped, UserlessOwner
from .plugins import discover
from .settings import config_of

if TYPE_CHECKING:
    from .events import Listener
    from .ledger import Books
    from .plugins import Plugins
    from .sources import Finding


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of an import. ``folder`` holds the job's ledger, None after a dry run.

    ``stopped`` says why it ended early; the same import again goes on from there.
    """

    job: str
    folder: Path | None
    books: Books
    findings: Sequence[Finding]
    exit_code: ExitCode
    stopped: str | None

    @property
    def is_complete(self) -> bool:
        """Whether every record is loaded, or held as it was told."""
        return self.exit_code is ExitCode.OK


async def import_memories(
    source: str,
    settings: Mapping[str, Any] | None = None,
    *,
    user_map: str | Path = "identity",
    rules: Mapping[str, Any] | None = None,
    to: str = "synap",
    synap_url: str | None = None,
    dry_run: bool = False,
    limit: int | None = None,
    accept: Sequence[str] = (),
    confirm: str = "auto",
    load_limits: LoadLimits | None = None,
    workdir: str | Path | None = None,
    new_job: bool = False,
    ledger: str | None = None,
    engine: str = "process",
    ray_address: str | None = None,
    workers: int = USUAL_WORKERS,
    transforms: Sequence[str] = (),
    on_event: Listener = nobody,
) -> ImportResult:
    """Import a source, as the command of its name does; call it again to resume.

    ``settings`` are the adapter's own options, with ``_`` for ``-``; what is absent comes from the
    environment, as do SYNAP_API_KEY and SYNAP_BASE_URL. ``user_map`` is a file, or ``identity``.
    ``rules`` are fields of :class:`~synap_import.planning.PlanRules`. ``transforms``, and what
    ``to`` may be beside ``synap`` and ``sandbox``, are those of plugins. ``accept`` are codes of
    findings that are no reason to send nothing. ``ledger`` is the address of a PostgreSQL that
    keeps the job's ledger, for several machines, and ``engine`` says who reads and sends: this
    ``process``, or ``workers`` on ``ray``, at ``ray_address`` or on this machine.
    ``on_event`` hears of everything, once a second of
    :class:`~synap_import.events.Progressed`.

    Raises ConfigurationError, SourceError, UserMapError or PreflightError when something must be
    changed before it can begin, LedgerError when the job's database cannot go on. A peer that stops
    the run raises nothing: the result says so.
    """
    plugins = discover()
    adapter = _installed(source, plugins)
    request = ImportRequest(
        adapter=adapter,
        config=config_of(adapter.Config, settings or {}),
        rules=_rules(str(user_map), rules or {}),
        to=to,
        synap_url=synap_url or os.environ.get("SYNAP_BASE_URL"),
        dry_run=dry_run,
        limit=limit,
        accept=tuple(accept),
        load_limits=load_limits or LoadLimits(),
        confirm=ConfirmChoice(confirm),
        workdir=Workdir(Path(workdir)) if workdir else Workdir.default(),
        new_job=new_job,
        ledger=ledger or os.environ.get("SYNAP_IMPORT_LEDGER", ""),
        engine=EngineChoice(EngineName(engine), ray_address, workers),
        plugins=plugins,
        transforms=tuple(transforms),
    )
    async with opened_import(request, on_event) as opened:
        end = await run_opened(opened, (), on_event)
        return ImportResult(
            job=opened.job.name,
            folder=None if dry_run else opened.job.folder,
            books=end.books,
            findings=opened.ledger.findings.kept(),
            exit_code=end.exit_code,
            stopped=end.stopped.message if end.stopped else None,
        )


def run_import(
    source: str, settings: Mapping[str, Any] | None = None, **given: Any
) -> ImportResult:
    """:func:`import_memories` for code that is not asynchronous."""

    async def run() -> ImportResult:
        return await import_memories(source, settings, **given)

    return anyio.run(run)


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "unmapped": Unmapped,
    "agents_as": UserlessOwner,
    "ownerless": Ownerless,
    "included": frozenset,
    "conversations_as": ConversationsAs,
}


def _rules(user_map: str, given: Mapping[str, Any]) -> PlanRules:
    known = {field.name for field in fields(PlanRules)} - {"user_map"}
    if unknown := sorted(set(given) - known):
        raise ConfigurationError(
            f"There is no rule {', '.join(unknown)}.", remedy=f"Rules: {', '.join(sorted(known))}."
        )
    try:
        rules = {name: _KINDS.get(name, _same)(value) for name, value in given.items()}
    except ValueError as error:
        raise ConfigurationError(f"A rule cannot be: {error}.") from error
    return PlanRules(decided_user_map(user_map), **rules)


def _same(value: Any) -> Any:
    return value


def _installed(source: str, plugins: Plugins) -> Any:
    plugins.refuse_conflict(source, "source", "command")
    if source not in plugins.sources:
        raise ConfigurationError(
            f"No source {source!r} is installed (installed: {', '.join(sorted(plugins.sources))}).",
            remedy=f"pip install synap-import-{source}",
        )
    return plugins.sources[source].load()
