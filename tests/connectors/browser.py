"""A browser as far as the console needs one: cookies, forms with their hidden token, our script."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.connectors.conftest import App, Visitor
from ticketing import agents

PASSWORD = "correct horse battery"


class Browser:
    """Somebody in front of the console, as long as the gateway runs."""

    def __init__(self, app: App) -> None:
        self.http = httpx.Client(base_url=app.url, timeout=20)
        app.clients.append(self.http)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Look at a page."""
        return self.http.get(path, **options)

    def parts(self, path: str) -> dict[str, str]:
        """What our script is told of a page."""
        answer = self.http.get(path, headers={"X-Console": "1"})
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        return found

    def csrf(self, page: str = "/console") -> str:
        """The token in this page's forms."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.http.get(page).text)
        assert found, page
        return found[1]

    def post(
        self, path: str, *, page: str = "/console", script: bool = False, **fields: Any
    ) -> httpx.Response:
        """Send a form of ``page``, as a browser does or as our script does."""
        if "csrf" not in fields:
            fields["csrf"] = self.csrf(page)
        headers = {"X-Console": "1"} if script else {}
        return self.http.post(path, data=fields, headers=headers)


def link_for(app: App, name: str, role: str = "agent") -> str:
    """The path of a new one-time link for this agent, who is made if needed."""
    with app.sessions.begin() as session:
        agent = agents.by_name(session, name) or agents.add(session, name=name, role=role)
        token = agents.issue(session, agent, kind="link", life=agents.LINK_LIFE)
    return f"/console/welcome?link={token}"


def signed_in(app: App, name: str, role: str = "agent") -> Browser:
    """A browser in which this agent has used a new link."""
    browser = Browser(app)
    link = link_for(app, name, role)
    answer = browser.post(
        "/console/welcome",
        page=link,
        link=link.partition("=")[2],
        password=PASSWORD,
        again=PASSWORD,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/console"), answer.text
    return browser


def enter(app: App, page: Page, role: str = "agent", *, who: str = "") -> None:
    """Let ``who``, or somebody nobody has met, into the console, in a real browser."""
    page.goto(app.url + link_for(app, who or name(), role))
    for field in ("password", "again"):
        page.locator(f"[name={field}]").fill(PASSWORD)
    page.locator("form button").last.click()
    expect(page.locator(".places")).to_be_attached()


def text_of(page: str) -> str:
    """A page's text without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def name() -> str:
    """Somebody nobody has met."""
    return f"지원 {uuid.uuid4().hex[:8]}"


def waiting(app: App, question: str = "매장에 주차장이 있나요?") -> tuple[Visitor, str]:
    """A customer whose ticket waits, and its code."""
    customer = app.visitor()
    customer.say(question)
    event = customer.until(lambda line: line["author"] == "system")
    found = re.search(r"T-[0-9A-Z]{6}", event["text"])
    assert found
    return customer, found[0]
