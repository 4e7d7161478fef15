"""Transcripts go alone; documents around them still fill batches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from synap_import.documents import Document
from synap_import.loading.batching import MAX_DOCUMENTS, BatchSize
from synap_import.transcripts import Transcript


def document(number: int, *, alone: bool = False) -> Document:
    transcript = Transcript(f"c-{number}", ()) if alone else None
    return Document(
        *(number, f"d-{number}", "text", "document", None, "ada", None, "fast", {}),
        transcript=transcript,
    )


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(1, 50_000))
def test_a_batch_is_one_transcript_or_documents_and_the_rest_is_all_else(
    alone: list[bool], most: int
) -> None:
    claimed = [document(number, alone=one) for number, one in enumerate(alone)]
    batch, rest = BatchSize(most).cut(claimed)
    assert len(batch) == 1 or not any(one.transcript for one in batch)
    assert sorted([*batch, *rest], key=lambda one: one.number) == claimed
    assert bool(batch[0].transcript) is all(alone)


def test_transcripts_among_documents_do_not_make_batches_small() -> None:
    size = BatchSize(10_000_000)
    batch, _ = size.cut([document(number, alone=number % 2 == 0) for number in range(100)])
    assert (len(batch), size.documents) == (50, MAX_DOCUMENTS)
