"""``synap-import explain``: what the code of a finding or a reason to hold means, offline."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, NamedTuple

import click

from synap_import.errors import ConfigurationError
from synap_import.plugins import InstalledSource, discover
from synap_import.preflight.codes import CATALOG, Code, held
from synap_import.preflight.given_codes import explained

from .terminal import inert

_HELP = """Explain the code of a finding, or why records are held: what it means, why it matters,
what to do. Lists all codes, and the reasons of the installed sources."""
_PREFIX = "hold:"


class _Code(click.ParamType[str]):
    name = "code"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """The codes that begin so; sources would have to be imported for theirs."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - in a shell only

        return [CompletionItem(code) for code in CATALOG if code.startswith(incomplete)]


def explain_command() -> click.Command:
    """``synap-import explain [CODE]``."""
    return click.Command(
        "explain",
        params=[click.Argument(["code"], required=False, type=_Code())],
        callback=_explain,
        help=_HELP,
    )


def _explain(code: str | None) -> None:
    wanted = (code or "").removeprefix(_PREFIX)
    if code is None:
        click.echo("\n".join(_table([*_stated()])))
    elif wanted in CATALOG:
        click.echo(page(wanted).rstrip())
    else:
        stated = [*_stated()]
        found = [one for one in stated if one.code.name == wanted]
        if not found:
            explained(wanted, others={one.code.name for one in stated})
        click.echo("\n\n".join(map(_of_source, found)))


def page(code: str) -> str:
    """The page about a code of the catalog."""
    text = files("synap_import.preflight").joinpath("pages", f"{code}.md")
    return text.read_text(encoding="utf-8")


class _Stated(NamedTuple):
    """A reason to hold, and the source that gives it."""

    code: Code
    source: InstalledSource


def _stated() -> Iterator[_Stated]:
    """Those of all installed sources; a source that cannot be imported has none here."""
    for _, source in sorted(discover().sources.items()):
        try:
            holds = source.load().holds
        except ConfigurationError:
            continue
        for reason in sorted(holds):
            yield _Stated(held(reason, holds), source)


def _of_source(stated: _Stated) -> str:
    code, source = stated
    origin = f"{source.distribution} {source.version}"
    return f"""# {code.name}

*{code.severity}*: {inert(code.title)}.

## What it means

Records of the source `{source.declaration.name}` ({origin}) that are not sent for this reason.

## What to do

{inert(code.remedy)}"""


def _table(stated: list[_Stated]) -> Iterator[str]:
    longest = max(map(len, [*CATALOG, *(one.code.name for one in stated)]))
    for one in CATALOG.values():
        yield f"{one.name:<{longest}}  {one.severity:<8} {one.title}"
    if stated:
        yield "\nWhy installed sources hold records:"
    for code, source in stated:
        yield f"{code.name:<{longest}}  {source.declaration.name:<8} {inert(code.title)}"
