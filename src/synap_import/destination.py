"""Synap as a destination: who we are there, and one batch sent through its SDK.

What the SDK does with an answer is not enough for a loader (maximem-synap 0.6.9): one odd
row in an answer raises and loses the other 99, a Retry-After date becomes a parse error,
and a 202 is posted three times. So the SDK sends, with its own retries off, and the answer
is read here as it came over the wire.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import anyio
import httpx
import orjson

from .errors import ConfigurationError, DestinationStoppedError
from .guarded_client import GuardedClient, describe
from .polite_http import redact_url

if TYPE_CHECKING:
    from maximem_synap import CreateMemoryRequest, MaximemSynapSDK

    from .documents import Document

DEFAULT_URL = "https://synap-cloud-prod.maximem.ai"
"""maximem-synap 0.6.9, transport/http_client.py."""

MAX_IN_FLIGHT = 10
"""Above this the SDK's pool opens a new connection for every batch (measured, 0.6.9)."""

MOST_RESULTS = 50
"""Synap's documented maximum of a search (sdk-reference/context/user-fetch)."""

_READ_TIMEOUT_SECONDS = 120.0
_LONGEST_ANSWER_SECONDS = 300.0
_LARGEST_ANSWER = 16 * 1024 * 1024
_LARGEST_WHOAMI = 1024 * 1024
_LONGEST_WHOAMI_SECONDS = 30.0
_SHUTDOWN_SECONDS = 2.0
_INSTANCE_ID = re.compile(r"inst_[0-9a-f]{16}")
# An id is shown and kept as it came.
_ANY_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


@dataclass(frozen=True, slots=True)
class Identity:
    """What Synap says about an API key. ``isolation`` is None where it does not say."""

    client_id: str
    instance_id: str
    isolation: str | None = None

    @property
    def audience(self) -> str:
        """The instance's kind in Synap's own words."""
        return {"equals_customer": "B2C", "strict": "B2B"}.get(self.isolation or "", "unknown")


@dataclass(slots=True)
class Exchange:
    """What happened to one request on the wire.

    ``status`` is None when no answer came; ``failure`` then says why.
    """

    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    failure: str = ""


_SILENCE = logging.NullHandler()
_exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


# What the SDK is shown of a 200: its parsers have nothing to refuse in it, and nothing to do.
_NOTHING = {
    "batch_id": "00000000-0000-4000-8000-000000000000",
    "total": 0,
    "succeeded": 0,
    "failed": 0,
    "results": [],
    "ingestion_id": "00000000-0000-4000-8000-000000000000",
    "document_id": "",
    "status": "queued",
    "queued_at": "2000-01-01T00:00:00+00:00",
    "conversation_id": "",
    "summary_status": "skipped",
}


class _WitnessClient(GuardedClient):
    """Keeps the answer to a batch as it came over the wire, for the task that asked.

    A client and not a transport: httpx ignores proxy variables when it is given a transport.
    """

    async def request(self, *place: Any, json: Any = None, **options: Any) -> httpx.Response:
        exchange = _exchange.get()
        if exchange is None:
            return await super().request(*place, json=json, **options)
        try:
            response = await super().request(*place, content=_encoded(json), **options)
        except httpx.HTTPError as error:
            exchange.failure = describe(error)
            raise
        exchange.status = response.status_code
        exchange.headers = response.headers
        exchange.body = response.content
        return httpx.Response(200, json=_NOTHING) if response.status_code == 200 else response


def _encoded(body: Any) -> bytes | None:
    if body is None:
        return None
    try:
        return orjson.dumps(body)
    except TypeError:
        # An integer of more than 64 bits.
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


