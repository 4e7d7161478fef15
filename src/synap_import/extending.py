"""What plugins beside the source do in an import; without any, nothing more is imported."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from .errors import ConfigurationError
from .forms import TRANSFORMS
from .resync import Mirror

if TYPE_CHECKING:
    from .destinations import Destination
    from .hooks.checking import Checks
    from .hooks.transforming import Transforms
    from .importing import ImportRequest
    from .ledger import Ledger
    from .sources import Finding


def transforms_of(request: ImportRequest) -> Transforms | None:
    """What is done to the records. Raises ConfigurationError for what is not installed."""
    if not request.transforms:
        return None
    from .hooks.transforming import Transforms  # noqa: PLC0415 - only where one is in use

    return Transforms.named(request.transforms, request.plugins)


def transform_findings(
    ledger: Ledger, transforms: Transforms | None, request: ImportRequest
) -> Sequence[Finding]:
    """What there is to say about the transforms of this run and of earlier ones.

    Raises ConfigurationError when what was read went through others, and is not read again.
    """
    if transforms is None and not ledger.noted(TRANSFORMS):
        return ()
    from .hooks.agreeing import agree  # noqa: PLC0415 - only where one is, or was, in use

    again = request.resync.again and request.limit is None and request.trial is None
    return list(agree(ledger, transforms, reads_everything_again=again))


def checks_of(request: ImportRequest, destination: Destination) -> Checks | None:
    """The further checks of the pre-flight."""
    if not request.plugins.checks:
        return None
    from .hooks.checking import Checks  # noqa: PLC0415 - only where one is installed

    return Checks(request.plugins.checks, request.adapter.name, destination.name)


async def open_elsewhere(stack: AsyncExitStack, request: ImportRequest) -> Destination:
    """The destination of a plugin. Raises ConfigurationError when it cannot be had."""
    from .hooks.delivering import open_destination  # noqa: PLC0415 - only where one is in use

    if request.trial is not None or request.resync.mirror is not Mirror.NO:
        raise ConfigurationError(
            f"--try and --mirror-deletes are for Synap, not for --to {request.to}.",
            remedy="Leave them out.",
        )
    return await open_destination(stack, request.to, request.plugins, dry_run=request.dry_run)
