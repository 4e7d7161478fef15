"""The adapter keeps the contract of every adapter, on what LangGraph's own store wrote."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
from pydantic import BaseModel

from langgraph_support.stores import Backend, sqlite_backend
from synap_import.testing import SourceContract
from synap_import_langgraph.config import LangGraphConfig
from synap_import_langgraph.source import LangGraphStore

_FOLDER = TemporaryDirectory(prefix="langgraph-contract-")
_FILE = Path(_FOLDER.name) / "store.db"


@pytest.fixture(scope="module", autouse=True)
def some_items() -> None:
    with sqlite_backend(_FILE) as backend:
        write(backend)
        # What is written now could be taken for the time of reading.
        for name in ("created_at", "updated_at"):
            backend.run(f"UPDATE store SET {name} = '2026-01-15 10:30:00'")


def write(backend: Backend) -> None:
    with backend.store() as store:
        for number in range(7):
            user = ("memories", f"user-{number % 2}")
            store.put(user, f"key-{number}", {"content": f"likes {number} cups of tea"})
        store.put(("profiles", "user-0"), "profile", {"name": "Ana", "zone": "Europe/Lisbon"})
        store.put(("notes",), "n", {"note": {"body": "Tea is out"}}, ttl=60)


class TestStore(SourceContract):
    adapter = LangGraphStore
    config: ClassVar[BaseModel] = LangGraphConfig(
        dsn=f"sqlite:///{_FILE}", owners=("memories.{user}",), texts=("note.body",), page_size=2
    )
    asks_over_http = False
