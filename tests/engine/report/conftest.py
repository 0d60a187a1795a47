"""The reports as people meet them: a browser, and the page of each kind of run in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ViewportSize

from tests.engine.report.kit import REPORTS
from verification.engine.report.writer import write_reports
from verification.engine.smoke.browser import Browser, Page, Watch, open_chromium

DESK, PHONE = (1280, 800), (390, 844)


@pytest.fixture(scope="session", name="folders")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each run's reports."""
    folders = {name: tmp_path_factory.mktemp(name) for name in REPORTS}
    for name, folder in folders.items():
        assert write_reports(folder, REPORTS[name]) == []
    return folders


# Ends with its module: two Playwrights in one thread do not get along.
@pytest.fixture(scope="module", name="browser")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """An installed Chromium."""
    with open_chromium(os.environ, tmp_path_factory.mktemp("home")) as browser:
        yield browser


@pytest.fixture(name="visit")
def _visit(browser: Browser) -> Iterator[Callable[..., tuple[Page, Watch]]]:
    """Open a page of a width and height, in light or dark, and watch what it asks for."""
    contexts = []

    def visit(path: Path, size: tuple[int, int] = DESK, **settings: Any) -> tuple[Page, Watch]:
        viewport = ViewportSize(width=size[0], height=size[1])
        context = browser.new_context(viewport=viewport, **settings)
        contexts.append(context)
        page = context.new_page()
        watch = Watch(page)
        page.goto(path.as_uri())
        return page, watch

    yield visit
    for context in contexts:
        context.close()
