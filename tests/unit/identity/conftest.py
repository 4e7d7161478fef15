from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synap_import.identity import UserMap, load_user_map

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def user_map_of(tmp_path: Path) -> Callable[..., UserMap]:
    """Reads a user map from text, or from the bytes of a text in some encoding."""

    def read(text: str, encoding: str = "utf-8") -> UserMap:
        path = tmp_path / "users.csv"
        path.write_bytes(text.encode(encoding))
        return load_user_map(path)

    return read
