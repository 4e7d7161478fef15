"""Any object under any mapping; atheris chooses for Hypothesis."""

from __future__ import annotations

import json

from hypothesis import given

from .driver import fuzz, instrumented
from .mappings import JSON, MAPPINGS, OBJECTS

with instrumented():
    from synap_import.errors import MappingError
    from synap_import.mapping import RecordMapper, parse_mapping

    from .maps import any_object_is_mapped_or_refused


@given(mapping=MAPPINGS, item=OBJECTS | JSON)
def property_holds(mapping, item):
    """Whatever mapping and object come out of the bytes."""
    try:
        mapper = RecordMapper(parse_mapping(json.dumps(mapping), "any.yaml"))
    except MappingError:
        return
    any_object_is_mapped_or_refused(mapper, item)


if __name__ == "__main__":
    fuzz(property_holds.hypothesis.fuzz_one_input)
