"""What the tags say about a job: its languages, and users with several of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from synap_import import Finding, JobView, MemoryRecord, Section, Severity

# The model's module is not imported for what only reads tags.
_PREFIX = "language:"
_UNTOLD = "not told"
_EXAMPLES = 5
_FEW = 3
"""So many records in a second language are a quotation or an error, not a habit."""


async def mixed(job: JobView) -> Sequence[Finding]:
    """Warn about users with several languages: Synap's answers may then mix them."""
    if "language" not in job.transforms:
        return []
    by_user: defaultdict[str, Counter[str]] = defaultdict(Counter)
    async for page in job.pages():
        for one in page:
            language, owner = language_tag(one.record), one.record.scope.user
            if one.hold is None and language and owner:
                by_user[owner][language] += 1
    told = {user: _habits(languages) for user, languages in by_user.items()}
    several = {user: languages for user, languages in told.items() if len(languages) > 1}
    if not several:
        return []
    examples = [f"{user}: {_words(languages)}" for user, languages in several.items()]
    return [
        Finding(
            Severity.WARNING,
            "language-mixed",
            "Users have memories in several languages.",
            "If an agent should answer in one, filter by the tags, or tell it the language.",
            len(several),
            tuple(examples[:_EXAMPLES]),
        )
    ]


async def languages(job: JobView) -> Section | None:
    """A table of the languages; nothing for a job without the transform."""
    if "language" not in job.transforms:
        return None
    records: Counter[str] = Counter()
    users: defaultdict[str, set[str]] = defaultdict(set)
    async for page in job.pages():
        for one in page:
            language = language_tag(one.record) or _UNTOLD
            records[language] += 1
            users[language].add(one.record.scope.user or "")
    rows = [
        (language, f"{count:,}", f"{len(users[language] - {''}):,}")
        for language, count in records.most_common()
    ]
    text = "Of texts that are short, or like several languages, nothing is said."
    return Section(text, ("language", "records", "users"), tuple(rows))


def language_tag(record: MemoryRecord) -> str | None:
    """The language that a tag of the record names."""
    for tag in record.tags:
        if tag.startswith(_PREFIX):
            return tag.removeprefix(_PREFIX)
    return None


def _habits(languages: Counter[str]) -> Counter[str]:
    return Counter({language: n for language, n in languages.items() if n >= _FEW})


def _words(languages: Counter[str]) -> str:
    return ", ".join(f"{language} {count:,}" for language, count in languages.most_common())
