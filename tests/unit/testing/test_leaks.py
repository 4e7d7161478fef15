"""What must not be in a cassette is found in its content."""

from __future__ import annotations

import pytest

from synap_import.testing import leaks


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("m0-" + "c4nary0123456789abcdef", "looks like a key: m0-c4nar…"),
        ("m0sk_" + "c4nary0123456789abcdef", "looks like a key: m0sk_c4n…"),
        ("ey" + "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2ln", "looks like a key: eyJhbGci…"),
        ("Token " + "abcdefgh12345678", "looks like a key: Token ab…"),
        ({"Authorization": ["***"]}, "a header with a secret: Authorization"),
        ({"Mem0-User-ID": ["***"]}, "a header with a secret: Mem0-User-ID"),
        ([{"set-cookie": ["a=b"]}], "a header with a secret: set-cookie"),
        ("ask ada@team.test", "an e-mail address at team.test"),
        ("http://10.1.2.3:80/", "an IP address: 10.1.2.3"),
        ("org_" + "C4naryOrg0123456789", "an id of an organisation or project: org_C4na…"),
        ({"proj_" + "C4naryProj01234": None}, "an id of an organisation or project: proj_C4n…"),
    ],
)
def test_it_is_found(content, found) -> None:
    assert leaks({"interactions": [content]}) == [found]


@pytest.mark.parametrize(
    "content",
    [
        "person-1@example.com",
        "http://127.0.0.1:8888/",
        "192.0.2.1",
        "secret_1 secret_1_digest org_1 project_12",
        "Provide a Bearer token or X-API-Key header.",
        "version 1.2.3",
        "ad53eff3-7311-46ae-bba7-a958a4bc0e77",
        {"www-authenticate": ["Bearer"]},
    ],
)
def test_what_is_nobodys_is_left_alone(content) -> None:
    assert leaks(content) == []
