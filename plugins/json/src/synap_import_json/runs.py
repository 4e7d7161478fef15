"""Runs of items that a re-sync recognises as a whole; their own bytes say where they end.

So what is inserted or removed somewhere moves no run behind it, and only the runs around a change
are read anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from .compression import DamagedError

if TYPE_CHECKING:
    from .items import Item

_LEAST = 32
_MOST = 128
_MOST_BYTES = 1024 * 1024

# One item in 16 ends a run, so that a run has 48 items on the average. Checksums of items that are
# alike are alike; the upper bits of their product with 2^32 over the golden ratio are not.
_SPREAD = 2_654_435_769
_ALL = 2**32 - 1
_END_BELOW = 2**28


class ItemRun(NamedTuple):
    """Items that follow on each other, and a digest of their bytes.

    None when they are rows of a table, or have a flaw.
    """

    items: list[Item]
    digest: str | None


def cut(items: Iterator[Item], size: int, identity: bytes) -> Iterator[ItemRun]:
    """The items in runs, of ``size`` at most; digests differ when ``identity`` does.

    Raises DamagedError behind the last of them.
    """
    least, most = min(_LEAST, size), min(_MOST, size)
    run: list[Item] = []
    read = 0
    try:
        for item in items:
            run.append(item)
            if type(item.content) is bytes:
                read += len(item.content)
                is_end = len(run) >= least and _ends_a_run(item.content)
                if not (is_end or len(run) >= most or read >= _MOST_BYTES):
                    continue
            elif len(run) < size:
                continue
            yield ItemRun(run, _digest(run, identity))
            run, read = [], 0
    except DamagedError:
        if run:
            yield ItemRun(run, None)
        raise
    if run:
        yield ItemRun(run, _digest(run, identity))


def _ends_a_run(text: bytes) -> bool:
    return crc32(text) * _SPREAD & _ALL < _END_BELOW


def _digest(run: list[Item], identity: bytes) -> str | None:
    texts = [item.content for item in run if isinstance(item.content, bytes) and not item.flaw]
    if len(texts) < len(run):
        return None
    digest = blake2b(identity, digest_size=16)
    digest.update(repr([*map(len, texts)]).encode())
    digest.update(b"".join(texts))
    return digest.hexdigest()
