"""The Chromium of the system, headless, to look at pages as a person would.

Debian's package ``chromium`` is enough. Where it is missing, tests are skipped, unless
``SYNAP_IMPORT_REQUIRE_CHROMIUM`` says (as CI does) that this is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE, WINDOW = 390, 1280


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without any profile."""
    with sync_playwright() as playwright:
        # Its own sandbox wants rights that containers do not give; the pages are ours.
        started = playwright.chromium.launch(executable_path=_program(), args=["--no-sandbox"])
        yield started
        started.close()


def _program() -> str:
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    if os.environ.get("SYNAP_IMPORT_REQUIRE_CHROMIUM"):
        pytest.fail("Chromium is required here and not installed.")
    pytest.skip("Chromium is not installed (Debian: apt-get install chromium).")


@dataclass
class Opened:
    """An opened page, with everything that it did and should not."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        """How wide the page is, also beyond the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth")
        return width

    def open_all(self) -> None:
        """Open what can be folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    def barriers(self) -> list[str]:
        """What axe-core finds that keeps people from using the page."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]


@contextmanager
def opened(
    browser: Browser,
    file: Path,
    *,
    scheme: Literal["light", "dark"] = "light",
    width: int = WINDOW,
    trusted: bool = False,
) -> Iterator[Opened]:
    """A file in a window of its own; ``trusted`` lets a test's tools run in it."""
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=trusted
    )
    page = context.new_page()
    shown = Opened(page)
    page.on("console", lambda message: shown.said.append(message.text))
    page.on("pageerror", lambda error: shown.said.append(str(error)))
    page.on("dialog", lambda dialog: (shown.said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: shown.asked_for.append(request.url))
    page.goto(file.as_uri())
    yield shown
    context.close()
