"""Pieces of one object are read by workers on Ray: real ones, with a real PostgreSQL."""

from __future__ import annotations

import json
import sys

import pytest

from support.object_storage import as_environment, s3
from support.postgres_server import OWNER, postgres_server
from support.ray_commands import ray_command

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

RECORDS = 1500


def test_workers_read_the_pieces_of_an_object_and_load_each_record_once(tmp_path):
    pytest.importorskip("ray")
    rows = [
        {"id": f"m{n}", "content": f"memory {n} ".ljust(1900, "x"), "user_id": "ada"}
        for n in range(RECORDS)
    ]
    with s3() as server, as_environment(server) as bucket, postgres_server() as postgres:
        address = bucket.put("on-ray.jsonl", "".join(json.dumps(r) + "\n" for r in rows).encode())
        with (
            postgres.database() as database,
            ray_command(
                *("json", address, "--range-size", "1", "--user-map", "identity"),
                *("--to", "sandbox", "--workdir", tmp_path, "--confirm", "none", "--json"),
                *("--ledger", postgres.address(database, OWNER)),
                *("--engine", "ray", "--workers", "2"),
            ) as command,
        ):
            command.start()
            code, out, err = command.finish(240)
        read = bucket.watch.ranges_of("on-ray.jsonl")
    assert code == 0, err
    result = json.loads(out)
    assert (result["exported"], result["loaded"], result["unaccounted"]) == (RECORDS, RECORDS, 0)
    assert len({start for start, _ in read}) >= 3
