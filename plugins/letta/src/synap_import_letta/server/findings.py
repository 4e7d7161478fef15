"""What the owner of the data should know about a Letta server, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import Finding, Severity

_EXAMPLES = 5
_AGAIN = "Run the same command again; what came out is not read twice."


def nothing_there(where: str, others: Sequence[str]) -> Finding:
    """No agents: mostly it is the wrong organization or project."""
    known = f" There are others: {', '.join(others[:_EXAMPLES])}." if others else ""
    return Finding(
        Severity.WARNING,
        "letta-empty",
        f"{where} holds no agents.{known}",
        remedy="If yours are elsewhere, name it with --organization or --project.",
    )


def other_organizations(names: Sequence[str]) -> Finding:
    """A server with more organizations than the one that is read."""
    return Finding(
        Severity.WARNING,
        "letta-other-organizations",
        f"The server has {len(names)} more organizations, which are not read: "
        f"{', '.join(names[:_EXAMPLES])}.",
        remedy="Run it again with --organization ID for each whose memories you want.",
        count=len(names),
        examples=tuple(names[:_EXAMPLES]),
    )


def folders_not_read(count: int) -> Finding:
    """Folders whose files nobody asked for."""
    folders = "1 folder" if count == 1 else f"{count} folders"
    return Finding(
        Severity.INFO,
        "letta-folders-not-read",
        f"Files of {folders} are not read.",
        remedy="--with-files brings them too, one document each.",
        count=count,
    )


def old_server(version: str) -> Finding:
    """A version that reads backwards and is known from its source code only."""
    return Finding(
        Severity.WARNING,
        "letta-old-server",
        f"Letta {version} cannot list messages oldest first: they are read backwards, and this "
        "was not tried with a real server of that age.",
        remedy="Compare the counts at the end; if you can, upgrade a copy of it to 0.16.8 first.",
    )


def missing(what: str, ids: Sequence[str]) -> Finding:
    """What the server shows and did not come out."""
    return Finding(
        Severity.ERROR,
        f"letta-{what}-missing",
        f"{len(ids)} {what} that Letta shows did not come out.",
        remedy=_AGAIN,
        count=len(ids),
        examples=tuple(ids[:_EXAMPLES]),
    )


def fewer_listed(what: str, counted: int, listed: int) -> Finding:
    """The server counts more than it lists."""
    return Finding(
        Severity.ERROR,
        f"letta-{what}-not-listed",
        f"Letta counts {counted} {what} and lists {listed}.",
        remedy=_AGAIN + " If it stays so, some of them are hidden from this key.",
        count=counted - listed,
    )
