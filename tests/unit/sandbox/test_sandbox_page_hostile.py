"""Hostile text on the page: words between tags of ours, whichever direction it wants to turn."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

OVERRIDE = "\u202egpj.exe\u2066"
HOSTILE = [
    "</p></li><script>alert(1)</script>",
    "\"' onmouseover=alert(1) x='",
    "javascript:alert(1)",
    "<!--",
    "]]><svg/onload=alert(1)>",
    "&lt;script&gt;",
    "</title></style>",
    "\x1b[2J\x07\x9b31m",
    "=cmd|' /C calc'!A0",
    f"{OVERRIDE}<b>",
    "$content ${title} $$",
    "a" * 10_000 + "<i>",
]


TAGS = """
a bdi body button code dd div dl dt footer form h1 h2 head header html input li link main meta nav
ol p span strong style table tbody td th thead time title tr
"""
WITHOUT_END = {"meta", "link", "input"}


class Page(HTMLParser):
    """The tags of a page, and its words outside the elements that isolate their direction."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words = self.exposed = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in {"href", "src", "action"}]
        if tag not in WITHOUT_END:
            self.opened.append("isolated" if tag == "bdi" or ("dir", "auto") in attrs else tag)

    def handle_endtag(self, tag):
        self.opened.pop()

    def handle_data(self, data):
        self.words += data
        if not {"isolated", "title"} & set(self.opened):
            self.exposed += data


@pytest.mark.parametrize("text", HOSTILE)
def test_it_neither_ends_nor_begins_a_tag_and_turns_nothing_round(start, make, text):
    client = start()
    fields = dict.fromkeys(("document", "document_id", "user_id", "customer_id"), text)
    client.results(make(1, **fields, metadata={"original_system": text}))

    for query in ({}, {"user": text, "customer": text}):
        page = Page(client.get("/", params=query).text)
        assert page.words.count(text[:2000]) >= 2
        assert page.tags <= set(TAGS.split())
        assert not {name for name in page.attributes if name.startswith("on")}
        assert all(link.startswith(("/", "data:,")) for link in page.links)
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.exposed)
        assert page.opened == []
