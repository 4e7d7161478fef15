"""What a cassette must not hold, looked for in its text: a second pair of eyes after scrubbing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

KEY = re.compile(
    r"""
      \b(m0|sk|pk|sm|z|synap|m0sk)[-_](?=[\w-]*\d)[\w-]{12,}     # keys of memory services, OpenAI
    | \beyJ[\w-]{10,}\.[\w-]{10,}(\.[\w-]+)?                     # JSON Web Token
    | \b(Bearer|Token|Basic|Api-Key)\ +(?=\S*\d)[\w.+/=-]{12,}   # what goes into Authorization
    | \b(AKIA|ASIA)[0-9A-Z]{16}\b | \bgh[pousr]_\w{36}
    """,
    re.VERBOSE,
)
EMAIL = re.compile(r"\b[\w.+-]+@(?P<domain>[\w-]+(?:\.[\w-]+)+)\b")
ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")

_SECRET_HEADERS = frozenset(
    {
        "api-key",
        "authorization",
        "cookie",
        "mem0-user-id",
        "proxy-authorization",
        "set-cookie",
        "x-api-key",
    }
)
_TENANT = re.compile(r"\b(org|proj|project)[_-](?=[A-Za-z]*\d)(?!\d{1,4}\b)[A-Za-z0-9]{8,}")
_EXAMPLE_DOMAINS = ("example.com", "example.org", "example.net")
_DOCUMENTATION = ip_network("192.0.2.0/24")


def leaks(content: Any) -> list[str]:
    """What in the content of a cassette looks like a secret or like somebody's, in a few words
    each. The content, not the file: YAML breaks long strings apart.
    """
    return list(dict.fromkeys(_leaks(content)))


def is_example(domain: str) -> bool:
    """Whether nobody can have an address there (RFC 2606)."""
    lower = domain.lower()
    return any(lower == one or lower.endswith(f".{one}") for one in _EXAMPLE_DOMAINS)


def is_nobodys(address: str) -> bool:
    """Whether an address tells nothing: loopback, or made for documentation (RFC 5737)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return True
    return parsed.is_loopback or parsed.is_unspecified or parsed in _DOCUMENTATION


def _leaks(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            if str(key).lower() in _SECRET_HEADERS:
                yield f"a header with a secret: {key}"
            yield from _leaks(str(key))
            yield from _leaks(value)
    elif isinstance(content, list):
        for item in content:
            yield from _leaks(item)
    elif isinstance(content, str):
        yield from _in_text(content)


def _in_text(text: str) -> Iterator[str]:
    for match in KEY.finditer(text):
        yield f"looks like a key: {match[0][:8]}…"
    for match in EMAIL.finditer(text):
        if not is_example(match["domain"]):
            yield f"an e-mail address at {match['domain']}"
    for match in ADDRESS.finditer(text):
        if not is_nobodys(match[0]):
            yield f"an IP address: {match[0]}"
    for match in _TENANT.finditer(text):
        yield f"an id of an organisation or project: {match[0][:8]}…"
