"""A local stand-in for Synap, for rehearsals and tests; nothing here reaches Maximem Synap.

It speaks the wire contract that maximem-synap 0.6.9 needs and keeps what it is given in one
SQLite file. What it does where the vendor's own pages disagree is listed in docs/sandbox.md.
"""

from __future__ import annotations

from .fault_script import FaultScript
from .server import BackgroundSandbox, serve
from .settings import SandboxSettings

__all__ = ["BackgroundSandbox", "FaultScript", "SandboxSettings", "serve"]
