"""Where an import goes: the real Synap, the sandbox, or nowhere for a dry run without a key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from synap_import.destination import DEFAULT_URL, Identity, sends_in_the_clear, whoami
from synap_import.errors import ConfigurationError, LedgerError
from synap_import.identity import Target
from synap_import.jobs import Job, JobIdentity, Workdir
from synap_import.private_files import private_folder
from synap_import.sources import Finding, Severity

from .terminal import say_finding

if TYPE_CHECKING:
    from synap_import.identity import UserMap
    from synap_import.sandbox.settings import Isolation
    from synap_import.sources import SourceCheck

    from .import_options import ImportOptions

SANDBOX = "sandbox"
_NOWHERE = "nowhere"
_SANDBOX_KEY = "synap_sandbox"


@dataclass(frozen=True, slots=True)
class Destination:
    """An instance of Synap, real or sandbox; ``identity`` is None where there is none."""

    name: str
    url: str = ""
    api_key: str = ""
    identity: Identity | None = None

    @property
    def title(self) -> str:
        """What a person should read it as."""
        if self.name == SANDBOX:
            return "the local sandbox, a stand-in for Synap"
        if self.identity is None:
            return "nowhere (no SYNAP_API_KEY, so the B2B/B2C rule was not checked)"
        return f"Synap instance {self.identity.instance_id} ({self.identity.audience})"


async def real_destination(options: ImportOptions) -> Destination | None:
    """The Synap of SYNAP_API_KEY; None when the sandbox was asked for.

    Raises ConfigurationError without a key, unless nothing is to be sent.
    """
    if options.to == SANDBOX:
        return None
    api_key = os.environ.get("SYNAP_API_KEY", "").strip()
    if not api_key and options.dry_run:
        return Destination(_NOWHERE)
    if not api_key:
        raise ConfigurationError(
            "There is no API key for Synap.",
            remedy="Set SYNAP_API_KEY (Synap Dashboard, your instance, API keys), or rehearse "
            "without an account: --to sandbox.",
        )
    url = (options.synap_url or DEFAULT_URL).rstrip("/")
    if sends_in_the_clear(url):
        say_finding(
            Finding(
                Severity.WARNING,
                "sent-in-the-clear",
                "The API key and the memories go over the network unencrypted.",
                "Use an https:// address.",
            )
        )
    identity = await whoami(url, api_key)
    return Destination(identity.instance_id, url, api_key, identity)


@contextmanager
def opened_job(
    check: SourceCheck, source: str, destination: str, options: ImportOptions
) -> Iterator[Job]:
    """The job of this source and destination, locked; a dry run has one that vanishes."""
    workdir = Workdir(options.workdir) if options.workdir else Workdir.default()
    identity = JobIdentity(source, check.account, destination)
    if options.dry_run:
        with _vanishing_folder(workdir.path) as folder:
            yield Workdir(folder).job(identity, check.title)
        return
    job = workdir.job(identity, check.title, start_over=options.new_job)
    with job.locked():
        yield job


@contextmanager
def _vanishing_folder(parent: Path) -> Iterator[Path]:
    try:
        private_folder(parent)
        folder = TemporaryDirectory(prefix="dry-run-", dir=parent)
    except OSError as error:
        raise LedgerError(
            f"{parent} cannot be written ({error.strerror or error}).",
            remedy="Free space or rights there, or choose another folder with --workdir.",
        ) from error
    with folder as path:
        yield Path(path)


@contextmanager
def started_sandbox(folder: Path, user_map: UserMap, options: ImportOptions) -> Iterator[str]:
    """The sandbox of an import: its instance is B2B when the import names customers."""
    with_customers = options.customer_id or _names_customers(user_map)
    with opened_sandbox(folder, "b2b" if with_customers else "b2c") as url:
        yield url


@contextmanager
def opened_sandbox(folder: Path, isolation: Isolation) -> Iterator[str]:
    """A sandbox of this process only, with its file in the folder; yields its address."""
    from synap_import.sandbox import BackgroundSandbox, SandboxSettings  # noqa: PLC0415 - start-up

    settings = SandboxSettings(folder / "sandbox.sqlite", isolation=isolation, api_key=_SANDBOX_KEY)
    with BackgroundSandbox(settings) as sandbox:
        yield sandbox.base_url


async def reopened_destination(
    stack: AsyncExitStack, job: Job, isolation: Isolation, options: ImportOptions
) -> Destination:
    """Where the job went, again. Raises ConfigurationError when the key is another instance's."""
    if job.destination != SANDBOX:
        real = await real_destination(options)
        if real and real.name == job.destination:
            return real
        raise ConfigurationError(
            f"The key is that of Synap instance {real.name if real else '?'}, and job {job.name} "
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


def _names_customers(user_map: UserMap) -> bool:
    return any(
        isinstance(row.decision, Target) and row.decision.customer_id for row in user_map.rows()
    )
