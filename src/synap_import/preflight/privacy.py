"""Finds, and masks, what looks like a secret or personal data in a text.

Optional: needs the extra ``privacy``, whose libraries are imported when a text is first looked
at. detect-secrets knows the tokens of services, phonenumbers (Google's) telephone numbers,
python-stdnum the check digits of cards and accounts. It finds what has a form; names and
addresses have none, and no library of a weight that suits a command line finds them well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from synap_import.errors import ConfigurationError
from synap_import.text import MAX_DEPTH, sendable_value

from .marks import Mark

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin

    from synap_import.records import MemoryRecord

_LIBRARIES = ("detect_secrets", "phonenumbers", "stdnum")

VERSION = "1"
"""Changes when the same text could be masked differently."""


class Span(NamedTuple):
    """A part of a text that gives something away: where it is, and what it is."""

    start: int
    end: int
    what: str


_SECRET = "secret"  # noqa: S105 - a word
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,5}")
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
# People tell an agent their password in words, which no scanner of source code looks for.
_TOLD = re.compile(
    r"\b(?:password|passwort|passphrase|passcode|secret key|api key|access token)\b"
    r"[^.\n]{0,20}?(?:\bis\b|\bist\b|:|=)\s*[\"'`]?(?P<secret>(?=\S*\d)\S{6,}?)[\"'`]?[.,;]?(?:\s|$)",
    re.IGNORECASE,
)
# Tokens of services have twenty characters and more, cards and accounts two groups of digits.
_LONG_WORD = re.compile(r"[\w+/=-]{20}")
_MANY_DIGITS = re.compile(r"\d{4}[ -]?\d{4}")
_SECRET_MARK, _PERSONAL_MARK = int(Mark.SECRET), int(Mark.PERSONAL)
_SHORTEST = len("a@b.co")
_PIECE, _OVERLAP = 1000, 300
_REST_OF_TOKEN = re.compile(r"[\w+/=.~-]*\w")
_KEY_BLOCK = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^-]{0,10000}(?:-----END [A-Z ]{0,30}-----)?)?"
)
# Modules of detect-secrets that find what is no secret in prose: words, hashes, addresses.
_NOISY = {
    "artifactory",
    "cloudant",
    "high_entropy_strings",
    "ibm_cloud_iam",
    "ibm_cos_hmac",
    "ip_public",
    "softlayer",
}


def is_installed() -> bool:
    """Whether the extra ``privacy`` is."""
    return all(find_spec(name) is not None for name in _LIBRARIES)


class Privacy:
    """The search. Raises ConfigurationError when the extra is not installed."""

    def __init__(self) -> None:
        if not is_installed():
            raise ConfigurationError(
                "Masking (--redact) needs libraries that are not installed.",
                remedy="Install them with pip install 'synap-import[privacy]', or in a checkout "
                "with pip install '.[privacy]'.",
            )

    def scan(self, record: MemoryRecord) -> int:
        """The marks of a record: ``Mark.SECRET``, ``Mark.PERSONAL``, or both, or 0.

        It looks at all that :func:`~.masking.masking` masks.
        """
        marks = self._marks_of(record.text)
        if record.name:
            marks |= self._marks_of(record.name)
        if record.metadata:
            for text in _strings_in(record.metadata):
                marks |= self._marks_of(text)
        for tag in record.tags:
            marks |= self._marks_of(tag)
        return marks

    def _marks_of(self, text: str) -> int:
        if not _may_give_away(text):
            return 0
        marks = 0
        for span in self.spans(text):
            marks |= _SECRET_MARK if span.what == _SECRET else _PERSONAL_MARK
        return marks

    def masked(self, text: str) -> str:
        """The text with what was found replaced by what it was: ``[e-mail removed]``."""
        if not _may_give_away(text):
            return text
        parts, end = [], 0
        for span in _apart(self.spans(text)):
            parts += [text[end : span.start], f"[{span.what} removed]"]
            end = span.end
        return "".join([*parts, text[end:]])

    def masked_value(self, value: Any) -> Any:
        """A sendable value with every string in it masked; keys stay."""
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, dict):
            return {key: self.masked_value(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.masked_value(one) for one in value]
        return value

    def spans(self, text: str) -> list[Span]:
        """Everything that was found, in no order; parts may overlap."""
        found = [*self._secrets(text), *_told(text), *_personal(text)]
        return [span for span in found if span.end > span.start]

    def _secrets(self, text: str) -> Iterator[Span]:
        for start, piece in _pieces(text):
            for plugin in self._plugins:
                for secret in set(plugin.analyze_string(piece)):
                    yield from _occurrences(text, secret, start, start + len(piece))

    @cached_property
    def _plugins(self) -> Sequence[BasePlugin]:
        from detect_secrets.core.plugins.util import (  # noqa: PLC0415 - optional
            get_mapping_from_secret_type_to_class,
        )

        classes: Iterable[type[BasePlugin]] = get_mapping_from_secret_type_to_class().values()
        return [one() for one in classes if one.__module__.rpartition(".")[2] not in _NOISY]


def _strings_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Every string in a JSON value that is worth a look; what is very deep is one, as when sent."""
    if isinstance(value, str):
        if len(value) >= _SHORTEST:
            yield value
    elif isinstance(value, dict | list | tuple):
        if depth >= MAX_DEPTH:
            yield str(sendable_value(value, depth))
            return
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings_in(one, depth + 1)


