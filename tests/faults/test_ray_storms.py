"""Whatever is killed, and whenever: nothing is lost, nothing is twice, the same command resumes.

``make chaos-ray`` tells fifty stories; ``RAY_STORMS=7:3`` those of the seeds 7, 8 and 9.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from support.commands import memories, sandbox, write_lines
from support.postgres_server import OWNER
from support.ray_commands import TOKEN, Cluster, ray_command
from support.ray_storms import Storm, database

FIRST, _, COUNT = os.environ.get("RAY_STORMS", "0:2").partition(":")
SEEDS = range(int(FIRST), int(FIRST) + int(COUNT or 1))
FILES, RECORDS = 4, 3000
KEY = "synap_test"


@pytest.mark.thorough
@pytest.mark.timeout(200 + 300 * len(SEEDS))
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_every_story_ends_with_each_document_once(tmp_path: Path, own_home: Path) -> None:
    rows = memories(RECORDS)
    files = [
        write_lines(tmp_path / f"{number}.jsonl", rows[number::FILES]) for number in range(FILES)
    ]
    with database() as here, ray_command() as there:
        cluster = Cluster(there)
        password = here.server.owner_password
        cluster.start(SYNAP_API_KEY=KEY, PGPASSWORD=password, HOME=str(own_home))
        for seed in SEEDS:
            folder = tmp_path / str(seed)
            folder.mkdir()
            with sandbox(folder) as synap:
                arguments = [
                    *("json", *files, "--user-map", "identity", "--synap-url", synap.url),
                    *("--workdir", folder, "--json"),
                    *("--ledger", here.server.address("postgres", OWNER)),
                    *("--engine", "ray", "--ray-address", cluster.address, "--workers", "2"),
                    *("--in-flight", "1", "--confirm", "none"),
                ]
                with ray_command(*arguments, SYNAP_API_KEY=KEY, **TOKEN) as command:
                    storm = Storm(seed, command, there, here, synap, RECORDS)
                    result = storm.run_to_the_end()
                (folder / "told.txt").write_text("\n".join(storm.told))
                counted = {name: result[name] for name in ("exported", "loaded", "unaccounted")}
                assert counted == {"exported": RECORDS, "loaded": RECORDS, "unaccounted": 0}, (
                    storm.told
                )
                documents = [one["document_id"] for one in synap.documents()]
                assert len(documents) == len({*documents}) == RECORDS, storm.told
