"""Keys are written nowhere: an import with marked keys, then a search of all that it wrote."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from support.commands import Finished, run, write_lines
from support.hostile import Act, Hostile, hostile, in_turn, reply
from support.synap import ScriptedSynap

CANARY = "synap_canary_7f3a91c4"
SOURCE_CANARY = "acme-canary-5e0d22b8"
IDENTITY = b'{"client_id": "cli_0123456789abcdef", "instance_id": "inst_0123456789abcdef"}'

ACME = """
from typing import Annotated
from pydantic import BaseModel, SecretStr
from synap_import import MemoryRecord, Page, Partition, Scope, Setting, Source, SourceCheck
from synap_import import SourceDeclaration, hookimpl

@hookimpl
def synap_import_sources():
    return [SourceDeclaration("acme", "Acme", "acme_plugin:Acme")]

class Config(BaseModel):
    url: str
    api_key: Annotated[SecretStr, Setting(env="ACME_API_KEY")]

class Acme(Source[Config]):
    name = "acme"
    Config = Config

    async def check(self):
        key = self.config.api_key.get_secret_value()
        self.http = self.context.http_client(
            base_url=self.config.url, headers={"X-Api-Key": key}
        )
        (await self.http.get("/me", params={"api_key": key})).raise_for_status()
        return SourceCheck(account="acme", title="Acme")

    async def partitions(self):
        yield Partition(id="all", title="all")

    async def pages(self, partition, cursor):
        scope = Scope(user="ada")
        yield Page([MemoryRecord(system="acme", id="1", text="tea", scope=scope, raw={})], None)
"""


class Traces:
    """A home, a temporary folder and a workdir of a run's own, and all that it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.said: list[Finished] = []
        for name in ("home", "tmp", "cwd"):
            (folder / name).mkdir(parents=True)
        site = folder.parent / "site"
        info = site / "synap_import_acme-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: synap-import-acme\nVersion: 1")
        (info / "entry_points.txt").write_text("[synap_import]\nacme = acme_plugin\n")
        (site / "acme_plugin.py").write_text(ACME)
        self._environment = {
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "PYTHONPATH": str(site),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SYNAP_API_KEY": CANARY,
            "ACME_API_KEY": SOURCE_CANARY,
        }

    def run(self, *arguments: str | Path) -> Finished:
        done = run(*arguments, cwd=self.folder / "cwd", **self._environment)
        self.said.append(done)
        return done

    def load(self, file: Path, synap: Hostile, *more: str) -> Finished:
        return self.run(
            *("json", file, "--user-map", "identity", "--synap-url", synap.url),
            *("--workdir", self.work, *more),
        )

    def holding(self, secret: str) -> list[str]:
        """Where the secret is."""
        places = [
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if secret in str(path) or (path.is_file() and secret.encode() in path.read_bytes())
        ]
        said = [text for done in self.said for text in (done.out, done.err)]
        return places + [text for text in said if secret in text]


@pytest.fixture
def traces(tmp_path: Path) -> Traces:
    return Traces(tmp_path / "traces")


def after_whoami(act: Act) -> Act:
    """A Synap that knows the key, and then acts."""

    def both(request: BaseHTTPRequestHandler) -> None:
        (reply(body=IDENTITY) if request.path.endswith("whoami") else act)(request)

    return both


