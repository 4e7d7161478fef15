"""The options about following documents after they were accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from synap_import.loading.confirming import ConfirmChoice

WAIT_SECONDS = 300.0


def confirm_option() -> click.Option:
    """Which documents to follow; its value is a ``ConfirmChoice``."""
    return click.Option(
        ["--confirm"],
        type=click.Choice(["all", "sample", "none"]),
        callback=_choice,
        help="Which accepted documents to ask Synap about until it has made memories of them, "
        "one request each.  [default: all up to 2,000, else a sample with every user and every "
        "document once in doubt]",
    )


def _choice(_: click.Context, __: click.Parameter, value: Any) -> ConfirmChoice:
    from synap_import.loading.confirming import ConfirmChoice  # noqa: PLC0415 - start-up time

    return ConfirmChoice(value or "auto")
