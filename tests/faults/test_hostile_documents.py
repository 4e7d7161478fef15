"""Documents that could break something: each ends in its own state, the others are not touched.

Through the real command, the real SDK and the real sandbox.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from support.commands import Finished, Sandbox, memories, run, sandbox, write_lines
from support.runs import run_import
from support.sources import FakeSource, record
from support.synap import Reply, ScriptedSynap, error, ok
from support.thorough import a_few_of
from synap_import.ledger import Ledger

TEXTS = {
    "one-byte": "x",
    "right-to-left": "\u05e9\u05dc\u05d5\u05dd \u202e\u05e2\u05d5\u05dc\u05dd\u202c \u0645\u0631",
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd",
    "combining": "Z" + "\u0351\u036b\u0343" * 50 + " e\u0301 \u00e9",
    "line-ends": "a\r\nb\u2028c\u2029d\x85e\x0bf\x0cg",
    "escapes": "\x1b[2J\x1b]0;title\x07 \\u0000 \\n %s {0} ${HOME} $(id)",
    "html": "<script>alert(1)</script>&amp;<!--",
    "formula": '=HYPERLINK("http://127.0.0.1")\t+1-2@x',
    "byte-order-mark": "\ufeffbegins with a mark",
    "noncharacters": "\ufffe \uffff \U0010ffff \ue000",
    "spaces": "  kept as it is \u00a0\u3000",
    "json": '{"record_version": 1, "system": "json", "id": "nested"}',
    "5-megabytes": "0123456789" * 500_000,
}


def imported(tmp_path: Path, rows: list[dict[str, Any]]) -> tuple[Finished, dict[str, Any]]:
    """Import the rows; returns what was said, and what the sandbox holds by document id."""
    with sandbox(tmp_path) as here:
        done = import_into(here, tmp_path, rows)
        documents = {document["document_id"]: document for document in here.documents()}
    return done, documents


def import_into(here: Sandbox, tmp_path: Path, rows: list[dict[str, Any]]) -> Finished:
    file = write_lines(tmp_path / "hostile.jsonl", rows)
    return run(
        *("json", file, "--user-map", "identity", "--synap-url", here.url),
        *("--workdir", tmp_path / "work", "--json"),
        seconds=110,
        SYNAP_API_KEY="synap_test",
    )


def memory(name: str, text: str = "a memory", **fields: Any) -> dict[str, Any]:
    return {"id": name, "user_id": "ada", "content": text, **fields}


def test_texts_of_every_kind_and_size_arrive_unchanged(tmp_path: Path) -> None:
    done, documents = imported(tmp_path, [memory(*item) for item in TEXTS.items()])
    assert done.code == 0, done.err
    arrived = {name.removeprefix("legacy_json_"): d["document"] for name, d in documents.items()}
    assert arrived == TEXTS


def test_texts_of_nothing_are_held(tmp_path: Path) -> None:
    nothing = ["", " \t\r\n", "\0", "\0 \0"]
    rows = [memory(str(number), text) for number, text in enumerate(nothing)]
    done, documents = imported(tmp_path, [*rows, memory("good")])
    assert done.code == 0, done.err
    assert done.result["held"] == {"empty-text": len(nothing)}
    assert list(documents) == ["legacy_json_good"]


def test_what_cannot_be_sent_is_cleaned_and_the_rest_is_kept(tmp_path: Path) -> None:
    arrives_as = {
        "a\0b": "ab",
        "cut \ud83d off": "cut \ufffd off",
        "\udc4d\ud83d": "\ufffd\ufffd",
        "a pair \ud83d\udc4d stays": "a pair \U0001f44d stays",
    }
    rows = [memory(str(number), text) for number, text in enumerate(arrives_as)]
    done, documents = imported(tmp_path, rows)
    assert done.code == 0, done.err
    assert [document["document"] for document in documents.values()] == [*arrives_as.values()]


def test_metadata_of_every_kind_arrives_or_is_named(tmp_path: Path) -> None:
    given = {
        "large": 2**70,
        "small": -(2**70),
        "precise": 0.1 + 0.2,
        "not-a-number": math.nan,
        "endless": [math.inf, -math.inf],
        "nul\0key": "nul\0value",
        "surrogate\ud800": "\udfff",
        "": {"": [None, True, {}]},
        "__proto__": "x",
    }
    done, documents = imported(tmp_path, [memory("odd", metadata=given)])
    assert done.code == 0, done.err
    assert documents["legacy_json_odd"]["metadata"]["source_metadata"] == {
        "large": 2**70,
        "small": -(2**70),
        "precise": 0.1 + 0.2,
        "not-a-number": "nan",
        "endless": ["inf", "-inf"],
        "nulkey": "nulvalue",
        "surrogate\ufffd": "\ufffd",
        "": {"": [None, True, {}]},
        "__proto__": "x",
    }


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"bottom": True}
    for _ in range(levels):
        value = {"in": value}
    return value


def test_deep_metadata_arrives_as_json_text_from_level_32_on(tmp_path: Path) -> None:
    done, documents = imported(tmp_path, [memory("deep", metadata=nested(60)), memory("good")])
    assert done.code == 0, done.err
    value = documents["legacy_json_deep"]["metadata"]["source_metadata"]
    levels = 0
    while isinstance(value, dict):
        value, levels = value["in"], levels + 1
    assert levels == 32
    assert json.loads(value) == nested(60 - 32)


def test_metadata_that_nests_too_deeply_to_be_sent_is_counted(tmp_path: Path) -> None:
    metadata = {"abyss": nested(150), "shallow": 1}
    done, documents = imported(tmp_path, [memory("deep", metadata=metadata)])
    assert done.code == 0, done.err
    assert documents["legacy_json_deep"]["metadata"]["source_metadata"] == {"shallow": 1}
    assert done.result["notices"]["too-deep:metadata"] == 1


def test_a_record_that_nests_deeper_than_can_be_read_is_rejected_alone(tmp_path: Path) -> None:
    done, documents = imported(tmp_path, [memory("abyss", metadata=nested(300)), memory("good")])
    assert done.code == 1
    assert done.result["rejected"] == {"unreadable": 1}
    assert list(documents) == ["legacy_json_good"]


def test_ids_are_kept_whatever_is_in_them(tmp_path: Path) -> None:
    ids = [
        "a/b?c#d",
        "100%25",
        "line\nend",
        "tab\t",
        '"quoted"',
        "\x1b[31m",
        "\u05d0\u05d1",
        "-- drop",
        " x ",
    ]
    done, documents = imported(tmp_path, [memory(name, f"of {name}") for name in ids])
    assert done.code == 0, done.err
    assert {f"legacy_json_{name}" for name in ids} == set(documents)
    assert {d["metadata"]["original_id"] for d in documents.values()} == set(ids)
    assert "\x1b" not in done.out + done.err


def test_an_id_with_a_nul_is_held_not_changed(tmp_path: Path) -> None:
    done, documents = imported(tmp_path, [memory("nul\0"), memory("good")])
    assert done.code == 0, done.err
    assert done.result["held"] == {"unusable-id": 1}
    assert list(documents) == ["legacy_json_good"]


def test_an_id_with_half_a_character_is_rejected_not_changed(tmp_path: Path) -> None:
    done, documents = imported(tmp_path, [memory("half \ud83d"), memory("good")])
    assert done.code == 1
    assert done.result["rejected"] == {"unreadable": 1}
    assert list(documents) == ["legacy_json_good"]


def test_a_document_over_the_servers_limit_is_rejected_alone_with_its_reason(
    tmp_path: Path,
) -> None:
    rows = [*memories(150), memory("too-large", "x" * 6_000_000), memory("good")]
    done, documents = imported(tmp_path, rows)
    assert done.code == 1
    assert done.result["loaded"] == len(documents) == 151
    assert done.result["rejected"] == {"too large for Synap (HTTP 413)": 1}
    assert "legacy_json_too-large" not in documents


@pytest.mark.timeout(240)
@pytest.mark.parametrize("count", a_few_of([1_000, 100_000], [1_000]))
def test_any_number_of_tiny_records_all_arrive(tmp_path: Path, count: int) -> None:
    rows = [{"id": str(n), "user_id": "u", "content": "x"} for n in range(count)]
    with sandbox(tmp_path) as here:
        done = import_into(here, tmp_path, rows)
        counters = here.counters()
    assert done.code == 0, done.err
    assert done.result["loaded"] == counters["documents"] == count
    assert counters["stored_twice"] == 0


def test_three_bad_documents_in_a_refused_batch_are_found_and_97_stored(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    bad = {"legacy_fake_0", "legacy_fake_50", "legacy_fake_51"}

    def refuse(documents: list[dict[str, Any]]) -> Reply:
        found = sorted(bad & {document["document_id"] for document in documents})
        return error(422, {"detail": f"bad: {found[0]}"}) if found else ok(documents)

    synap.script = [refuse] * 100
    books = run_import(FakeSource.giving([record(i) for i in range(100)]), ledger, synap)
    assert books.loaded == 97
    assert dict(ledger.accounting.rejections(10)) == {
        name: f"HTTP 422: bad: {name}" for name in bad
    }
    times_sent = Counter(synap.stored)
    assert max(times_sent.values()) <= 1 + math.ceil(math.log2(100))
