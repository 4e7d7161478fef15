"""What ``--redact`` masked is told to Synap by no later question either."""

from __future__ import annotations

import anyio
import pytest

from support.resyncs import turn
from support.runs import run_import
from support.sources import FakeSource, record
from support.synap import ScriptedSynap
from synap_import.destination import open_synap, whoami
from synap_import.identity import identity_user_map
from synap_import.ledger import Ledger
from synap_import.planning import PlanRules
from synap_import.progress import Progress
from synap_import.verifying.judging import Sought
from synap_import.verifying.run import Verification

SECRET = "hunter2-in-the-sky"


def chosen(ledger: Ledger, synap: ScriptedSynap) -> list[Sought]:
    async def choose() -> list[Sought]:
        identity = await whoami(synap.url, "synap_test")
        async with open_synap(synap.url, "synap_test", identity) as opened:
            verification = Verification(ledger, opened, Progress())
            verification.choose()
            return verification.found.sought

    return anyio.run(choose)


def test_verify_asks_for_what_was_sent(ledger: Ledger, synap: ScriptedSynap) -> None:
    pytest.importorskip("detect_secrets")
    source = FakeSource.giving([record(1, text=f"The password is {SECRET} in Lisbon")])
    run_import(source, ledger, synap, rules=PlanRules(identity_user_map(), redact=True))
    assert SECRET not in str(synap.batches)
    (sought,) = chosen(ledger, synap)
    assert sought.query is not None
    assert "Lisbon" in sought.query.text
    assert "hunter2" not in sought.query.text
    assert SECRET not in sought.text


def test_a_speaker_whose_name_gives_something_away_is_masked(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    pytest.importorskip("detect_secrets")
    said = turn(1, name="ada@example.com")
    run_import(
        FakeSource.giving([said]), ledger, synap, rules=PlanRules(identity_user_map(), redact=True)
    )
    ((document,),) = synap.batches
    assert document["document"].startswith("[e-mail removed]: ")
