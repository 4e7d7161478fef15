"""The report's page in a real browser: safe, complete, and usable by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from support.browser import PHONE, WINDOW, browser, opened
from support.report_jobs import facts_of, samples, told
from support.thorough import a_few_of
from synap_import.records import Kind, Scope
from synap_import.report.html import as_html
from synap_import.sources import Finding, Severity, Unreadable

MARK = "window.hacked = 1"
HOSTILE = [
    f"</script><script>{MARK}</script>",
    f"</style><img src=x onerror='{MARK}'>",
    f'"><svg onload="{MARK}">',
    f"javascript:{MARK}",
    f"<a href='javascript:{MARK}'>x</a>",
    "<iframe src='https://evil.example'></iframe><link rel=stylesheet href='//evil.example/x'>",
    "{{ 7*7 }}{% raw %}",
    "\u202egnp.exe \u2066 \x1b[2J \x00",
    "]]><!--",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


def write(path: Path, html: str) -> Path:
    file = path / "report.html"
    file.write_bytes(html.encode("utf-8", "backslashreplace"))
    return file


def varied(folder: Path) -> Path:
    """A page on which everything occurs."""
    ends = ("loaded", "loaded", "already there", "held", "rejected", "loaded")
    records = [
        told(
            n,
            ends[n % 6],
            f"reason {n % 4}",
            kind=list(Kind)[n % 5],
            scope=Scope(user=f"u{n % 40}"),
        )
        for n in range(240)
    ]
    facts = facts_of(
        folder,
        *records,
        told(240, "undecided", created_at=None, scope=Scope()),
        unreadable=[Unreadable("file:9", "not JSON", "{oops")],
        findings=[Finding(Severity.WARNING, "json-odd", "Odd", "Look", 3, ("one", "two"))],
        samples=samples(60),
    )
    return write(folder, as_html(facts))


def hostile(folder: Path) -> Path:
    """A page with hostile texts wherever a source or Synap can put one."""
    records = [
        told(n, end, evil, text=f"{evil} \ud83d", id=f"{n} {evil}", scope=Scope(user=evil))
        for n, (end, evil) in enumerate(product(("loaded", "held", "rejected"), HOSTILE))
    ]
    findings = [Finding(Severity.ERROR, text, text, text, 1, (text,)) for text in HOSTILE]
    unreadable = [Unreadable(text, text, text) for text in HOSTILE]
    facts = facts_of(
        folder,
        *records,
        title=" ".join(HOSTILE),
        findings=findings,
        unreadable=unreadable,
        samples=samples(4),
    )
    return write(folder, as_html(facts))


def test_hostile_texts_are_words_and_nothing_else(tmp_path: Path, chromium: Browser) -> None:
    with opened(chromium, hostile(tmp_path), trusted=True) as shown:
        shown.open_all()
        page = shown.page
        assert page.evaluate("window.hacked") is None
        assert shown.said == []
        assert shown.asked_for[1:] in ([], ["data:,"])
        assert page.locator("script").count() == page.locator("style").count() == 1
        for element in ("img", "iframe", "a[href^=javascript]", "object", "embed"):
            assert page.locator(element).count() == 0
        written = page.evaluate("document.body.innerText")
        assert HOSTILE[0] in written
        assert "\u202e" not in written
        assert "\\u202egnp.exe" in written
        assert "{{ 7*7 }}" in written


def test_its_policy_lets_nothing_else_run(tmp_path: Path, chromium: Browser) -> None:
    file = varied(tmp_path)
    broken = file.read_text().replace(
        "</main>",
        f"<img src=x onerror='{MARK}'><script>{MARK}</script><p style='color:red'>x</p></main>",
    )
    file.write_text(broken)
    with opened(chromium, file) as shown:
        # Nothing can be evaluated in the page either: the browser's own word has to do.
        refused = [said for said in shown.said if "Content Security Policy" in said]
        assert len(refused) >= 3
        assert not any(url.startswith("http") for url in shown.asked_for)


def test_the_page_asks_for_nothing(tmp_path: Path, chromium: Browser) -> None:
    file = varied(tmp_path)
    with opened(chromium, file) as shown:
        assert [url for url in shown.asked_for if not url.startswith("data:")] == [file.as_uri()]
        assert shown.said == []


@pytest.mark.parametrize("width", [WINDOW, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_from_using_it(
    tmp_path: Path, chromium: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    with opened(chromium, varied(tmp_path), scheme=scheme, width=width, trusted=True) as shown:
        shown.open_all()
        assert shown.barriers() == []
        assert shown.width <= width


@pytest.mark.parametrize("which", ["nothing", "only held", "no times", "no samples"])
def test_a_job_of_little_has_a_page_too(tmp_path: Path, chromium: Browser, which: str) -> None:
    records = {
        "nothing": [],
        "only held": [told(0, "held"), told(1, "held", "no-owner")],
        "no times": [told(0, created_at=None)],
        "no samples": [told(0)],
    }[which]
    said = {
        "nothing": "Nothing came out of the source",
        "only held": "Nothing was loaded",
        "no times": "No record has an original time",
        "no samples": "left no samples",
    }[which]
    html = as_html(facts_of(tmp_path, *records))
    with opened(chromium, write(tmp_path, html), trusted=True) as shown:
        assert said in shown.page.evaluate("document.body.innerText")
        assert shown.barriers() == []


def test_a_record_is_found_by_its_words(tmp_path: Path, chromium: Browser) -> None:
    records = [told(n, "held", f"reason {n % 3}", text=f"word{n}") for n in range(60)]
    file = write(tmp_path, as_html(facts_of(tmp_path, *records)))
    with opened(chromium, file) as shown:
        page = shown.page
        page.get_by_label("Find among").fill("WORD47")
        page.get_by_text("1 of 60 listed").wait_for()
        assert page.locator(".records > li:visible").count() == 1
        assert page.locator(".reason:visible").count() == 1
        page.get_by_label("Find among").fill("")
        page.locator(".reason").nth(2).wait_for()
        assert page.locator(".records > li:visible").count() == 0


def test_reasons_open_by_keyboard(tmp_path: Path, chromium: Browser) -> None:
    records = [told(n, "held") for n in range(30)]
    file = write(tmp_path, as_html(facts_of(tmp_path, *records)))
    with opened(chromium, file) as shown:
        shown.page.locator(".reason > summary").focus()
        shown.page.keyboard.press("Enter")
        shown.page.locator(".records > li").first.wait_for()


def test_few_records_are_open_at_once(tmp_path: Path, chromium: Browser) -> None:
    file = write(tmp_path, as_html(facts_of(tmp_path, told(0, "held"))))
    with opened(chromium, file) as shown:
        assert shown.page.locator(".records > li:visible").count() == 1


def test_on_paper_it_is_dark_on_white_and_complete(tmp_path: Path, chromium: Browser) -> None:
    with opened(chromium, varied(tmp_path), scheme="dark", trusted=True) as shown:
        shown.page.emulate_media(media="print", color_scheme="light")
        ground = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        assert shown.page.locator("svg.chart.wide:visible").count() == 3
        assert shown.page.locator(".filter:visible").count() == 0


@pytest.mark.parametrize("count", a_few_of([1_600, 3_000], [1_600]))
def test_the_page_stays_small_whatever_is_in_it(tmp_path: Path, count: int) -> None:
    worst = "&<>\"'" * 100
    records = [told(n, "held", id=f"{n}{worst}", text=worst) for n in range(count)]
    records += [told(n, "rejected", f"{n}{worst}") for n in range(count, count + 500)]
    html = as_html(facts_of(tmp_path, *records, samples=samples(600)))
    assert len(html.encode()) < 3_000_000
    assert f"of {count:,} are listed here" in html
