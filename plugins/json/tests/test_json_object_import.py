"""The command of the documentation, from a bucket to the end."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support.object_storage import as_environment, s3

MAPPING = "version: 1\nid: key\ncontent: note\nuser: owner\n"


@pytest.fixture
def bucket():
    with s3() as server, as_environment(server) as one:
        yield one


def import_from(folder, *words):
    command = [sys.executable, "-m", "synap_import", "json", *words]
    options = ["--user-map", "users.csv", "--to", "sandbox", "--workdir", "jobs", "--json"]
    return subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, check=False
    )


def test_an_import_from_a_bucket_goes_on_and_keeps_no_secret(bucket, tmp_path):
    (tmp_path / "m.yaml").write_text(MAPPING)
    (tmp_path / "users.csv").write_text(
        "source_id,user_id,customer_id,scope,action\nada,ada,,user,\n"
    )
    for part in range(2):
        rows = [{"key": f"k{part}-{n}", "note": f"likes {n}", "owner": "ada"} for n in range(50)]
        bucket.put(f"import/{part}.jsonl", "".join(json.dumps(r) + "\n" for r in rows).encode())
    words = [bucket.address("import/*.jsonl"), "--mapping", "m.yaml"]

    begun = import_from(tmp_path, *words, "--limit", "30")
    assert begun.returncode == 0, begun.stderr
    assert json.loads(begun.stdout)["loaded"] == 30
    ended = import_from(tmp_path, *words)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["loaded"] == 100

    written = [path.read_bytes() for path in (tmp_path / "jobs").rglob("*") if path.is_file()]
    assert any(b"s3://exports/import/" in content for content in written)
    said = (begun.stdout + begun.stderr + ended.stdout + ended.stderr).encode()
    assert not any(bucket.secret.encode() in content for content in [said, *written])