def _may_give_away(text: str) -> bool:
    """Whether a closer look is worth its time, which is fifty times that of this one."""
    if "@" in text or "+" in text:
        return True
    lowered = text.lower()
    if "key" in lowered or "pass" in lowered or "token" in lowered or "secret" in lowered:
        return True
    return _LONG_WORD.search(text) is not None or _MANY_DIGITS.search(text) is not None


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text line by line, each with where it begins; a long line in overlapping pieces.

    Some patterns of detect-secrets take the square of a line's length.
    """
    start = 0
    for line in text.split("\n"):
        for at in range(0, max(1, len(line)), _PIECE - _OVERLAP):
            yield start + at, line[at : at + _PIECE]
            if at + _PIECE >= len(line):
                break
        start += len(line) + 1


def _occurrences(text: str, secret: str, start: int, end: int) -> Iterator[Span]:
    """Where the secret stands between two places, each time to the end of its characters."""
    at = text.find(secret, start, end) if secret else -1
    while at >= 0:
        behind = _REST_OF_TOKEN.match(text, at + len(secret))
        yield Span(at, behind.end() if behind else at + len(secret), _SECRET)
        at = text.find(secret, at + len(secret), end)


def _told(text: str) -> Iterator[Span]:
    for match in _KEY_BLOCK.finditer(text):
        yield Span(*match.span(), _SECRET)
    for match in _TOLD.finditer(text):
        yield Span(*match.span("secret"), _SECRET)


def _personal(text: str) -> Iterator[Span]:
    from phonenumbers import PhoneNumberMatcher  # noqa: PLC0415 - optional
    from stdnum import iban, luhn  # noqa: PLC0415 - optional

    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Span(*match.span(), "e-mail")
    if "+" in text:
        # Without a region only numbers with a country code are found: others could be anything.
        for number in PhoneNumberMatcher(text, None):
            yield Span(number.start, number.end, "telephone number")
    for match in _CARD.finditer(text):
        if luhn.is_valid(re.sub("[ -]", "", match[0])):
            yield Span(*match.span(), "card number")
    for match in _ACCOUNT.finditer(text):
        if iban.is_valid(match[0]):
            yield Span(*match.span(), "account number")


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order, those that overlap as one; a secret is told before anything else."""
    joined: Span | None = None
    for span in sorted(spans):
        if joined is None or span.start >= joined.end:
            if joined is not None:
                yield joined
            joined = span
        else:
            what = _SECRET if _SECRET in (joined.what, span.what) else joined.what
            joined = Span(joined.start, max(joined.end, span.end), what)
    if joined is not None:
        yield joined
