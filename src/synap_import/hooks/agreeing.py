"""That all records of a job went through the same transforms, and what to say about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from synap_import.errors import ConfigurationError
from synap_import.forms import TRANSFORMS
from synap_import.preflight.codes import CATALOG

if TYPE_CHECKING:
    from synap_import.ledger import Ledger
    from synap_import.sources import Finding

    from .transforming import Transforms


def agree(
    ledger: Ledger, transforms: Transforms | None, *, reads_everything_again: bool
) -> Iterator[Finding]:
    """What there is to say about the transforms of this run, before it notes them.

    What was read with others and not sent yet would be sent as it is. So records that went through
    others are read again, or the run is refused with ConfigurationError.
    """
    now = transforms.fingerprint if transforms else ""
    before = ledger.noted(TRANSFORMS) or ""
    has_changed = before != now and ledger.books().exported > 0
    if has_changed and not reads_everything_again:
        raise ConfigurationError(
            f"The records of this job were read with {_words(before)}, and now it is "
            f"{_words(now)}. Nothing was sent.",
            remedy="Say the same --transform as before; or read everything again, without --limit "
            "and --try, which sends what differs: --resync; or start over: --new-job.",
        )
    if has_changed:
        yield CATALOG["transforms-changed"].found(1, [f"{_words(before)} then, {_words(now)} now"])
    if transforms:
        steps = [f"{one.words} ({one.installed.origin})" for one in transforms.steps]
        yield CATALOG["transformed"].found(len(steps), steps)


def names_of(ledger: Ledger) -> tuple[str, ...]:
    """The names of the transforms that the records of a job went through."""
    noted = ledger.noted(TRANSFORMS)
    return tuple(step.partition(" ")[0] for step in noted.split(", ")) if noted else ()


def _words(fingerprint: str) -> str:
    return f"--transform {fingerprint}" if fingerprint else "no --transform"
