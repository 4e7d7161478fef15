from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from support.runs import run_import
from support.sources import FakeSource
from synap_import.identity import UserMap, load_user_map
from synap_import.ledger import Ledger, Origin
from synap_import.planning import PlanRules
from synap_import.records import MemoryRecord
from synap_import.sources import Finding

Found = dict[str, Finding]


@pytest.fixture
def user_map_of(tmp_path: Path) -> Callable[[str], UserMap]:
    """Reads a user map from its rows."""

    def read(rows: str) -> UserMap:
        path = tmp_path / "users.csv"
        path.write_text("scope,source_id,user_id,customer_id,action\n" + rows)
        return load_user_map(path)

    return read


@pytest.fixture
def found_in(ledger: Ledger) -> Callable[[Sequence[MemoryRecord], PlanRules], Found]:
    """What a dry run of these records finds, by code."""

    def find(records: Sequence[MemoryRecord], rules: PlanRules) -> Found:
        run_import(FakeSource.giving(records), ledger, None, rules=rules)
        return {one.code: one for one in ledger.findings.kept(Origin.PREFLIGHT)}

    return find
