"""dlt writes the same records to the same endpoint, through a custom destination.

Runs in an environment of its own (requirements.txt), where synap-import is not installed.

    python benchmarks/dlt_pipeline.py RECORDS URL COUNT FILES FOLDER

dlt sends the batches of one file one after the other. With FILES = 1 it works as it comes;
with more, what it extracted is cut into so many files, which are sent side by side.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import orjson
from dlt.sources.helpers.requests import Client
from records import BATCH, document_of

_PAGE = 1000


def _settings(count: int, files: int) -> None:
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    if files > 1:
        os.environ["NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS"] = str(-(-count // files))
        os.environ["LOAD__WORKERS"] = str(files)


@dlt.resource(name="memories", max_table_nesting=0, columns={"created_at": {"data_type": "text"}})
def _memories(path: Path) -> Iterator[list[Any]]:
    with path.open("rb") as file:
        while page := [orjson.loads(line) for line in itertools.islice(file, _PAGE)]:
            yield page


def _destination(url: str) -> Any:
    client = Client()
    headers = {"Authorization": "Bearer synap_bench", "Content-Type": "application/json"}

    @dlt.destination(batch_size=BATCH, name="synap", naming_convention="direct")
    def synap(items: list[dict[str, Any]], table: Any) -> None:
        documents = [document_of(item) for item in items]
        body = orjson.dumps({"documents": documents, "fail_fast": False})
        client.post(f"{url}/api/v1/memories/batch", data=body, headers=headers).json()

    return synap


def main() -> None:
    """Run the pipeline once; its files stay in FOLDER."""
    records, url, count, files, folder = sys.argv[1:]
    _settings(int(count), int(files))
    pipeline = dlt.pipeline("benchmark", destination=_destination(url), pipelines_dir=folder)
    pipeline.run(_memories(Path(records))).raise_on_failed_jobs()


if __name__ == "__main__":
    main()
