"""Writes the constructed cassettes of Zep Cloud anew, when the adapter asks otherwise.

python cassettes/zep/construct_cloud.py
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "plugins" / "zep" / "tests"))

from zep_support.cloud_constructing import write_all  # noqa: E402 - found through the path above

if __name__ == "__main__":
    write_all(HERE)
