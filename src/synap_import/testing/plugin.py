"""What pytest gives to the tests of an adapter: cassettes with a record mode, and a Synap.

Loaded by pytest wherever the host is installed, so it imports nothing before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .provenance import Provenance
    from .scrubbing import Scrubber

RECORD_OPTION = "--record-cassettes"
_KEY = "synap_sandbox"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--record-cassettes``: whether contracts and the fixture ``cassette`` ask real servers."""
    parser.getgroup("synap-import").addoption(
        RECORD_OPTION,
        choices=("none", "missing", "all"),
        default="none",
        help="none (the default): cassettes are replayed; missing: those that are not there are "
        "recorded from the real server; all: every one anew.",
    )


@dataclass(frozen=True, slots=True)
class Cassettes:
    """The fixture ``cassette``: replays a file, or records it where the record mode says so."""

    mode: str

    def __call__(
        self, path: Path, provenance: Provenance, scrubber: Scrubber, **replaying: Any
    ) -> AbstractContextManager[Any]:
        """A place where the cassette answers, or the real server while it is recorded.

        What is recorded is scrubbed, and is not written if it looks like it held a secret.
        ``replaying`` are the options of :func:`~synap_import.testing.replay`.
        """
        from .cassettes import record, replay  # noqa: PLC0415 - see the module

        if self.mode == "all":
            path.unlink(missing_ok=True)
        if self.mode != "none" and not path.exists():
            return record(path, provenance, scrubber)
        return replay(path, **replaying)


@pytest.fixture
def cassette(request: pytest.FixtureRequest) -> Cassettes:
    """What to replay, or to record, an exchange with: see :class:`Cassettes`."""
    return Cassettes(request.config.getoption(RECORD_OPTION))


@dataclass(frozen=True, slots=True)
class SynapSandbox:
    """A Synap of this test only. ``environment`` makes an import go there."""

    url: str
    key: str

    @property
    def environment(self) -> dict[str, str]:
        """What the command line takes its destination from."""
        return {"SYNAP_BASE_URL": self.url, "SYNAP_API_KEY": self.key}

    def documents(self) -> list[dict[str, Any]]:
        """Every document that it holds, as it was sent."""
        import json  # noqa: PLC0415 - see the module

        import httpx  # noqa: PLC0415

        # Bytes: a text's splitlines() would also cut at U+2028, which JSON need not escape.
        lines = httpx.get(f"{self.url}/sandbox/documents", timeout=30).content.splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture
def synap_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SynapSandbox]:
    """The sandbox that ships with the tool; imports of this test go there."""
    from synap_import.sandbox import BackgroundSandbox, SandboxSettings  # noqa: PLC0415

    settings = SandboxSettings(tmp_path / "synap-sandbox.sqlite", isolation="b2c", api_key=_KEY)
    with BackgroundSandbox(settings) as running:
        sandbox = SynapSandbox(running.base_url, _KEY)
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        yield sandbox
