"""What the tests of the host and those of all plugins share."""

from __future__ import annotations

from support.certificates import read_them_once

read_them_once()
