"""Have the real server write a file: ``python record.py INDEX_JS memory.jsonl``.

INDEX_JS is ``dist/index.js`` of ``npm install @modelcontextprotocol/server-memory``. It is spoken
to as every client does: JSON-RPC, a message per line, over its standard input and output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ENTITIES = [
    {
        "name": "default_user",
        "entityType": "person",
        "observations": [
            "Prefers window seats",
            "Vegetarian since 2021",
            "Moved to Lisbon 2025-03",
        ],
    },
    {
        "name": "Acme/Iberia",
        "entityType": "organization",
        "observations": ['Writes "quoted"\nnewlines, ünïcode ☃ and \u2028 separators'],
    },
    {"name": "Project Heron", "entityType": "project", "observations": []},
]
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("create_entities", {"entities": ENTITIES}),
    (
        "create_relations",
        {
            "relations": [
                {"from": "default_user", "to": "Acme/Iberia", "relationType": "works_at"},
                {"from": "Acme/Iberia", "to": "Project Heron", "relationType": "funds"},
            ]
        },
    ),
    (
        "add_observations",
        {"observations": [{"entityName": "default_user", "contents": ["Allergic to peanuts"]}]},
    ),
    (
        "delete_observations",
        {"deletions": [{"entityName": "default_user", "observations": ["Prefers window seats"]}]},
    ),
]
GREETING = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "recorder", "version": "1"},
}


def record(server: Path, file: Path) -> None:
    process = subprocess.Popen(
        ["node", server],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "MEMORY_FILE_PATH": str(file.absolute())},
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def say(**message: Any) -> None:
        process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        process.stdin.flush()

    def ask(number: int, method: str, params: dict[str, Any]) -> None:
        say(id=number, method=method, params=params)
        while json.loads(process.stdout.readline()).get("id") != number:
            pass

    ask(0, "initialize", GREETING)
    say(method="notifications/initialized")
    for number, (tool, arguments) in enumerate(CALLS, start=1):
        ask(number, "tools/call", {"name": tool, "arguments": arguments})
    process.stdin.close()
    process.wait(10)


if __name__ == "__main__":
    record(Path(sys.argv[1]), Path(sys.argv[2]))
