"""Why records of Zep and Graphiti are held, and what whoever reads the account is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synap_import import HoldReason

COPY = "copy-of-message"
FACT = "derived-fact"
SUMMARY = "derived-summary"
ENTITY = "derived-entity"
OBSERVATION = "derived-observation"
THREAD_SUMMARY = "derived-thread-summary"
DOCUMENT_SUMMARY = "derived-document-summary"
MEMBER = "member-of-hyperedge"

_LOAD_FACTS = (
    "Nothing to do: Synap makes its own of the texts. --load facts loads facts and summaries of "
    "users beside them, so that the same counts twice."
)

OF_CLOUD: Mapping[str, HoldReason] = MappingProxyType(
    {
        COPY: HoldReason(
            "Episodes that are messages of a thread too",
            "Nothing to do: the messages load. Included, the same texts would load twice.",
        ),
        FACT: HoldReason("Facts that Zep made of texts", _LOAD_FACTS),
        SUMMARY: HoldReason("Summaries of users that Zep made of texts", _LOAD_FACTS),
        ENTITY: HoldReason("Entities that Zep found in texts; Synap finds its own"),
        OBSERVATION: HoldReason("Observations that Zep made of texts; Synap makes its own"),
        THREAD_SUMMARY: HoldReason("Summaries that Zep made of threads"),
        DOCUMENT_SUMMARY: HoldReason("Summaries that Zep made of documents"),
        MEMBER: HoldReason(
            "Edges that repeat the fact of their hyperedge",
            "Nothing to do: the fact comes once, with the hyperedge.",
        ),
    }
)

OF_GRAPHITI: Mapping[str, HoldReason] = MappingProxyType(
    {
        FACT: HoldReason(
            "Facts that Graphiti made of episodes that load",
            f"Nothing to do: Synap makes its own of the episodes. --include {FACT} loads these "
            "beside them, so that the same counts twice.",
        ),
        ENTITY: HoldReason("Entities that Graphiti found in episodes; Synap finds its own"),
        SUMMARY: HoldReason("Summaries that Graphiti made of communities and sagas"),
    }
)
