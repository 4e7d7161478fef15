"""Move users' memories into Maximem Synap: names for plugins, and for code that imports.

Everything is imported on first use, so that a plugin's declaration costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import ImportResult as ImportResult
    from .api import import_memories as import_memories
    from .api import run_import as run_import
    from .errors import ConfigurationError as ConfigurationError
    from .errors import DestinationStoppedError as DestinationStoppedError
    from .errors import MappingError as MappingError
    from .errors import SourceError as SourceError
    from .errors import SourceUnavailableError as SourceUnavailableError
    from .hooks.contract import Delivery as Delivery
    from .hooks.contract import JobRecord as JobRecord
    from .hooks.contract import JobView as JobView
    from .hooks.contract import OutgoingDocument as OutgoingDocument
    from .hooks.contract import Section as Section
    from .hooks.contract import Target as Target
    from .hookspecs import HOOK_VERSION as HOOK_VERSION
    from .hookspecs import CheckDeclaration as CheckDeclaration
    from .hookspecs import CommandDeclaration as CommandDeclaration
    from .hookspecs import DestinationDeclaration as DestinationDeclaration
    from .hookspecs import SectionDeclaration as SectionDeclaration
    from .hookspecs import SourceDeclaration as SourceDeclaration
    from .hookspecs import TransformDeclaration as TransformDeclaration
    from .hookspecs import hookimpl as hookimpl
    from .polite_http import READ_EXTENSION as READ_EXTENSION
    from .polite_http import Politeness as Politeness
    from .records import Kind as Kind
    from .records import Link as Link
    from .records import MemoryRecord as MemoryRecord
    from .records import Scope as Scope
    from .records import ScopeKind as ScopeKind
    from .records import State as State
    from .records import decode_record as decode_record
    from .records import record_line as record_line
    from .sources import Exported as Exported
    from .sources import Finding as Finding
    from .sources import HoldReason as HoldReason
    from .sources import Page as Page
    from .sources import Partition as Partition
    from .sources import Run as Run
    from .sources import ScopeCount as ScopeCount
    from .sources import Setting as Setting
    from .sources import Severity as Severity
    from .sources import Source as Source
    from .sources import SourceCheck as SourceCheck
    from .sources import SourceContext as SourceContext
    from .sources import Unreadable as Unreadable

_HOME = {
    "Target": "hooks.contract",
    "Section": "hooks.contract",
    "OutgoingDocument": "hooks.contract",
    "JobView": "hooks.contract",
    "JobRecord": "hooks.contract",
    "Delivery": "hooks.contract",
    "DestinationStoppedError": "errors",
    "HOOK_VERSION": "hookspecs",
    "DestinationDeclaration": "hookspecs",
    "CommandDeclaration": "hookspecs",
    "SectionDeclaration": "hookspecs",
    "CheckDeclaration": "hookspecs",
    "TransformDeclaration": "hookspecs",
    "READ_EXTENSION": "polite_http",
    "ConfigurationError": "errors",
    "Exported": "sources",
    "ImportResult": "api",
    "Finding": "sources",
    "HoldReason": "sources",
    "Kind": "records",
    "Link": "records",
    "MappingError": "errors",
    "MemoryRecord": "records",
    "Page": "sources",
    "Partition": "sources",
    "Run": "sources",
    "Politeness": "polite_http",
    "Scope": "records",
    "ScopeCount": "sources",
    "ScopeKind": "records",
    "Setting": "sources",
    "Severity": "sources",
    "Source": "sources",
    "SourceCheck": "sources",
    "SourceContext": "sources",
    "SourceDeclaration": "hookspecs",
    "SourceError": "errors",
    "SourceUnavailableError": "errors",
    "State": "records",
    "Unreadable": "sources",
    "decode_record": "records",
    "hookimpl": "hookspecs",
    "import_memories": "api",
    "run_import": "api",
    "record_line": "records",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
