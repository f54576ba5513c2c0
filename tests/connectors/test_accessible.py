"""No page has a fault that axe-core finds: WCAG 2.2 A and AA, and what its authors advise."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.connectors.browser import enter, waiting
from tests.connectors.conftest import App
from tests.connectors.test_elsewhere import say
from tests.connectors.test_gaps import Talk
from tests.connectors.test_help import publish
from tests.connectors.test_suggestions import choose
from tests.pages import Window

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
BODY = """
배송은 이틀쯤 걸려요.

## 먼 곳
| 곳 | 며칠 |
|---|---|
| 제주 | 3 |

## 해외
1. 주문서에서 나라를 고르세요.
2. 관세는 [여기](https://example.com)에서 보세요.
"""
PAGES = (
    *("/console", "/console/tickets/{code}", "/console/customers", "/console/customers/{customer}"),
    *("/console/customers/{customer}/erase", "/console/customers/accesses", "/console/figures"),
    *("/console/articles", "/console/articles/new", "/console/articles/edit/delivery?locale=ko"),
    *(
        "/console/articles/try?q=배송",
        "/console/articles/imports",
        "/console/gaps",
        "/console/suggestions",
        "/console/gaps/searched",
        "/console/saved",
    ),
    *("/console/helped", "/console/service", "/console/macros", "/console/agents"),
    *("/console/customers/imports", "/console/customers/fields", "/console/recovery"),
)


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """A gateway with an article in both languages."""
    publish(gateway.sessions, "delivery", title="배송 기간", body=BODY, tags=["배송"])
    publish(gateway.sessions, "delivery", "en", title="Delivery time", body="Two days.")
    with gateway.sessions.begin() as session:
        choose(Talk(session), "시킨 거 받으려면 기다려야 하는 기간이 궁금해요", "delivery")
    return gateway


def faults(page: Page) -> list[str]:
    """What is wrong with the page, in words."""
    # What fades in would be too pale for a moment.
    page.emulate_media(reduced_motion="reduce")
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['help']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("width", [1280, 390])
def test_what_customers_see(app: App, window: Window, width: int) -> None:
    page = window(width=width)
    for path in ("/help", "/help?lang=en", "/help?q=배송", "/help/delivery", "/?lang=en", "/"):
        page.goto(app.url + path)
        assert faults(page) == [], path
    app.rasa.mode = "echo"
    say(page, "배송 언제 와요")
    assert faults(page) == []
    page.locator("#more").click()
    assert faults(page) == []


@pytest.mark.parametrize(("width", "lang"), [(1280, "ko"), (390, "en")])
def test_what_agents_and_curators_see(app: App, window: Window, width: int, lang: str) -> None:
    app.rasa.mode = "hand_off"
    _, code = waiting(app, "열기구도 빌려주나요?")
    customer = app.agent("지수").get(f"/api/tickets/{code}").json()["customer"]
    page = window(width=width)
    page.goto(f"{app.url}/console/login?lang={lang}")
    assert faults(page) == []
    enter(app, page, "admin")
    found = {}
    for path in PAGES:
        address = path.format(code=code, customer=customer)
        # The first question waits for the model, which takes long where much else runs.
        page.goto(f"{app.url}{address}{'&' if '?' in address else '?'}lang={lang}", timeout=120_000)
        expect(page.locator("h1").first).to_be_visible()
        found[path] = faults(page)
    assert {path: said for path, said in found.items() if said} == {}
