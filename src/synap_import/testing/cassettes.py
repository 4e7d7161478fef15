"""Records HTTP exchanges into a file that says where they come from, and plays them again.

vcrpy stands in for httpx's transports, below the host's polite client: every attempt is an
exchange of its own. A request is known by method, path, query and body; not by its host, which
is scrubbed, nor by its headers, most of which are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import vcr  # type: ignore[import-untyped]
import yaml
from vcr.errors import CannotOverwriteExistingCassetteException  # type: ignore[import-untyped]

from .leak_search import leaks
from .network import no_network
from .provenance import Provenance, load_cassette, read_provenance
from .scrubbing import Scrubber, kind_of


class UnansweredError(AssertionError):
    """Something was asked that the cassette does not hold."""


class Playing(Protocol):
    """A cassette in use, as vcrpy shows it."""

    data: list[tuple[Any, Any]]
    play_counts: dict[int, int]

    def __len__(self) -> int:
        """How many exchanges it holds."""
        ...


@contextmanager
def replay(
    path: Path, *, all_played: bool = True, repeats: bool = False, passing: Sequence[str] = ()
) -> Iterator[Playing]:
    """What goes over HTTP is answered by the cassette; anything else fails, and so does a
    connection that does not go over httpx.

    At the end every exchange must have been played, unless ``all_played`` is false. With
    ``repeats`` the first answer to a question answers it as often as it is asked. Addresses on this
    computer that begin like one of ``passing`` answer for themselves: the Synap of the test.
    """
    read_provenance(path)
    playing = _recorder(_Format()).use_cassette(
        str(path),
        record_mode="none",
        allow_playback_repeats=repeats,
        before_record_request=partial(_unless_passing, tuple(passing)),
    )
    with no_network(), playing as tape:
        try:
            yield tape
        except CannotOverwriteExistingCassetteException as error:
            raise UnansweredError(_unanswered(path, tape, error.failed_request)) from None
        if all_played and (left := unplayed(tape)):
            raise AssertionError(f"{path.name} was not played to its end: {', '.join(left)}")


@contextmanager
def record(path: Path, provenance: Provenance, scrubber: Scrubber) -> Iterator[Playing]:
    """Every exchange goes to the real server and, scrubbed, into a new file.

    It is written when the block ends, however it ends. Raises FileExistsError, and ValueError
    when something that looks like a secret would get into the file, which is then not written.
    """
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    recorder = _recorder(_Format(provenance, scrubber))
    with recorder.use_cassette(str(path), record_mode="all") as tape:
        yield tape


def unplayed(tape: Playing) -> list[str]:
    """The requests that nobody made."""
    asked = (request for index, (request, _) in enumerate(tape.data) if not tape.play_counts[index])
    return [f"{request.method} {request.uri}" for request in asked]


def _unanswered(path: Path, tape: Playing, asked: Any) -> str:
    """What was asked, and the nearest of what could have been."""
    same_path = [
        one.uri for one, _ in tape.data if urlsplit(one.uri).path == urlsplit(asked.uri).path
    ]
    held = (
        f"Of that path it holds {', '.join(same_path[:5])}"
        if same_path
        else "Nor any other of that path"
    )
    return (
        f"{path.name} has no answer, or no further one, to {asked.method} {asked.uri}. {held}. "
        "Record it anew if the adapter asks otherwise than it did, or if that was not to the end."
    )


@dataclass(frozen=True, slots=True)
class _Format:
    """vcrpy's serializer: its format, with the provenance at the top."""

    provenance: Provenance | None = None
    scrubber: Scrubber | None = None

    def deserialize(self, text: str) -> Any:
        return load_cassette(text)

    def serialize(self, content: dict[str, Any]) -> str:
        if self.provenance is None or self.scrubber is None:
            raise TypeError("a cassette that is replayed is not written")
        exchanges = self.scrubber.exchanges(content["interactions"])
        if found := leaks(exchanges):
            raise ValueError(f"the recording was not written: {'; '.join(found)}")
        return cassette_text(self.provenance, exchanges)


def cassette_text(provenance: Provenance, exchanges: Iterable[Any]) -> str:
    """A cassette as a file holds it."""
    content = {
        "provenance": asdict(provenance),
        "version": 1,
        "interactions": list(exchanges),
    }
    return str(yaml.safe_dump(content, sort_keys=False, width=100))


def _recorder(format_: _Format) -> vcr.VCR:
    recorder = vcr.VCR(
        serializer="cassette", match_on=("question",), decode_compressed_response=True
    )
    recorder.register_serializer("cassette", format_)
    recorder.register_matcher("question", _same_question)
    return recorder


def _unless_passing(passing: tuple[str, ...], request: Any) -> Any:
    """The request, or None for vcrpy to leave it alone."""
    return None if request.uri.startswith(passing) else request


def _same_question(one: Any, other: Any) -> None:
    """Raises AssertionError unless two requests ask for the same. One matcher instead of vcrpy's
    four: those make a diff of every pair.
    """
    for name, told in (("method", _method), ("address", _address), ("body", _body)):
        if told(one) != told(other):
            raise AssertionError(f"another {name}")


def _method(request: Any) -> str:
    return str(request.method)


def _address(request: Any) -> tuple[str, list[tuple[str, str]]]:
    """Path and query, without the values of keys: those are not in the cassette."""
    return _address_of(request.uri)


# Each question is compared with all of the cassette.
@lru_cache(maxsize=10_000)
def _address_of(uri: str) -> tuple[str, list[tuple[str, str]]]:
    parts = urlsplit(uri)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    return parts.path, sorted(
        (name, "" if kind_of(name) == "secret" else value) for name, value in pairs
    )


def _body(request: Any) -> Any:
    """JSON as what it says, however it is written."""
    content = request.body or b""
    try:
        return json.loads(content)
    except ValueError:
        return content
