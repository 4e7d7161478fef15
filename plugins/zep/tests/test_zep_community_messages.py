"""What a row of the Community Edition's messages becomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from synap_import import Kind, MemoryRecord, Scope, State
from synap_import_zep.community.messages import record_of

NEW_YORK = timezone(timedelta(hours=-4))


def message(**changes: Any) -> MemoryRecord:
    row = {
        "id": 7,
        "uuid": "5b796045-62c0-4b48-a077-070d81e9ac8d",
        "session_id": "s1",
        "role": "Ada",
        "role_type": "user",
        "content": "message 1 🌱",
        "metadata": None,
        "created_at": datetime(2024, 5, 1, 14, 1, tzinfo=UTC),
        "updated_at": datetime(2026, 11, 21, 4, 45, 46, 885787, tzinfo=UTC),
        "deleted_at": None,
        "user_id": "ada",
        "session_metadata": None,
        "session_deleted_at": None,
        "user_deleted_at": None,
    }
    return record_of({**row, **changes})


def test_a_message_is_a_turn_of_its_session_in_zeps_order() -> None:
    made = message()
    assert (made.kind, made.text, made.position) == (Kind.MESSAGE, "message 1 🌱", 7)
    assert made.scope == Scope(user="ada", session="s1")
    assert made.state is State.ACTIVE


@pytest.mark.parametrize(
    ("role", "role_type", "understood"),
    [
        ("Ada", "user", ("user", "Ada")),
        ("", "assistant", ("assistant", None)),
        ("assistant", "assistant", ("assistant", None)),
        ("Ada", "norole", (None, "Ada")),
        ("", "norole", (None, None)),
        ("Ada", None, (None, "Ada")),
        ("AI", None, ("ai", None)),
        ("human", None, ("human", None)),
    ],
)
def test_roles_of_all_releases_are_understood(
    role: str, role_type: str | None, understood: tuple[str | None, str | None]
) -> None:
    """0.x has a free text only, 1.x a type beside it."""
    made = message(role=role, role_type=role_type)
    assert (made.role, made.name) == understood


def test_times_are_the_same_whatever_zone_the_connection_speaks() -> None:
    made = message(created_at=datetime(2024, 5, 1, 10, 1, tzinfo=NEW_YORK))
    assert made.created_at == datetime(2024, 5, 1, 14, 1, tzinfo=UTC)
    assert made.raw["created_at"] == "2024-05-01T14:01:00+00:00"
    assert made == message()


def test_the_year_one_is_no_time() -> None:
    assert message(updated_at=datetime(1, 1, 1, tzinfo=UTC)).updated_at is None


@pytest.mark.parametrize("column", ["deleted_at", "session_deleted_at", "user_deleted_at"])
def test_what_was_deleted_is_deleted_with_its_session_or_user(column: str) -> None:
    assert message(**{column: datetime(2025, 1, 1, tzinfo=UTC)}).state is State.DELETED


def test_metadata_of_message_and_session_are_kept_apart() -> None:
    made = message(metadata={"k": 1}, session_metadata={"k": 2})
    assert made.metadata == {"k": 1, "session_metadata": {"k": 2}}
