"""Tickets are found over the console's lists: without our script, and while Korean is composed."""

from __future__ import annotations

import re
import unicodedata
import uuid

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from sqlalchemy import update

from connectors.desk import changing
from connectors.web.console import customers as page_of_customers
from connectors.web.console import portions
from connectors.web.console import tickets as page_of_tickets
from tests.connectors.browser import Browser, enter, name, signed_in, waiting
from tests.connectors.conftest import App, Visitor
from tests.journeys.test_widget_ime import Keyboard
from tests.pages import OUTPUT, Window
from ticketing import erasure, history, tickets
from ticketing.models import Customer, Ticket
from ticketing.record import Author


@pytest.fixture(autouse=True)
def hand_over(app: App) -> None:
    app.rasa.mode = "hand_off"


def found(agent: Browser, q: str, **more: str) -> str:
    answer = agent.get("/console", params={"q": q, **more}, headers={"X-Console": "1"})
    assert answer.status_code == 200
    inbox: str = answer.json()["inbox"]
    return inbox


def called(app: App, customer: Visitor, name: str) -> None:
    with app.sessions.begin() as session:
        session.execute(update(Customer).where(Customer.id == customer.id).values(name=name))


def test_tickets_are_found_by_code_name_and_words(app: App) -> None:
    agent = signed_in(app, name())
    customer, parking = waiting(app, "매장에 주차장이 있나요?")
    called(app, customer, "김하늘")
    _, done = waiting(app, "주차 요금이 100%_ 인가요? <b>")
    agent.post(f"/console/tickets/{done}/resolve")
    for words in (parking, parking[2:].lower(), "김하늘", "주차장이 매장", "김하늘 주차장"):
        inbox = found(agent, words)
        assert parking in inbox and done not in inbox, words
        assert "문의 1건을 찾았어요." in inbox
    assert "1 ticket found." in found(agent, parking, lang="en")
    agent.get("/console?lang=ko")
    both = found(agent, "  주차\x00 ", view="mine", tag="없는")
    assert "문의 2건을 찾았어요." in both and both.index(parking) < both.index(done)
    assert parking in found(agent, unicodedata.normalize("NFD", "김하늘")), "as macOS types it"
    assert done in found(agent, "100%_"), "signs are signs"
    none = found(agent, '"><script>alert(1)</script>')
    assert "찾는 문의가 없어요" in none and "낱말을 줄이거나" in none
    page = agent.get("/console", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    assert agent.get("/console", params={"q": "가" * 201}).status_code == 422
    empty = found(agent, "   ")
    assert "찾았어요" not in empty and parking in empty and done not in empty


def test_whoever_is_one_person_is_found_by_the_name_that_is_shown(app: App) -> None:
    agent = signed_in(app, name())
    first, _ = waiting(app, "첫 질문이에요")
    called(app, first, "박바다")
    second, code = waiting(app, "다른 질문이에요")
    with app.sessions.begin() as session:
        session.execute(update(Customer).where(Customer.id == second.id).values(root_id=first.id))
    assert "박바다" in found(agent, code) and code in found(agent, "박바다")


def test_what_was_said_is_found_and_shown(app: App) -> None:
    me = name()
    agent = signed_in(app, me)
    customer, code = waiting(app, "매장에 주차장이 있나요?")
    customer.say("그리고 <b>노란</b> 우산을 두고 왔는데 분실물 보관소가 있을까요?")
    _, other = waiting(app, "배송이 늦어요")
    agent.post(f"/console/tickets/{code}/claim")
    path = f"/console/tickets/{code}/say"
    agent.post(path, text="보관소는 Lost&Found 데스크예요.", mode="reply", key="a")
    agent.post(path, text="단골 손님, 100%_ 친절하게", mode="note", key="b")
    app.settle()
    for words, by, shown in (
        ("우산", "고객", "노란&lt;/b&gt; <mark>우산</mark>을 두고"),
        ("분실물 우산", "고객", "<mark>우산</mark>을 두고 왔는데 <mark>분실물</mark>"),
        ("lost&found", "상담원", "보관소는 <mark>Lost&amp;Found</mark> 데스크"),
        ("100%_", "내부 메모", "단골 손님, <mark>100%_</mark> 친절"),
        ("우산 데스크 단골", "내부 메모", "<mark>단골</mark>"),
        ("주차장 우산", None, "<mark>주차장</mark>"),
        ("주차장", None, "매장에 <mark>주차장</mark>이"),
    ):
        inbox = found(agent, words)
        assert code in inbox and other not in inbox, words
        assert shown in inbox, (words, inbox)
        assert by is None or f'<span class="said-by">{by}</span>' in inbox, words
    for words in ("우산_", "100__", "배송 우산", "맡았어요", "상담원을 연결"):
        assert code not in found(agent, words), f"{words} was said by none of them"


def test_a_line_is_found_and_read_however_far_back_it_is(
    app: App, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = name()
    agent = signed_in(app, me)
    customer, code = waiting(app, "매장에 주차장이 있나요?")
    customer.say("노란 우산을 두고 왔어요")
    app.settle()
    with app.sessions.begin() as session:
        ticket = tickets.get(session, code)
        for n in range(320):
            history.record(
                session,
                conversation_id=ticket.conversation_id,
                customer_id=ticket.customer_id,
                author="agent",
                author_name=me,
                text=f"{n + 1}번째 메모",
                kind="note",
                internal=True,
            )
    desk = window(1280, 800)
    enter(app, desk)
    desk.goto(f"{app.url}/console?q=우산")
    desk.locator(f"#row-{code} .cover").click()
    line = desk.locator(".msg", has_text="노란 우산을")
    expect(line).to_be_in_viewport()
    # The browser says so once it has scrolled there.
    desk.wait_for_function("() => document.querySelector(':target')?.matches('.msg')")
    assert line.evaluate("one => one.matches(':target')")
    OUTPUT.mkdir(exist_ok=True)
    desk.screenshot(path=OUTPUT / "console-far-back-1280.png")
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.screenshot(path=OUTPUT / "console-far-back-390.png")
    # What comes in meanwhile leaves the line where it is.
    agent.post(f"/console/tickets/{code}/say", text="새 메모예요", mode="note", key="new")
    expect(desk.locator("[role=log]")).to_contain_text("새 메모예요")
    expect(line).to_be_in_viewport()

    # Whoever reads backwards goes on from where they are.
    desk.goto(f"{app.url}/console/tickets/{code}")
    expect(line).to_have_count(0)
    first = desk.locator("[role=log] .note").first
    words = first.locator(".text").inner_text()
    desk.get_by_role("link", name="이전 대화 더 보기").click()
    expect(line).to_have_count(1)
    expect(desk.locator(".note", has_text=words).first).to_be_in_viewport()
    expect(desk.locator("#earlier")).to_have_count(0)

    path = f"/console/tickets/{code}?line="
    assert agent.get(f"{path}999999999").status_code == 200, "of somebody else"
    assert agent.get(f"{path}-1").status_code == 422
    monkeypatch.setattr(page_of_customers, "LINES", 300)
    page = agent.get(f"/console/customers/{customer.id}").text
    assert "노란 우산" not in page and "이전 대화 더 보기" in page
    further = re.search(r'<a href="(\?line=\d+)#', page)
    assert further
    assert "노란 우산" in agent.get(f"/console/customers/{customer.id}{further[1]}").text


def test_hangul_in_pieces_is_found_whole(app: App) -> None:
    agent = signed_in(app, name())
    customer, code = waiting(app, unicodedata.normalize("NFD", "매장에 주차장이 있나요?"))
    customer.say(unicodedata.normalize("NFD", "맥에서 쓴 노란 우산이에요 ABC"))
    app.settle()
    assert "매장에 <mark>주차장</mark>이" in found(agent, "주차장")
    for words in ("우산이에요", unicodedata.normalize("NFD", "우산이에요"), "abc 우산이에요"):
        inbox = found(agent, words)
        assert code in inbox and "노란 <mark>우산이에요</mark>" in inbox, words


def test_what_was_taken_back_or_erased_is_not_found(app: App) -> None:
    agent = signed_in(app, name())
    customer, code = waiting(app, "매장에 주차장이 있나요?")
    agent.post(f"/console/tickets/{code}/claim")
    agent.post(f"/console/tickets/{code}/say", text="내선 4077 번이에요", mode="note", key="a")
    agent.post(f"/console/tickets/{code}/say", text="비밀 쪽지", mode="note", key="b")
    assert code in found(agent, "4077") and code in found(agent, "쪽지")
    with app.sessions.begin() as session:
        ticket = tickets.get(session, code)
        notes = {
            line.text: line for line in history.timeline(session, customer_id=ticket.customer_id)
        }
        changing.change(session, ticket, notes["내선 4077 번이에요"], text="내선 번호는 바뀌어요")
        changing.delete(session, notes["비밀 쪽지"])
    assert code not in found(agent, "4077") and code in found(agent, "바뀌어요")
    assert code not in found(agent, "쪽지")
    customer.say("분홍 코끼리 인형이요")
    app.settle()
    assert code in found(agent, "코끼리")
    with app.sessions.begin() as session:
        erasure.begin(
            session, uuid.UUID(customer.id), reason="요청", by=Author("관리자", "console")
        )
    assert "row-" not in found(agent, "코끼리") + found(agent, code)


def test_a_list_goes_on(app: App, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_of_tickets, "SHOWN", 2)
    codes = [waiting(app, f"배송이 늦어요 {n}")[1] for n in range(5)]
    agent = signed_in(app, name())
    inbox = found(agent, "배송")
    assert "문의 5건을 찾았어요." in inbox and inbox.count('id="row-') == 2
    assert "5건 중 2건" in inbox and "q=%EB%B0%B0%EC%86%A1&amp;portions=2" in inbox
    assert found(agent, "배송", portions="2").count('id="row-') == 4
    assert "더 보기" not in found(agent, "배송", portions="3")
    monkeypatch.setattr(portions, "MOST", 2)
    assert "여기까지만 보여요" in found(agent, "배송", portions="2")
    monkeypatch.undo()
    assert agent.get("/console?portions=11").status_code == 422
    monkeypatch.setattr(page_of_tickets, "SHOWN", 2)

    desk = window(1280, 800)
    enter(app, desk)
    desk.goto(f"{app.url}/console?view=open")
    rows, more = desk.locator(".tickets .row"), desk.locator("[data-more]")
    expect(rows).to_have_count(2)
    more.focus()
    desk.keyboard.press("Enter")
    expect(rows).to_have_count(4)
    expect(more).to_be_focused()
    OUTPUT.mkdir(exist_ok=True)
    desk.screenshot(path=OUTPUT / "console-more-1280.png")
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.screenshot(path=OUTPUT / "console-more-390.png", full_page=True)
    # What comes first meanwhile moves the others on: none of them is missing or there twice.
    with app.sessions.begin() as session:
        session.execute(update(Ticket).where(Ticket.code == codes[4]).values(priority="urgent"))
    more.click()
    expect(rows).to_have_count(5)
    expect(more).to_have_count(0)
    there = desk.locator(".tickets .row").evaluate_all("rows => rows.map((row) => row.id)")
    assert there == [f"row-{code}" for code in (codes[4], *codes[:4])]
    # Whoever comes back finds the list as long as it was.
    desk.locator(f"#row-{codes[0]} .cover").click()
    desk.locator("a.back").click()
    expect(rows).to_have_count(5)


def test_every_list_that_is_cut_goes_on(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_of_customers, "SHOWN", 2)
    agent = signed_in(app, name())
    for _ in range(3):
        called(app, waiting(app)[0], "홍길동")
    for path in ("/console/customers", "/console/customers?q=홍길"):
        short = agent.parts(path)["customers"]
        assert short.count('id="c-') == 2 and "앞의 2건" in short
        long = agent.parts(path + ("&" if "?" in path else "?") + "portions=2")["customers"]
        assert long.count('id="c-') == 3 and "더 보기" not in long
    boss = signed_in(app, name(), role="admin")
    for path in ("recovery", "gaps", "dead-letters", "customers/erasures"):
        assert boss.get(f"/console/{path}?portions=2").status_code == 200, path


def test_the_field_works_as_it_is(app: App, window: Window, chromium: Chromium) -> None:
    customer, code = waiting(app, "매장에 주차장이 있나요?")
    called(app, customer, "김하늘")
    _, other = waiting(app, "배송이 늦어요")
    desk = window(1280, 800)
    enter(app, desk)
    field = desk.get_by_role("searchbox")
    field.focus()
    keyboard = Keyboard(desk)
    keyboard.compose("주차", "ㅈ자장")
    keyboard.enter(229)
    expect(desk.locator(f"#row-{other}")).to_be_visible()
    keyboard.commit("장")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status").filter(has_text="문의 1건을 찾았어요.")).to_be_visible()
    expect(desk.locator(f"#row-{code}")).to_be_visible()
    expect(desk.locator(f"#row-{other}")).to_have_count(0)
    expect(field).to_have_value("주차장")
    OUTPUT.mkdir(exist_ok=True)
    desk.screenshot(path=OUTPUT / "console-search-1280.png")
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.screenshot(path=OUTPUT / "console-search-390.png")
    customer.say(
        "아까 그 주차장 말고, 전기차 충전기가 있는 곳이 지하인가요? 충전하면서 장을 보고 싶어요."
    )
    app.settle()
    field.fill("충전")
    field.press("Enter")
    expect(desk.locator(f"#row-{code} mark").first).to_have_text("충전")
    desk.screenshot(path=OUTPUT / "console-search-said-390.png")
    desk.set_viewport_size({"width": 1280, "height": 800})
    desk.screenshot(path=OUTPUT / "console-search-said-1280.png")
    desk.locator(f"#row-{code} .cover").click()
    expect(desk.locator(".msg:target")).to_contain_text("충전기")
    expect(desk.locator(".msg:target")).to_be_in_viewport(ratio=1)
    desk.screenshot(path=OUTPUT / "console-search-line-1280.png")
    desk.go_back()
    desk.set_viewport_size({"width": 390, "height": 844})
    field.fill("없는 말")
    field.press("Enter")
    expect(desk.get_by_text("찾는 문의가 없어요")).to_be_visible()
    desk.screenshot(path=OUTPUT / "console-search-none-390.png")

    bare = chromium.new_context(java_script_enabled=False, locale="ko-KR")
    bare.add_cookies(desk.context.cookies())
    still = bare.new_page()
    still.goto(f"{app.url}/console")
    still.locator("#q").fill("김하늘")
    still.locator("#q").press("Enter")
    expect(still.locator(f"#row-{code}")).to_be_visible()
    expect(still.locator("#q")).to_have_value("김하늘")
    expect(still.locator(".tabs [aria-current]")).to_have_count(0)
    bare.close()
