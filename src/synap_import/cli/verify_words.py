"""What a verification will do, and what it found, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from synap_import.errors import ExitCode
from synap_import.verifying.judging import Outcome
from synap_import.verifying.results import UserResult, by_user

from .rollback_words import documents, memories
from .terminal import inert, number

if TYPE_CHECKING:
    from synap_import.ledger import Present
    from synap_import.verifying.books import Difference
    from synap_import.verifying.judging import Sought
    from synap_import.verifying.run import Forecast, Verified

_EXAMPLES = 5
_SHOWN_USERS = 20
_WIDEST_USER = 40

_HEADS = {"missing": "Missing", "open": "Not finished", "note": "Note"}
_COLUMNS = ("documents", "sought", "found", "by words", "missing", "unsure", "no search", "foreign")


def plan_lines(forecast: Forecast, present: Present, verified: Verified) -> list[str]:
    """What is going to be asked, before it is."""
    if not forecast.documents:
        return ["No document is searched for."]
    users = len({(one.user_id, one.customer_id) for one in verified.sought})
    shares = f"{number(forecast.documents)} of {documents(present.documents)}"
    whose = f"{number(users)} of {number(present.users)} users"
    lines = [f"Searching for {shares}, of {whose}, as their agents would."]
    if users < present.users:
        lines.append(f"  --sample {present.users} takes a document of every user.")
    if present.of_nobody:
        lines.append(
            f"  {documents(present.of_nobody)} without a user are everybody's: not searched for"
        )
    questions = forecast.statuses + forecast.memories
    lines.append(
        f"  {number(forecast.searches)} searches, which Synap meters; up to "
        f"{number(forecast.searches_at_most)} if some find nothing at once. And about "
        f"{number(questions)} questions about documents and memories."
    )
    return lines


def difference_lines(found: Sequence[Difference]) -> list[str]:
    """Each difference with its first documents."""
    lines = []
    for one in found:
        lines.append(f"{_HEADS[one.weight]}: {inert(one.message, 500)}")
        lines += [f"  {inert(example)}" for example in one.examples[:_EXAMPLES]]
        if one.examples and one.times > _EXAMPLES:
            lines.append(f"  and {number(one.times - _EXAMPLES)} more")
        if one.remedy:
            lines.append(f"  {inert(one.remedy, 500)}")
    return lines


def result_lines(verified: Verified, code: ExitCode) -> list[str]:
    """What the searches found: users mixed up first, the table, what is missing, the upshot."""
    lines = [
        *_mixup_lines(verified),
        *_table(by_user(verified)),
        *_missing_lines(verified),
        *_unsure_lines(verified),
        *_memory_lines(verified),
    ]
    return [*lines, _UPSHOT[code]] if code in _UPSHOT else lines


def problem_lines(verified: Verified) -> list[str]:
    """Users that are mixed up, what is missing and what is unsure: nothing where all is well."""
    return [*_mixup_lines(verified), *_missing_lines(verified), *_unsure_lines(verified)]


_UPSHOT = {
    ExitCode.OK: "All well.",
    ExitCode.SOMETHING_REJECTED: "Not all is well: see above.",
    ExitCode.STOPPED_RESUMABLE: "Not everything could be verified: run the same command again "
    "later.",
    ExitCode.INTERRUPTED: "Interrupted. The same command begins anew.",
}


def _mixup_lines(verified: Verified) -> list[str]:
    if not verified.mixups:
        return []
    times = f" ({number(len(verified.mixups))} times)" if len(verified.mixups) > 1 else ""
    lines = [f"ERROR: users are mixed up. A user was shown what is another's{times}:"]
    for one in verified.mixups[:_EXAMPLES]:
        owner = one.document.user_id or f"customer {one.document.customer_id}"
        lines.append(
            f"  {inert(one.user_id)} was shown {inert(one.document.document_id)}, which belongs "
            f"to {inert(owner)}"
        )
    if len(verified.mixups) > _EXAMPLES:
        lines.append(f"  and {number(len(verified.mixups) - _EXAMPLES)} more")
    return lines


def _missing_lines(verified: Verified) -> list[str]:
    missing = [one for one in verified.sought if one.outcome is not None and one.outcome.is_missing]
    lines = [f"Missing: {_missing(one)}" for one in missing[:_EXAMPLES]]
    if len(missing) > _EXAMPLES:
        lines.append(f"  and {number(len(missing) - _EXAMPLES)} more")
    return lines


def _table(results: Sequence[UserResult]) -> list[str]:
    if not results:
        return []
    shown = results[:_SHOWN_USERS]
    names = [_name(one) for one in shown]
    used = [
        name for name in _COLUMNS if name in _ALWAYS or any(_cell(one, name) for one in results)
    ]
    width = max(len("user"), *map(_width, names))
    lines = [_row("user", used, width, used)]
    for name, result in zip(names, shown, strict=True):
        lines.append(_row(name, [number(_cell(result, column)) for column in used], width, used))
    rest = results[_SHOWN_USERS:]
    if rest:
        fine = sum(one.is_fine for one in rest)
        said = "all fine" if fine == len(rest) else f"{number(fine)} of them fine"
        lines.append(f"  and {number(len(rest))} more users, {said}")
    return lines


_ALWAYS = ("documents", "sought", "found")


def _cell(result: UserResult, column: str) -> int:
    count: int = getattr(result, column.replace(" ", "_"))
    return count


def _row(name: str, cells: Sequence[str], width: int, columns: Sequence[str]) -> str:
    padded = name + " " * (width - _width(name))
    numbers = [cell.rjust(max(len(column), 6)) for cell, column in zip(cells, columns, strict=True)]
    return "  ".join(["", padded, *numbers])


def _name(result: UserResult) -> str:
    customer = f" ({result.customer_id})" if result.customer_id else ""
    return inert(f"{result.user_id}{customer}", _WIDEST_USER)


def _width(text: str) -> int:
    from rich.cells import cell_len  # noqa: PLC0415 - start-up time

    return cell_len(text)


def _missing(document: Sought) -> str:
    what = f"{inert(document.document_id)} of {inert(document.user_id)}"
    if document.outcome is Outcome.FAILED:
        return f"{what}: {inert(document.reason or 'its ingestion failed')}"
    query = inert(document.query.text, 80) if document.query else ""
    by_id = {
        True: "its memory is there by its id, but not for this user's search",
        False: "its memories are gone",
        None: "it is not among what was found",
    }[document.memory_there]
    return f"{what}, searched for as {query!r}: {by_id}"


def _unsure_lines(verified: Verified) -> list[str]:
    reasons: dict[str, int] = {}
    for document in verified.sought:
        if document.outcome is Outcome.UNVERIFIED:
            reasons[document.reason] = reasons.get(document.reason, 0) + 1
    lines = [
        f"Could not be verified, {documents(count)}: {inert(reason, 300)}"
        for reason, count in list(reasons.items())[:_EXAMPLES]
    ]
    said = {
        Outcome.UNFINISHED: "Not finished in Synap yet",
        Outcome.NO_WORDS: "Without words to search for (signs or pictures only)",
        Outcome.NO_MEMORIES: "Synap made no memory of it",
        Outcome.OUTRANKED: "50 other memories of the user came first",
        None: "Not reached",
    }
    for outcome, words in said.items():
        count = sum(document.outcome is outcome for document in verified.sought)
        if count:
            lines.append(f"{words}: {documents(count)}")
    return lines


def _memory_lines(verified: Verified) -> list[str]:
    if not verified.memories_asked:
        return []
    there = f"{number(verified.memories_there)} of {memories(verified.memories_asked)}"
    lines = [f"By their ids, {there} asked for are there."]
    if verified.memories_empty:
        lines.append(f"Missing: {memories(verified.memories_empty)} without any text")
    if verified.foreign:
        lines.append(f"Note: {memories(verified.foreign)} of these name another source document")
    return lines
