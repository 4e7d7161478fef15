"""From the bytes of a user map to its lines, in the encodings spreadsheets write."""

from __future__ import annotations

import codecs
import io
from typing import IO, TYPE_CHECKING

from synap_import.errors import UserMapError

if TYPE_CHECKING:
    from collections.abc import Iterator

_REMEDY = (
    "Save it as UTF-8: in Excel as 'CSV UTF-8 (Comma delimited)', in LibreOffice with the"
    " character set Unicode (UTF-8)."
)


def decoded_lines(file: IO[bytes], file_name: str) -> Iterator[str]:
    """The lines of a file in UTF-8, with or without BOM, or in UTF-16 with BOM.

    Line ends are kept. Raises UserMapError with line and byte where it is neither.
    """
    start = file.read(2)
    file.seek(0)
    if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return _utf16_lines(file, file_name)
    return _utf8_lines(file, file_name)


def _utf8_lines(file: IO[bytes], file_name: str) -> Iterator[str]:
    # Odd bytes pass the decoder as surrogates, because it would not tell their line.
    lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    for number, line in enumerate(lines, start=1):
        if not line.isascii():
            _refuse_odd_bytes(line, number, file_name)
        if "\0" in line:
            text = f"{file_name}, line {number} holds zero bytes: it is not UTF-8 text."
            raise UserMapError(text, remedy=_REMEDY)
        yield line


def _refuse_odd_bytes(line: str, number: int, file_name: str) -> None:
    try:
        line.encode("utf-8")
    except UnicodeEncodeError as error:
        position = len(line[: error.start].encode("utf-8")) + 1
        byte = ord(line[error.start]) & 0xFF
        text = f"{file_name}, line {number}, byte {position} (0x{byte:02X}) is not UTF-8."
        raise UserMapError(text, remedy=_REMEDY) from None


def _utf16_lines(file: IO[bytes], file_name: str) -> Iterator[str]:
    lines = io.TextIOWrapper(file, encoding="utf-16", newline="")
    number = 0
    try:
        for line in lines:
            number += 1
            yield line
    except UnicodeDecodeError:
        text = f"{file_name} begins as UTF-16 and is damaged after line {number}."
        raise UserMapError(text, remedy=_REMEDY) from None
