"""The API's reference: all of it, from nowhere else."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.connectors.conftest import App
from tests.connectors.test_accessible import faults
from tests.pages import Window


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """A gateway."""
    return gateway


@pytest.mark.parametrize("width", [1280, 390])
def test_all_of_the_api_is_there_and_nothing_comes_from_elsewhere(
    app: App, window: Window, width: int
) -> None:
    spec = httpx.get(f"{app.url}/openapi.json").json()
    asked: list[str] = []
    page = window(width=width)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{app.url}/docs")
    for methods in spec["paths"].values():
        for operation in methods.values():
            expect(page.locator(f"#{operation['operationId']}")).to_have_count(1)
    assert [url for url in asked if not url.startswith(app.url)] == []
    message = page.locator("#send_chat_messages_post")
    message.locator("summary").click()
    expect(message.get_by_role("row", name="client_id required")).to_contain_text("uuid")
    expect(message.get_by_role("row", name="text")).to_contain_text("(at most 4000 characters)")
    expect(message).to_contain_text("Answers 202")
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults(page) == []


def test_what_is_inside_what_is_sent_is_told_as_well(app: App) -> None:
    page = httpx.get(f"{app.url}/docs")
    policy = page.headers["content-security-policy"]
    assert (page.status_code, "default-src 'self'" in policy) == (200, True)
    order = page.text.partition('id="push_api_orders_post"')[2].partition("</details>")[0]
    for name in ("customer", "email", "items", "amount"):
        assert f"<code>{name}</code>" in order, name
