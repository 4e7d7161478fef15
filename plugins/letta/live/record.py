"""Records the cassettes of a self-hosted Letta: a fresh server, filled, read by the adapter.

    python -m live.record

Old files are replaced. Which cassettes there are, and what each shows, is in PROVENANCE.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import anyio
import click
import httpx
from pydantic import SecretStr

from synap_import import SourceError
from synap_import.testing import Provenance, Scrubber, read_source, record
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

from .default_texts import shortened, without_default_texts
from .seed import Seeded, seed
from .server import ROOT, beside, running
from .truth import counts

FOLDER = ROOT / "cassettes" / "letta"
COUNTS = FOLDER / "server_reading.sql.json"
PASSWORD = "recorded-password-1"  # of a server that lives for a minute
NOBODY = "11111111-1111-4111-8111-111111111111"
OFFICIAL_CLIENT = {"X-Stainless-Package-Version": "1.12.1"}


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes cassettes of one filled server."""

    base_url: str
    seeded: Seeded

    @contextmanager
    def cassette(
        self, name: str, how: str, edit: Callable[[Any], Any] = shortened
    ) -> Iterator[None]:
        """What is asked within the block is recorded."""
        path = FOLDER / f"{name}.yaml"
        path.unlink(missing_ok=True)
        with record(path, _provenance(how), Scrubber([PASSWORD], edit=edit)):
            yield
        click.echo(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")

    def read(self, **options: Any) -> None:
        """Let the adapter read, whatever comes of it."""
        config = LettaConfig(**{"base_url": self.base_url, **options})
        with suppress(SourceError):
            anyio.run(read_source, LettaSource, config)

    def ask(self) -> None:
        """Single questions, some of which no adapter should ask."""
        with httpx.Client(
            base_url=self.base_url, timeout=60, trust_env=False, headers=OFFICIAL_CLIENT
        ) as http:
            for path, query in questions(self.seeded):
                http.get(path, params=query)
            # The identity of an account travels in a header, which cassettes do not keep.
            http.get("/v1/agents/count", headers={"user_id": f"user-{NOBODY}"})
            http.get("/v1/identities/", headers={"user_id": "nobody"})


def questions(seeded: Seeded) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and query: each shows a trap."""
    long_chat = f"/v1/agents/{seeded.agents['long-chat']}/messages"
    compacted = f"/v1/conversations/{seeded.conversations['compacted']}/messages"
    alice = f"/v1/agents/{seeded.agents['support-alice']}"
    passages = f"{alice}/archival-memory"
    yield "/v1/health/", {}
    yield "/v1/agents", {"limit": 1}
    yield f"/v1/agents/agent-{NOBODY}", {}
    yield "/v1/agents/nobody", {}
    yield f"/v1/agents/{seeded.agents['asks-first']}", {"include": "agent.secrets"}
    yield "/v1/agents/", {"limit": "many"}
    yield "/v1/agents/", {"limit": 2, "order": "asc", "after": f"agent-{NOBODY}"}
    yield long_chat, {"limit": 2}
    yield long_chat, {"limit": 0}
    yield long_chat, {"limit": 2, "order": "asc", "after": f"message-{NOBODY}"}
    yield (
        long_chat,
        {
            "limit": 2,
            "order": "asc",
            "include_return_message_types": "assistant_message",
        },
    )
    yield compacted, {"limit": 10, "order": "asc"}
    yield passages, {"limit": 2, "ascending": "true", "after": f"passage-{NOBODY}"}
    yield passages, {"limit": 2, "ascending": "false"}
    yield f"/v1/archives/{seeded.archives['of-a-deleted-agent']}/passages", {}
    yield f"/v1/identities/{seeded.identities['alice']}", {}
    yield f"/v1/blocks/{seeded.blocks['hidden']}", {}


def record_all(recorder: Recorder) -> None:
    """Everything but the secure server."""
    with recorder.cassette("server_reading", "the adapter reads everything; vectors shortened"):
        recorder.read(with_files=True)
    other = {"organization": recorder.seeded.other_user}
    with recorder.cassette(
        "server_other_organization",
        "the adapter reads another organization, whose passages have vectors",
        without_default_texts,
    ):
        recorder.read(**other)
    with recorder.cassette("server_no_such_organization", "the adapter is given a wrong id"):
        recorder.read(organization=f"org-{NOBODY}")
    with recorder.cassette("server_answers", "single questions, asked by plugins/letta/live"):
        recorder.ask()


def record_secure(recorder: Recorder) -> None:
    """What a server says that wants a password."""
    with recorder.cassette("server_secure", "LETTA_SERVER_SECURE; the adapter has no password"):
        recorder.read()
    with recorder.cassette("server_wrong_password", "LETTA_SERVER_SECURE; a wrong password"):
        recorder.read(api_key=SecretStr("recorded-password-2"))
    with recorder.cassette("server_right_password", "LETTA_SERVER_SECURE; a small organization"):
        recorder.read(api_key=SecretStr(PASSWORD), organization=recorder.seeded.other_user)


def _provenance(how: str) -> Provenance:
    return Provenance(
        kind="recorded",
        source="letta",
        version="letta 0.16.8, model replies stubbed",
        how=f"server of PyPI on PostgreSQL 16.2, filled by plugins/letta/live/seed.py; {how}; "
        "Letta's default prompts are left out, the rest scrubbed by synap_import.testing",
        validated="it is what the server answered; the same reading is compared with the rows of "
        "its database by make live-letta",
        date=datetime.now(UTC).date().isoformat(),
    )


@click.command()
def main() -> None:
    """Write cassettes/letta/server_*.yaml anew, and the counts of the database beside."""
    FOLDER.mkdir(exist_ok=True)
    with running() as live:
        recorder = Recorder(live.base_url, seed(live.base_url))
        record_all(recorder)
        COUNTS.write_text(json.dumps(counts(live.database), indent=2) + "\n", "utf-8")
        with beside(live, PASSWORD) as secure_url:
            record_secure(Recorder(secure_url, recorder.seeded))


if __name__ == "__main__":
    main()
