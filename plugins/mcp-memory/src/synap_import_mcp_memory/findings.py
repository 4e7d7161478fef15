"""What the owner of the data should know, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from synap_import import Finding, Severity, SourceError


def before_reading(user: str | None, *, is_empty: bool) -> Iterator[Finding]:
    """What is seen without reading all of it."""
    if is_empty:
        yield Finding(
            Severity.WARNING,
            "mcp-memory-empty",
            "The file has no line.",
            "Is it the file that MEMORY_FILE_PATH names in the server's settings?",
        )
    if user is None:
        yield Finding(
            Severity.WARNING,
            "mcp-memory-no-user",
            "The file does not say whose memory it is, so all of it is held.",
            "Say whose it is with --user ID, and who that is in Synap with --user-map.",
        )
    else:
        yield Finding(
            Severity.INFO,
            "mcp-memory-one-user",
            f"The file does not say whose memory it is: all of it is taken for that of {user}, "
            "as --user says.",
            "If several people talked to the server, there is no telling them apart.",
        )


def changed(path: str) -> Finding:
    """The server went on writing."""
    return Finding(
        Severity.WARNING,
        "mcp-memory-changed",
        f"{path} was changed while it was read, or right after.",
        "Run the same command again: it loads what is new.",
    )


def another_file(path: str) -> SourceError:
    """Something else than the server's file."""
    return SourceError(
        f"{path} is no file of the MCP memory server: none of its first lines is an entity or a "
        "relation.",
        remedy='A line looks like {"type": "entity", "name": …}. An answer of read_graph, or '
        "another file, is for: synap-import json FILE.",
    )
