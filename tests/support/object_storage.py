"""Servers of object storage of the tests' own, on ports of 127.0.0.1, with one bucket each.

They speak the vendors' protocols over real HTTP: moto that of S3, gcp-storage-emulator that of
Google Cloud Storage, and Azurite, Microsoft's own, that of Azure. Azurite is an npm package: where
it is not installed, tests are skipped, unless ``SYNAP_IMPORT_REQUIRE_AZURITE`` says (as CI does)
that this is a failure.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import pytest

from .watching_proxy import Watch, watched

ROOT = Path(__file__).parents[2]
AZURITE = ROOT / ".azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
BUCKET = "exports"


@dataclass
class Bucket:
    """A bucket on a server. ``environment`` is what the vendor's library needs to reach it.

    ``watch`` is what lies between the two.
    """

    scheme: str
    environment: dict[str, str]
    secret: str
    watch: Watch

    def address(self, name: str = "") -> str:
        return f"{self.scheme}://{BUCKET}/{name}"

    def put(self, name: str, content: bytes) -> str:
        """Write an object; returns its address."""
        self._system().pipe_file(f"{BUCKET}/{name}", content)
        return self.address(name)

    def _system(self) -> Any:
        return fsspec.filesystem(self.scheme, skip_instance_cache=True, use_listings_cache=False)


@contextmanager
def s3() -> Iterator[Bucket]:
    """moto's server."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    secret = secrets.token_hex(20)
    with _serving(server), watched(server.port) as watch:
        environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{watch.port}",
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "2",
        }
        yield _made(Bucket("s3", environment, secret, watch))


@contextmanager
def gs() -> Iterator[Bucket]:
    """gcp-storage-emulator, which asks nobody for credentials."""
    from functools import partial
    from http.server import ThreadingHTTPServer

    from gcp_storage_emulator.handlers import buckets
    from gcp_storage_emulator.server import RequestHandler
    from gcp_storage_emulator.storage import Storage

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Clients that leave before the end of an answer are part of the tests."""

    storage = Storage(use_memory_fs=True)
    buckets.create_bucket(BUCKET, storage)
    server = Quiet(("127.0.0.1", 0), partial(RequestHandler, storage))
    with _serving(server), watched(server.server_port) as watch:
        environment = {
            "STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{watch.port}",
            "NO_GCE_CHECK": "true",
        }
        yield Bucket("gs", environment, "", watch)


@contextmanager
def az() -> Iterator[Bucket]:
    """Azurite; its account is one that everybody knows, with a key of the test's own."""
    program = shutil.which("node")
    if program is None or not AZURITE.exists():
        if os.environ.get("SYNAP_IMPORT_REQUIRE_AZURITE"):
            pytest.fail(
                "There is no Azurite: npm install --prefix .azurite --ignore-scripts azurite@3.35.0"
            )
        pytest.skip("There is no Azurite.")
    key = "c2VjcmV0" + secrets.token_hex(28)
    process = subprocess.Popen(
        [
            *(program, str(AZURITE), "--blobHost", "127.0.0.1", "--blobPort", "0"),
            *("--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck"),
        ],
        env={**os.environ, "AZURITE_ACCOUNTS": f"tester:{key}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with watched(_announced(process)) as watch:
            connection = (
                f"DefaultEndpointsProtocol=http;AccountName=tester;AccountKey={key};"
                f"BlobEndpoint=http://127.0.0.1:{watch.port}/tester;"
            )
            environment = {"AZURE_STORAGE_CONNECTION_STRING": connection}
            yield _made(Bucket("az", environment, key, watch))
    finally:
        process.terminate()
        process.wait(30)


def _announced(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"listens on http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise AssertionError("Azurite ended without listening.")


def _made(bucket: Bucket) -> Bucket:
    # moto keeps its buckets as long as the process lives.
    with as_environment(bucket), suppress(FileExistsError):
        bucket._system().mkdir(BUCKET)
    return bucket


@contextmanager
def _serving(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(30)


@contextmanager
def as_environment(bucket: Bucket) -> Iterator[Bucket]:
    """The bucket, reachable by the variables that the vendor's library looks at."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bucket.environment.items():
            patch.setenv(name, value)
        yield bucket
