"""A response's body, unpacked here because httpx would unpack without limit."""

from __future__ import annotations

import zlib

import httpx

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class BodyTooLargeError(Exception):
    """The body is larger than allowed, as received or as unpacked."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit} bytes")


class UnknownEncodingError(Exception):
    """The body is packed in a way that was not asked for."""

    def __init__(self, encoding: str) -> None:
        super().__init__(f"in the encoding {encoding!r}")


class BoundedBody:
    """Collects a body chunk by chunk and refuses to grow past a limit."""

    def __init__(self, response: httpx.Response, limit: int) -> None:
        self._limit = limit
        self._encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        self._packed = self._encoding in {"gzip", "x-gzip", "deflate"}
        self._content = bytearray()
        self._received = 0
        self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)

    def add(self, chunk: bytes) -> None:
        """Take a chunk as received.

        Raises BodyTooLargeError, UnknownEncodingError, or httpx.RemoteProtocolError when the
        packed data is damaged.
        """
        self._received += len(chunk)
        self._refuse_if_over(self._received)
        if self._packed:
            self._unpack(chunk)
        elif self._encoding in {"identity", ""}:
            self._content += chunk
        else:
            raise UnknownEncodingError(self._encoding)

    def content(self) -> bytes:
        """The body, unpacked. Raises httpx.RemoteProtocolError when it breaks off."""
        if self._packed and self._received and not self._inflater.eof:
            raise httpx.RemoteProtocolError("the compressed body breaks off")
        return bytes(self._content)

    def _unpack(self, chunk: bytes) -> None:
        while chunk:
            if self._inflater.eof:
                # gzip may consist of several members, one behind the other.
                self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
            # One byte more than fits tells a body that is too large from one that just fits.
            room = self._limit - len(self._content) + 1
            try:
                self._content += self._inflater.decompress(chunk, room)
            except zlib.error:
                raise httpx.RemoteProtocolError("the compressed body is damaged") from None
            self._refuse_if_over(len(self._content))
            chunk = self._inflater.unconsumed_tail or self._inflater.unused_data

    def _refuse_if_over(self, size: int) -> None:
        if size > self._limit:
            raise BodyTooLargeError(self._limit)
