"""Parts of SQL that several questions to the tables share."""

from __future__ import annotations

from .values import Confirmation

OPEN = ", ".join(f"'{confirmation}'" for confirmation in Confirmation if confirmation.is_open)
"""What Synap said of documents of which there is more to hear."""

IS_COMPLETED = f"coalesce(confirmation, '') = '{Confirmation.COMPLETED}'"

OF_USER = "coalesce(user_id, '') = coalesce(?, user_id, '')"
"""Documents of a user; of all users where the value is None."""

HEX_OF_FOUR_BYTES = "lower(hex(substr(digest, 1, 4)))"


def among(values: int) -> str:
    """So many marks, for ``IN``."""
    return f"({','.join('?' * values)})"


def counts(*conditions: str) -> str:
    """Columns that count of how many rows each of the conditions is true."""
    return ", ".join(f"count(*) FILTER (WHERE {one})" for one in conditions)
