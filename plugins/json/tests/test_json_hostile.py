"""Whatever the bytes are: records, unreadable items and sentences, never a crash."""

from __future__ import annotations

import contextlib
import gzip
import json

import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from synap_import import SourceError

GOOD = [{"id": n, "content": f"tea {n}", "metadata": {"a": [1, {"b": None}]}} for n in range(4)]
WHOLE = [
    json.dumps(GOOD).encode(),
    json.dumps({"results": [], "data": {"memories": GOOD}, "x": {"y": [1]}}, indent=1).encode(),
    b"\n".join(json.dumps(one).encode() for one in GOOD),
    b"\n".join(json.dumps(one, indent=1).encode() for one in GOOD),
    b'id;content\r\n1;"tea; green"\r\n2;black\r\n',
]
PIECES = [
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"9",
]
PACKINGS = [
    bytes,
    gzip.compress,
    zstandard.compress,
    lambda text: b"\xff\xfe" + text.decode("latin-1").encode("utf-16-le"),
]


@st.composite
def damaged(draw):
    text = draw(st.sampled_from(WHOLE))
    pack = draw(st.sampled_from(PACKINGS))
    before_packing = draw(st.booleans())
    text = text if before_packing else pack(text)
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 8))
        piece = draw(st.sampled_from([b"", *PIECES]) | st.binary(max_size=4))
        text = text[:at] + piece + text[at + length :]
    return pack(text) if before_packing else text


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=damaged() | st.binary(max_size=200))
@example(b'{"memories" [{"text":"x"}]}')
@example(b'{"memories":')
@example(b'{"memories":[{"text":"x"}')
@example(b'{"data":{"memories":[{"text":"x"}]')
@example(b'{1:2, "memories":[{"text":"x"}]}')
@example(b"{}")
@example(b"{")
@example(b",")
@example(b'"')
@example(b'\xef\xbb\xbf"a","b"')
@example(b"\xff\xfe")
@example(b"\x1f\x8b")
@example(b"\x28\xb5\x2f\xfd")
def test_no_bytes_crash_the_reader(check, read, write, content):
    path = write("a.data", content)
    with contextlib.suppress(SourceError):
        check(path)
    with contextlib.suppress(SourceError):
        pages = read(path, page_size=2).pages
        wheres = [item.where for page in pages for item in page.unreadable]
        assert len(wheres) == len(set(wheres))
