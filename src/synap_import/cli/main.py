"""``synap-import``: the command and its subcommands, one per installed source."""

from __future__ import annotations

import gc
import sys
import traceback
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import click

from synap_import.errors import ConfigurationError, ExitCode, SynapImportError
from synap_import.plugins import Plugins, discover

from .adding import how_to_add

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from synap_import.hookspecs import CommandDeclaration
    from synap_import.plugins import InstalledHook, InstalledSource

    SourceCommandMaker = Callable[[InstalledSource], click.Command]

_EXIT_CODES = """
Exit codes: 0 all loaded (or held, as told) · 1 something was rejected · 2 usage or
configuration · 3 stopped early, the same command resumes · 4 some documents are in doubt
(--on-doubt hold) · 70 a fault of this tool ·
130 interrupted, the same command resumes.
"""

OWN_COMMANDS = {
    "users": "List who is in a source, as a user map to fill in.",
    "export": "Write a source's records to a file.",
    "status": "Show the account of a job, by default the latest.",
    "jobs": "List the jobs.",
    "retry": "Send the rejected documents of a job again.",
    "rejected": "Write the rejected records of a job to a file, with the reasons.",
    "confirm": "Ask Synap what it made of the documents of a job.",
    "verify": "Check that what a job loaded can be found, by the users whose it is.",
    "rollback": "Delete from Synap what a job put there.",
    "ids": "Write what each record of a job became in Synap: old ids and new ones.",
    "report": "Write what became of a job: a page with charts, Markdown or JSON.",
    "explain": "Explain the code of a finding, or why records are held.",
    "sources": "List the installed sources.",
    "plugins": "List the installed plugins with what each brings.",
    "sandbox": "Run a local stand-in for Synap.",
    "new-plugin": "Make a plugin that reads a source of your own.",
}


class SourceGroup(click.Group):
    """A group with a command per installed source; adapters load when their command runs."""

    def __init__(self, make: SourceCommandMaker, name: str, help: str) -> None:  # noqa: A002
        super().__init__(name=name, help=help)
        self._make = make

    @cached_property
    def plugins(self) -> Plugins:
        """What is installed."""
        return discover()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The sources, by name."""
        return sorted(self.plugins.sources)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a source."""
        source = self.plugins.sources.get(cmd_name)
        return None if source is None else self._make(source)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but a source that is not there gets the line that installs it."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(self._missing(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The sources with their one line, without loading them."""
        rows = [(name, s.declaration.summary) for name, s in sorted(self.plugins.sources.items())]
        with formatter.section("Sources"):
            formatter.write_dl(rows or [("(none)", how_to_add("json"))])
        for broken in self.plugins.broken:
            formatter.write_text(f"{broken.distribution} cannot be used: {broken.reason}")
        for conflict in self.plugins.conflicts:
            formatter.write_text(str(conflict))

    def _missing(self, name: str) -> str:
        self.plugins.refuse_conflict(name, "source", "command")
        for broken in self.plugins.broken:
            if broken.name == name:
                return (
                    f"The plugin for '{name}' ({broken.distribution} {broken.version}) cannot be "
                    f"loaded: {broken.reason}."
                )
        # A slip is not to become the name of a package that somebody installs.
        if near := get_close_matches(name, sorted(self._names()), n=2, cutoff=0.7):
            return f"There is no '{name}'. Do you mean {' or '.join(near)}?"
        known = ", ".join(self.list_commands(click.get_current_context())) or "none"
        return f"No source '{name}' is installed (installed: {known}). {how_to_add(name)}"

    def _names(self) -> set[str]:
        """Everything that can be meant in the place of a source."""
        return set(self.plugins.sources)


