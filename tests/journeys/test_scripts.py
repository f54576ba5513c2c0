"""Nothing that anybody writes runs in the console, in the help centre or in the widget.

The browser is told to ignore our Content-Security-Policy, so that what holds here is the
escaping and cleaning alone; the policy is the second wall.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from knowledge_base import articles, batches, reviews
from tests.conftest import fresh_database
from tests.connectors.conftest import App, running
from tests.files import png
from tests.xss import CORPUS
from ticketing import agents

TOGETHER = 10
# Whatever a vector calls tells the test; what asks a person must not wait for one.
SPY = """for (const name of ['alert', 'confirm', 'prompt', 'print'])
  window[name] = () => window.ran(name + ' ' + location.href);"""
# Attributes that would run something, in the page and in the widget's own tree.
SUSPECT = r"""() => {
  const found = [];
  const look = (root) => {
    for (const el of root.querySelectorAll('*')) {
      if (el.shadowRoot) look(el.shadowRoot);
      if (/^(iframe|object|embed|base|math)$/i.test(el.localName)) found.push(el.outerHTML);
      for (const { name, value } of el.attributes) {
        if (/^on/i.test(name)) found.push(el.outerHTML);
        const leads = /^(href|src|action|formaction|xlink:href|data|to)$/i.test(name);
        const runs = /^[\x00-\x20]*(javascript|vbscript|data:(?!image.svg)):?/i.test(value);
        if (leads && runs) found.push(el.outerHTML);
      }
    }
  };
  look(document);
  return found;
}"""


@pytest.fixture(scope="module")
def app(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A gateway whose bot repeats what it is told."""
    with (
        fresh_database(postgres) as url,
        running(url, tmp_path_factory.mktemp("gateway")) as made,
    ):
        yield made


class Watched:
    """A browser in which anything that runs, fails or leaves is kept."""

    def __init__(self, browser: Browser, app: App) -> None:
        self.app = app
        self.bad: list[str] = []
        self.context: BrowserContext = browser.new_context(locale="ko-KR", bypass_csp=True)
        self.context.set_default_timeout(20_000)
        self.context.expose_function("ran", lambda what: self.bad.append(what))
        self.context.add_init_script(SPY)
        self.context.on("request", self.asked)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.bad.append(f"error: {error}"))

    def asked(self, request: Request) -> None:
        """Nothing is loaded from elsewhere."""
        if not request.url.startswith((self.app.url, "data:image/svg+xml", "blob:", "about:")):
            self.bad.append(f"request: {request.url}")

    def look(self, path: str) -> None:
        """Load a page and check it."""
        self.page.goto(self.app.url + path)
        self.check(path)

    def check(self, where: str) -> None:
        """What is on the page now runs nothing, and nothing has run."""
        found = self.page.evaluate(SUSPECT)
        assert not found, (where, found[:3])
        assert not self.bad, (where, self.bad[:3])


def packed() -> list[list[str]]:
    return [[*CORPUS[at : at + TOGETHER]] for at in range(0, len(CORPUS), TOGETHER)]


def fill(app: App) -> int:
    """Articles with a vector wherever a word can be; the id of an import that refuses others."""
    who = "<img src=x onerror=alert(1)>"
    with app.sessions.begin() as session:
        articles.bump_version(session)
        for number, vector in enumerate(CORPUS):
            line = " ".join(vector.split()) or "x"
            made = {"title": line[:200], "questions": [line[:500]], "tags": [line[:50]]}
            key = {"id": f"v-{number:02}", "locale": "ko", "author": who}
            articles.create(session, **key, **made, body=vector)  # type: ignore[arg-type]
            articles.publish(session, **key)
        for number, vectors in enumerate(packed()):
            body = "\n\n".join(vectors)
            for locale in ("ko", "en"):
                key = {"id": f"many-{number}", "locale": locale, "author": who}
                articles.create(session, **key, title=vectors[0], body="전", source=who)
                articles.update(
                    session, **key, body=body, questions=[" ".join(one.split()) for one in vectors]
                )
                articles.publish(session, **key)
                articles.update(session, **key, title=vectors[-1], body=body[::-1])
        reviews.ask(session, id="many-0", locale="ko", author=who)
        reviews.send_back(session, id="many-0", locale="ko", author=who, note=who, revision=3)
        batch = batches.begin(session, source=who, author=who, publish=True)
        batch.state = "read"
        batch.refused = [{"row": one, "reason": one} for one in CORPUS]
        return batch.id


def test_nothing_that_anybody_writes_runs_anywhere(app: App, browser: Browser) -> None:
    assert len(CORPUS) >= 60 and len(set(CORPUS)) == len(CORPUS)
    batch = fill(app)
    watched = Watched(browser, app)
    page = watched.page

    # the help centre
    watched.look("/help?lang=ko")
    for vectors in packed():
        watched.look(f"/help?lang=ko&q={quote(vectors[0][:200])}")
        watched.look(f"/help?lang=ko&category={quote(vectors[0][:50])}")
    for number in range(len(packed())):
        watched.look(f"/help/many-{number}?lang=ko")
    watched.look("/help?lang=ko")
    for vector in CORPUS[:5]:
        page.locator("#q").fill(vector)
        expect(page.locator("#q-list")).to_contain_text(vector)
        watched.check(f"suggestions for {vector}")

    # the widget: what the customer says, and the bot repeats
    page.goto(f"{app.url}/?lang=ko")
    page.locator("#launcher").click()
    for number, vectors in enumerate(packed(), start=1):
        page.locator("#text").fill("\n".join(vectors))
        page.locator("#text").press("Enter")
        expect(page.locator(".m.bot .t")).to_have_count(number)
    with page.expect_file_chooser() as chooser:
        page.locator("#clip").click()
    chooser.value.set_files(
        {"name": "<img src=x onerror=alert(1)>.png", "mimeType": "image/png", "buffer": png()}
    )
    page.locator("#send").click()
    expect(page.locator(".m.customer .picture")).to_be_visible()
    watched.check("the widget")
    page.locator("#human").click()
    expect(page.locator("#log")).to_contain_text(re.compile("T-[0-9A-Z]{6}"))
    watched.check("the widget with a ticket")

    # the console
    with app.sessions.begin() as session:
        agent = agents.add(session, name="<img src=x onerror=alert(1)>", role="lead")
        token = agents.issue(session, agent, kind="session")
    watched.context.add_cookies(
        [{"name": "sangdam_session", "value": token, "url": app.url, "httpOnly": True}]
    )
    watched.look("/console")
    page.locator("a.cover").first.click()
    expect(page.locator(".scroll")).to_contain_text("alert(1)")
    watched.check("the ticket")
    for path in ("", "/imports", f"/imports/{batch}", f"?q={quote(CORPUS[0])}", "/try"):
        watched.look(f"/console/articles{path}")
    for number in range(len(packed())):
        watched.look(f"/console/articles/edit/many-{number}?locale=ko")
        page.locator("#to-history").click()
        page.locator("#to-beside").click()
        watched.check("both languages")
        watched.look(f"/console/articles/edit/many-{number}/compare?locale=ko&before=2&after=3")
    watched.look("/console/articles/new")
    page.locator("#title").fill(CORPUS[0])
    page.locator("#body").fill("\n\n".join(CORPUS))
    expect(page.locator("#preview")).to_contain_text("constructor")
    watched.check("the preview")
    page.evaluate("document.querySelector('[data-preview]').left = true")
    watched.context.close()
