"""Checks of a server that gives the same page again, or one with nothing in it.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from synap_import.errors import SynapImportError
from synap_import.testing.reading import read_source

from .stand_in import MOST_QUESTIONS, EndlessError, stuck_server

if TYPE_CHECKING:
    from .walks import Subject

__tracebackhide__ = True


async def check_repeating(subject: Subject, cassette: Path) -> None:
    """Whatever page is asked for, the answer is the first of the cassette for that path."""
    try:
        await read_source(subject.adapter, subject.config, transport=stuck_server(cassette))
    except SynapImportError:
        return
    except EndlessError as endless:
        raise AssertionError(
            f"A server that gives the same page whatever is asked for was asked {MOST_QUESTIONS} "
            f"times, at last for {endless}. A run would never end: remember the cursors of a "
            "partition, and raise SourceError when one comes back."
        ) from None


async def check_empty(subject: Subject, cassette: Path) -> None:
    """All lists in the answers are empty, be there a next page or not."""
    server = stuck_server(cassette, _emptied)
    try:
        await read_source(subject.adapter, subject.config, transport=server)
    except (SynapImportError, EndlessError):
        # That a run never ends is told by the other check.
        return
    except Exception as error:
        raise AssertionError(
            f"An answer whose list is empty ends as {type(error).__name__}: {error}. An account "
            "may have nothing, and a page in the middle nothing on it; look for the cursor in the "
            "answer, not in its last item."
        ) from error


def _emptied(answer: Any) -> Any:
    if isinstance(answer, list):
        return []
    if isinstance(answer, dict):
        return {name: _emptied(one) for name, one in answer.items()}
    return answer
