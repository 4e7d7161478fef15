"""What a reason means and what to do about it, in a sentence each: docs/states.md has more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from synap_import.preflight.codes import held

from .gathering import UNREADABLE

if TYPE_CHECKING:
    from synap_import.sources import Finding

_FAILED_INGESTION = "ingestion failed"


class Meaning(NamedTuple):
    """What a reason says of its records, and what their owner can do."""

    means: str
    remedy: str = ""


def meaning_of_hold(reason: str, findings: Sequence[Finding] = ()) -> Meaning:
    """Why records of this reason were not sent.

    What the source itself says of it, the pre-flight kept among its findings.
    """
    for one in findings:
        if one.code == reason:
            return Meaning(one.message, one.remedy)
    code = held(reason)
    return Meaning(f"{code.title}.", code.remedy)


def meaning_of_rejection(reason: str) -> Meaning:
    """Why records of this reason are not in Synap."""
    if reason == UNREADABLE:
        return Meaning(
            "Items of the source could not become records.",
            "Mend them where they are; the same command then takes them in.",
        )
    if reason.startswith(_FAILED_INGESTION):
        return Meaning(
            "Synap accepted them, and could make no memories of them.",
            "Once the cause is mended in Synap, synap-import retry sends them again.",
        )
    return Meaning(
        "Synap refused them, in these words.",
        "Once the cause is mended in Synap, synap-import retry sends them again; "
        "mended in the source, the import command does.",
    )


def meaning_of_doubt() -> Meaning:
    """What is known of records that may be in Synap."""
    return Meaning(
        "They were sent, no usable answer came, and --on-doubt hold said not to send them again.",
        "The import command without --on-doubt hold sends them again, under the same ids.",
    )
