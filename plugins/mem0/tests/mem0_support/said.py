"""What an error says, all of it."""

from __future__ import annotations


def everything_said(error: BaseException) -> str:
    """The error and all that a traceback would show of how it came about."""
    said = []
    cause: BaseException | None = error
    while cause is not None:
        said.append(f"{cause!r} {cause}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return " ".join(said)
