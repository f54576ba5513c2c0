"""What a browser's page says of itself."""

from __future__ import annotations

from playwright.sync_api import Page


def errors_of(page: Page) -> list[str]:
    """The list to which every error of the page's own scripts is added from now on.

    It is for the end of the test: what is raised in the handler of an event ends the connection to
    the browser, and the error itself is never seen.
    """
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    return errors
