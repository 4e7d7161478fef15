"""Declarative mapping: a YAML file says how any JSON object becomes a record."""

from __future__ import annotations

from .document import MappingDocument
from .mapper import RecordMapper
from .problems import Unmappable
from .reading import load_mapping, parse_mapping

__all__ = ["MappingDocument", "RecordMapper", "Unmappable", "load_mapping", "parse_mapping"]
