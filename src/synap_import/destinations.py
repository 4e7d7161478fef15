"""Where an import goes: the real Synap, the sandbox, or nowhere for a dry run without a key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .destination import DEFAULT_URL, Identity, sends_in_the_clear, whoami
from .errors import ConfigurationError
from .events import FindingSeen, Listener, nobody
from .preflight.codes import CATALOG

if TYPE_CHECKING:
    from .jobs import Job
    from .loading.elsewhere import Elsewhere
    from .sandbox.settings import Isolation

SYNAP = "synap"
SANDBOX = "sandbox"
_NOWHERE = "nowhere"
_SANDBOX_KEY = "synap_sandbox"


@dataclass(frozen=True, slots=True)
class Destination:
    """An instance of Synap, real or sandbox; ``identity`` is None where there is none.

    ``words`` and, but in a dry run, ``elsewhere`` are those of a destination that a plugin brings.
    """

    name: str
    url: str = ""
    api_key: str = ""
    identity: Identity | None = None
    elsewhere: Elsewhere | None = None
    words: str = ""

    @property
    def title(self) -> str:
        """What a person should read it as."""
        if self.name == SANDBOX:
            return "the local sandbox, a stand-in for Synap"
        if self.words:
            return self.words
        if self.identity is None:
            return "nowhere (no SYNAP_API_KEY, so the B2B/B2C rule was not checked)"
        return f"Synap instance {self.identity.instance_id} ({self.identity.audience})"


def is_elsewhere(name: str) -> bool:
    """Whether the destination of a job is a plugin's: its name and place. Ids have no spaces."""
    return " " in name


def refuse_elsewhere(job: Job) -> None:
    """Raise ConfigurationError for a job that went to a plugin's destination."""
    if is_elsewhere(job.destination):
        raise ConfigurationError(
            f"Job {job.name} went to {job.destination}, and this command is for Synap only.",
            remedy="What became of the job: synap-import status, or synap-import report.",
        )


async def real_destination(
    url: str | None, *, or_nowhere: bool = False, tell: Listener = nobody
) -> Destination:
    """The Synap of SYNAP_API_KEY, at its own address unless another is given.

    Raises ConfigurationError without a key, unless nothing is to be sent: ``or_nowhere``.
    """
    api_key = os.environ.get("SYNAP_API_KEY", "").strip()
    if not api_key and or_nowhere:
        return Destination(_NOWHERE)
    if not api_key:
        raise ConfigurationError(
            "There is no API key for Synap.",
            remedy="Set SYNAP_API_KEY (Synap Dashboard, your instance, API keys), or rehearse "
            "without an account: --to sandbox.",
        )
    url = (url or DEFAULT_URL).rstrip("/")
    if sends_in_the_clear(url):
        tell(FindingSeen(CATALOG["sent-in-the-clear"].found(1)))
    identity = await whoami(url, api_key)
    return Destination(identity.instance_id, url, api_key, identity)


@contextmanager
def opened_sandbox(folder: Path, isolation: Isolation) -> Iterator[str]:
    """A sandbox of this process only, with its file in the folder; yields its address."""
    from .sandbox import BackgroundSandbox, SandboxSettings  # noqa: PLC0415 - start-up time

    settings = SandboxSettings(folder / "sandbox.sqlite", isolation=isolation, api_key=_SANDBOX_KEY)
    with BackgroundSandbox(settings) as sandbox:
        yield sandbox.base_url


async def reopened_destination(
    stack: AsyncExitStack,
    job: Job,
    isolation: Isolation,
    url: str | None,
    tell: Listener = nobody,
) -> Destination:
    """Where the job went, again.

    Raises ConfigurationError when the key is another instance's, or the job did not go to Synap.
    """
    refuse_elsewhere(job)
    if job.destination != SANDBOX:
        real = await real_destination(url, tell=tell)
        if real.name == job.destination:
            return real
        raise ConfigurationError(
            f"The key is that of Synap instance {real.name}, and job {job.name} "
            f"loads into {job.destination}. Nothing was sent or asked.",
            remedy=f"Put the key of {job.destination} into SYNAP_API_KEY.",
        )
    if not (job.folder / "sandbox.sqlite").exists():
        raise ConfigurationError(
            f"The sandbox of job {job.name} is gone ({job.folder / 'sandbox.sqlite'}).",
            remedy="Start over with --new-job.",
        )
    url = stack.enter_context(opened_sandbox(job.folder, isolation))
    return await sandbox_destination(url)


async def sandbox_destination(url: str) -> Destination:
    """The sandbox at this address as a destination."""
    return Destination(SANDBOX, url, _SANDBOX_KEY, await whoami(url, _SANDBOX_KEY))
