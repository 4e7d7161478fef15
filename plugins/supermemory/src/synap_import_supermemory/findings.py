"""What the owner of the data should know, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from synap_import import Finding, Severity, SourceError

from .server import NotThereError

if TYPE_CHECKING:
    from .config import SuperMemoryConfig
    from .models import Session, Tag
    from .server import RefusedError

_EXAMPLES = 5


def before_reading(
    config: SuperMemoryConfig, api: str, session: Session, tags: Sequence[Tag]
) -> Iterator[Finding]:
    """What is seen without reading anything."""
    if session.is_restricted:
        yield warning(
            "restricted-key",
            "The key is restricted: what it does not open stays unseen, without an error.",
            "Take a key of the whole organization if everything shall move.",
        )
    if config.load == "both":
        yield warning(
            "extracted-twice",
            "Memories load and the documents that they were made from, too: the same facts are "
            "extracted twice, by SuperMemory and again by Synap.",
            "Load one of them: --load memories, or --load documents.",
        )
    if api == "v5":
        yield warning(
            "v5-tells-less",
            "v5 shows no earlier versions, relations, expiry dates or sources of memories.",
            "Where the server has v4, --api v4 reads them.",
        )
    if merging := [tag.tag for tag in tags if tag.merge_status]:
        yield warning(
            "merging",
            "Tags are being merged; what is in them may move while it is read.",
            "Wait for the end, or run the same command again afterwards.",
            merging,
        )
    if not any(tag.count for tag in tags):
        where, remedy = "the organization of this key", "If yours are in another, take its key."
        if config.tags:
            where, remedy = ", ".join(config.tags), "Check the spelling of --tag."
        yield warning("empty", f"No memories and no documents are in {where}.", remedy)


def refused(what: str, error: RefusedError) -> Finding:
    """A list that was not read to its end."""
    return hole(
        "refused",
        f"{what} were not read to the end. {error.message}",
        f"{error.remedy} The same command reads what is left.",
    )


def incomplete(what: str, count: int) -> Finding:
    """A list that hides something."""
    return hole(
        "incomplete",
        f"{what}: SuperMemory counts {count} more than it shows.",
        "Run the same command again; if it stays so, ask SuperMemory.",
        count,
    )


def unfinished(names: Set[str]) -> Iterator[Finding]:
    """Documents of which memories may still come."""
    if names:
        yield warning(
            "unfinished",
            "SuperMemory still works on documents: memories of them will come.",
            "Run the same command again when it is done.",
            sorted(names),
        )


def not_compared(error: RefusedError) -> Finding:
    """The counts could not be asked for again."""
    what = "What came out could not be compared with the counts of tags."
    return warning("not-compared", f"{what} {error.message}")


def after_reading(
    before: Sequence[Tag], now: Sequence[Tag], came: Mapping[str | None, int], told: Set[str | None]
) -> Iterator[Finding]:
    """Tags that count more than came out: a hole, unless something was added meanwhile."""
    lacking = [tag for tag in now if tag.tag not in told and tag.count > came.get(tag.tag, 0)]
    for tag in lacking:
        if tag in before:
            yield hole(
                "missing",
                f"Tag {tag.tag} counts {counted(tag)}; {came.get(tag.tag, 0)} records came out.",
                "Run the same command again. Items that could not be read are told apart.",
            )
    if changed := [tag.tag for tag in lacking if tag not in before]:
        words = "Something was added while it was read.", "The same command brings what is new."
        yield warning("grew", *words, changed)


def not_listed(error: RefusedError, session: Session) -> SourceError:
    """Nobody tells which tags there are."""
    known = " ".join(f"--tag {tag.tag}" for tag in session.container_tags or ())
    what = "The key may not list the container tags."
    remedy = (
        f"Name the tags to read, {known or '--tag TAG for each'}, or take a key of the whole "
        "organization; check --base-url, too."
    )
    if session.is_restricted:
        what = "The key is restricted: it may not list the container tags."
    elif isinstance(error, NotThereError):
        what = "There is no list of container tags at this address."
        remedy = (
            "Check --base-url: it is the server's address without /v3 or /v4. If it is right, "
            "name the tags to read, --tag TAG for each."
        )
    return SourceError(f"{what} {error.message}", remedy=remedy)


def warning(code: str, message: str, remedy: str = "", names: Sequence[str] = ()) -> Finding:
    """Something to know."""
    found = len(names) or 1, tuple(names[:_EXAMPLES])
    return Finding(Severity.WARNING, f"supermemory-{code}", message, remedy, *found)


def hole(code: str, message: str, remedy: str, count: int = 1) -> Finding:
    """Something that did not come out."""
    return Finding(Severity.ERROR, f"supermemory-{code}", message, remedy, count)


def counted(*tags: Tag) -> str:
    """How much is in tags, in words."""
    memories = number(sum(tag.memory_count for tag in tags), "memory", "memories")
    return f"{memories}, {number(sum(tag.document_count for tag in tags), 'document')}"


def number(count: int, one: str, many: str = "") -> str:
    """A count with its noun."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def note(tag: Tag) -> str:
    """For whoever decides what a tag stands for."""
    name = f"{tag.name}: " if tag.name and tag.name != tag.tag else ""
    own = "; a space of SuperMemory's own tools" if tag.tag.startswith("sm_") else ""
    return f"{name}{counted(tag)}{own}"
