"""Claude's export: conversations as lists of messages, and what Claude remembers as texts.

Facts: the importer mappings of Portable AI Memory, checked on a real export in February 2026.
"""

from __future__ import annotations

from typing import Any

from synap_import import Kind

from .parts import MACHINE, Flaw, Made, Tools, listed, record, text_of

SYSTEM = "claude"


def read_conversation(conversation: dict[str, Any], tools: Tools) -> Made:
    """The messages of one conversation, each in its place."""
    session = text_of(conversation.get("uuid"))
    if session is None:
        yield Flaw("", "it has no uuid")
        return
    for position, message in enumerate(listed(conversation.get("chat_messages"))):
        own_id = text_of(message.get("uuid"))
        if own_id is None:
            yield Flaw(f".chat_messages[{position}]", "the message has no uuid")
            continue
        text, left_out = _text(message)
        yield record(
            SYSTEM,
            tools.whose,
            {"user": _account(conversation), "session": session},
            {"created_at": message.get("created_at"), "updated_at": message.get("updated_at")},
            id=own_id,
            kind=Kind.MESSAGE,
            text=text,
            role=text_of(message.get("sender")),
            position=position,
            hold=None if text or not left_out else MACHINE,
            metadata={
                "title": conversation.get("name"),
                "project": conversation.get("project_uuid"),
                "attachments": _attachments(message),
                "left_out_parts": left_out,
            },
            raw=message,
        )


def read_memories(item: dict[str, Any], tools: Tools) -> Made:
    """One text for the account and one for each project: it has no ids and no times."""
    account = text_of(item.get("account_uuid"))
    texts = {"conversations": item.get("conversations_memory")}
    projects = item.get("project_memories")
    if isinstance(projects, dict):
        texts |= {f"project/{project}": text for project, text in projects.items()}
    for name, text in texts.items():
        if text is None:
            continue
        if not isinstance(text, str):
            yield Flaw(f".{name}", "the memory is no text")
            continue
        yield record(
            SYSTEM,
            tools.whose,
            {"user": account},
            {},
            # Whole uuids: the first digits of two projects can be the same.
            id=f"memory/{account or tools.whose.user or 'account'}/{name}",
            kind=Kind.SUMMARY,
            text=text,
            metadata={"project": name.partition("/")[2]},
            assumptions=("made-id", "no-time:created_at"),
            raw={"name": name, "text": text, "account_uuid": item.get("account_uuid")},
        )


def _account(conversation: dict[str, Any]) -> str | None:
    account = conversation.get("account")
    return text_of(account.get("uuid")) if isinstance(account, dict) else None


def _text(message: dict[str, Any]) -> tuple[str, list[str]]:
    """The words of a message, without thinking and tools, and the kinds of parts left out."""
    parts = listed(message.get("content"))
    said = [text_of(part.get("text")) for part in parts if part.get("type") == "text"]
    left_out = sorted({str(part.get("type")) for part in parts if part.get("type") != "text"})
    text = "\n".join(filter(None, said)) or text_of(message.get("text")) or ""
    return text, left_out


def _attachments(message: dict[str, Any]) -> list[str]:
    files = [*listed(message.get("attachments")), *listed(message.get("files"))]
    names = [text_of(one.get("file_name")) or text_of(one.get("file_uuid")) for one in files]
    return [name for name in names if name]
