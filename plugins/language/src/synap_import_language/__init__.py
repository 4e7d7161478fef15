"""The transform ``language``, with a check and a section of the report about what it found."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import CheckDeclaration, SectionDeclaration, TransformDeclaration, hookimpl


@hookimpl
def synap_import_transforms() -> Sequence[TransformDeclaration]:
    """Tags with the language of each text."""
    summary = "Tag each record with the language of its text: language:de"
    return [TransformDeclaration("language", summary, "1", "synap_import_language.tagging:tag")]


@hookimpl
def synap_import_checks() -> Sequence[CheckDeclaration]:
    """Users whose memories are in several languages."""
    summary = "Users whose memories are in several languages"
    return [CheckDeclaration("language", summary, "synap_import_language.telling:mixed")]


@hookimpl
def synap_import_sections() -> Sequence[SectionDeclaration]:
    """How many records are in which language."""
    return [SectionDeclaration("language", "Languages", "synap_import_language.telling:languages")]
