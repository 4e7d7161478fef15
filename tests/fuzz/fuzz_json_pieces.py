"""Any text in pieces of any size, read by every reader of the source json."""

from __future__ import annotations

from .driver import fuzz, instrumented

with instrumented():
    from .chunks import pieces_do_not_matter
    from .seeds import FILES, PACKED_FILES


def one_input(data: bytes) -> None:
    """The first byte is the size of the pieces."""
    if len(data) > 1:
        pieces_do_not_matter(data[1:], 1 + data[0] % 64)


if __name__ == "__main__":
    fuzz(one_input, (b"\x06" + text for text in FILES + PACKED_FILES))
