"""FAISS docstores are read whole, whatever lies in them, and pickles are never opened."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from mem0_support.local_stores import (
    DATA,
    assert_as_shown,
    assert_resumes_everywhere,
    history_database,
    open_file,
    payload,
    read,
    shown_by_get_all,
    unchanged,
)
from synap_import import Severity, SourceError, State
from synap_import_mem0.stores.faiss import FaissDocstore

FAISS = FaissDocstore()
REAL = DATA / "oss-2.2.1" / "faiss" / "mem0.json"


@pytest.fixture
def docstore(tmp_path):
    """Writes a docstore with these payloads."""

    def write(payloads: dict[str, Any], name: str = "mem0.json") -> Path:
        ids = {str(number): id_ for number, id_ in enumerate(payloads)}
        path = tmp_path / name
        path.write_text(json.dumps({"docstore": payloads, "index_to_id": ids}, indent=2))
        return path

    return write


def test_a_docstore_of_a_real_release_gives_what_its_get_all_showed():
    assert_as_shown(read(FAISS, REAL).records, shown_by_get_all("oss-2.2.1", "faiss"))


def test_a_docstore_tells_what_it_holds():
    opened = open_file(FAISS, REAL)
    assert (opened.title, opened.expected) == ("FAISS docstore, 14 memories", 14)


def test_an_expired_memory_says_so():
    assert read(FAISS, REAL).one("The trial ends in spring.").state is State.EXPIRED


def test_lists_and_objects_of_the_users_metadata_stay():
    metadata = read(FAISS, REAL).one("Nested.").metadata
    assert metadata == {"home": {"city": "Berlin"}, "tags": ["a"]}


@pytest.mark.parametrize(
    ("name", "content", "known"),
    [
        ("mem0.json", b'{"docstore": {}, "index_to_id": {}}', True),
        ("mem0.json", b'\xef\xbb\xbf \n{"docstore":{"a":{}}}', True),
        ("mem0.pkl", pickle.dumps(({}, {}), protocol=4), True),
        ("index_metadata.pickle", pickle.dumps({}, protocol=4), False),
        ("mem0.json", b'{"results": []}', False),
        ("mem0.json", b'[{"docstore": {}}]', False),
        ("mem0.json", b'{"docstore": []}', False),
        ("mem0.json", b"", False),
        ("mem0.faiss", b"IxF2\0\0\0\0", False),
    ],
)
def test_it_is_known_by_its_content(tmp_path, name, content, known):
    (tmp_path / name).write_bytes(content)
    assert FAISS.recognises(tmp_path / name) is known


def test_what_is_no_file_is_none(tmp_path):
    assert not FAISS.recognises(tmp_path)
    assert not FAISS.recognises(tmp_path / "missing.json")


class Harmful:
    """Unpickled, it creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_is_refused_with_a_way_and_never_opened(tmp_path):
    path = tmp_path / "mem0.pkl"
    path.write_bytes(pickle.dumps((Harmful(tmp_path / "harm"), {})))
    with pytest.raises(SourceError, match=r"pickle.*older Mem0") as refusal:
        open_file(FAISS, path)
    assert 'FAISS("mem0", path="./FOLDER")' in refusal.value.remedy
    assert not (tmp_path / "harm").exists()


def test_the_pickle_of_a_real_release_is_known():
    assert FAISS.recognises(DATA / "oss-1.0.5" / "faiss" / "mem0.pkl")


def test_a_pickle_that_was_turned_into_json_is_in_nobodys_way(docstore, tmp_path):
    docstore({"a": payload()})
    shutil.copy(DATA / "oss-1.0.5" / "faiss" / "mem0.pkl", tmp_path / "mem0.pkl")
    assert not FAISS.recognises(tmp_path / "mem0.pkl")
    assert FAISS.recognises(tmp_path / "mem0.json")


def test_entities_and_identities_are_left_out_and_counted(docstore):
    path = docstore(
        {
            "a": payload("A memory."),
            "b": {"data": "Oslo", "entity_type": "PROPER", "linked_memory_ids": ["a"]},
            "c": {"user_id": "somebody", "type": "user_identity"},
            "d": payload("A memory with such a key.", linked_memory_ids=["x"]),
        }
    )
    reading = read(FAISS, path)
    assert reading.texts == ["A memory.", "A memory with such a key."]
    assert reading.file.expected == 2
    assert {code: one.count for code, one in reading.findings.items()} == {
        "entity-rows": 1,
        "user-identity-rows": 1,
    }
    assert {one.severity for one in reading.findings.values()} == {Severity.INFO}


