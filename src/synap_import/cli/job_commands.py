"""The commands about jobs and about what is installed."""

from __future__ import annotations

import json
from pathlib import Path

import click

from synap_import.errors import ExitCode
from synap_import.jobs import Workdir
from synap_import.plugins import discover

from .adding import how_to_add
from .import_options import json_option, workdir_option
from .terminal import inert


def jobs_command() -> click.Command:
    """``synap-import jobs``."""
    return click.Command(
        "jobs",
        params=[workdir_option(), json_option()],
        callback=_jobs,
        help="List the jobs, the latest first.",
    )


def _jobs(workdir: Path | None, as_json: bool) -> int:
    jobs = _workdir(workdir).jobs()
    if as_json:
        rows = [
            {
                "job": job.name,
                "source": job.source,
                "account": job.account,
                "destination": job.destination,
                "started_at": job.started_at,
                "folder": str(job.folder),
            }
            for job in jobs
        ]
        click.echo(json.dumps(rows))
        return ExitCode.OK
    for job in jobs:
        click.echo(f"{job.name}  {job.started_at}  {inert(job.title, 80)} → {job.destination}")
    if not jobs:
        click.echo(f"No jobs in {_workdir(workdir).path}.")
    return ExitCode.OK


def sources_command() -> click.Command:
    """``synap-import sources``."""
    return click.Command(
        "sources",
        params=[json_option()],
        callback=_sources,
        help="List the installed sources with their plugin and version.",
    )


def _sources(as_json: bool) -> int:
    plugins = discover()
    rows = [
        (name, f"{source.distribution} {source.version}", source.declaration.summary)
        for name, source in sorted(plugins.sources.items())
    ]
    if as_json:
        keys = ("source", "plugin", "summary")
        click.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in rows]))
        return ExitCode.OK
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
    if not rows:
        click.echo(f"No source is installed. {how_to_add('json')}")
    for broken in plugins.broken:
        click.echo(
            f"{broken.distribution} {broken.version} cannot be used: {inert(broken.reason)}",
            err=True,
        )
    return ExitCode.OK


def _workdir(path: Path | None) -> Workdir:
    return Workdir(path) if path else Workdir.default()
