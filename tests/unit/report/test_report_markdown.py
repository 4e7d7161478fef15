"""The report as Markdown: the same facts, and hostile texts are only text."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from support.report_jobs import facts_of, samples, told
from synap_import.records import Scope
from synap_import.report.markdown import as_markdown, plain
from synap_import.report.words import shown
from synap_import.sources import Finding, Severity, Unreadable

EVIL = "# | <img src=x onerror=alert(1)> [x](javascript:alert(1)) `code` **b** https://evil.example"


def html_of(markdown: str) -> str:
    return MarkdownIt("commonmark").enable("table").render(markdown)


def words_of(markdown: str) -> str:
    (inline,) = MarkdownIt("commonmark").enable("table").parseInline(markdown)
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}
    return "".join(child.content for child in inline.children or [])


@given(st.text(st.characters(), max_size=80))
def test_text_is_shown_as_it_is_written(text: str) -> None:
    assert words_of(plain(text)) == shown(text)


@given(st.text(st.sampled_from("-+=#>1.) \t`~*_|<&[]()!\nab"), max_size=12))
def test_text_at_the_beginning_of_an_item_begins_nothing_else(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(f"- {plain(text)}")
    blocks = [token.type for token in tokens if token.type.endswith(("_open", "fence", "block"))]
    assert [block for block in blocks if block != "paragraph_open"] == [
        "bullet_list_open",
        "list_item_open",
    ]


def test_hostile_texts_make_no_elements(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        told(0, "held", EVIL, text=EVIL, scope=Scope(user=EVIL)),
        told(1, "rejected", EVIL, text=EVIL, id=EVIL),
        title=EVIL,
        unreadable=[Unreadable(EVIL, EVIL, EVIL)],
        findings=[Finding(Severity.WARNING, EVIL, EVIL, EVIL, 2, (EVIL,))],
    )
    html = html_of(as_markdown(facts))
    for element in ("<img", "<a ", "<code>code"):
        assert element not in html
    assert html.count("<h1>") == 1


def test_the_account_is_a_table_that_adds_up(tmp_path: Path) -> None:
    markdown = as_markdown(facts_of(tmp_path, told(0), told(1, "held"), samples=samples(4)))
    assert "| exported | 2 |\n| loaded | 1 |\n| held | 1 |" in markdown
    assert "1 run, 3 s of work" in markdown
    assert markdown.count("## ") == len(set(markdown.split("## ")[1:]))


def test_what_is_not_there_has_no_section(tmp_path: Path) -> None:
    markdown = as_markdown(facts_of(tmp_path, told(0)))
    assert "## Rejected" not in markdown
    assert "## Findings" not in markdown


def test_more_records_than_are_listed_are_counted(tmp_path: Path) -> None:
    markdown = as_markdown(facts_of(tmp_path, *(told(n, "held") for n in range(30))))
    assert "- and 10 more" in markdown
