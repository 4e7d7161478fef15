"""Records what the SDK of v3 asks for when everything of a small project is listed.

In a throw-away environment, because zep-cloud 3 and 4 cannot be installed together:

    pip install zep-cloud==3.30.0
    python plugins/zep/tests/data/make_v3_requests.py
"""

from __future__ import annotations

import json
from pathlib import Path

import httpx
from zep_cloud.client import Zep

HERE = Path(__file__).resolve().parent
ASKED: list[dict[str, object]] = []


def answer(request: httpx.Request) -> httpx.Response:
    """Nothing of everything: an empty list where the path names a part of a graph."""
    content = request.content
    ASKED.append(
        {
            "method": request.method,
            "path": request.url.path,
            "query": dict(request.url.params),
            "body": json.loads(content) if content else None,
        }
    )
    return httpx.Response(200, json=[] if request.method == "POST" else {})


def list_everything(zep: Zep) -> None:
    """As the adapter does: user ada, thread chat, graph news."""
    zep.project.get()
    zep.graph.list_entity_types()
    for oldest_first in (True, False):
        numbered = {"page_number": 1, "page_size": 100, "order_by": "created_at"}
        zep.user.list_ordered(**numbered, asc=oldest_first)
        zep.thread.list_all(**numbered, asc=oldest_first)
    zep.graph.list_all(page_number=1, page_size=100)
    zep.thread.get("chat", limit=100)
    zep.user.get_node("ada")
    by_uuid = {"order_by": "uuid", "direction": "asc"}
    zep.graph.episode.list_by_user_id("ada", **by_uuid)
    zep.graph.episode.list_by_graph_id("news", **by_uuid)
    for part in (zep.graph.edge, zep.graph.node, zep.graph.observation, zep.graph.thread_summary):
        part.get_by_user_id("ada", limit=100, **by_uuid)
        part.get_by_graph_id("news", limit=100, **by_uuid)
    zep.graph.document_summary.get_by_graph_id("news", limit=100, **by_uuid)


if __name__ == "__main__":
    client = httpx.Client(transport=httpx.MockTransport(answer))
    list_everything(Zep(api_key="z_any", httpx_client=client))
    text = json.dumps(ASKED, indent=1)
    (HERE / "zep_cloud_3.30.0_requests.json").write_text(text + "\n", encoding="utf-8")
