"""Addresses that customers and agents write are links in the console, and nothing else is."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from playwright.sync_api import expect

from connectors.web.console.addresses import linked
from tests.connectors.browser import enter, waiting
from tests.connectors.conftest import App
from tests.pages import OUTPUT, Window
from tests.xss import CORPUS

REL = "noopener noreferrer nofollow"


class Parsed(HTMLParser):
    """What a browser makes of it: links by their attributes, and the words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(str(linked(text)))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep it."""
        self.words += data

    @property
    def addresses(self) -> list[str | None]:
        """Where the links lead."""
        return [attributes["href"] for _, attributes in self.tags]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("https://a.kr에서 봤어요", ["https://a.kr"]),
        ("(http://a.kr/b?c=1&d=2#e). 네", ["http://a.kr/b?c=1&d=2#e"]),
        ("**https://a.kr/x_(y)**!", ["https://a.kr/x_(y)"]),
        ("HTTPS://A.kr:8443/、https://b.kr/ㄱ", ["HTTPS://A.kr:8443/", "https://b.kr/"]),
        ("https://a.kr\nhttps://b.kr", ["https://a.kr", "https://b.kr"]),
        ("https:// http://:80 https://a.kr:port javascript:alert(1) a.kr", []),
        ("www.a.kr을, help@a.kr로", ["https://www.a.kr", "mailto:help@a.kr"]),
        ("그냥 글", []),
    ],
)
def test_an_address_ends_where_the_widget_ends_it(text: str, addresses: list[str]) -> None:
    made = Parsed(text)
    assert made.addresses == addresses and made.words == text
    for _, attributes in made.tags:
        assert attributes["rel"] == REL
        away = str(attributes["href"]).lower().startswith("http")
        assert attributes.get("target") == ("_blank" if away else None)


@pytest.mark.parametrize("vector", CORPUS)
def test_nothing_else_comes_of_what_is_written(vector: str) -> None:
    for text in (vector, f"https://a.kr/{vector}", f"https://{vector}", f"{vector}https://a.kr"):
        made = Parsed(text)
        assert made.words == text
        for tag, attributes in made.tags:
            assert tag == "a" and {*attributes} <= {"href", "target", "rel"}
            assert str(attributes["href"]).lower().startswith(("http://", "https://", "mailto:"))


def test_agents_open_what_a_customer_sends(app: App, window: Window) -> None:
    app.rasa.mode = "hand_off"
    long = f"https://shop.kr/orders/{'20260101' * 16}?from=chat&step=2"
    customer, code = waiting(
        app, "https://shop.kr/orders/12345에서 결제가 안 돼요 (http://a.kr/b)."
    )
    customer.say(f"여기예요: {long}")
    desk = window(1280, 800)
    enter(app, desk)
    desk.goto(f"{app.url}/console/tickets/{code}")
    desk.locator("textarea[name=text]").fill("https://help.kr/pay 를 봐 주세요")
    desk.get_by_role("button", name="고객에게 보내기").click()
    expect(desk.locator(".msg.agent a")).to_have_attribute("href", "https://help.kr/pay")
    links = desk.locator(".msg.customer .text a")
    expect(links).to_have_text(["https://shop.kr/orders/12345", "http://a.kr/b", long])
    for link in links.all():
        expect(link).to_have_attribute("rel", REL)
        expect(link).to_have_attribute("target", "_blank")
    OUTPUT.mkdir(exist_ok=True)
    desk.screenshot(path=OUTPUT / "console-addresses-1280.png")
    desk.set_viewport_size({"width": 390, "height": 844})
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.screenshot(path=OUTPUT / "console-addresses-390.png")
    desk.goto(f"{app.url}/console/customers/{customer.id}")
    expect(desk.locator(".msg.customer .text a").first).to_have_attribute("rel", REL)
