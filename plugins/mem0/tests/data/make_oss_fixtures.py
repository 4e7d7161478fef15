"""Writes ``oss-<version>/``: stores as real releases of mem0ai left them.

By hand, where a package registry can be reached::

    python plugins/mem0/tests/data/make_oss_fixtures.py [VERSION…]

Each version works in a throw-away virtual environment. Its embedder is a stub that turns texts
into eight numbers and ``infer`` is off, so no model is asked; telemetry is off; everything else,
and above all what lands on disk, is the release's own doing. Ids and times differ from run to run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
VERSIONS = ("1.0.5", "2.2.1")
COMPANIONS = ("faiss-cpu", "chromadb")
DIMENSIONS = 8
COLLECTION = "mem0"
STORES = ("qdrant", "faiss", "chroma")
SCOPES: Mapping[str, Mapping[str, str]] = {
    "alice": {"user_id": "alice"},
    "bob": {"user_id": "bob"},
    "concierge": {"agent_id": "concierge"},
    "run-7": {"run_id": "run-7"},
}


def make(version: str) -> None:
    """The fixtures of one release."""
    with tempfile.TemporaryDirectory() as scratch:
        python = Path(scratch, "venv", "bin", "python")
        _run(sys.executable, "-m", "venv", str(python.parents[1]))
        _run(str(python), "-m", "pip", "install", "--quiet", f"mem0ai=={version}", *COMPANIONS)
        work = Path(scratch, "work")
        work.mkdir()
        quiet = {"MEM0_TELEMETRY": "False", "MEM0_DIR": str(work), "OPENAI_API_KEY": "unused"}
        _run(str(python), __file__, "--inside", str(work), **quiet)
        _keep(work, HERE / f"oss-{version}")


def _run(*command: str, **more: str) -> None:
    subprocess.run(command, check=True, env={**os.environ, **more})


def _keep(work: Path, target: Path) -> None:
    """Copy what a reader needs; Chroma's and FAISS's indexes hold vectors only."""
    shutil.rmtree(target, ignore_errors=True)
    wanted = [
        "qdrant-history.db",
        *(f"{store}-get_all-{name}.json" for store in STORES for name in SCOPES),
        *(f"qdrant/{name}" for name in ("meta.json", f"collection/{COLLECTION}/storage.sqlite")),
        f"faiss/{COLLECTION}.json",
        f"faiss/{COLLECTION}.pkl",
        "chroma/chroma.sqlite3",
    ]
    for name in wanted:
        if (work / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(work / name, target / name)


def inside(work: Path) -> None:
    """Runs with the release's own interpreter: fill one store of each sort."""
    from mem0.memory import main as library

    library.EmbedderFactory.create = staticmethod(lambda *_args, **_kwargs: _Embedder())
    for store in STORES:
        memory = library.Memory.from_config(_config(work, store))
        _fill(memory, flat=store == "chroma")
        for name, scope in SCOPES.items():
            with Path(work, f"{store}-get_all-{name}.json").open("w") as file:
                json.dump(_get_all(memory, scope), file, indent=1)
        memory.db.close()
        if store == "qdrant":
            memory.vector_store.client.close()


class _Embedder:
    """Eight numbers for a text, the same each time."""

    config = None

    def embed(self, text: str, *_args: Any, **_kwargs: Any) -> list[float]:
        return [byte / 255 for byte in hashlib.sha256(text.encode()).digest()[:DIMENSIONS]]

    def embed_batch(self, texts: list[str], *_args: Any, **_kwargs: Any) -> list[list[float]]:
        return [self.embed(text) for text in texts]


def _config(work: Path, store: str) -> dict[str, Any]:
    options: dict[str, Any] = {"collection_name": COLLECTION, "path": str(work / store)}
    if store != "chroma":
        options["embedding_model_dims"] = DIMENSIONS
    if store == "qdrant":
        options["on_disk"] = True
    return {
        "vector_store": {"provider": store, "config": options},
        "history_db_path": str(work / f"{store}-history.db"),
    }


def _fill(memory: Any, *, flat: bool) -> None:
    """Every sort of memory that these releases can hold without a model."""
    for number in range(5):
        _add(memory, f"Alice likes tea number {number}.", user_id="alice", metadata={"n": number})
    _add(memory, "Grüße aus Köln 🦊", user_id="bob", agent_id="concierge")
    _add(memory, "The concierge answers briefly.", agent_id="concierge")
    _add(memory, "This run is about invoices.", run_id="run-7")
    named = {"role": "user", "name": "Bob", "content": "I moved to Berlin."}
    memory.add([named], user_id="bob", infer=False)
    _add(memory, "Old facts have old dates.", user_id="bob", metadata=_dated("2019-07-04T09:00:00"))
    pacific = _dated("2025-07-16T11:08:21.112000-07:00")
    _add(memory, "California wrote this.", user_id="bob", metadata=pacific)
    if not flat:
        _add(memory, "Nested.", user_id="bob", metadata={"home": {"city": "Berlin"}, "tags": ["a"]})
    _expired(memory)
    changed = _add(memory, "Alice lives in Oslo.", user_id="alice", metadata={"k": "v"})
    memory.update(changed, "Alice lives in Bergen.")
    memory.delete(_add(memory, "Alice regrets having said this.", user_id="alice"))


def _add(memory: Any, text: str, **more: Any) -> str:
    answer = memory.add(text, infer=False, **more)
    return answer["results"][0]["id"]


def _dated(moment: str) -> dict[str, str]:
    return {"created_at": moment}


def _expired(memory: Any) -> None:
    """From 2.0.10 on memories may expire."""
    text, day = "The trial ends in spring.", "2024-03-31"
    try:
        _add(memory, text, user_id="bob", expiration_date=day)
    except TypeError:
        _add(memory, text, user_id="bob")


def _get_all(memory: Any, scope: Mapping[str, str]) -> Any:
    try:
        return memory.get_all(filters=dict(scope), top_k=1000, show_expired=True)
    except TypeError:
        return memory.get_all(**scope, limit=1000)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]))
    else:
        for wanted in sys.argv[1:] or VERSIONS:
            make(wanted)
