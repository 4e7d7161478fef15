"""Whatever an id or a tag is made of, exactly that one is asked for."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supermemory_support.items import document, memory
from supermemory_support.reading import ids, read
from supermemory_support.stand_in import StandIn, asked_of
from synap_import import Scope
from synap_import_supermemory.dialects import Slice, segment

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
CLIENT = httpx.Client(base_url="http://127.0.0.1:6767/behind/a/proxy/")


@settings(max_examples=200, deadline=None)
@given(names)
@example("..")
@example(".")
@example("a/b?c#d%2Fe%")
@example("//evil.example/")
@example("user.ana:1")
def test_a_name_stays_one_segment_of_a_path(name: str) -> None:
    request = CLIENT.build_request("POST", f"/ns/{segment(name)}/list/memories")
    asked = asked_of("POST", request.url.raw_path.decode(), b"", {})
    assert asked.segments == ["behind", "a", "proxy", "ns", name, "list", "memories"]
    assert asked.query == {}


@given(st.sampled_from(["memories", "documents"]), names)
def test_a_partition_knows_its_tag_again(kind, tag: str) -> None:
    assert Slice.of(str(Slice(kind, tag))) == Slice(kind, tag)


@pytest.mark.parametrize("own_id", ["a/b", "a?b#c", "50%", "%2F", "..", "ü ber"])
def test_a_document_with_such_an_id_is_fetched_itself(own_id: str) -> None:
    others = [document(1, id="a"), document(2, id="b")]
    server = StandIn(untagged=[*others, document(3, "the right one", id=own_id)])
    assert read(server).records[own_id].text == "the right one"


@pytest.mark.parametrize("tag", ["user.ana", "org:1:user:2", "a/b?c#d", "..", "ü"])
@pytest.mark.parametrize("api", ["v4", "v5"])
def test_a_tag_with_such_a_name_is_read_itself(tag: str, api: str) -> None:
    server = StandIn(memories={"a": [memory(1)], tag: [memory(2)]}, documents={tag: [document(3)]})
    outcome = read(server, api=api)
    assert len(ids(outcome)) == 3
    assert sum(one.scope == Scope(group=tag) for one in outcome.records.values()) == 2
    assert outcome.codes == []
