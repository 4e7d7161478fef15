"""How a table with obvious names is read when nobody wrote a mapping for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from synap_import import Finding, Severity, SourceError
from synap_import.mapping import MappingDocument

from .specs import quoted

# Compared without underscores and in lower case: createdAt and created_at are the same.
NAMES: dict[str, tuple[str, ...]] = {
    "user": ("userid", "useruuid", "enduserid", "user"),
    "agent": ("agentid", "assistantid"),
    "session": (
        "conversationid",
        "conversationuuid",
        "sessionid",
        "threadid",
        "chatid",
        "conversation",
        "thread",
    ),
    "app": ("appid",),
    "content": ("content", "text", "message", "messagetext", "body", "memory", "fact"),
    "role": ("role", "messagerole", "senderrole", "authorrole", "roletype", "sendertype", "sender"),
    "name": ("speakername", "speaker", "sendername", "authorname"),
    "position": ("position", "messageindex", "turnindex", "seq", "sequence", "ordinal", "idx"),
    "created_at": ("createdat", "created", "timestamp", "sentat", "insertedat", "date"),
    "updated_at": ("updatedat", "updated", "modifiedat"),
    "expires_at": ("expiresat", "expirationdate"),
    "tags": ("tags", "categories"),
    "metadata": ("metadata", "meta"),
}
_DELETED_AT = ("deletedat", "removedat")
_IS_DELETED = ("isdeleted", "deleted", "removed")
_VECTORS = ("embedding", "embeddings", "vector")
_TRUTH = {"true": "deleted", "1": "deleted", "false": "active", "0": "active"}


class Convention(NamedTuple):
    """A mapping that was made of names of columns; ``fields`` says of which."""

    document: MappingDocument
    fields: dict[str, str]


def convention(columns: Sequence[str], title: str) -> Convention:
    """Raises SourceError when no column has a name that says it holds the text."""
    by_name = {_bare(one): one for one in reversed(columns)}
    fields = {
        field: column
        for field, names in NAMES.items()
        if (column := _first(names, by_name)) is not None
    }
    if "content" not in fields:
        raise SourceError(
            f"No column of {title} has a name that says it holds the text: {', '.join(columns)}.",
            remedy="Say in a mapping file what they are: --mapping mapping.yaml (docs/mapping.md).",
        )
    values: dict[str, Any] = {field: quoted(column) for field, column in fields.items()}
    metadata = {"path": values["metadata"]} if "metadata" in values else {"const": {}}
    values["metadata"] = {**metadata, "drop": [by_name[one] for one in _VECTORS if one in by_name]}
    values["kind"] = "message" if {"session", "role"} <= fields.keys() else "fact"
    if state := _state(by_name):
        values["state"] = state
    return Convention(MappingDocument.model_validate({"version": 1, **values}), fields)


def findings(made: Convention, title: str) -> tuple[Finding, ...]:
    """What was taken for what, before anything is loaded."""
    taken = ", ".join(f"{field} from {column}" for field, column in sorted(made.fields.items()))
    sort = made.document.kind.const if made.document.kind is not None else "fact"
    told = Finding(
        Severity.INFO,
        "sql-built-in-mapping",
        f"No mapping was given: each row of {title} is a {sort}; {taken}.",
        "If that is wrong, say what the columns are: --mapping mapping.yaml (docs/mapping.md).",
    )
    if "user" in made.fields:
        return (told,)
    nobody = Finding(
        Severity.WARNING,
        "sql-no-user-column",
        f"No column of {title} has a name that says it holds the user's id.",
        "If another table has it, join it: --query 'SELECT m.*, c.user_id FROM messages m JOIN "
        "conversations c ON c.id = m.conversation_id' --key id.",
    )
    return (told, nobody)


def _state(by_name: dict[str, str]) -> dict[str, Any] | None:
    if at := _first(_DELETED_AT, by_name):
        return {"jmespath": f"{quoted(at)} && 'deleted' || 'active'"}
    if flag := _first(_IS_DELETED, by_name):
        return {"path": quoted(flag), "values": _TRUTH}
    return None


def _first(names: Sequence[str], by_name: dict[str, str]) -> str | None:
    return next((by_name[one] for one in names if one in by_name), None)


def _bare(name: str) -> str:
    return name.replace("_", "").lower()
