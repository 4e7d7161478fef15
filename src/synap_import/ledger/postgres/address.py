"""Where a PostgreSQL is: an address, of which the password is never written down."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from synap_import.errors import ConfigurationError

_IN_THE_PATH = ("host", "port", "dbname", "user")
_SECRET = ("password", "sslpassword", "passfile", "oauth_client_secret")


def read_address(address: str) -> dict[str, Any]:
    """What the address says, by libpq's names. Raises ConfigurationError when it is none."""
    try:
        return dict(conninfo_to_dict(address))
    except psycopg.ProgrammingError:
        # The driver's words repeat the address, and with it the password.
        raise ConfigurationError(
            "The address of the ledger's database cannot be understood.",
            remedy="Write it as postgresql://user@host:5432/database, and the password into "
            "PGPASSWORD or ~/.pgpass.",
        ) from None


def without_secrets(address: str) -> str:
    """The address, to be shown and kept; who needs a password finds it elsewhere."""
    said = {key: one for key, one in read_address(address).items() if key not in _SECRET}
    host, port, database, user = (said.get(key) for key in _IN_THE_PATH)
    where = f"{user}@" if user else ""
    where += (f"[{host}]" if host and ":" in host else host or "") + (f":{port}" if port else "")
    others = {key: one for key, one in said.items() if key not in _IN_THE_PATH}
    query = f"?{urlencode(others)}" if others else ""
    return f"postgresql://{where}/{database or ''}{query}"
