"""The page: complete, quick with many memories, and deaf to hostile text."""

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;\u202e$title ${style}"""


class Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.words += data


def test_an_empty_sandbox_says_so_and_that_it_is_a_stand_in(start):
    answer = start().get("/", headers={"Authorization": ""})

    assert answer.status_code == 200
    assert "Nothing here reached Maximem Synap" in answer.text
    assert "Nothing has arrived yet" in answer.text
    assert answer.headers["X-Synap-Sandbox"] == "stand-in"


def test_users_link_to_their_memories(start, make):
    client = start()
    client.results(
        make(1, user_id="a/b&c d"),
        make(2, user_id="a/b&c d", customer_id="globex", document="elsewhere"),
        make(3, user_id=None, document="for all of acme"),
        make(4, user_id=None, customer_id=None, document="for everyone"),
    )

    overview = Reader(client.get("/").text)
    pages = [Reader(client.get(link).text) for link in overview.links if link.startswith("/?")]

    assert len(pages) == 4
    for text in ("Memory number 1", "elsewhere", "for all of acme", "for everyone"):
        assert sum(text in page.words for page in pages) == 1
    assert "whole client" in overview.words
    assert "2025-06-01 12:00 UTC" in overview.words
    both = Reader(client.get("/", params={"user": "a/b&c d"}).text)
    assert "Memory number 1" in both.words
    assert "elsewhere" in both.words


def test_a_memory_shows_where_and_when_it_came_from(start, make):
    client = start()
    client.results(make(1, document_created_at="2019-03-04T05:06:07+02:00"), make(2))
    client.results(make(2))

    words = Reader(client.get("/?user=ana&customer=acme").text).words

    for text in ("2019-03-04T05:06:07+02:00", "document", "legacy_mem0_1", "mem0"):
        assert text in words
    assert "received 2 times" in words


def test_a_users_memories_are_newest_first_and_undated_last(start, make):
    client = start()
    times = ["2020-01-01T00:00:00Z", None, "2024-01-01T00:00:00+09:00", "2023-12-31T16:00:00"]
    client.results(
        *(make(n, document=f"number{n}", document_created_at=at) for n, at in enumerate(times))
    )

    words = Reader(client.get("/?user=ana&customer=acme").text).words

    assert re.findall(r"number\d", words) == ["number3", "number2", "number0", "number1"]


def test_hostile_text_is_inert(start, make):
    client = start()
    client.results(
        make(
            document=HOSTILE,
            document_id=HOSTILE,
            user_id=HOSTILE,
            customer_id=HOSTILE,
            metadata={"original_system": HOSTILE},
        )
    )

    overview = client.get("/")
    [link, *_] = [one for one in Reader(overview.text).links if one.startswith("/?user")]
    memories = client.get(link)

    for answer in (overview, memories):
        page = Reader(answer.text)
        assert not page.tags & {"script", "img", "iframe", "object"}
        assert not {name for name in page.attributes if name.startswith("on")}
        assert page.words.count(HOSTILE) >= 2
        assert "$title" in page.words


def test_nothing_is_loaded_run_or_framed(start):
    answer = start().get("/")

    policy = answer.headers["Content-Security-Policy"]
    [style] = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", answer.text)


def test_pages_hold_a_hundred_each(start, make):
    client = start()
    for first in range(0, 300, 100):
        client.results(*(make(number) for number in range(first, first + 100)))
    client.results(make(300))

    pages = [client.get(f"/?user=ana&customer=acme&page={page}").text for page in (1, 3, 4, 5)]

    assert [text.count("<li>") for text in pages] == [100, 100, 1, 0]
    assert "Page 3 of 4" in pages[1]
    assert "page=2" in pages[1]
    assert "page=4" in pages[1]
    for nonsense in ("-1", "x", "9" * 40, "٣"):
        assert client.get("/", params={"page": nonsense}).status_code == 200


def test_long_and_undated_documents_do_not_break_it(start, make):
    client = start()
    client.results(
        make(1, document="y" * 10_000, document_created_at=None),
        make(2, document_created_at="9999-12-31T23:59:59-12:00"),
        make(3, document_created_at="0001-01-01T00:00:00+12:00"),
        make(4, metadata={"original_system": {"not": "text"}}),
    )

    memories = Reader(client.get("/?user=ana&customer=acme").text).words
    overview = Reader(client.get("/").text).words

    assert "8,000 more characters" in memories
    assert "no original time" in memories
    assert "out of range" in overview


def test_deleted_memories_are_counted(start, make):
    client = start(ingestion_delay_seconds=0)
    client.results(make(1), make(2))
    assert "Deleted" not in Reader(client.get("/").text).words
    first, _ = client.documents()
    client.http.delete(f"/api/v1/memories/{first['memory_id']}").raise_for_status()
    assert "Deleted1" in Reader(client.get("/").text).words
