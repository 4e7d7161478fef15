"""Any file, read by the source json: checked, paged, resumed, kept."""

from __future__ import annotations

from .driver import fuzz_files, instrumented

with instrumented():
    from .files import any_file_is_read_or_refused
    from .seeds import FILES, PACKED_FILES

if __name__ == "__main__":
    fuzz_files(any_file_is_read_or_refused, FILES + PACKED_FILES)
