"""The adapter contract: what somebody writes who teaches the tool a new source.

An adapter says what it sees (:meth:`Source.check`), lists partitions, and yields pages
of a partition from a cursor. It does not retry, rate-limit, checkpoint, de-duplicate,
map users, print or write: the host does, once, for all sources.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    import httpx

    from .polite_http import Politeness
    from .records import MemoryRecord, Scope, ScopeKind

ConfigT = TypeVar("ConfigT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a field of an adapter's ``Config`` appears on the command line.

    Annotate the field with it: ``key: Annotated[SecretStr, Setting(env="ACME_API_KEY")]``.
    Without it a field becomes an option named like the field.
    """

    env: str | None = None
    flag: str | None = None
    argument: bool = False
    metavar: str | None = None


class Severity(StrEnum):
    """How much a finding matters: only errors keep a run from loading."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the owner of the data should know, with what to do about it."""

    severity: Severity
    code: str
    message: str
    remedy: str = ""
    count: int = 1
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What an adapter sees before anything is read.

    ``account`` identifies what is read: the same account on the next run continues the
    same job. ``expected`` is the number of records where the source can say it cheaply.
    """

    account: str
    title: str
    expected: int | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Partition:
    """A slice of a source that can be read on its own: one user, one graph, one file.

    The ledger keeps cursors under ``id``. ``version`` changes when cursors of an earlier
    run no longer fit (a file that was edited): the slice is then read from its beginning,
    and records that are known already are recognised by their ids.
    """

    id: str
    title: str
    version: str = ""
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item of the source that cannot become a record; the good ones go on.

    ``where`` is stable and unique within the account (``export.jsonl:17``); ``raw`` is an
    excerpt for the person who mends it.
    """

    where: str
    reason: str
    raw: str = ""


class Run(NamedTuple):
    """So many records of a page that follow on each other, and a digest of what they are.

    The same digest stands only for the same records; without one, their contents tell. It is None,
    too, when an item among them is unreadable. ``records`` is None when these are left out.
    """

    digest: str | None
    records: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a partition and where to go on from.

    ``cursor`` resumes right behind this page; None says that the partition ends here.
    ``fraction_read`` (0 to 1) lets the host estimate the end where counts are unknown.
    ``runs``, where an adapter can digest items at less cost than making records of them, are all
    that the page holds, in order. When the host :meth:`knows <Exported.knows>` each of them, all
    records may be left out.
    """

    records: Sequence[MemoryRecord]
    cursor: str | None
    unreadable: Sequence[Unreadable] = field(default=())
    fraction_read: float | None = None
    runs: Sequence[Run] = ()


@dataclass(frozen=True, slots=True)
class ScopeCount:
    """An id that memories of the source carry; ``records`` where it is known how many do.

    ``note`` is for whoever fills in the user map: a name, or why this is taken for a user.
    """

    kind: ScopeKind
    id: str
    records: int | None = None
    note: str = ""


class HoldReason(NamedTuple):
    """Why an adapter would not load some records by default.

    ``means`` says what these records are, as a sentence without its full stop; ``remedy`` what to
    do about it, nothing where ``--include`` with the reason is right.
    """

    means: str
    remedy: str = ""


class Exported(Protocol):
    """What came out of the source so far, over all runs of the job: each record once."""

    def scopes(self) -> Iterator[tuple[Scope, int]]:
        """Every distinct scope with the number of records that have it."""
        ...

    def missing(self, system: str, ids: Sequence[str]) -> list[str]:
        """Those of the ids under which nothing came out."""
        ...

    def knows(self, digest: str) -> bool:
        """Whether a run with this digest came out before, and its records are as they were.

        Never in a first reading, only when a source is read again. To be asked once the host has
        the pages before: they can hold other contents under the same ids.
        """
        ...


class SourceContext(Protocol):
    """What the host gives an adapter. ``exported`` grows while pages are read."""

    exported: Exported

    def http_client(
        self,
        *,
        base_url: str = "",
        headers: dict[str, str] | None = None,
        politeness: Politeness | None = None,
    ) -> httpx.AsyncClient:
        """A client that retries, honours Retry-After, limits itself, redacts and counts.

        The host closes it. Vendor SDKs that accept a client are built on it, with their
        own retries off.
        """
        ...


class Source(ABC, Generic[ConfigT]):
    """Base of every adapter. ``Config``'s fields become options and environment variables.

    One object serves one run: :meth:`check` first, then the others on the same object.
    ``holds`` explains the reasons of its own for which it holds records (``MemoryRecord.hold``),
    and those of the forms that :meth:`of` returns.
    """

    name: ClassVar[str]
    Config: ClassVar[type[BaseModel]]
    holds: ClassVar[Mapping[str, HoldReason]] = MappingProxyType({})
    guesses_mappings: ClassVar[bool] = False
    """Whether :meth:`guess_mapping` is there, so that the command has the option for it."""

    def __init__(self, config: ConfigT, context: SourceContext) -> None:
        self.config = config
        self.context = context

    @classmethod
    def of(cls, config: ConfigT, context: SourceContext) -> Source[ConfigT]:
        """The adapter that reads what ``config`` names.

        Override it where a source has several forms (a cloud, a server, files): it imports the
        one that is meant, and returns that. Raises ConfigurationError when none is.
        """
        return cls(config, context)

    @classmethod
    def guess_mapping(cls, config: ConfigT) -> str:
        """The text of a mapping file, proposed for what ``config`` names.

        Raises SourceError when there is nothing to look at.
        """
        raise NotImplementedError

    @abstractmethod
    async def check(self) -> SourceCheck:
        """Say what is there, before reading it.

        Raises SourceError when it cannot be read as asked, SourceUnavailableError when
        it does not answer.
        """

    @abstractmethod
    def partitions(self) -> AsyncIterator[Partition]:
        """The slices to read, in an order that is the same on every run."""

    @abstractmethod
    def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """The pages of a partition, from its beginning or from a cursor of an earlier page.

        Closed when the run ends early, so open files and streams belong into ``with``.
        """

    async def scopes(self) -> Sequence[ScopeCount] | None:
        """Whose memories there are, where the source tells without reading them all.

        An id that turns out to have no memories of its own does no harm; None says that
        only reading tells.
        """
        return None

    async def reconcile(self) -> Sequence[Finding]:
        """After every partition was read to its end: what the source says it holds, compared
        with ``self.context.exported``. What is missing is a finding with severity ``error``.
        """
        return ()
