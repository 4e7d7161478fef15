"""Objects keep the contract of every adapter: cut lines, row groups, what is read as a whole."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import BaseModel

from support.object_storage import as_environment, s3
from synap_import.testing import SourceContract
from synap_import_json.source import JsonConfig, JsonSource

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

DATA = Path(__file__).parent / "data"
ADDRESS = "s3://exports/contract/"


def rows(prefix: str, count: int, size: int) -> list[dict[str, str]]:
    return [
        {"id": f"{prefix}{n}", "content": f"{prefix} {n} ".ljust(size, "x"), "user_id": f"u{n % 3}"}
        for n in range(count)
    ]


def table() -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows("row", 9, 100)), file, row_group_size=4)
    return file.getvalue()


@pytest.fixture(scope="module", autouse=True)
def objects() -> Iterator[None]:
    """A large text, a broken line in it, a table, and an export of another tool."""
    lines = [json.dumps(row) for row in rows("line", 25, 100_000)]
    with s3() as server, as_environment(server) as bucket:
        bucket.put("contract/a.jsonl", "\n".join([*lines[:20], "broken", *lines[20:]]).encode())
        bucket.put("contract/b.parquet", table())
        bucket.put("contract/mem0.json", (DATA / "mem0_get_all.json").read_bytes())
        yield


class TestObjects(SourceContract):
    adapter = JsonSource
    config: ClassVar[BaseModel] = JsonConfig(files=(ADDRESS,), page_size=8, range_size=1)
    asks_over_http = False
