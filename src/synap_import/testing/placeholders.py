"""Stable stand-ins for what must not be seen: the same value always becomes the same word."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

# Shorter or plainer values stand for too much to be replaced wherever they appear.
_TELLING = re.compile(r"(?=.*[\d_-]).{5,}", re.DOTALL)


class Placeholders:
    """Hands out placeholders, and replaces all values it knows wherever they stand."""

    def __init__(self) -> None:
        self._by_value: dict[str, str] = {}
        self._secrets: dict[str, str] = {}
        self._whole_words: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def add_secret(self, secret: str) -> None:
        """A key: it is replaced everywhere, and so are the digests that would give it away."""
        if not secret or secret in self._by_value:
            return
        placeholder = self._next("secret")
        self._by_value[secret] = placeholder
        for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):
            self._secrets[digest(secret.encode()).hexdigest()] = f"{placeholder}_digest"
        for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            self._secrets[form] = placeholder

    def add_host(self, host: str) -> None:
        """A server's name: replaced everywhere."""
        if host not in self._by_value:
            self._by_value[host] = f"{self._next('source').replace('_', '-')}.example.com"
            self._whole_words[host] = self._by_value[host]

    def of(self, kind: str, value: str) -> str:
        """The placeholder of a value; what is one already stays as it is."""
        if value in self._by_value:
            return self._by_value[value]
        if re.fullmatch(rf"{kind}_\d+", value):
            return value
        placeholder = self._by_value[value] = self._next(kind)
        if _TELLING.fullmatch(value):
            self._whole_words[value] = placeholder
        return placeholder

    def email(self, address: str) -> str:
        """An address at example.com."""
        if address not in self._by_value:
            self._by_value[address] = f"{self._next('person').replace('_', '-')}@example.com"
        return self._by_value[address]

    def replace(self, text: str) -> str:
        """The text without any known value; the longest go first."""
        for secret in _longest_first(self._secrets):
            text = text.replace(secret, self._secrets[secret])
        for value in _longest_first(self._whole_words):
            if value in text:
                pattern = rf"(?<!\w){re.escape(value)}(?!\w)"
                text = re.sub(pattern, self._whole_words[value], text)
        return text

    def _next(self, kind: str) -> str:
        self._counts[kind] += 1
        return f"{kind}_{self._counts[kind]}"


def _longest_first(values: Iterable[str]) -> list[str]:
    return sorted(values, key=len, reverse=True)
