"""A real browser on the whole product: real Rasa, real actions, real PostgreSQL."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.pages import errors_of
from tests.product import Product, open_folder, started

# Chromium must not talk to anybody but the product.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
PASSWORD = "correct horse battery"


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """The product, started once for all journeys."""
    names = {"SANGDAM_NAME": "하늘상점", "SANGDAM_NAME_EN": "Haneul Store"}
    with open_folder() as folder, started(folder / "var", **names) as made:
        yield made


@pytest.fixture(scope="package")
def app_url(product: Product) -> str:
    """Where the product listens."""
    return product.url


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium: the system's if there is one, else Playwright's own."""
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile with Korean as its language."""
    made = browser.new_context(locale="ko-KR", viewport=DESKTOP)  # type: ignore[arg-type]
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """One tab; an error in the page's own script fails the test."""
    made = context.new_page()
    errors = errors_of(made)
    yield made
    assert not errors, errors


@pytest.fixture(scope="package")
def agent_login(product: Product, browser: Browser) -> dict[str, str]:
    """An agent who came in by the one-time link and chose a password."""
    output = product.sangdam("agent", "add", "--name", "상담원 하늘", "--role", "lead")
    found = re.search(r"http\S+/console/welcome\?link=\S+", output)
    assert found, output
    context = browser.new_context(locale="ko-KR")
    page = context.new_page()
    page.goto(found.group())
    page.locator("input[type=password]").first.fill(PASSWORD)
    for again in page.locator("input[type=password]").all()[1:]:
        again.fill(PASSWORD)
    page.locator("form button:not([type=button])").first.click()
    page.wait_for_url(re.compile(r"/console/?(\?.*)?$"))
    context.close()
    return {"name": "상담원 하늘", "password": PASSWORD}


@pytest.fixture
def console(browser: Browser, product: Product, agent_login: dict[str, str]) -> Iterator[Page]:
    """The agent's own browser, logged in to the console."""
    context = browser.new_context(locale="ko-KR", viewport=DESKTOP)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    page = context.new_page()
    errors = errors_of(page)
    page.goto(f"{product.url}/console/login")
    page.locator("input[name=name]").fill(agent_login["name"])
    page.locator("input[name=password]").fill(agent_login["password"])
    page.locator("form button:not([type=button])").first.click()
    page.wait_for_url(re.compile(r"/console/?(\?.*)?$"))
    yield page
    context.close()
    assert not errors, errors
