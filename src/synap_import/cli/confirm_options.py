"""The options about following documents after they were accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from synap_import.loading.confirming import ConfirmChoice, ConfirmLimits

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


def confirm_limits(url: str, wait_seconds: float = WAIT_SECONDS) -> ConfirmLimits:
    """How hard Synap at this address may be asked: one on this machine has nobody to spare."""
    from synap_import.destination import is_this_machine  # noqa: PLC0415 - start-up time
    from synap_import.loading.confirming import ConfirmLimits  # noqa: PLC0415 - start-up time

    if is_this_machine(url):
        return ConfirmLimits(per_second=500, first_pause_seconds=0.2, patience_seconds=wait_seconds)
    return ConfirmLimits(patience_seconds=wait_seconds)


def _choice(_: click.Context, __: click.Parameter, value: Any) -> ConfirmChoice:
    from synap_import.loading.confirming import ConfirmChoice  # noqa: PLC0415 - start-up time

    return ConfirmChoice(value or "auto")
