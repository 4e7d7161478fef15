"""Any bytes as a user map."""

from __future__ import annotations

from .driver import fuzz_files, instrumented

with instrumented():
    from .maps import any_user_map_is_read_or_refused
    from .seeds import USER_MAPS

if __name__ == "__main__":
    fuzz_files(any_user_map_is_read_or_refused, USER_MAPS)
