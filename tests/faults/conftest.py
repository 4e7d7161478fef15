"""Faults are tried with the ledger in both databases, all of them in the thorough run."""

from __future__ import annotations

from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_WITH_BOTH_IN_EVERY_RUN = {"test_resume.py", "test_rollback.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An ordinary run has each fault in SQLite, and some of them in PostgreSQL."""
    for item in items:
        if item.path.parent == _HERE and item.path.name not in _WITH_BOTH_IN_EVERY_RUN:
            parameters = getattr(item, "callspec", None)
            if parameters is not None and parameters.params.get("ledgers") == "postgres":
                item.add_marker(pytest.mark.thorough)
