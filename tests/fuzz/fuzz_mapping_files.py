"""Any bytes as a mapping document."""

from __future__ import annotations

from .driver import fuzz_files, instrumented

with instrumented():
    from .maps import any_mapping_is_read_or_refused
    from .seeds import MAPPINGS

if __name__ == "__main__":
    fuzz_files(any_mapping_is_read_or_refused, MAPPINGS)
