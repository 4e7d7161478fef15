"""Where a PostgreSQL is: an address, of which the password is never written down."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from synap_import.errors import ConfigurationError

_IN_FRONT = ("host", "port", "dbname", "user")
_SECRET = ("password", "sslpassword", "passfile", "oauth_client_secret")
# A socket's folder, or several servers, have no place in front.
_ONE_SERVER = re.compile(r"[^/@,]*")
_ONE_PORT = re.compile(r"\d*")


def read_address(address: str) -> dict[str, Any]:
    """What the address says, by libpq's names. Raises ConfigurationError when it is none."""
    if _has_stray_at(address):
        raise _not_understood("A / or @ in a name or a password is written %2F or %40.")
    try:
        said = dict(conninfo_to_dict(address))
    except psycopg.ProgrammingError:
        # The driver's words repeat the address, and with it the password.
        raise _not_understood() from None
    if not all(map(_ONE_PORT.fullmatch, str(said.get("port", "")).split(","))):
        raise _not_understood("A port is a number.")
    return said


def _has_stray_at(address: str) -> bool:
    """Whether a part of the password would be taken for a host or a database, and shown."""
    server, _, path = address.partition("://")[2].partition("?")[0].partition("/")
    return server.count("@") > 1 or "@" in path


def _not_understood(more: str = "") -> ConfigurationError:
    return ConfigurationError(
        f"The address of the ledger's database cannot be understood. {more}".strip(),
        remedy="Write it as postgresql://user@host:5432/database, and the password into "
        "PGPASSWORD or ~/.pgpass.",
    )


def without_secrets(address: str) -> str:
    """The address, to be shown and kept; who needs a password finds it elsewhere."""
    said = {key: str(one) for key, one in read_address(address).items() if key not in _SECRET}
    host, port = said.get("host", ""), said.get("port", "")
    is_one = bool(_ONE_SERVER.fullmatch(host) and _ONE_PORT.fullmatch(port))
    where = f"{quote(said['user'], safe='')}@" if "user" in said else ""
    if is_one:
        where += f"[{quote(host, safe=':')}]" if ":" in host else quote(host, safe="")
        where += f":{port}" if port else ""
    in_front = _IN_FRONT if is_one else _IN_FRONT[2:]
    others = {key: one for key, one in said.items() if key not in in_front}
    query = f"?{urlencode(others, quote_via=quote)}" if others else ""
    return f"postgresql://{where}/{quote(said.get('dbname', ''), safe='')}{query}"
