"""Starting, stopping, being killed, and files and ports that cannot be used."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import httpx
import pytest

from synap_import.errors import ConfigurationError
from synap_import.sandbox import BackgroundSandbox, SandboxSettings

SERVE = """
import sys
from pathlib import Path
from synap_import.sandbox import SandboxSettings, serve

serve(SandboxSettings(db=Path(sys.argv[1])), on_ready=lambda url: print(url, flush=True))
"""


def serve(path):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def send(base_url, document):
    return httpx.post(
        f"{base_url}/api/v1/memories/batch",
        json={"documents": [document]},
        headers={"Authorization": "Bearer synap_test"},
        trust_env=False,
    )


def test_what_was_answered_survives_sigkill(settings, start, make):
    process, base_url = serve(settings.db)
    try:
        result = send(base_url, make(1)).json()["results"][0]
    finally:
        process.kill()
        process.communicate()

    client = start()

    assert [held["document_id"] for held in client.documents()] == ["legacy_mem0_1"]
    status = client.get(f"/api/v1/memories/status/{result['ingestion_id']}").json()
    assert status["status"] == "completed"
    assert client.counters()["requests"]["POST /api/v1/memories/batch"] == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(settings, make, number):
    process, base_url = serve(settings.db)
    try:
        assert send(base_url, make(1)).status_code == 200
        process.send_signal(number)
        rest, _ = process.communicate(timeout=10)
    finally:
        process.kill()

    assert (process.returncode, rest) == (0, "")
    assert [path.name for path in settings.db.parent.glob("sandbox*")] == ["sandbox.db"]


def test_a_restart_keeps_documents_and_identity(settings, make):
    seen = []
    for _ in range(2):
        with BackgroundSandbox(settings) as sandbox:
            identity = httpx.get(
                f"{sandbox.base_url}/api/v1/auth/whoami",
                headers={"Authorization": "Bearer synap_test"},
                trust_env=False,
            )
            send(sandbox.base_url, make(1))
            held = httpx.get(f"{sandbox.base_url}/sandbox/documents", trust_env=False).json()
            seen.append((identity.json(), held["memory_id"], held["received"]))

    assert seen[0][:2] == seen[1][:2]
    assert [received for *_, received in seen] == [1, 2]


def test_close_ends_it_and_may_be_called_twice(settings):
    sandbox = BackgroundSandbox(settings)
    sandbox.close()
    sandbox.close()

    with pytest.raises(httpx.ConnectError):
        httpx.get(sandbox.base_url, trust_env=False)


def test_a_client_that_dies_while_sending_leaves_nothing(start, make, caplog):
    client = start()
    host, _, port = client.base_url.removeprefix("http://").partition(":")
    head = (
        f"POST /api/v1/memories/batch HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n"
        "Authorization: Bearer synap_test\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b'{"documents": [')

    deadline = time.monotonic() + 5
    while not client.counters()["requests"] and time.monotonic() < deadline:
        time.sleep(0.02)

    assert client.counters()["statuses"] == {"POST /api/v1/memories/batch": {"400": 1}}
    assert client.documents() == []
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_only_its_owner_may_read_the_files(settings, start, make):
    start().results(make(1))

    files = settings.db.parent.glob("sandbox*")
    modes = {path.name: path.stat().st_mode & 0o777 for path in files}

    assert set(modes.values()) == {0o600}
    assert "sandbox.db-wal" in modes


def test_a_write_that_fails_halfway_stores_nothing(settings, start, make):
    client = start()
    with closing(sqlite3.connect(settings.db)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON ingestions "
            "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )

    answer = client.batch(make(1))

    assert answer.status_code == 503
    assert "disk is full" in answer.json()["detail"]
    assert client.documents() == []


def test_answers_on_a_kept_connection_do_not_wait_for_the_network(start, make):
    client = start()
    client.results(make(1))

    # Without TCP_NODELAY every answer after the first takes 40 ms; the best of ten is
    # robust against a busy machine.
    assert min(client.get("/health").elapsed.total_seconds() for _ in range(10)) < 0.03


def test_a_taken_port_is_named(settings, start, tmp_path):
    port = int(start().base_url.rpartition(":")[2])

    with pytest.raises(ConfigurationError, match=f"127.0.0.1:{port}"):
        BackgroundSandbox(SandboxSettings(db=tmp_path / "other.db", port=port))


def foreign(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE things (name TEXT)")


def newer(path):
    BackgroundSandbox(SandboxSettings(db=path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (foreign, "not a sandbox's"),
        (newer, "newer sandbox"),
        (lambda path: path.write_text("not a database at all, just some text\n"), "cannot use"),
        (lambda path: path.mkdir(), "cannot use"),
    ],
)
def test_a_file_that_is_not_its_own_is_left_alone(settings, spoil, words):
    spoil(settings.db)
    before = settings.db.read_bytes() if settings.db.is_file() else None

    with pytest.raises(ConfigurationError, match=words) as raised:
        BackgroundSandbox(settings)

    assert raised.value.remedy
    if before is not None:
        assert settings.db.read_bytes() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "0.0.0.0"},
        {"host": "example.com"},
        {"port": 70000},
        {"isolation": "b2d"},
        {"duplicates": "ignore"},
        {"instance_id": "inst_1"},
        {"ingestion_delay_seconds": -1},
        {"ingestion_delay_seconds": float("nan")},
    ],
)
def test_settings_that_cannot_be_used_are_refused(tmp_path, changes):
    with pytest.raises(ConfigurationError):
        SandboxSettings(db=tmp_path / "sandbox.db", **changes)
