"""A page of ours in a real browser: nothing may be asked for but the page, and nothing may complain."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: deploy/system_packages.sh installs it"),
]


@contextmanager
def started() -> Iterator[Browser]:
    """A browser without a screen."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def watched(browser: Browser, width: int, height: int) -> Iterator[Page]:
    """A window that is watched until its end."""
    complaints: list[str] = []
    asked: list[str] = []
    window = browser.new_page(viewport={"width": width, "height": height})
    window.set_default_timeout(60_000)
    window.on("console", lambda message: complaints.append(message.text))
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("request", lambda request: asked.append(request.url))
    yield window
    window.close()
    assert complaints == []
    assert len(asked) == 1, "the page asked the network for something"
