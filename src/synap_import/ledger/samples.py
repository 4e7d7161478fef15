"""How a run went over time, in so few samples that a run of any length can be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import Sample

if TYPE_CHECKING:
    from .database import Transaction

MOST_SAMPLES = 500

_COLUMNS = ", ".join(Sample._fields)
_PLACES = ", ".join("?" for _ in Sample._fields)

# The ends of a run stay. Between them the sample goes that is missed least: the one whose
# neighbours are closest to each other. So the rest stays about evenly spread, whatever came first.
_THIN = """
    DELETE FROM samples WHERE number = (
        SELECT number FROM (
            SELECT number, lead(at) OVER run - lag(at) OVER run AS gap
            FROM samples WINDOW run AS (PARTITION BY run ORDER BY number)
        ) AS gaps ORDER BY gap IS NULL, gap, number LIMIT 1
    )
"""


class Samples:
    """Where runs were over time. Every method is one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def keep(self, sample: Sample) -> None:
        """Keep where a run is; of many samples, some hundred are kept, evenly spread."""
        with self._transaction("keep_sample") as db:
            db.execute(f"INSERT INTO samples ({_COLUMNS}) VALUES ({_PLACES})", sample)  # noqa: S608 - ours
            (count,) = db.execute("SELECT count(*) FROM samples").fetchone()
            if count > MOST_SAMPLES:
                db.execute(_THIN)

    def kept(self) -> list[Sample]:
        """What was kept of all runs, in order."""
        with self._transaction() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM samples ORDER BY number")  # noqa: S608 - ours
            return [Sample(*row) for row in rows]
