"""The catalog of findings: a stable code for everything that the host has to say about a job.

A code is never renamed and never given another meaning, since scripts name it in ``--accept``.
Each has a page in ``pages/`` that ``synap-import explain CODE`` shows. Findings of a source have
codes of their own; its README tells of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from synap_import.sources import Finding, HoldReason, Severity


class Code(NamedTuple):
    """What a code says, how much it matters, and what to do about it.

    ``hold`` marks the codes that are reasons to hold a record. What is not ``acceptable`` cannot
    be waved through, because Synap would refuse every document all the same.
    """

    name: str
    severity: Severity
    title: str
    remedy: str = ""
    hold: bool = False
    acceptable: bool = True

    def found(self, count: int, examples: Iterable[str] = (), message: str = "") -> Finding:
        """A finding under this code."""
        said = message or f"{self.title}."
        return Finding(self.severity, self.name, said, self.remedy, count, tuple(examples))


_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_USERS = (
    Code(
        "b2b-without-customer",
        _ERROR,
        "The instance is B2B, and users have no customer_id",
        "Fill the column customer_id, or give one for all with --customer-id.",
        acceptable=False,
    ),
    Code(
        "b2c-with-customer",
        _ERROR,
        "The instance is B2C, and a customer_id is given",
        "Leave out --customer-id, and empty the column customer_id.",
        acceptable=False,
    ),
    Code(
        "isolation-not-checked",
        _INFO,
        "Whether the instance wants customers (B2B) or refuses them (B2C) was not checked",
        "Set SYNAP_API_KEY, also for a dry run.",
    ),
    Code(
        "wider-than-source",
        _ERROR,
        "Memories of users would be readable by more people than in the source",
        "Give these users rows of their own in the user map.",
    ),
    Code(
        "visible-to-many",
        _WARNING,
        "Records become readable by more than one user, as the user map or --no-user says",
        "If that is not wanted, map them to users or hold them.",
    ),
    Code(
        "merged-by-rule",
        _ERROR,
        "A rule or a pattern of the user map makes several users one",
        "Use {source_id}, or the pattern's parts, in user_id; or give these users rows.",
    ),
    Code(
        "merged-users",
        _WARNING,
        "Several users of the source become one, row by row",
        "If they are different people, give them different ids in the column user_id.",
    ),
    Code(
        "look-alike-users",
        _WARNING,
        "Ids of users differ only in capitals or spaces, and become different users",
        "If they are one person, give their rows the same user_id.",
    ),
    Code(
        "moved-owners",
        _WARNING,
        "The user map says something else now than when these were loaded",
        "If they went to the wrong users, roll back with synap-import rollback and import again.",
    ),
    Code(
        "user-map-undecided",
        _WARNING,
        "Rows of the user map have no decision",
        "Fill user_id, or choose an action.",
    ),
    Code(
        "user-map-merges-users",
        _WARNING,
        "A rule or a pattern of the user map can make several users one",
        "If they are different people, use {source_id} or the pattern's parts in user_id.",
    ),
    Code(
        "user-map-wide-visibility",
        _WARNING,
        "Rows of the user map make memories readable by more than one user",
        "If that is not wanted, map these rows to users or skip them.",
    ),
    Code(
        "user-map-late-patterns",
        _WARNING,
        "Ids that fit these patterns also fit one that stands before, which decides",
        "Put the more particular pattern first.",
    ),
    Code("user-map-patterns", _INFO, "Rows of the user map are patterns for many ids"),
)

_TIMES = (
    Code(
        "time-missing",
        _WARNING,
        "Records have no time; Synap takes the time of ingestion for theirs",
        "Name the field that has it in a mapping, if the source has one.",
    ),
    Code(
        "time-naive",
        _INFO,
        "Times have no zone; they are read in the mapping's zone, or as UTC",
        "Check some of them; a mapping can name the zone.",
    ),
    Code(
        "time-odd",
        _WARNING,
        "Times lie before the year 2000",
        "Often a unit or an empty value was misread: check the examples in the source.",
    ),
    Code(
        "time-future",
        _WARNING,
        "Times lie in the future",
        "Often a unit (s, ms) or a zone was misread: check the examples in the source.",
    ),
)

_TEXTS = (
    Code(
        "text-oversized",
        _WARNING,
        "Texts are longer than 100,000 characters",
        "Synap publishes no limit: try one with --limit, or cut them in the source.",
    ),
    Code(
        "text-undecodable",
        _WARNING,
        "Texts hold characters that cannot be sent; they go as U+FFFD, or are left out",
        "Look into the source: its encoding was often broken long ago.",
    ),
    Code(
        "metadata-oversized",
        _WARNING,
        "Records carry more than 64 KB of metadata",
        "Leave out what nobody needs in Synap with a mapping.",
    ),
    Code(
        "conversation-unlabelled",
        _WARNING,
        "Messages do not say who speaks; they are taken for the user's words",
        "Name the field with the role in a mapping.",
    ),
    Code(
        "conversation-as-document",
        _WARNING,
        "Conversations go as a type of document from which Synap extracts less",
        "Leave out --document-type, or read them as messages, or say "
        "--document-type ai-chat-conversation.",
    ),
    Code(
        "same-text",
        _WARNING,
        "Users get the same text more than once; Synap takes in, and charges, each",
        "Remove the copies in the source, or hold them with a mapping.",
    ),
    Code(
        "assumed",
        _INFO,
        "Something was not given in full, and read by a stated rule",
        "Check some of them in the source.",
    ),
    Code("seen-again", _INFO, "The source gave records twice; they are counted, and sent, once"),
    Code(
        "unreadable-item",
        _WARNING,
        "Items of the source could not become records, and are rejected",
        "Mend them; the same command then takes them in.",
    ),
)

_PRIVACY = (
    Code(
        "possible-secret",
        _WARNING,
        "Texts look as if they held passwords, keys or tokens",
        "--redact masks them in what is sent.",
    ),
    Code(
        "personal-data",
        _INFO,
        "Texts hold e-mail addresses, telephone, card or account numbers",
        "--redact masks them in what is sent.",
    ),
    Code("redacted", _INFO, "Records are masked in part, as --redact says"),
    Code(
        "privacy-not-checked",
        _INFO,
        "Texts were not searched for secrets and personal data",
        "pip install 'synap-import[privacy]' adds the search.",
    ),
)

_DESTINATION = (
    Code(
        "sent-in-the-clear",
        _WARNING,
        "The API key and the memories go over the network unencrypted",
        "Use an https:// address.",
    ),
    Code("estimate", _INFO, "What the load will come to"),
    Code(
        "credits-short",
        _WARNING,
        "The estimate is above the balance of credits",
        "Buy credits, or begin with --limit or --only-user.",
    ),
    Code(
        "credits-unknown",
        _INFO,
        "Synap told no balance or no estimate of credits",
        "See the Dashboard; the import itself does not need it.",
    ),
)

_HOLDS = (
    Code(
        "unmapped-user",
        _ERROR,
        "Users of the source are not in the user map",
        "Add rows for them, or say what becomes of them with --unmapped or --agents-as.",
        hold=True,
    ),
    Code("empty-text", _INFO, "Records have no words", hold=True),
    Code(
        "unusable-id",
        _WARNING,
        "Ids cannot be sent as they are, or are blank",
        "Mend them in the source.",
        hold=True,
    ),
    Code(
        "no-user",
        _INFO,
        "Records belong to an agent or a session without a user",
        "Add a row with that scope, or --agents-as users.",
        hold=True,
    ),
    Code(
        "undecided-user",
        _WARNING,
        "Rows of these users have no decision",
        "Fill user_id, or choose an action.",
        hold=True,
    ),
    Code("skipped-by-user-map", _INFO, "The user map says skip", hold=True),
    Code(
        "no-owner",
        _WARNING,
        "Records carry no id of anybody",
        "See --no-user; mind who can read them then.",
        hold=True,
    ),
    Code("not-the-only-user", _INFO, "--only-user names another", hold=True),
    Code("before-since", _INFO, "Records are older than --since", hold=True),
    Code("no-time-for-since", _INFO, "Records have no time to compare with --since", hold=True),
    Code(
        "state-superseded",
        _INFO,
        "The source has newer versions of these records",
        "--include state-superseded loads them all the same.",
        hold=True,
    ),
    Code(
        "state-expired",
        _INFO,
        "Records were to be forgotten by now",
        "--include state-expired loads them all the same.",
        hold=True,
    ),
    Code(
        "state-deleted",
        _INFO,
        "Records were deleted in the source",
        "--include state-deleted loads them all the same.",
        hold=True,
    ),
    Code(
        "state-merged",
        _INFO,
        "Records were merged into others",
        "--include state-merged loads them all the same.",
        hold=True,
    ),
    Code("skipped-by-mapping", _INFO, "A skip_if rule of the mapping fits", hold=True),
    Code(
        "conflicting-id",
        _WARNING,
        "Another record came first with the same id and other content",
        "Give ids that differ with a mapping: id: {hash: [user, content]}.",
        hold=True,
    ),
    Code(
        "changed-since-sent",
        _INFO,
        "The source has other content under these ids than what was sent",
        hold=True,
    ),
    Code(
        "gone-from-source",
        _INFO,
        "The source no longer gives these records; they were not sent, or removed from Synap",
        hold=True,
    ),
    Code(
        "document-id-taken",
        _WARNING,
        "Another conversation came first with the same document id",
        "Use --namespace for one of them.",
        hold=True,
    ),
)

_RESYNC = (
    Code(
        "gone-still-loaded",
        _WARNING,
        "Records are not in the source any more, and are still in Synap",
        "--resync --mirror-deletes deletes their memories.",
    ),
    Code(
        "gone-too-many",
        _ERROR,
        "So many records are not in the source any more that none was removed from Synap",
        "If the source is whole and this is meant: --resync --mirror-deletes all.",
    ),
    Code(
        "gone-unknown",
        _WARNING,
        "The source did not give all that it holds, so nobody can tell what is gone there",
        "Mend what is missing, then run the same command again.",
    ),
    Code(
        "replaced-still-there",
        _WARNING,
        "Older versions of documents are, or may be, still in Synap",
        "Delete them in the Synap Dashboard if they disturb.",
    ),
)

_PLUGINS = (
    Code("transformed", _INFO, "Records went through what --transform names before they were kept"),
    Code(
        "transforms-changed",
        _WARNING,
        "Earlier runs of this job read the records with other transforms",
        "Check some of what is sent now; it replaces what was sent then.",
    ),
    Code(
        "check-failed",
        _WARNING,
        "Checks of plugins failed, so nobody knows what they would have found",
        "Tell the authors of the plugin, and do without it until it is mended.",
    ),
)

CATALOG = {
    code.name: code
    for code in (
        *_USERS,
        *_TIMES,
        *_TEXTS,
        *_PRIVACY,
        *_DESTINATION,
        *_HOLDS,
        *_RESYNC,
        *_PLUGINS,
    )
}
"""Every code of the host."""


def held(reason: str, of_source: Mapping[str, HoldReason] = MappingProxyType({})) -> Code:
    """The code of a reason to hold; ``of_source`` are those that the source explains."""
    known = CATALOG.get(reason)
    if known is not None and known.hold:
        return known
    title, remedy = of_source.get(reason, ("The source would not load these by default", ""))
    remedy = remedy or f"--include {reason} loads them all the same."
    return Code(reason, _INFO, title, remedy, hold=True)