class Synap:
    """An instance of Synap, ready to take batches."""

    def __init__(self, sdk: MaximemSynapSDK, identity: Identity) -> None:
        self._sdk = sdk
        self.identity = identity

    async def send(self, documents: Sequence[Document]) -> Exchange:
        """Send one batch once, and tell what happened; never raises for an answer."""
        with _witnessed() as exchange:
            await self._sdk.memories.batch_create(_requests(documents))
        return exchange

    async def ingest(self, document: Document) -> Exchange:
        """Send one transcript once, and tell what happened; never raises for an answer."""
        transcript = document.transcript
        if transcript is None or document.user_id is None:
            raise ValueError("a transcript has turns and a user")
        turns: Any = [turn._asdict() for turn in transcript.turns]
        with _witnessed() as exchange:
            await self._sdk.conversation.ingest_transcript(
                conversation_id=transcript.conversation_id,
                user_id=document.user_id,
                transcript=turns,
                customer_id=document.customer_id,
                metadata=document.metadata,
                started_at=transcript.started_at,
                ended_at=transcript.ended_at,
            )
        return exchange

    async def status(self, ingestion_id: str) -> Exchange:
        """Ask once what became of an ingestion; never raises for an answer."""
        place: Any = quote(ingestion_id, safe="")
        with _witnessed() as exchange:
            await self._sdk.memories.status(place)
        return exchange

    async def memory(self, memory_id: str) -> Exchange:
        """Ask once for one memory; never raises for an answer."""
        place: Any = quote(memory_id, safe="")
        with _witnessed() as exchange:
            await self._sdk.memories.get(place)
        return exchange

    async def search(
        self, user_id: str, customer_id: str | None, query: str, *, accurate: bool = False
    ) -> Exchange:
        """Search once as a user's agent does; never raises for an answer.

        It must have a query: without one the SDK answers from the user's profile, and empty.
        """
        with _witnessed() as exchange:
            await self._sdk.user.context.fetch(
                user_id=user_id,
                customer_id=customer_id,
                search_query=[query],
                max_results=MOST_RESULTS,
                mode="accurate" if accurate else "fast",
            )
        return exchange

    async def delete(self, memory_id: str) -> Exchange:
        """Delete one memory once, for good; never raises for an answer."""
        place: Any = quote(memory_id, safe="")
        with _witnessed() as exchange:
            await self._sdk.memories.delete(place)
        return exchange

    async def wipe(self, user_id: str, customer_id: str | None, *, dry_run: bool) -> Exchange:
        """Delete all there is of a user, or only count it; never raises for an answer."""
        with _witnessed() as exchange:
            await self._sdk.data.delete(
                scope="user",
                user_id=user_id,
                customer_id=customer_id,
                dry_run=dry_run,
                confirm=None if dry_run else user_id,
                wait=False,
            )
        return exchange


@contextmanager
def _witnessed() -> Iterator[Exchange]:
    """What happens to the request that is made within."""
    exchange = Exchange()
    token = _exchange.set(exchange)
    try:
        yield exchange
    except Exception as error:  # noqa: BLE001 - the SDK raises anything for an odd answer
        if exchange.status is None and not exchange.failure:
            _describe_local_refusal(exchange, error)
    finally:
        _exchange.reset(token)


def _requests(documents: Sequence[Document]) -> list[CreateMemoryRequest]:
    from maximem_synap import CreateMemoryRequest  # noqa: PLC0415 - 0.4 s at start otherwise
    from maximem_synap.memories.models import DocumentType, IngestMode  # noqa: PLC0415

    return [
        CreateMemoryRequest(
            document=document.text,
            document_type=DocumentType(document.document_type),
            document_id=document.document_id,
            document_created_at=document.created_at,
            user_id=document.user_id,
            customer_id=document.customer_id,
            mode=IngestMode(document.mode),
            metadata=document.metadata,
        )
        for document in documents
    ]


def _describe_local_refusal(exchange: Exchange, error: Exception) -> None:
    """The SDK answered by itself: during its cooldown after "instance not ready"."""
    exchange.failure = f"{type(error).__name__}: {error}"
    seconds = getattr(error, "retry_after_seconds", None)
    if seconds is not None:
        exchange.headers = httpx.Headers({"Retry-After": str(seconds)})


def _nothing(**_: Any) -> None:
    return None


async def whoami(url: str, api_key: str) -> Identity:
    """Ask Synap who this key is, before anything else: the SDK swallows a bad key.

    Raises ConfigurationError for a refused key or a wrong address, and
    DestinationStoppedError when Synap does not answer.
    """
    try:
        async with GuardedClient(
            secret=api_key,
            max_bytes=_LARGEST_WHOAMI,
            max_seconds=_LONGEST_WHOAMI_SECONDS,
            base_url=url,
            timeout=20,
            trust_env=_may_use_proxy(url),
        ) as client:
            response = await client.get(
                "/api/v1/auth/whoami", headers={"Authorization": f"Bearer {api_key}"}
            )
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeEncodeError) as error:
        raise ConfigurationError(
            f"The Synap address or key cannot be used: {type(error).__name__} for "
            f"{redact_url(url)!r}.",
            remedy="Check --synap-url and SYNAP_API_KEY.",
        ) from error
    except httpx.HTTPError as error:
        raise DestinationStoppedError(
            f"Synap does not answer as it should at {redact_url(url)} ({describe(error)}).",
            remedy="Check the network and --synap-url, then run the same command again.",
        ) from None
    return _identity(redact_url(url), response)


def sends_in_the_clear(url: str) -> bool:
    """Whether the key and the memories would cross a network unencrypted."""
    try:
        return httpx.URL(url).scheme == "http" and not is_this_machine(url)
    except httpx.InvalidURL:
        return False


def _may_use_proxy(url: str) -> bool:
    """A proxy of the environment cannot reach what listens on this machine only."""
    return not is_this_machine(url)


def is_this_machine(url: str) -> bool:
    """Whether the address cannot be anything but this machine."""
    return httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")


