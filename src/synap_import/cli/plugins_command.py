"""``synap-import plugins``: what is installed, what each plugin brings, and what cannot be used."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import click

from synap_import.errors import ExitCode
from synap_import.hookspecs import HOOK_VERSION
from synap_import.plugins import Plugins, discover

from .import_options import json_option
from .terminal import inert

_KINDS = ("sources", "transforms", "checks", "sections", "commands", "destinations")


class _Brought(NamedTuple):
    """One thing that a plugin brings; ``version`` is that of a transform."""

    hook: str
    name: str
    summary: str
    version: str | None = None

    @property
    def title(self) -> str:
        return f"{self.hook} {self.name}{f' {self.version}' if self.version else ''}"


def plugins_command(own_commands: Collection[str]) -> click.Command:
    """``synap-import plugins``."""

    def run(as_json: bool) -> int:
        plugins = discover(own_commands)
        click.echo(_as_json(plugins) if as_json else "\n".join(_lines(plugins)))
        for line in _problems(plugins):
            click.echo(line, err=True)
        return ExitCode.CONFIGURATION if plugins.broken or plugins.conflicts else ExitCode.OK

    return click.Command(
        "plugins",
        params=[json_option()],
        callback=run,
        help="List the installed plugins: sources, transforms, checks, sections of the report, "
        "commands and destinations. Exit code 2 when one cannot be used.",
    )


def _brought(plugins: Plugins) -> dict[tuple[str, str], list[_Brought]]:
    by_plugin: defaultdict[tuple[str, str], list[_Brought]] = defaultdict(list)
    for kind in _KINDS:
        for name, one in sorted(getattr(plugins, kind).items()):
            declared: Any = one.declaration
            summary = getattr(declared, "summary", "") or declared.title
            version = getattr(declared, "version", None)
            by_plugin[one.distribution, one.version].append(
                _Brought(kind.removesuffix("s"), name, summary, version)
            )
    return dict(sorted(by_plugin.items()))


def _lines(plugins: Plugins) -> Iterator[str]:
    yield f"Hooks {HOOK_VERSION}"
    for (distribution, version), brought in _brought(plugins).items():
        yield f"{distribution} {version}"
        for one in brought:
            yield f"  {one.title:<24}  {inert(one.summary, 100)}"


def _problems(plugins: Plugins) -> Iterator[str]:
    for broken in plugins.broken:
        reason = inert(broken.reason)
        yield f"{broken.distribution} {broken.version} cannot be used: {reason}"
    for conflict in plugins.conflicts:
        yield f"{conflict} {conflict.error().remedy}"


def _as_json(plugins: Plugins) -> str:
    return json.dumps(
        {
            "hook_version": HOOK_VERSION,
            "plugins": [
                {
                    "plugin": distribution,
                    "version": version,
                    "hooks": [one._asdict() for one in brought],
                }
                for (distribution, version), brought in _brought(plugins).items()
            ],
            "broken": [
                {"plugin": one.distribution, "version": one.version, "reason": one.reason}
                for one in plugins.broken
            ],
            "conflicts": [
                {"what": one.what, "name": one.name, "plugins": one.distributions}
                for one in plugins.conflicts
            ],
        }
    )
