"""The plugin of examples/, installed and used as anybody would who is given it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.as_a_user import ROOT, new_machine

SCRIPT = """
python -m venv .venv
. .venv/bin/activate
pip install -q synap-import {example}
python {example}/acme_service.py 0 > service &
for _ in $(seq 100); do grep -q Acme service && break; sleep 0.1; done
export ACME_BASE_URL=$(sed 's/Acme at //' service) ACME_API_KEY=acme-key-for-practice
synap-import sources --json > sources.json
synap-import acme --user-map identity --to sandbox --json > result.json || test $? = 1
"""


@pytest.mark.thorough
def test_it_is_found_and_loads_what_its_service_holds(tmp_path: Path) -> None:
    machine = new_machine(tmp_path / "machine")
    ran = machine.run(SCRIPT.format(example=ROOT / "examples" / "plugin-acme"))
    assert ran.code == 0, ran.said
    sources = json.loads((machine.home / "sources.json").read_text())
    assert sources == [{"source": "acme", "plugin": "synap-import-acme 0.1.0", "summary": "Acme"}]
    result = json.loads((machine.home / "result.json").read_text())
    assert (result["exported"], result["loaded"]) == (5, 3)
    assert result["held"] == {"state-superseded": 1}
    assert result["rejected"] == {"unreadable": 1}
