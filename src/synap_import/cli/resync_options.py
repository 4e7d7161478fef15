"""The options about reading a source again, and the question before memories are deleted."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import click

from synap_import.errors import ConfigurationError

from .terminal import inert, number

if TYPE_CHECKING:
    from synap_import.ledger import Gone
    from synap_import.resync import ResyncRules

    from .import_options import ImportOptions

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_EXAMPLES = 5


class Span(click.ParamType[float]):
    """A time such as 30s, 10m or 2h, in seconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds; more than none."""
        if isinstance(value, int | float):
            return float(value)
        found = _SPAN.fullmatch(str(value).strip().lower())
        seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
        if not seconds:
            self.fail(f"{value!r} is not a time such as 30s, 10m or 2h.", param, ctx)
        return seconds


def resync_options() -> list[click.Parameter]:
    """Fresh option objects."""
    return [
        click.Option(
            ["--resync"],
            is_flag=True,
            help="Read the whole source again; load what is new and what changed, and delete the "
            "memories of older versions.",
        ),
        click.Option(
            ["--keep-replaced"],
            is_flag=True,
            help="With --resync: leave the memories of older versions where they are.",
        ),
        click.Option(
            ["--mirror-deletes"],
            type=click.Choice(["few", "all"]),
            is_flag=False,
            flag_value="few",
            help="With --resync: also delete the memories of what is gone from the source. "
            "`all` does so however much it is; otherwise up to a fifth of it, or 100 records.",
        ),
        click.Option(
            ["--watch"],
            type=Span(),
            help="Re-sync again and again until Ctrl-C, with so much time between: 30s, 10m, 2h.",
        ),
        click.Option(["--yes"], is_flag=True, help="Do not ask whether to go on."),
    ]


def resync_rules(options: ImportOptions) -> ResyncRules:
    """How these options have a source read again. Raises ConfigurationError, UsageError."""
    from synap_import.resync import Mirror, ResyncRules, unasked  # noqa: PLC0415 - start-up time

    again = options.resync or options.watch is not None
    if not again and (options.keep_replaced or options.mirror_deletes):
        raise click.UsageError("--keep-replaced and --mirror-deletes go with --resync.")
    if again and (options.dry_run or options.new_job):
        raise click.UsageError("--resync and --watch go with neither --dry-run nor --new-job.")
    if asks_before_removing(options) and not sys.stdin.isatty():
        raise ConfigurationError(
            "--mirror-deletes deletes memories for good, and nobody is here to be asked. "
            "Nothing was read.",
            remedy="--yes goes on without asking; without --mirror-deletes the account says what "
            "is gone.",
        )
    return ResyncRules(
        again=again,
        mirror=Mirror(options.mirror_deletes or "no"),
        keep_replaced=options.keep_replaced,
        may_remove=_ask if asks_before_removing(options) else unasked,
    )


def asks_before_removing(options: ImportOptions) -> bool:
    """Whether the run has a question for whoever is at the terminal."""
    return options.mirror_deletes is not None and not options.yes


async def _ask(gone: Gone) -> bool:
    records = "1 record is" if gone.in_synap == 1 else f"{number(gone.in_synap)} records are"
    shown = ", ".join(inert(one, 60) for one in gone.examples[:_EXAMPLES])
    more = ", …" if gone.in_synap > len(gone.examples) else ""
    question = f"{records} gone from the source ({shown}{more}). Delete their memories for good?"
    return click.confirm(question, err=True)