def raw(answer: bytes) -> Act:
    """Something that is not an HTTP answer."""

    def act(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(answer)
        request.close_connection = True

    return act


MARK = CANARY.encode()
ECHO = b'{"detail": "key %b is not welcome", "%b": 1}' % (MARK, MARK)
ROWS = (
    b'{"results": [{"document_id": null, "ingestion_id": "%b", "status": "failed",'
    b' "error_message": "no %b"}]}' % (MARK, MARK)
)
MISBEHAVIOUR: dict[str, Act] = {
    "refuses the key": reply(401, ECHO),
    "refuses the key in plain text": reply(403, b"Bearer " + MARK),
    "refuses the documents": reply(422, ECHO),
    "links to the key": reply(402, b'{"detail": {"manage_url": "https://m.test/%b"}}' % MARK),
    "gives the key as reason": reply(429, b'{"detail": {"reason": "%b"}}' % MARK),
    "names the key in a row": reply(200, ROWS),
    "redirects to the key": reply(307, Location=f"http://127.0.0.1:1/{CANARY}"),
    "puts the key into headers": reply(404, ECHO, Retry_After=CANARY, X_Key=CANARY),
    "fails with the key": in_turn(reply(500, ECHO), reply(401, ECHO)),
    "speaks no HTTP": in_turn(raw(MARK + b"\r\n\r\n"), reply(401, ECHO)),
}


@pytest.mark.parametrize("act", MISBEHAVIOUR.values(), ids=MISBEHAVIOUR.keys())
def test_a_key_that_synap_quotes_is_not_kept(act: Act, traces: Traces, file: Path) -> None:
    file.write_text(file.read_text().splitlines()[0])
    with hostile(after_whoami(act)) as synap:
        told = traces.load(file, synap, "--json")
    assert told.code in (1, 3), told.err
    assert f"Bearer {CANARY}" in [headers.get("Authorization") for headers in synap.headers]
    traces.run("status", "--workdir", traces.work)
    assert traces.holding(CANARY) == []


@pytest.mark.parametrize("act", [reply(401, ECHO), reply(500, ECHO), reply(200, ECHO), raw(MARK)])
def test_a_key_that_whoami_quotes_is_not_shown(act: Act, traces: Traces, file: Path) -> None:
    with hostile(act) as synap:
        assert traces.load(file, synap, "--json").code in (2, 3)
    assert traces.holding(CANARY) == []


def test_an_id_that_holds_the_words_of_the_key_comes_back_as_it_was_sent(
    traces: Traces, file: Path, synap: ScriptedSynap
) -> None:
    write_lines(file, [{"id": CANARY, "user_id": "ada", "content": "tea"}])
    assert traces.load(file, synap).code == 0
    assert synap.stored == [f"legacy_json_{CANARY}"]


def test_a_key_is_not_kept_as_an_instance_id(traces: Traces, file: Path) -> None:
    identity = b'{"client_id": "c", "instance_id": "%b"}' % MARK
    with hostile(reply(body=identity)) as synap:
        assert traces.load(file, synap).code == 2
    assert traces.holding(CANARY) == []


def test_an_import_that_goes_well_keeps_no_key(
    traces: Traces, file: Path, synap: ScriptedSynap
) -> None:
    assert traces.load(file, synap).code == 0
    assert traces.load(file, synap, "--json", "--new-job").code == 0
    assert traces.load(file, synap, "--dry-run").code == 0
    for command in (
        ("status", "--workdir", traces.work, "--json"),
        ("jobs", "--workdir", traces.work, "--json"),
        ("users", "json", file, "-o", traces.folder / "users.csv"),
        ("export", "json", file, "-o", traces.folder / "records.jsonl"),
    ):
        assert traces.run(*command).code == 0
    assert synap.stored
    assert (traces.folder / "records.jsonl").stat().st_size
    assert traces.holding(CANARY) == []


SOURCE_ECHO = f"no {SOURCE_CANARY}".encode()
SOURCES: dict[str, Act] = {
    "goes well": reply(200),
    "refuses the key": reply(401, SOURCE_ECHO, X_Key=SOURCE_CANARY),
    "redirects to the key": reply(302, Location=f"http://127.0.0.1:1/?key={SOURCE_CANARY}"),
    "fails": in_turn(reply(503, SOURCE_ECHO, Retry_After="0"), reply(404, SOURCE_ECHO)),
}


@pytest.mark.parametrize("act", SOURCES.values(), ids=SOURCES.keys())
def test_the_key_of_a_source_is_not_kept(act: Act, traces: Traces, synap: ScriptedSynap) -> None:
    with hostile(act) as source:
        told = traces.run(
            *("acme", "--url", source.url, "--user-map", "identity", "--synap-url", synap.url),
            *("--workdir", traces.work),
        )
        traces.run("export", "acme", "--url", source.url, "-o", traces.folder / "records.jsonl")
    assert told.code in (0, 2), told.err
    assert source.headers[0]["X-Api-Key"] == SOURCE_CANARY
    assert "Traceback" not in told.err
    assert traces.holding(SOURCE_CANARY) == []


def test_the_search_finds_what_is_there(traces: Traces) -> None:
    (traces.folder / "home" / ".cache").write_bytes(b"..." + MARK)
    assert traces.holding(CANARY) == ["home/.cache"]
