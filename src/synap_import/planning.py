"""Decides what becomes of a record: part of a document, or held for a reason.

Record + user map + rules → document, or a reason to hold. Pure functions: the same input
gives the same decision and the same ``document_id``. With ``documents``, which makes what is
sent, the only place that knows Synap's rules about documents; their sources are in the docstrings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from .conversations import conversation_uuid, in_order, windows
from .forms import DocumentForm
from .identity import Target, UserMap, Verdict
from .ledger import PlannedDocument, StagedRecord
from .records import MemoryRecord, ScopeKind, State
from .text import is_sendable
from .transcripts import (
    MOST_BYTES,
    parts,
    transcript_id,
)


class Unmapped(StrEnum):
    """What becomes of records whose user is not in the user map."""

    FAIL = "fail"
    HOLD = "hold"
    IDENTITY = "identity"


class UserlessOwner(StrEnum):
    """What becomes of records of an agent or a session, without a user, that are not mapped."""

    ASK = "ask"
    HOLD = "hold"
    USERS = "users"


class Ownerless(StrEnum):
    """What becomes of records that carry no id of anybody.

    Synap derives visibility from the ids that are present: without a user_id everyone of
    the customer reads a memory, without both everyone of the instance.
    """

    HOLD = "hold"
    CUSTOMER_SCOPE = "customer-scope"
    CLIENT_SCOPE = "client-scope"


class ConversationsAs(StrEnum):
    """How the messages of conversations go to Synap."""

    DOCUMENTS = "documents"
    TRANSCRIPTS = "transcripts"


class Hold(StrEnum):
    """Why planning keeps a record back. Adapters and the ledger have reasons of their own."""

    EMPTY_TEXT = "empty-text"
    UNUSABLE_ID = "unusable-id"
    UNMAPPED_USER = "unmapped-user"
    NO_USER = "no-user"
    UNDECIDED_USER = "undecided-user"
    SKIPPED_USER = "skipped-by-user-map"
    NO_OWNER = "no-owner"
    OTHER_USER = "not-the-only-user"
    BEFORE_SINCE = "before-since"
    NO_TIME_FOR_SINCE = "no-time-for-since"


@dataclass(frozen=True, slots=True)
class PlanRules:
    """What the owner of the data decided about a run."""

    user_map: UserMap
    unmapped: Unmapped = Unmapped.FAIL
    agents_as: UserlessOwner = UserlessOwner.ASK
    ownerless: Ownerless = Ownerless.HOLD
    included: frozenset[str] = frozenset()
    customer_id: str | None = None
    only_user: str | None = None
    since: datetime | None = None
    document_type: str | None = None
    mode: str = "long-range"
    namespace: str | None = None
    turns_per_document: int = 1
    redact: bool = False
    conversations_as: ConversationsAs = ConversationsAs.DOCUMENTS

    @property
    def form(self) -> DocumentForm:
        """What a later command must know to send the same documents."""
        return DocumentForm(self.document_type, self.mode, self.redact)

    def fingerprint(self) -> str:
        """Differs when the same record could be decided differently."""
        decisions = (
            self.user_map.fingerprint(),
            self.unmapped,
            self.agents_as,
            self.ownerless,
            sorted(self.included),
            self.customer_id,
            self.only_user,
            self.since and self.since.isoformat(),
            self.namespace,
            self.turns_per_document,
            *(["redact"] if self.redact else []),
            *(["transcripts"] if self.conversations_as is ConversationsAs.TRANSCRIPTS else []),
        )
        return sha256(json.dumps(decisions).encode()).hexdigest()


@dataclass(slots=True)
class Decisions:
    """The outcome of planning some records."""

    documents: list[PlannedDocument] = field(default_factory=list)
    holds: list[tuple[int, str]] = field(default_factory=list)


def plan_records(staged: Sequence[StagedRecord], rules: PlanRules) -> Decisions:
    """Decide about records that each become a document of their own."""
    decisions = Decisions()
    for item in staged:
        target = decide(item.record, rules)
        if isinstance(target, Target):
            document_id = _record_document_id(item.record, rules) + _suffix([item])
            decisions.documents.append(
                PlannedDocument((item.number,), document_id, target.user_id, target.customer_id)
            )
        else:
            decisions.holds.append((item.number, target))
    return decisions


def plan_conversation(
    turns: Sequence[StagedRecord], rules: PlanRules, *, complete: bool
) -> Decisions:
    """Decide about the messages of one conversation; so many exchanges become a document each.

    ``turns`` is the whole conversation, with what earlier runs decided, so that indexes
    stay the same. When it is not ``complete`` its last exchange stays undecided, and all of it
    when it goes as a transcript.
    """
    decisions = Decisions()
    targets: dict[int, Target] = {}
    for turn in turns:
        if not turn.planned and not turn.held:
            target = decide(turn.record, rules)
            if isinstance(target, Target):
                targets[turn.number] = target
            else:
                decisions.holds.append((turn.number, target))
    ordered = in_order(turns)
    index_of = {turn.number: index for index, turn in enumerate(ordered)}
    said = [turn for turn in ordered if turn.planned or turn.number in targets]
    if _go_as_transcripts(targets, rules):
        decisions.documents += _plan_transcripts(said, targets, rules) if complete else ()
        return decisions
    for window in windows(said, rules.turns_per_document, complete=complete):
        fresh = [turn for turn in window if not turn.planned]
        if fresh:
            first = fresh[0]
            position = first.record.position
            index = index_of[first.number] if position is None else position
            target = targets[first.number]
            decisions.documents.append(
                PlannedDocument(
                    tuple(turn.number for turn in fresh),
                    _conversation_document_id(first.record, index, rules) + _suffix(fresh),
                    target.user_id,
                    target.customer_id,
                )
            )
    return decisions


def _go_as_transcripts(targets: Mapping[int, Target], rules: PlanRules) -> bool:
    """A transcript must have a user (maximem-synap 0.6.9); what has none goes as documents."""
    wanted = rules.conversations_as is ConversationsAs.TRANSCRIPTS
    return wanted and all(target.user_id is not None for target in targets.values())


def _plan_transcripts(
    said: Sequence[StagedRecord], targets: Mapping[int, Target], rules: PlanRules
) -> Iterator[PlannedDocument]:
    fresh = [turn for turn in said if not turn.planned]
    is_beginning = len(fresh) == len(said)
    for part in parts(fresh, MOST_BYTES):
        target = targets[part[0].number]
        yield PlannedDocument(
            tuple(turn.number for turn in part),
            transcript_id(part, rules.namespace, is_beginning=is_beginning),
            target.user_id,
            target.customer_id,
        )
        is_beginning = False


def decide(record: MemoryRecord, rules: PlanRules) -> Target | str:
    """Where the record goes, or the reason to hold it."""
    return (
        _own_reason(record, rules)
        or _filtered(record, rules)
        or target_of(record.scope.owner(), rules)
    )


def _own_reason(record: MemoryRecord, rules: PlanRules) -> str | None:
    if record.hold is not None and record.hold not in rules.included:
        return record.hold
    if record.state is not State.ACTIVE and (reason := hold_of(record.state)) not in rules.included:
        return reason
    if not record.text.strip("\0 \t\r\n"):
        return Hold.EMPTY_TEXT
    if not is_sendable(record.id):
        return Hold.UNUSABLE_ID
    if record.scope.session is not None and not is_sendable(record.scope.session):
        return Hold.UNUSABLE_ID
    return None


def hold_of(state: State) -> str:
    """Why a record is held that the source no longer takes for true and present."""
    return f"state-{state}"


def _filtered(record: MemoryRecord, rules: PlanRules) -> str | None:
    if rules.only_user is not None and rules.only_user not in (record.scope.owner() or ())[1:]:
        return Hold.OTHER_USER
    if rules.since is not None:
        time = record.updated_at or record.created_at
        if time is None:
            return Hold.NO_TIME_FOR_SINCE
        if time < rules.since:
            return Hold.BEFORE_SINCE
    return None


_HOLD_OF_VERDICT = {
    Verdict.SKIPPED: Hold.SKIPPED_USER,
    Verdict.UNDECIDED: Hold.UNDECIDED_USER,
    Verdict.UNMAPPED: Hold.UNMAPPED_USER,
    Verdict.UNOWNED: Hold.NO_OWNER,
}


def target_of(owner: tuple[ScopeKind, str] | None, rules: PlanRules) -> Target | str:
    """Whose the records of an owner become, or the reason to hold them."""
    found: Target | Verdict | Hold = rules.user_map.resolve(owner)
    if found is Verdict.UNMAPPED and owner is not None:
        found = _unmapped(owner, rules)
    if found is Verdict.UNOWNED and rules.ownerless is Ownerless.CUSTOMER_SCOPE:
        found = Target(None, rules.customer_id)
    if found is Verdict.UNOWNED and rules.ownerless is Ownerless.CLIENT_SCOPE:
        found = Target(None, None)
    if isinstance(found, Hold):
        return found
    if isinstance(found, Verdict):
        return _HOLD_OF_VERDICT[found]
    for own_id in (found.user_id, found.customer_id):
        # Blank ids might be stripped, and the record be everybody's then.
        if own_id is not None and not (own_id.strip() and is_sendable(own_id)):
            return Hold.UNUSABLE_ID
    return found


def _unmapped(owner: tuple[ScopeKind, str], rules: PlanRules) -> Target | Verdict | Hold:
    """What becomes of an owner that the user map does not know.

    An agent's id could be the name of a user who is somebody else, so as a user it is called
    ``agent-`` and the id. A group is several people, so only a row of the map decides about it.
    """
    kind, own_id = owner
    if kind is ScopeKind.USER:
        keeps = rules.unmapped is Unmapped.IDENTITY
        return Target(own_id, rules.customer_id) if keeps else Verdict.UNMAPPED
    match rules.agents_as:
        case UserlessOwner.USERS if kind is not ScopeKind.GROUP:
            return Target(f"{kind}-{own_id}", rules.customer_id)
        case UserlessOwner.HOLD:
            return Hold.NO_USER
    return Verdict.UNMAPPED


def moved_owners(
    loaded: Sequence[tuple[str, str, str | None, str | None]], rules: PlanRules
) -> tuple[str, ...]:
    """The owners whose loaded records went to other ids than the rules say now, in words."""
    moved = []
    for kind, owner, user_id, customer_id in loaded:
        now = rules.user_map.resolve((ScopeKind(kind), owner))
        if isinstance(now, Target) and now != Target(user_id, customer_id):
            moved.append(f"{kind} {owner}: {user_id or customer_id} then, {now.user_id} now")
    return tuple(moved)


def _record_document_id(record: MemoryRecord, rules: PlanRules) -> str:
    """``legacy_{system}_{id}``, as Synap's migration guide has it."""
    namespace = f"{rules.namespace}_" if rules.namespace else ""
    return f"legacy_{record.system}_{namespace}{record.id}"


def _conversation_document_id(first: MemoryRecord, index: int, rules: PlanRules) -> str:
    """``backfill:{conversation}:{message index}``, as Synap's replay recipe has it."""
    namespace = f"{rules.namespace}:" if rules.namespace else ""
    return f"backfill:{namespace}{conversation_uuid(first)}:{index}"


def _suffix(records: Sequence[StagedRecord]) -> str:
    """What tells a document from one that was sent before with other content of its records.

    Synap contradicts itself about a ``document_id`` that comes again (it updates, or refuses), so
    a changed document has an id of its own. It comes from the content: sending it twice is safe.
    """
    versions = [one.version for one in records]
    if not any(versions):
        return ""
    if len(versions) == 1:
        return f"~{versions[0]}"
    return f"~{sha256(' '.join(versions).encode()).hexdigest()[:8]}"
