"""Takes out of an exchange what is nobody's business: keys, addresses, whose account it was.

Headers pass by name. Fields and query parameters are known by their names, their values are
then replaced wherever else they stand; keys, e-mail and IP addresses are known by their form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit, urlunsplit

from .leak_search import ADDRESS, EMAIL, KEY, is_example, is_nobodys
from .placeholders import Placeholders

REQUEST_HEADERS = frozenset({"accept", "content-type"})
RESPONSE_HEADERS = frozenset(
    {
        "content-type",
        "link",
        "location",
        "retry-after",
        "www-authenticate",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    }
)

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SECRET_WORDS = frozenset(
    {
        "apikey",
        "auth",
        "authorization",
        "cookie",
        "credential",
        "credentials",
        "jwt",
        "passwd",
        "password",
        "pwd",
        "secret",
        "secrets",
        "signature",
        "token",
    }
)
# Named like keys, and the ids that an application knows its users by.
_NO_SECRETS = frozenset({"identifier_key"})
# Objects {"key": …, "value": …} in these lists are what programs are given to run with.
_ENVIRONMENT = frozenset({"environment", "secrets"})
_TENANT_WORDS = {
    "org": "org",
    "orgs": "org",
    "organization": "org",
    "organizations": "org",
    "organisation": "org",
    "project": "project",
    "projects": "project",
    "tenant": "tenant",
    "workspace": "workspace",
    "account": "account",
    "owner": "owner",
}
# What tells who it is inside of an object that is somebody's.
_TELLING = frozenset({"id", "name", "slug", "title", "uuid"})
_JSON_FIELD = re.compile(r'"(?P<name>[^"\\]+)"\s*:\s*"(?P<value>(?:[^"\\]|\\.)*)"')

Exchange = dict[str, Any]


class Scrubber:
    """Scrubs the exchanges of one recording, with the same placeholders in all of them.

    ``secrets`` are replaced by value, and their digests too. Hosts stay if they are
    ``public_hosts`` or loopback. ``edit`` may make JSON answers shorter: what it gives back is
    kept instead, scrubbed.
    """

    def __init__(
        self,
        secrets: Iterable[str] = (),
        public_hosts: Iterable[str] = (),
        edit: Callable[[Any], Any] | None = None,
    ) -> None:
        self._known = Placeholders()
        self._edit = edit or (lambda content: content)
        self._public = frozenset(public_hosts) | {"127.0.0.1", "localhost", "::1"}
        for secret in secrets:
            # Of "Bearer …", or with a space pasted before it, the key alone may come back.
            for form in (secret, *filter(_is_long, secret.split())):
                self._known.add_secret(form)

    def exchanges(self, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """Scrubbed copies. Twice, because what a later answer tells stands in earlier ones, too.

        Raises ValueError for a body that is not text: nobody could say what is in it.
        """
        first = [self._exchange(exchange) for exchange in exchanges]
        return [self._exchange(exchange) for exchange in first]

    def text(self, text: str) -> str:
        """The text without known values, keys, e-mail and IP addresses."""
        text = self._known.replace(text)
        text = KEY.sub(lambda match: self._known.of("secret", match[0]), text)
        text = EMAIL.sub(self._email, text)
        return ADDRESS.sub(lambda m: m[0] if is_nobodys(m[0]) else "192.0.2.1", text)

    def url(self, url: str) -> str:
        """The URL, its host, its path and the values of its query scrubbed."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host and host not in self._public and not is_example(host):
            self._known.add_host(host)
        port = f":{parts.port}" if parts.port else ""
        authority = f"{self._known.replace(host)}{port}" if parts.netloc else ""
        path = "/".join(map(self._segment, parts.path.split("/")))
        query = "&".join(map(self._pair, filter(None, parts.query.split("&"))))
        return urlunsplit((parts.scheme, authority, path, query, ""))

    def _exchange(self, exchange: Exchange) -> Exchange:
        asked, answered = exchange["request"], exchange["response"]
        return {
            "request": {
                "method": asked["method"],
                "uri": self.url(asked["uri"]),
                "body": self._body(asked.get("body") or ""),
                "headers": self._headers(asked["headers"], REQUEST_HEADERS),
            },
            "response": {
                "status": dict(answered["status"]),
                "headers": self._headers(answered["headers"], RESPONSE_HEADERS),
                "body": {"string": self._body(answered["body"].get("string") or "", self._edit)},
            },
        }

    def _headers(
        self, headers: Mapping[str, list[str]], allowed: frozenset[str]
    ) -> dict[str, list[str]]:
        return {
            name.lower(): [self._header(name.lower(), value) for value in values]
            for name, values in sorted(headers.items())
            if name.lower() in allowed
        }

    def _header(self, name: str, value: str) -> str:
        return self.url(value) if name == "location" else self.text(value)

    def _body(self, body: str | bytes, edit: Callable[[Any], Any] = lambda content: content) -> str:
        if isinstance(body, bytes):
            raise ValueError("a body that is not text cannot be scrubbed, so it is not recorded")
        try:
            content = json.loads(body)
        except ValueError:
            return self.text(_JSON_FIELD.sub(self._field, body))
        clean = self._value("", edit(content))
        if clean == content:
            return body
        return json.dumps(clean, ensure_ascii=False, separators=(",", ":"))

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                self.text(key): self._value(_qualified(name, key), item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._value(name, item) for item in value]
        if isinstance(value, str):
            return self._named(name, value, self.text)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return 1 if is_number and kind_of(name) and name.lower().endswith("id") else value

    def _named(self, name: str, value: str, otherwise: Callable[[str], str]) -> str:
        kind = kind_of(name)
        if kind is None or not value or EMAIL.fullmatch(value):
            return otherwise(value)
        return self._known.of(kind, value)

    def _field(self, match: re.Match[str]) -> str:
        kept = match[0].removesuffix(f'{match["value"]}"')
        return f'{kept}{self._named(match["name"], match["value"], str)}"'

    def _segment(self, segment: str) -> str:
        plain = unquote(segment)
        clean = self.text(plain)
        return segment if clean == plain else quote(clean, safe="@")

    def _pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        plain = unquote_plus(value)
        clean = self._named(unquote_plus(name), plain, self.text)
        return pair if clean == plain else f"{name}{equals}{quote(clean, safe='@')}"

    def _email(self, match: re.Match[str]) -> str:
        return match[0] if is_example(match["domain"]) else self._known.email(match[0])


def _is_long(word: str) -> bool:
    return len(word) >= 8


def _qualified(outer: str, name: str) -> str:
    """``organization.id`` tells as much as ``organization_id``; a variable's value is secret."""
    if name.startswith("value") and _ENVIRONMENT & set(_words(outer)):
        return "secret"
    return f"{outer}_{name}" if kind_of(outer) and name in _TELLING else name


def kind_of(name: str) -> str | None:
    """What the value of a field or parameter is, by its name: ``secret``, ``org``, …, or None."""
    words = _words(name)
    if name in _NO_SECRETS:
        return None
    if _SECRET_WORDS & set(words) or ("key" in words and len(words) > 1):
        return "secret"
    return next((_TENANT_WORDS[word] for word in words if word in _TENANT_WORDS), None)


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]
