"""Pages in a real browser: opened, looked at, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

Window = Callable[..., Page]  # opens one of that width and height
OUTPUT = Path(__file__).parent / "output"


def errors_of(page: Page) -> list[str]:
    """The list to which every error of the page's own scripts is added from now on.

    It is for the end of the test: what is raised in the handler of an event ends the connection to
    the browser, and the error itself is never seen.
    """
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    return errors
