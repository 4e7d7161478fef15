"""An object that somebody mended is another one, and its records are what they are now."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def import_from(folder, address):
    command = [sys.executable, "-m", "synap_import", "json", address, "--range-size", "1"]
    options = ["--user-map", "identity", "--to", "sandbox", "--workdir", "jobs", "--json"]
    done = subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout)


@pytest.mark.thorough
def test_a_line_that_was_mended_is_a_record_and_unreadable_no_more(tmp_path):
    rows = [
        json.dumps({"id": f"m{n}", "content": f"memory {n} ".ljust(1900, "x"), "user_id": "ada"})
        for n in range(1000)
    ]
    path = tmp_path / "memories.jsonl"
    path.write_text(
        "\n".join(
            [*rows, '{"id": "broken'],
        )
        + "\n"
    )
    code, before = import_from(tmp_path, f"file://{path}")
    assert (code, before["loaded"], before["rejected"]) == (1, 1000, {"unreadable": 1})
    mended = json.dumps({"id": "mended", "content": "once broken", "user_id": "ada"})
    path.write_text("\n".join([*rows, mended]) + "\n")
    code, after = import_from(tmp_path, f"file://{path}")
    assert (code, after["exported"], after["loaded"], after["rejected"]) == (0, 1001, 1001, {})
