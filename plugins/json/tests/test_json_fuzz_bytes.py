"""Any bytes, in any packing and any pieces: read, or refused with a sentence."""

from __future__ import annotations

import gzip

import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fuzz.chunks import pieces_do_not_matter
from fuzz.files import Account, any_file_is_read_or_refused, read_file, read_standard_input
from fuzz.seeds import FILES
from synap_import.errors import SynapImportError

PIECES = [
    *(bytes([byte]) for byte in b'"\\{}[],:;\n\r\t \0'),
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"NaN",
    b"-Infinity",
    b"1e999",
    str(2**70).encode(),
    b"9" * 5000,
    b"[" * 300,
    b'{"a":' * 300,
    b'"text":"again",',
    b'"record_version":',
    b"null",
    b"true",
    b"2024-02-30",
]
PACKINGS = [
    bytes,
    gzip.compress,
    zstandard.compress,
    lambda text: text.decode("utf-8", "replace").encode("utf-16"),
    lambda text: b"\xef\xbb\xbf" + text,
]


@st.composite
def damaged(draw):
    """A file with a few pieces lost, doubled or put in, before or behind its packing."""
    text = draw(st.sampled_from(FILES))
    pack, spoil_packed = draw(st.sampled_from(PACKINGS)), draw(st.booleans())
    text = pack(text) if spoil_packed else text
    for _ in range(draw(st.integers(1, 5))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
        put = draw(st.sampled_from([b"", text[at : at + 40], *PIECES]) | st.binary(max_size=4))
        text = text[:at] + put + text[at + length :]
    return text if spoil_packed else pack(text)


ANY_BYTES = damaged() | st.binary(max_size=100)


@pytest.fixture
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "a.data"


quick = settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@quick
@given(content=ANY_BYTES)
@example(b'{"record_version":1,"system":"a","id":"b","text":"c","\\ud800":1}')
@example(b'{"record_version":1e999,"system":"a","id":"b","text":"c"}\n{"text":"x"}')
@example(b'{"text":"x","\\ud800":"\\ud800"}')
@example(b'{"text":"\\ud800","user":"\\udfff","created_at":"\\ud800"}')
@example(b'[{"text":"x"},,"text":"y"}, {"text":"x","tags",:1}, {"memory":"y"}]')
@example(b"\xff\xfe{\0}\0\x00\xd8")
def test_any_file_is_read_or_refused_and_resumes(file, content):
    file.write_bytes(content)
    any_file_is_read_or_refused(file)


@quick
@given(content=damaged())
def test_what_is_piped_in_is_read_like_a_file(file, content):
    file.write_bytes(content)
    try:
        from_file = Account.of(read_file(file, 2))
    except SynapImportError as error:
        with pytest.raises(type(error)):
            read_standard_input(content, 2)
        return
    piped = Account.of(read_standard_input(content, 2))
    renamed = [(where.replace("standard input", file.name), why) for where, why in piped.unreadable]
    assert (piped.records, renamed) == from_file


@quick
@given(text=ANY_BYTES, size=st.integers(1, 40))
@example(b'[{"a":"\\', 1)
@example(b'\x01\0\0\0\0\0\0\0text":0"y"t1,"tea, ""gr\4\0\0\0', 7)
@example(b'{"memories":[{"a":[}', 3)
def test_no_reader_depends_on_how_the_text_is_cut_into_pieces(text, size):
    pieces_do_not_matter(text, size)
