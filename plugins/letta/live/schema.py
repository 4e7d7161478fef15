"""Makes the tables of Letta, whose wheel has no migrations; runs in the server's environment."""

import asyncio

from letta.orm import Base  # type: ignore[import-not-found]
from letta.server.db import engine  # type: ignore[import-not-found]


async def make_tables() -> None:
    """In the database that LETTA_PG_URI names."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


asyncio.run(make_tables())
