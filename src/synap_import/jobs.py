"""Jobs: one import of a source account into a Synap instance, and the folder it lives in.

<workdir>/jobs/<job>/job.json         what is imported where, for people and `jobs`
ledger.sqlite    the ledger, unless it is in a database of its own (--ledger)
sandbox.sqlite   the sandbox's file, with --to sandbox
lock             held while a process works on the job
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filelock import FileLock, Timeout
from platformdirs import user_state_path

from .errors import ConfigurationError, JobLockedError, LedgerError
from .ledger import Ledger, SqliteLedger
from .ledger.remote import jobs_at, locked_at, open_ledger_at, without_password
from .private_files import close_to_others, open_private, private_folder


@dataclass(frozen=True, slots=True)
class JobIdentity:
    """What makes two runs the same job: the next run with the same identity resumes it."""

    source: str
    account: str
    destination: str

    def name(self, attempt: int = 1) -> str:
        """The job's name; ``attempt`` counts the times it was started over."""
        digest = sha256("\0".join(asdict(self).values()).encode("utf-8", "surrogatepass"))
        suffix = "" if attempt == 1 else f"-{attempt}"
        return f"{self.source}-{digest.hexdigest()[:8]}{suffix}"


@dataclass(frozen=True, slots=True)
class Job:
    """A job on disk; ``ledger`` is the address of its ledger, where that is not a file there."""

    name: str
    folder: Path
    source: str
    account: str
    destination: str
    title: str
    started_at: str
    ledger: str = field(default="", repr=False)

    @property
    def ledger_path(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger.sqlite"

    def open_ledger(self) -> Ledger:
        """The job's ledger. Raises LedgerError when it cannot be used."""
        if self.ledger:
            return open_ledger_at(self.ledger, self.name)
        return SqliteLedger(self.ledger_path)

    def is_worked_on(self) -> bool:
        """Whether a process works on the job right now."""
        try:
            with self.locked():
                return False
        except JobLockedError:
            return True

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes off the job. Raises JobLockedError when one is at work."""
        lock = FileLock(self.folder / "lock", mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise JobLockedError(
                f"Another synap-import is working on job {self.name} ({self.folder}).",
                remedy="Wait for it, or watch it: synap-import status " + self.name,
            ) from error
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        try:
            with locked_at(self.ledger, self.name) if self.ledger else nullcontext():
                yield
        finally:
            lock.release()


@dataclass(frozen=True, slots=True)
class Workdir:
    """The folder that holds all jobs of a person."""

    path: Path

    @classmethod
    def default(cls) -> Workdir:
        """The user's state folder of this operating system."""
        return cls(user_state_path("synap-import", appauthor=False))

    def job(
        self, identity: JobIdentity, title: str, *, start_over: bool = False, ledger: str = ""
    ) -> Job:
        """The job to go on with, made when there is none, or anew when asked for.

        ``ledger`` is the address of a database that may know jobs of other machines. Raises
        LedgerError when the folder cannot be written, ConfigurationError for a job that has its
        ledger elsewhere.
        """
        name = self._name(identity, start_over=start_over, ledger=ledger)
        job = Job(
            name,
            self._folder(name),
            **asdict(identity),
            title=title,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            ledger=ledger,
        )
        job = _with_address(self._known(name) or _create(job), ledger)
        # One that was there, from a backup say, may be open to everybody.
        for path in (job.folder, *job.folder.iterdir()):
            close_to_others(path)
        return job

    @contextmanager
    def passing_job(self, identity: JobIdentity, title: str) -> Iterator[Job]:
        """A job of one command, that leaves nothing behind.

        Raises LedgerError when the folder cannot be written.
        """
        try:
            private_folder(self.path)
            folder = TemporaryDirectory(prefix="dry-run-", dir=self.path)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        with folder as path:
            yield Workdir(Path(path)).job(identity, title)

    def jobs(self) -> list[Job]:
        """All jobs, the latest used first."""
        found = [job for path in self._jobs_path.glob("*/job.json") if (job := _read(path.parent))]
        return sorted(found, key=_last_used, reverse=True)

    def find(self, name: str | None) -> Job:
        """The job of that name, or the latest. Raises ConfigurationError when there is none."""
        jobs = self.jobs()
        matching = [job for job in jobs if name is None or job.name == name]
        if matching:
            return matching[0]
        if not jobs:
            raise ConfigurationError(
                f"There are no jobs in {self.path}.",
                remedy="An import makes one; was it run with another --workdir?",
            )
        raise ConfigurationError(
            f"There is no job {name!r} in {self.path}.",
            remedy="Jobs there: " + ", ".join(job.name for job in jobs[:5]),
        )

    def _name(self, identity: JobIdentity, *, start_over: bool, ledger: str) -> str:
        elsewhere = set(jobs_at(ledger)) if ledger else set()

        def is_there(attempt: int) -> bool:
            name = identity.name(attempt)
            return name in elsewhere or self._folder(name).exists()

        attempt = 1
        while is_there(attempt + 1):
            attempt += 1
        if start_over and is_there(attempt):
            attempt += 1
        return identity.name(attempt)

    @property
    def _jobs_path(self) -> Path:
        return self.path / "jobs"

    def _folder(self, name: str) -> Path:
        return self._jobs_path / name

    def _known(self, name: str) -> Job | None:
        return _read(self._folder(name))


def _create(job: Job) -> Job:
    description = {key: value for key, value in asdict(job).items() if key != "folder"}
    if job.ledger:
        description["ledger"] = without_password(job.ledger)
    try:
        private_folder(job.folder)
        with open_private(job.folder / "job.json") as file:
            file.write(json.dumps(description, indent=2).encode() + b"\n")
    except OSError as error:
        raise _unwritable(job.folder, error) from error
    return job


def _with_address(job: Job, ledger: str) -> Job:
    """The job with its whole address, if that is where it has its ledger."""
    if not ledger:
        return job
    if job.ledger and without_password(job.ledger) == without_password(ledger):
        return replace(job, ledger=ledger)
    where = job.ledger or job.ledger_path
    raise ConfigurationError(
        f"Job {job.name} has its ledger elsewhere: {where}.",
        remedy="Go on with it without --ledger, or begin another job there with --new-job.",
    )


def _unwritable(folder: Path, error: OSError) -> LedgerError:
    return LedgerError(
        f"The job's folder cannot be written ({folder}: {error.strerror or error}).",
        remedy="Free space or rights there, or choose another folder with --workdir.",
    )


def _read(folder: Path) -> Job | None:
    try:
        fields: dict[str, Any] = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        return Job(folder=folder, **fields)
    except (OSError, ValueError, TypeError):
        return None


def _last_used(job: Job) -> float:
    path = job.folder / "lock" if job.ledger else job.ledger_path
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