def _identity(url: str, response: httpx.Response) -> Identity:
    status = response.status_code
    if status in (401, 403):
        raise ConfigurationError(
            f"Synap refused the API key (HTTP {status} from {url}).",
            remedy="Put the key of the right instance into SYNAP_API_KEY: Synap Dashboard, "
            "your instance, API keys.",
        )
    if response.has_redirect_location:
        raise ConfigurationError(
            f"{url} points to another address, {_target(response)} (HTTP {status}). "
            "The API key was not sent there.",
            remedy="Check --synap-url (SYNAP_BASE_URL); if you trust that address, give it there.",
        )
    if status >= 500 or status == 429:
        raise DestinationStoppedError(
            f"Synap cannot say who this key belongs to right now (HTTP {status} from {url}).",
            remedy="Run the same command again later.",
        )
    identity = _read_identity(response.content)
    if identity is None:
        raise ConfigurationError(
            f"{url} does not answer like Synap (HTTP {status} for /api/v1/auth/whoami).",
            remedy="Check --synap-url (SYNAP_BASE_URL).",
        )
    return identity


def _target(response: httpx.Response) -> str:
    return redact_url(response.headers["Location"])[:200]


def _read_identity(content: bytes) -> Identity | None:
    try:
        body = orjson.loads(content)
        ids = body["client_id"], body["instance_id"]
        isolation = body.get("user_context_isolation")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not all(isinstance(one, str) and _ANY_ID.fullmatch(one) for one in ids):
        return None
    return Identity(*ids, isolation if isinstance(isolation, str) else None)


@asynccontextmanager
async def open_synap(
    url: str, api_key: str, identity: Identity, *, read_timeout: float = _READ_TIMEOUT_SECONDS
) -> AsyncIterator[Synap]:
    """The instance through its SDK, which writes nothing to disk and ends promptly.

    An answer of which nothing came for ``read_timeout`` seconds is given up.
    """
    sdk = await _initialized_sdk(url, api_key, identity, read_timeout)
    try:
        yield Synap(sdk, identity)
    finally:
        # With a hanging telemetry endpoint the SDK's own shutdown takes 17 s.
        with anyio.move_on_after(_SHUTDOWN_SECONDS, shield=True):
            await sdk.shutdown()


async def _initialized_sdk(
    url: str, api_key: str, identity: Identity, read_timeout: float
) -> MaximemSynapSDK:
    from maximem_synap import MaximemSynapSDK, SDKConfig  # noqa: PLC0415 - 0.4 s at start
    from maximem_synap.models.config import TimeoutConfig  # noqa: PLC0415

    client = _WitnessClient(
        secret=api_key,
        max_bytes=_LARGEST_ANSWER,
        max_seconds=_LONGEST_ANSWER_SECONDS,
        base_url=url,
        trust_env=_may_use_proxy(url),
        timeout=httpx.Timeout(10, read=read_timeout, pool=None),
        limits=httpx.Limits(max_connections=MAX_IN_FLIGHT, max_keepalive_connections=MAX_IN_FLIGHT),
    )

    class WitnessedSDK(MaximemSynapSDK):
        """Has our client from the start: initialize() asks the server, too (0.6.9)."""

        @property
        def _http_transport(self) -> Any:
            return self.__dict__.get("_witnessed_transport")

        @_http_transport.setter
        def _http_transport(self, transport: Any) -> None:
            self.__dict__["_witnessed_transport"] = transport
            if transport is not None:
                _witness(transport, client)

    # Unheard, its warnings would go to standard error as they are, with the server's words.
    for name in ("synap", "maximem_synap"):
        logging.getLogger(name).addHandler(_SILENCE)
    known = identity.instance_id if _INSTANCE_ID.fullmatch(identity.instance_id) else None
    sdk = WitnessedSDK(
        api_key=api_key,
        instance_id=known or "",
        config=SDKConfig(
            api_base_url=url,
            cache_backend=None,
            history_search_model=None,
            retry_policy=None,
            timeouts=TimeoutConfig(read=read_timeout),
        ),
        # Otherwise a second SDK object of this process shares the first one's configuration.
        _force_new=True,
    )
    await sdk.initialize()
    _silence_telemetry(sdk)
    return sdk


def _witness(transport: Any, client: _WitnessClient) -> None:
    """Put our client under the SDK, which offers no public way: ``_client`` is its test hook."""
    # Otherwise each body is written a second time, to tell telemetry its size.
    transport._build_request_payload_metadata = _nothing  # noqa: SLF001
    transport._client = client  # noqa: SLF001


def _silence_telemetry(sdk: Any) -> None:
    """Its events carry request paths with ids in them; there is no public switch (0.6.9)."""
    try:
        sdk._telemetry_collector.enabled = False  # noqa: SLF001
        witnessed = sdk._http_transport._client  # noqa: SLF001
    except AttributeError as error:
        raise _built_differently(str(error)) from error
    if not isinstance(witnessed, _WitnessClient):
        raise _built_differently("it has another client")


def _built_differently(how: str) -> ConfigurationError:
    return ConfigurationError(
        f"This version of maximem-synap is built differently ({how}).",
        remedy="Install the version that synap-import was tested with: "
        "pip install 'maximem-synap>=0.6.9,<0.7'",
    )
