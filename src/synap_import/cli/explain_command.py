"""``synap-import explain``: what the code of a finding means, offline."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import click

from synap_import.preflight.codes import CATALOG, explained

_HELP = "Explain the code of a finding: what it means, why it matters, what to do. Lists all codes."


class _Code(click.ParamType[str]):
    name = "code"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """The codes that begin so."""
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
    click.echo("\n".join(_table()) if code is None else page(explained(code).name).rstrip())


def page(code: str) -> str:
    """The page about a code of the catalog."""
    text = files("synap_import.preflight").joinpath("pages", f"{code}.md")
    return text.read_text(encoding="utf-8")


def _table() -> Sequence[str]:
    longest = max(map(len, CATALOG))
    return [f"{one.name:<{longest}}  {one.severity:<8} {one.title}" for one in CATALOG.values()]
