"""What the owner of the data should know, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from synap_import import Finding, Severity, SourceError

from .server import NotThereError

if TYPE_CHECKING:
    from .config import SuperMemoryConfig
    from .dialects import Slice
    from .models import Session, Tag
    from .server import RefusedError

_EXAMPLES = 5
_ERROR, _WARNING = Severity.ERROR, Severity.WARNING


def note(tag: Tag) -> str:
    """For whoever decides what a tag stands for."""
    name = f"{tag.name}: " if tag.name and tag.name != tag.tag else ""
    own = "; a space of SuperMemory's own tools" if tag.tag.startswith("sm_") else ""
    return f"{name}{counted(tag)}{own}"


def counted(*tags: Tag) -> str:
    """How much is in tags, in words."""
    memories = sum(tag.memory_count for tag in tags)
    documents = sum(tag.document_count for tag in tags)
    return (
        f"{memories} {'memory' if memories == 1 else 'memories'}, "
        f"{documents} {'document' if documents == 1 else 'documents'}"
    )


def not_opened(error: RefusedError, session: Session, config: SuperMemoryConfig) -> SourceError:
    """The tags can neither be listed nor read."""
    if config.tags:
        return SourceError(error.message, remedy="Check --tag, --base-url and what the key opens.")
    if isinstance(error, NotThereError) and not session.is_restricted:
        return SourceError(
            f"There is no list of container tags at this address. {error.message}",
            remedy="Check --base-url: it is the server's address without /v3 or /v4. If it is "
            "right, name the tags to read, --tag TAG for each.",
        )
    who = "The key is restricted: it" if session.is_restricted else "The key"
    opened = [str(one.get("containerTag")) for one in session.container_tags or ()]
    known = f" Its tags: {', '.join(opened)}." if opened else ""
    return SourceError(
        f"{who} may not list the container tags.{known} {error.message}",
        remedy="Name the tags to read, --tag TAG for each, or take a key of the whole "
        "organization; check --base-url, too.",
    )


def of_check(
    config: SuperMemoryConfig, api: str, session: Session, tags: Sequence[Tag]
) -> Iterator[Finding]:
    """What is seen before anything is read."""
    if session.is_restricted:
        yield Finding(
            _WARNING,
            "supermemory-restricted-key",
            "The key is restricted: what it does not open stays unseen, without an error.",
            "Take a key of the whole organization if everything shall move.",
        )
    if config.load == "both":
        yield Finding(
            _WARNING,
            "supermemory-extracted-twice",
            "Memories load and the documents that they were made from, too: the same facts are "
            "extracted twice, by SuperMemory and again by Synap.",
            "Load one of them: --load memories, or --load documents.",
        )
    if api == "v5":
        yield Finding(
            _WARNING,
            "supermemory-v5-tells-less",
            "v5 shows no earlier versions, relations, expiry dates or sources of memories.",
            "Where the server has v4, --api v4 reads them.",
        )
    if not any(tag.memory_count or tag.document_count for tag in tags):
        yield _nothing_there(config.tags)
    if merging := [tag.tag for tag in tags if tag.merge_status]:
        yield _naming(
            _WARNING,
            "supermemory-merging",
            "Tags are being merged; what is in them may move while it is read.",
            "Wait for the end, or run the same command again afterwards.",
            merging,
        )


def _nothing_there(named: Sequence[str]) -> Finding:
    if named:
        where, remedy = f"The tags {', '.join(named)} count", "Check the spelling of --tag."
    else:
        where = "The organization of this key counts"
        remedy = "If yours are in another organization, take its key."
    return Finding(_WARNING, "supermemory-empty", f"{where} no memories and no documents.", remedy)


def of_reading(
    refused: Mapping[Slice, RefusedError], short: Mapping[Slice, int], unfinished: Set[str]
) -> Iterator[Finding]:
    """What kept the reading from being whole."""
    for of, error in refused.items():
        yield Finding(
            _ERROR,
            "supermemory-refused",
            f"The {of.kind} {_of(of)} were not read to the end. {error.message}",
            f"{error.remedy} The same command reads what is left.",
            examples=(str(of),),
        )
    for of, count in short.items():
        yield Finding(
            _ERROR,
            "supermemory-incomplete",
            f"The {of.kind} {_of(of)}: SuperMemory counts {count} more than it shows.",
            "Run the same command again; if it stays so, ask SuperMemory.",
            count,
        )
    if unfinished:
        yield _naming(
            _WARNING,
            "supermemory-unfinished",
            "SuperMemory still works on documents: memories of them will come.",
            "Run the same command again when it is done.",
            sorted(unfinished),
        )


def of_comparison(
    before: Sequence[Tag], now: Sequence[Tag], came: Mapping[str, int], told: Set[str | None]
) -> Iterator[Finding]:
    """Tags that count more than came out: a hole, unless something was added meanwhile."""
    lacking = [
        tag
        for tag in now
        if tag.tag not in told and tag.memory_count + tag.document_count > came.get(tag.tag, 0)
    ]
    for tag in lacking:
        if tag in before:
            out = came.get(tag.tag, 0)
            yield Finding(
                _ERROR,
                "supermemory-missing",
                f"The tag {tag.tag} counts {counted(tag)}; {out} records came out.",
                "Run the same command again. Items that could not be read are told apart.",
            )
    if changed := [tag.tag for tag in lacking if tag not in before]:
        yield _naming(
            _WARNING,
            "supermemory-grew",
            "Something was added while it was read.",
            "The same command brings what is new.",
            changed,
        )


def not_compared(error: RefusedError) -> Finding:
    """The counts could not be asked for again."""
    what = "What came out could not be compared with the counts of tags."
    return Finding(_WARNING, "supermemory-not-compared", f"{what} {error.message}")


def _of(one: Slice) -> str:
    return f"of {one.tag}" if one.tag is not None else "of the organization"


def _naming(
    severity: Severity, code: str, message: str, remedy: str, names: Sequence[str]
) -> Finding:
    return Finding(severity, code, message, remedy, len(names), tuple(names[:_EXAMPLES]))
