"""Runs what a check reads, and shows the author of a failing adapter where in it that was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import dropwhile
from types import TracebackType
from typing import TypeVar

import anyio

from synap_import.errors import SynapImportError

__tracebackhide__ = True

T = TypeVar("T")

_HARNESS = frozenset({"synap_import", "anyio", "asyncio", "contextlib"})


def run(
    act: Callable[..., Awaitable[T]],
    *given: object,
    within: AbstractContextManager[object] | None = None,
) -> T:
    """What ``act`` returns, in an event loop of its own. An error comes without our own frames."""
    try:
        with within or nullcontext():
            return anyio.run(act, *given)
    except Exception as error:
        error.__traceback__ = _joined(_beyond_the_harness(error))
        for reason in _reasons(error):
            reason.__traceback__ = _joined(_of_the_author(reason))
        raise


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """What it came of. The host hides that from its users; an author wants to see it."""
    seen = {id(error)}
    while True:
        if isinstance(error, SynapImportError):
            error.__suppress_context__ = error.__cause__ is not None
        reason = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if reason is None or id(reason) in seen:
            return
        seen.add(id(reason))
        yield reason
        error = reason


def _beyond_the_harness(error: BaseException) -> list[TracebackType]:
    """From the first frame on that is not of what runs the adapter."""
    return list(dropwhile(lambda one: _package(one) in _HARNESS, _entries(error.__traceback__)))


def _of_the_author(error: BaseException) -> list[TracebackType]:
    """Up to the last frame of the package that comes first: not what libraries do below it."""
    entries = _beyond_the_harness(error)
    while entries and _package(entries[-1]) != _package(entries[0]):
        entries.pop()
    return entries


def _entries(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _package(entry: TracebackType) -> str:
    return str(entry.tb_frame.f_globals.get("__name__", "")).partition(".")[0]


def _joined(entries: Sequence[TracebackType]) -> TracebackType | None:
    joined = None
    for one in reversed(entries):
        joined = TracebackType(joined, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return joined
