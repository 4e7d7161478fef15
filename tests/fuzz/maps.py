"""User maps and mapping documents: usable, or a sentence about what is wrong."""

from __future__ import annotations

from pathlib import Path

from synap_import.errors import MappingError, UserMapError
from synap_import.identity import load_user_map, user_map_findings
from synap_import.mapping import RecordMapper, Unmappable, load_mapping

from .files import assert_kept


def any_user_map_is_read_or_refused(path: Path) -> None:
    """A map whose rows all resolve to their own decisions, or a UserMapError."""
    try:
        user_map = load_user_map(path)
    except UserMapError:
        return
    for row in user_map.rows():
        if row.source_id is not None:
            assert user_map.resolve((row.kind, row.source_id)) == row.decision
    user_map_findings(user_map)
    assert len(user_map.fingerprint()) == 64


def any_mapping_is_read_or_refused(path: Path) -> None:
    """A mapping that works on objects, or a MappingError."""
    try:
        mapper = RecordMapper(load_mapping(path))
    except MappingError:
        return
    for item in ({}, {"memory": "tea", "id": 1, "a": [{"b": {}}]}, {"a": {"b": 2**70}}):
        any_object_is_mapped_or_refused(mapper, item)


def any_object_is_mapped_or_refused(mapper: RecordMapper, item: object) -> None:
    """A record that the ledger can keep, or Unmappable."""
    try:
        record = mapper(item)
    except Unmappable:
        return
    assert_kept(record)
