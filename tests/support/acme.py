"""A service with an account on the loopback interface, and an adapter that reads it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, ClassVar

from pydantic import BaseModel, Field, SecretStr

from synap_import import (
    MemoryRecord,
    Page,
    Partition,
    Scope,
    Setting,
    Source,
    SourceCheck,
    SourceError,
)

# Nobody's, but of the form that the real ones have.
KEY = "m0-" + "c4nary0123456789abcdef"
EMAIL = "canary@team.test"
ORG = "org_" + "C4naryOrg0123456789"
PROJECT = "proj_" + "C4naryProj012345678"
SECRETS = {"KEY": KEY, "EMAIL": EMAIL, "ORG": ORG, "PROJECT": PROJECT}


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.headers["Authorization"] != f"Token {KEY}":
            self._answer(401, {"detail": f"Invalid API key {self.headers['Authorization']}"})
        elif self.path.startswith("/ping"):
            self._answer(200, {"org_id": ORG, "project_id": PROJECT, "user_email": EMAIL})
        else:
            page = int(self.path.partition("page=")[2] or 1)
            after = f"http://{self.headers['Host']}/{PROJECT}/memories?page={page + 1}"
            self._answer(200, {"results": [_item(page)], "next": after if page < 3 else None})

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", f"session={KEY}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


def _item(number: int) -> dict[str, str]:
    return {
        "id": f"memory-{number}",
        "text": f"of {EMAIL}, number {number}",
        "owner": ORG,
        "learned_at": f"2026-03-0{number}T09:00:00+00:00",
    }


@contextmanager
def service() -> Iterator[str]:
    """The address of the service, while it is up."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Config(BaseModel):
    """Where the account is."""

    url: Annotated[str, Setting(env="ACME_URL")] = Field(
        "https://api.acme.example.com", description="Where the account is."
    )
    api_key: Annotated[SecretStr, Setting(env="ACME_API_KEY")] = Field(description="The key.")


class Acme(Source[Config]):
    """Reads the service page by page."""

    name: ClassVar[str] = "acme"
    Config: ClassVar[type[BaseModel]] = Config

    async def check(self) -> SourceCheck:
        headers = {"Authorization": f"Token {self.config.api_key.get_secret_value()}"}
        self._http = self.context.http_client(base_url=self.config.url, headers=headers)
        me = (await self._http.get("/ping")).raise_for_status().json()
        if not me.get("project_id"):
            raise SourceError("Acme does not say which project the key is for.")
        self._project = me["project_id"]
        return SourceCheck(account=me["org_id"], title="Acme")

    async def partitions(self):
        yield Partition(id="all", title="all")

    async def pages(self, partition, cursor):
        page, before = int(cursor or 1), None
        while True:
            address = f"/{self._project}/memories"
            answer = await self._http.get(address, params={"page": page})
            body = answer.raise_for_status().json()
            results = body.get("results")
            if results is None:
                raise SourceError("Acme answers something else than memories.")
            if results == before:
                self.refuse_repetition(page)
            before = results
            records = [
                MemoryRecord(
                    system="acme", id=item["id"], text=item["text"], scope=Scope(), raw=item
                )
                for item in results
            ]
            page += 1
            yield Page(records, str(page) if body["next"] else None)
            if not body["next"]:
                return

    def refuse_repetition(self, page: int) -> None:
        """A server that gives the same page again would do so for ever."""
        raise SourceError(f"Acme gives page {page - 1} again as page {page}.")
