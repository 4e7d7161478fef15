"""Declarative mapping: a YAML file says how any JSON object becomes a record."""

from __future__ import annotations

from .document import MappingDocument, mapping_schema
from .made_ids import made_id
from .mapper import RecordMapper
from .problems import Unmappable
from .reading import load_mapping, parse_mapping
from .times import TimeReader, TimeReading, time_reader

__all__ = [
    "MappingDocument",
    "RecordMapper",
    "TimeReader",
    "TimeReading",
    "Unmappable",
    "load_mapping",
    "made_id",
    "mapping_schema",
    "parse_mapping",
    "time_reader",
]