class MainGroup(SourceGroup):
    """The command itself: sources, and what there is beside them."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of our own commands, or a source's."""
        if cmd_name in OWN_COMMANDS:
            return _own_command(cmd_name)
        added = self.plugins.commands.get(cmd_name)
        return super().get_command(ctx, cmd_name) if added is None else _added_command(added)

    @cached_property
    def plugins(self) -> Plugins:
        """What is installed, and has no name of ours."""
        return discover(OWN_COMMANDS)

    def _names(self) -> set[str]:
        return {*super()._names(), *OWN_COMMANDS, *self.plugins.commands}

    def invoke(self, ctx: click.Context) -> Any:
        """As click does; what a plugin's command raises by mistake names the plugin."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            name = ctx.invoked_subcommand or ""
            if name not in OWN_COMMANDS and name in self.plugins.commands:
                error.add_note(f"Raised in a command of {self.plugins.commands[name].origin}.")
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Sources first: they are the main job."""
        super().format_commands(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl(list(OWN_COMMANDS.items()))
        added = sorted(self.plugins.commands.items())
        if added:
            with formatter.section("Commands of plugins"):
                formatter.write_dl([(name, one.declaration.summary) for name, one in added])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The exit codes."""
        formatter.write_paragraph()
        formatter.write_text(" ".join(_EXIT_CODES.split()))


def _own_command(name: str) -> click.Command:
    from . import (  # noqa: PLC0415 - start-up time
        confirm_command,
        explain_command,
        ids_command,
        job_commands,
        new_plugin_command,
        plugins_command,
        rejected_commands,
        report_command,
        retry_command,
        rollback_command,
        sandbox_command,
        source_commands,
        status_command,
        users_command,
        verify_command,
    )

    makers: dict[str, Callable[[], click.Command]] = {
        "users": lambda: SourceGroup(
            users_command.users_command, "users", users_command.USERS_HELP
        ),
        "export": lambda: SourceGroup(
            source_commands.export_command, "export", source_commands.EXPORT_HELP
        ),
        "status": status_command.status_command,
        "jobs": job_commands.jobs_command,
        "retry": retry_command.retry_command,
        "rejected": rejected_commands.rejected_command,
        "confirm": confirm_command.confirm_command,
        "verify": verify_command.verify_command,
        "rollback": rollback_command.rollback_command,
        "ids": ids_command.ids_command,
        "report": report_command.report_command,
        "explain": explain_command.explain_command,
        "sources": job_commands.sources_command,
        "plugins": lambda: plugins_command.plugins_command(OWN_COMMANDS),
        "sandbox": sandbox_command.sandbox_command,
        "new-plugin": lambda: new_plugin_command.new_plugin_command(OWN_COMMANDS),
    }
    return makers[name]()


def _added_command(added: InstalledHook[CommandDeclaration]) -> click.Command:
    """A plugin's command. Raises ConfigurationError when what it declares is none."""
    command = added.load()
    if not isinstance(command, click.Command):
        raise ConfigurationError(
            f"'{added.declaration.name}' of {added.origin} is no click.Command.",
            remedy="That is a fault of the plugin: tell its authors.",
        )
    return command


def _import_command(source: InstalledSource, plugins: Plugins) -> click.Command:
    from .source_commands import import_command  # noqa: PLC0415 - start-up time

    return import_command(source, plugins)


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 - start-up time

        click.echo(f"synap-import {version('synap-import')}")
        ctx.exit()


def cli() -> click.Group:
    """The whole command line."""
    group: MainGroup = MainGroup(
        lambda source: _import_command(source, group.plugins),
        "synap-import",
        "Move your users' memories into Maximem Synap: every one accounted for, with its id, "
        "its user and its time.\n\n"
        "synap-import SOURCE --user-map users.csv is the main job; the same command resumes it.",
    )
    version = click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_show_version,
        help="Show the version.",
    )
    group.params.append(version)
    return group


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every error ends as a sentence and an exit code."""
    # Records come and go by the thousand: the usual threshold looks for cycles too often.
    # Much higher ones let the cycles that requests leave behind pile up.
    gc.set_threshold(5_000, 5, 3)
    # httpx imports a command line of its own where it can, with a syntax highlighter: a fifth of a
    # second at each start. A module that is None cannot be imported, which httpx provides for.
    sys.modules.setdefault("httpx._main", cast("ModuleType", None))
    try:
        code: Any = cli().main(args=arguments, prog_name="synap-import", standalone_mode=False)
    except SynapImportError as error:
        code = _fail(error.message, error.remedy, error.exit_code)
    except click.ClickException as error:
        error.show()
        code = ExitCode.CONFIGURATION
    except (KeyboardInterrupt, click.Abort):
        code = _fail("Interrupted.", "The same command resumes.", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        code = ExitCode.OK
    except Exception:  # noqa: BLE001 - whatever it is, the shell must not take it for a result
        traceback.print_exc()
        code = _fail(
            "This is a fault of synap-import or of a plugin, not of your data.",
            "Please report it with the lines above. What was done is in the ledger.",
            ExitCode.FAULT,
        )
    # A command of a plugin may return anything.
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, remedy: str, code: ExitCode) -> ExitCode:
    from .terminal import inert, inert_lines  # noqa: PLC0415 - start-up time

    click.echo(f"Error: {inert_lines(message)}", err=True)
    if remedy:
        click.echo(f"  {inert(remedy, 2000)}", err=True)
    return code
