"""An import, from what the service answered to what Synap holds."""

from __future__ import annotations

from pathlib import Path

from synap_import import run_import
from synap_import.testing import SynapSandbox, replay

READING = Path(__file__).parent / "cassettes" / "reading.yaml"
KEY = {"api_key": "a-key-for-the-tests"}


def test_what_is_true_and_readable_arrives(synap_sandbox: SynapSandbox, tmp_path: Path) -> None:
    with replay(READING, passing=[synap_sandbox.url]):
        result = run_import("acme", KEY, workdir=tmp_path)
    arrived = {one["document_id"]: one["user_id"] for one in synap_sandbox.documents()}
    assert arrived == {"legacy_acme_a1": "ana", "legacy_acme_a3": "ana", "legacy_acme_b1": "ben"}
    assert result.books.held == {"state-superseded": 1}
    assert result.books.rejected == {"unreadable": 1}
