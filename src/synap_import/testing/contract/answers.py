"""Checks of what an adapter makes of bad answers: a sentence, never a traceback or a wrong end.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from json import JSONDecodeError
from typing import TYPE_CHECKING

import httpx
from pydantic import ValidationError

from synap_import.errors import SourceError, SourceUnavailableError, SynapImportError
from synap_import.polite_http import Politeness

from .silence import check_text
from .walks import Subject, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

__tracebackhide__ = True

_MOST_ATTEMPTS = Politeness().max_attempts


@dataclass(frozen=True, slots=True)
class BadAnswer:
    """What a server says to everything."""

    title: str
    status: int
    content: str = "{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    expected: tuple[type[SynapImportError], ...] = (SourceError,)


_EITHER = (SourceError, SourceUnavailableError)
_HTML = {"Content-Type": "text/html"}
BAD_ANSWERS = (
    BadAnswer("401", 401, '{"detail": "Invalid key"}'),
    BadAnswer("403", 403, '{"detail": "Forbidden"}'),
    BadAnswer("404", 404, '{"detail": "Not found"}'),
    BadAnswer("429", 429, "slow down", expected=(SourceUnavailableError,)),
    BadAnswer("429 with a pause", 429, "{}", {"Retry-After": "2"}, (SourceUnavailableError,)),
    BadAnswer("500", 500, "oops", expected=(SourceUnavailableError,)),
    BadAnswer("503", 503, "busy", {"Retry-After": "1"}, expected=(SourceUnavailableError,)),
    BadAnswer("of a web page", 200, "<html>Log in</html>", _HTML, _EITHER),
    BadAnswer("nested too deeply", 200, "[" * 100_000, expected=_EITHER),
    BadAnswer("of another shape", 200, '{"surprise": true}', expected=_EITHER),
    # It may have been cut off on its way.
    BadAnswer("cut off", 200, '{"results": [{"id', expected=_EITHER),
)


async def check_answer(subject: Subject, bad: BadAnswer, secrets: Sequence[str]) -> None:
    """A server that answers everything so ends the run with a sentence."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(bad.status, text=bad.content, headers=dict(bad.headers))

    try:
        whole = await walk(subject, httpx.MockTransport(answer))
    except SynapImportError as error:
        check_text(f"{error}", secrets, f"the error about an answer {bad.title}")
        assert bad.status < 400 or not _was_taken_for_data(error), (
            f"An answer {bad.title} is read as if it held what was asked for, so whoever runs the "
            f"import is told: {error.message} Call raise_for_status() on every answer, first."
        )
        assert isinstance(error, bad.expected), (
            f"An answer {bad.title} becomes {type(error).__name__}: {error.message} A refusal is a "
            "SourceError; SourceUnavailableError says that trying again later may help."
        )
        assert len(asked) <= _MOST_ATTEMPTS, (
            f"An answer {bad.title} was asked for {len(asked)} times. The host's client tries "
            "again by itself; an adapter that does it too multiplies the attempts."
        )
    except Exception as error:
        raise AssertionError(
            f"An answer {bad.title} ends as {type(error).__name__}: {error}. Whoever runs the "
            "import would see a traceback. Let the errors of httpx, of json() and of pydantic "
            "through, the host explains them; raise SourceError for anything else."
        ) from error
    else:
        assert not asked, (
            f"An answer {bad.title} is taken for an account with {len(whole.records)} records, "
            "read to its end. Call raise_for_status(), and refuse what has another shape."
        )


def _was_taken_for_data(error: BaseException) -> bool:
    """Whether it comes of looking for something in the answer."""
    cause = error.__cause__ or error.__context__
    return isinstance(cause, JSONDecodeError | ValidationError)