def test_what_cannot_be_a_record_is_told_and_the_others_go_on(docstore):
    path = docstore(
        {
            "good": payload("Good."),
            "list": [1],
            "null": None,
            "wordless": {"user_id": "alice"},
            "number": {"data": 5},
            "owner": payload(user_id={"a": 1}),
            "also good": payload("Also good."),
        }
    )
    reading = read(FAISS, path)
    assert reading.texts == ["Good.", "Also good."]
    assert {item.where: item.reason for item in reading.unreadable} == {
        "mem0.json:list": "payload: is not an object",
        "mem0.json:null": "payload: is missing",
        "mem0.json:wordless": "memory: is missing",
        "mem0.json:number": "memory: is not a string",
        "mem0.json:owner": "user_id: is not a string",
    }


def test_strange_values_are_kept(docstore):
    strange = {"nan": float("nan"), "alone": "\ud800", "large": 10**400}
    record = read(FAISS, docstore({"a": payload("\udc00 alone", **strange)})).records[0]
    assert record.text == "\udc00 alone"
    assert repr(record.metadata) == repr(strange)


def test_broken_payloads_do_not_stop_the_others(tmp_path):
    path = tmp_path / "mem0.json"
    deep = "[" * 100_000 + "]" * 100_000
    path.write_text(
        '{"docstore": {"a": {"data": "first"}, "b": {"data": nothing}, "c": {"data": "x", "y": '
        f'{deep}}}, "d": {{"data": "last"}}}}, "index_to_id": {{}}}}'
    )
    reading = read(FAISS, path)
    assert reading.texts == ["first", "last"]
    assert [item.where for item in reading.unreadable] == ["mem0.json:b", "mem0.json:c"]


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_of_a_file_that_was_cut_off_the_beginning_is_read_and_the_end_told(docstore, kept):
    path = docstore({f"m{number}": payload(f"Memory {number}.") for number in range(50)})
    content = path.read_bytes()
    whole = content[: content.index(b"index_to_id")]
    path.write_bytes(whole[: int(len(whole) * kept)])
    reading = read(FAISS, path)
    assert reading.texts == [f"Memory {number}." for number in range(len(reading.records))]
    assert len(reading.records) >= int(50 * kept) - 1
    assert len(reading.unreadable) >= 1


def test_every_cursor_gives_the_rest(docstore):
    rows = {f"m{n}": payload(f"Memory {n}.") if n % 50 else n for n in range(1000)}
    assert_resumes_everywhere(FAISS, docstore(rows))


def test_a_strange_cursor_is_refused():
    with pytest.raises(SourceError, match="cursor"):
        list(open_file(FAISS, REAL).pages("page 2"))


def test_pages_of_large_memories_are_shorter(docstore):
    reading = read(FAISS, docstore({f"m{n}": payload("x" * 1_000_000) for n in range(20)}))
    assert [len(page.records) for page in reading.pages] == [8, 8, 4]


def test_the_file_stays_as_it_is(docstore):
    path = docstore({"a": payload()})
    with unchanged(path.parent):
        read(FAISS, path)


def test_a_change_in_the_middle_is_another_version(docstore):
    def version(text: str) -> str:
        others = {f"m{n}": payload("x" * 1000) for n in range(300)}
        half = len(others) // 2
        rows = list(others.items())
        changed = dict([*rows[:half], ("middle", payload(text)), *rows[half:]])
        return open_file(FAISS, docstore(changed)).version

    assert version("One text.") == version("One text.") != version("Two text.")


def test_the_history_comes_with_the_users_of_the_docstore(docstore, tmp_path):
    path = docstore({"m1": payload("Alice lives in Bergen.", user_id="alice")})
    history = history_database(
        tmp_path / "elsewhere.db",
        ("m1", None, "Alice lives in Oslo.", "ADD"),
        ("m1", "Alice lives in Oslo.", "Alice lives in Bergen.", "UPDATE"),
    )
    reading = read(FAISS, path, with_history=True, history_db=history)
    earlier = reading.one("Alice lives in Oslo.")
    assert (earlier.id, earlier.scope.user, earlier.state) == ("m1:h2", "alice", State.SUPERSEDED)
    assert reading.file.expected == len(reading.records) == 2
