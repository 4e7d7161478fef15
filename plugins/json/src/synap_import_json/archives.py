"""Zip archives: the files in them are read where they are, and nothing is written to the disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from synap_import import SourceError

from .compression import DamagedError, unpacked
from .streams import CHUNK, as_utf8, without

if TYPE_CHECKING:
    from .inputs import Input

ZIP_MAGICS = {b"PK\x03\x04", b"PK\x05\x06"}

MOST_MEMBERS = 10_000
MOST_BYTES = 64 * 2**30
LARGE = 100 * 2**20
MOST_RATIO = 200
"""Text packs ten times smaller, hardly ever fifty times: beyond this it is a bomb, or zeros."""

_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar")
_ENCRYPTED = 0x1
_UNPACK = "Unpack it yourself, look at it, and give the files."


class ZipMember:
    """A file in an archive; ``unread`` names the archive's files that are no data.

    Raises SourceError when it cannot be opened.
    """

    def __init__(
        self,
        archive: Path,
        place: str,
        name: str,
        info: zipfile.ZipInfo,
        unread: tuple[str, ...] = (),
    ) -> None:
        self.unread = unread
        self._archive = archive
        self._info = info
        self._archive_place = place
        self.archive = name
        self.place = f"{place}!/{info.filename}"
        self.name = f"{name}/{info.filename}"

    def size(self) -> int | None:
        """Bytes as they are packed."""
        return self._info.compress_size

    def version(self, salt: str) -> str:
        """A digest of its checksum and length."""
        content = f"{salt}\0{self._info.CRC}\0{self._info.file_size}"
        return blake2b(content.encode(), digest_size=12).hexdigest()

    def look(self) -> Iterator[bytes]:
        """Chunks from the beginning, up to the end or to where it is damaged."""
        with closing(self.open(0)) as stream:
            try:
                yield from stream.chunks
            except DamagedError as error:
                if not stream.found:
                    raise SourceError(f"{self.name} cannot be unpacked: {error}.") from error

    def open(self, offset: int) -> MemberStream:
        """The chunks from a byte of the text on."""
        try:
            return MemberStream(self._archive, self._info, offset)
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise SourceError(f"{self.name} cannot be unpacked: {error}.") from error

    def beside(self, name: str) -> Input | None:
        """The file of this name in the same folder of the archive."""
        wanted = PurePosixPath(self._info.filename).parent
        for part in name.split("/"):
            wanted = wanted.parent if part == ".." else wanted / part
        with closing(_opened(self._archive, self.archive)) as archive:
            info = archive.NameToInfo.get(str(wanted))
        if info is None:
            return None
        return ZipMember(self._archive, self._archive_place, self.archive, info)


class MemberStream:
    """A file in an archive from a byte of its text on; reading raises DamagedError."""

    def __init__(self, archive: Path, info: zipfile.ZipInfo, offset: int) -> None:
        self._zip = zipfile.ZipFile(archive)
        try:
            self._file = self._zip.open(info)
        except BaseException:
            self._zip.close()
            raise
        self._size = info.file_size
        self.found = False
        raw = iter(partial(self._read, CHUNK), b"")
        self.chunks = without(offset, as_utf8(unpacked(raw)))

    def fraction(self) -> float | None:
        """How much has been read, 0 to 1."""
        return min(1.0, self._file.tell() / self._size) if self._size else None

    def close(self) -> None:
        """Give the archive back."""
        self._file.close()
        self._zip.close()

    def _read(self, size: int) -> bytes:
        try:
            chunk = self._file.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
            raise DamagedError(f"the packed data are damaged ({error})") from error
        self.found = self.found or bool(chunk)
        return chunk


def members_of(path: Path, place: str, name: str, endings: tuple[str, ...]) -> list[ZipMember]:
    """The files to read in an archive, in a stable order.

    Raises SourceError for what no export is: encrypted files, archives in it, paths that lead
    out of it, and bombs.
    """
    with closing(_opened(path, name)) as archive:
        infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise SourceError(f"{name} holds {len(infos):,} files.", remedy=_UNPACK)
    if sum(info.compress_size for info in infos) > path.stat().st_size:
        raise SourceError(
            f"{name} is not a sound archive: its files lie over one another, as in a bomb.",
            remedy=_UNPACK,
        )
    if (size := sum(info.file_size for info in infos)) > MOST_BYTES:
        raise SourceError(f"{name} would unpack to {size / 2**30:,.0f} GB.", remedy=_UNPACK)
    data = [info for info in infos if _is_data(info, endings)]
    for info in infos:
        _refuse_tricks(info, name)
    for info in data:
        _refuse_bombs(info, name)
    if not data:
        raise SourceError(
            f"{name} holds no .jsonl, .ndjson, .json or .csv file.",
            remedy="Unpack it and name the files themselves if they are called otherwise.",
        )
    data.sort(key=lambda info: info.filename)
    unread = tuple(one.filename for one in infos if one not in data and not one.is_dir())
    return [ZipMember(path, place, name, info, unread) for info in data]


def _opened(path: Path, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise SourceError(
            f"{name} is a damaged zip archive: {error}.", remedy="Download or copy it again."
        ) from error


def _is_data(info: zipfile.ZipInfo, endings: tuple[str, ...]) -> bool:
    parts = PurePosixPath(info.filename).parts
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return not info.is_dir() and not hidden and info.filename.lower().endswith(endings)


def _refuse_tricks(info: zipfile.ZipInfo, name: str) -> None:
    inside = PurePosixPath(info.filename)
    if inside.is_absolute() or ".." in inside.parts or ":" in info.filename[:3]:
        raise SourceError(
            f"{name} holds a file named {info.filename[:100]!r}, which leads out of the archive.",
            remedy="No export does that. " + _UNPACK,
        )
    if info.filename.lower().endswith(_ARCHIVES):
        raise SourceError(
            f"{name} holds another archive: {info.filename[:100]}.",
            remedy="Unpack the outer one, and give the inner one.",
        )


def _refuse_bombs(info: zipfile.ZipInfo, name: str) -> None:
    where = f"{name}/{info.filename[:100]}"
    if info.flag_bits & _ENCRYPTED:
        raise SourceError(
            f"{where} is encrypted.", remedy="Unpack it with its password, and give the files."
        )
    ratio = info.file_size / max(1, info.compress_size)
    if info.file_size > LARGE and ratio > MOST_RATIO:
        raise SourceError(
            f"{where} would unpack to {info.file_size / 2**20:,.0f} MB, {ratio:,.0f} times its "
            "size: that looks like a bomb.",
            remedy=_UNPACK,
        )
