"""Where a ledger's database is: what is kept of an address leads to the same place."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synap_import.errors import ConfigurationError
from synap_import.ledger.postgres.address import read_address, without_secrets

NAMES = st.text(st.characters(min_codepoint=33, codec="utf-8"), min_size=1, max_size=12)
SERVERS = st.sampled_from(
    ["", "db.internal", "127.0.0.1:5433", "[::1]:5432", "[fe80::1%25eth0]", "a:1,b:2", "a,b:2"]
)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql:///migration?host=/var/run/postgresql",
        "postgresql://ada@/migration?host=/tmp&port=5433",
        "postgresql://one:5433,two:5434/migration?target_session_attrs=read-write",
        "postgresql://ada%40server@db.internal/migration",
        "postgresql://db/migration?options=-c%20work_mem%3D64MB",
        "postgresql://db/a%20b",
    ],
)
def test_what_is_kept_of_an_address_leads_to_the_same_place(address: str) -> None:
    assert read_address(without_secrets(address)) == read_address(address)


@example("ada", "se:cr/e@t", "a:1,b:2", "a/b", "-c x=y z")
@given(NAMES, NAMES, SERVERS, NAMES, NAMES)
def test_all_but_the_password_is_kept(
    user: str, password: str, server: str, database: str, options: str
) -> None:
    user, password, database = (quote(one, safe="") for one in (user, password, database))
    query = urlencode({"options": options}, quote_via=quote)
    address = f"postgresql://{user}:{password}@{server}/{database}?{query}"
    known = read_address(address)
    assert known.pop("password")
    assert read_address(without_secrets(address)) == known


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ada:hun@ter2@host/db",
        "postgresql://ada:hun/ter2@host/db",
        "postgresql://ada:hun/ter2@host",
        "postgresql://ada:h@un/ter2@host/db?sslmode=require",
        "postgresql://ada:ter2/db",
    ],
)
def test_a_password_that_would_be_taken_for_something_else_is_refused_and_not_shown(
    address: str,
) -> None:
    with pytest.raises(ConfigurationError, match="cannot be understood") as caught:
        without_secrets(address)
    assert "ter2" not in str(caught.value)
    assert "ter2" not in caught.value.remedy
