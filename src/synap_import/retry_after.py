"""How long a server asks to wait, in every form that servers say it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]*)?")
_EPOCH = re.compile(r"[0-9]{10}(\.[0-9]*)?")
_LONGEST_LEFT = 1_000_000_000


def retry_after_seconds(value: str | None, now: datetime | None = None) -> float | None:
    """The seconds to wait, at least 0; None when the header does not say.

    Whole seconds and dates are the standard's (RFC 9110, 10.2.3); fractions are seen too.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    # "-0000" makes a date without a zone; HTTP dates are in GMT.
    aware = date.replace(tzinfo=UTC) if date.tzinfo is None else date
    return max(0.0, (aware - (now or datetime.now(UTC))).total_seconds())


def reset_seconds(value: str | None, now: datetime | None = None) -> float | None:
    """The seconds until a limit is lifted, from X-RateLimit-Reset; None when it does not say.

    No standard has it: some servers write the seconds left, others the time in seconds since
    1970 (Zep, docs, rate limits).
    """
    text = (value or "").strip()
    if not _SECONDS.fullmatch(text) and not _EPOCH.fullmatch(text):
        return None
    seconds = float(text)
    if seconds < _LONGEST_LEFT:
        return seconds
    return max(0.0, seconds - (now or datetime.now(UTC)).timestamp())
