"""What a person reads about documents that are followed."""

from __future__ import annotations

from synap_import.cli.display import describe
from synap_import.cli.summary import confirmation_line, summary_lines
from synap_import.ledger import Books
from synap_import.progress import Progress


def test_the_account_says_what_synap_made_of_the_documents() -> None:
    counts = {"processing": 44, "completed": 9940, "partial_success": 10, "failed": 6}
    books = Books(confirmation={**counts, "not_confirmable": 3, "memories": 12345})
    assert confirmation_line(books) == (
        "ingested 9,950 of 10,000 documents asked: completed 9,940, partial 10, failed 6, "
        "still processing 44; 12,345 memories; 3 came without an id to ask about"
    )


def test_nothing_is_said_where_nothing_was_asked() -> None:
    assert not [line for line in summary_lines("title", Books()) if "ingested" in line]


def test_a_run_that_follows_documents_says_how_many_are_known() -> None:
    progress = Progress(exported=10, loaded=10, to_confirm=1234, confirmed=5)
    assert describe(progress, 0.0, 0.0) == "confirmed 5 of 1,234 documents"


def test_a_wait_is_told_while_documents_are_followed() -> None:
    progress = Progress(to_confirm=9, waiting="Synap's rate limit", waiting_until=30.0)
    assert "waiting for Synap's rate limit: 30 s" in describe(progress, 0.0, 0.0)
