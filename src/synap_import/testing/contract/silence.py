"""Checks that secrets are told nowhere.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .walks import Walk

__tracebackhide__ = True

SEARCHABLE = 8
"""A shorter secret would be found by chance."""


def check_searchable(secrets: Sequence[str]) -> None:
    """The secrets of the test's configuration can be looked for."""
    short = [one for one in secrets if len(one) < SEARCHABLE]
    assert not short, (
        f"The test's configuration has a secret of {len(short[0])} characters, too short to be "
        f"looked for. Take one of {SEARCHABLE} or more that occurs nowhere else."
    )


def check_told(walk: Walk, secrets: Sequence[str]) -> None:
    """Nothing that the host keeps or shows holds a secret."""
    kept = {
        "the account or title of check()": str(asdict(walk.check)),
        "scopes()": str(walk.scopes),
        "a partition": str([asdict(partition) for partition, _ in walk.parts]),
        "a cursor": str([page.cursor for page in walk.pages]),
        "a record": str([record.model_dump() for record in walk.records]),
        "an unreadable item": str(walk.unreadable),
        "a finding": str(walk.findings),
    }
    for where, text in kept.items():
        check_text(text, secrets, where)


def check_text(text: str, secrets: Sequence[str], where: str) -> None:
    """The text holds no secret."""
    for secret in secrets:
        assert secret not in text, (
            f"A secret stands in {where}, which is written to the ledger or shown. "
            "Keep keys in headers, and build what is told from anything else."
        )
