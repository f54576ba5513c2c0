"""Customers to link, tickets to link or merge: looked for and chosen, also with the keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from tests.connectors.browser import enter, name, signed_in, waiting
from tests.connectors.conftest import App, Visitor
from tests.journeys.test_widget_ime import Keyboard
from tests.pages import OUTPUT, Window
from ticketing.models import Access, Customer


@pytest.fixture(autouse=True)
def hand_over(app: App) -> None:
    app.rasa.mode = "hand_off"


def known(app: App, customer: Visitor, **values: str) -> None:
    with app.sessions.begin() as session:
        session.execute(update(Customer).where(Customer.id == customer.id).values(**values))


def asked(page: Page) -> list[str]:
    """What is looked for from now on."""
    found: list[str] = []
    page.on("request", lambda one: found.append(one.url) if "/others/" in one.url else None)
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_who_is_linked_is_chosen_from_those_found(app: App, window: Window, width: int) -> None:
    here, _ = waiting(app)
    phone = {"email": "haneul@example.kr", "phone": "+821012345678"}
    there, code = waiting(app, "배송이 늦어요")
    known(app, there, name="김하늘", **phone)
    other, _ = waiting(app, "환불해 주세요")
    known(app, other, name="김하나")
    desk = window(width, 844)
    enter(app, desk)
    desk.goto(f"{app.url}/console/customers/{here.id}")
    desk.locator(".link-new summary").click()
    field, found = desk.locator("#link-other"), desk.locator("#link-others label")
    looked = asked(desk)
    field.focus()
    keyboard = Keyboard(desk)
    keyboard.compose("김", "ㅎ하한")
    keyboard.compose("하", "ㄴ느늘")
    # The last syllable is still open; who stops there sees whom that finds.
    expect(found).to_have_count(1)
    assert len(looked) <= 2, "not once for each stroke"
    keyboard.commit("늘")
    expect(found.locator("mark")).to_have_text("김하늘")
    expect(found.locator("input")).to_be_checked()
    OUTPUT.mkdir(exist_ok=True)
    for words, many in (("5678", 1), ("haneul@", 1), (code, 1), ("김하", 2), ("없는 사람", 0)):
        field.fill(words)
        if many == 0:
            expect(desk.locator("#link-others")).to_contain_text("찾는 것이 없어요")
        expect(found).to_have_count(many)
    with app.sessions() as session:
        shown = session.scalars(select(Access.people).where(Access.what == "searched")).all()
    assert [there.id] in [[str(one) for one in people] for people in shown], "looks are kept"
    field.fill("김하")
    expect(found).to_have_count(2)
    expect(desk.locator("#link-others :checked")).to_have_count(0)
    desk.locator("#links").scroll_into_view_if_needed()
    desk.screenshot(path=OUTPUT / f"console-link-customer-{width}.png")
    # A customer who writes meanwhile changes nothing of what is being chosen.
    here.say("아직 계세요?")
    expect(desk.locator(".msg.customer").last).to_contain_text("아직 계세요?")
    expect(found).to_have_count(2)
    field.press("ArrowDown")
    if "김하나" in found.first.inner_text():
        desk.keyboard.press("ArrowDown")
    expect(found.filter(has_text="김하늘").locator("input")).to_be_checked()
    desk.locator("#link-reason").fill("전화로 확인")
    desk.locator("#link-reason").press("Enter")
    expect(desk.locator("#links .links li").first).to_contain_text("전화로 확인")
    expect(desk.locator("#links .links li").first).to_contain_text("김하늘")
    expect(field).to_have_value("")
    expect(found).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_tickets_are_chosen_to_link_and_to_merge(app: App, window: Window, width: int) -> None:
    _, foreign = waiting(app, "소파 다리가 부러져서 왔어요")
    customer, old = waiting(app, "배송이 늦어요")
    agent = signed_in(app, name())
    agent.post(f"/console/tickets/{old}/resolve")
    customer.say("환불도 되나요?")
    line = customer.until(lambda line: "접수번호" in line["text"] and old not in line["text"])
    new = re.findall(r"T-\w{6}", line["text"])[0]
    desk = window(width, 844)
    enter(app, desk)
    desk.goto(f"{app.url}/console/tickets/{new}")
    if width < 760:
        desk.locator("[data-pane=customer]").click()
    desk.locator("#ticket-link-new summary").click()
    field, found = desk.locator("#ticket-link-code"), desk.locator("#ticket-link-others label")
    field.fill("다리")
    expect(found).to_have_count(1)
    expect(found.locator("mark")).to_have_text("다리")
    field.fill("요")
    expect(found).to_have_count(2)
    field.fill(f"{app.url}/console/tickets/{foreign}?lang=ko")
    expect(found).to_have_count(1)
    expect(found.locator("mark")).to_have_text(foreign)
    field.fill("소파")
    expect(found.locator("mark")).to_have_text("소파")
    expect(found).to_be_in_viewport(ratio=1)
    desk.screenshot(path=OUTPUT / f"console-link-ticket-{width}.png")
    field.press("Enter")
    expect(desk.locator(".ticket-links")).to_contain_text(foreign)
    expect(field).to_have_value("")
    expect(found).to_have_count(0)

    desk.locator("#ticket-merge summary").click()
    into = desk.locator("#ticket-merge-into label")
    expect(into).to_have_count(1)
    expect(into).to_contain_text("배송이 늦어요")
    into.click()
    desk.screenshot(path=OUTPUT / f"console-merge-ticket-{width}.png")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile(old))
