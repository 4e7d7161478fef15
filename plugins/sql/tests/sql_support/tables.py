"""Tables as applications have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sql_support.databases import Database

MESSAGES = """CREATE TABLE messages (
    id INTEGER PRIMARY KEY, conversation_id VARCHAR(40), user_id VARCHAR(40), role VARCHAR(20),
    content VARCHAR(2000), created_at VARCHAR(40)
)"""


def messages(database: Database, count: int = 0, begin: int = 1) -> Database:
    """Conversations of four messages each; of each user, two conversations."""
    if begin == 1:
        database.make(MESSAGES)
    if count:
        database.add("messages", *(message(number) for number in range(begin, begin + count)))
    return database


def message(number: int) -> tuple[int, str, str, str, str, str]:
    at = number - 1
    return (
        number,
        f"c{at // 4}",
        f"u{at // 8}",
        "assistant" if at % 2 else "user",
        f"message {number}",
        f"2026-01-15T10:{at // 60 % 60:02d}:{at % 60:02d}Z",
    )
