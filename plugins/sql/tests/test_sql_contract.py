"""The adapter of databases keeps the contract of every adapter."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
from pydantic import BaseModel

from sql_support.tables import MESSAGES, message
from synap_import.testing import SourceContract
from synap_import_sql.config import SqlConfig
from synap_import_sql.source import SqlSource

_FOLDER = TemporaryDirectory(prefix="sql-contract-")
_FILE = Path(_FOLDER.name) / "app.db"


@pytest.fixture(scope="module", autouse=True)
def some_messages() -> None:
    with sqlite3.connect(_FILE) as connection:
        connection.execute(MESSAGES)
        rows = [message(number) for number in range(1, 10)]
        connection.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.close()


class TestMessages(SourceContract):
    adapter = SqlSource
    config: ClassVar[BaseModel] = SqlConfig(dsn=f"sqlite:///{_FILE}", table="messages", page_size=2)
    asks_over_http = False
