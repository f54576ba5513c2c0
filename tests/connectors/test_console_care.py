"""What an agent has written is neither lost, nor sent to the wrong person, nor shown to another."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.connectors.browser import PASSWORD, enter, name, waiting
from tests.connectors.conftest import App
from tests.pages import OUTPUT, Window
from ticketing import macros


def sign_in(page: Page, who: str) -> None:
    page.locator("[name=name]").fill(who)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form button").last.click()
    expect(page.locator(".places")).to_be_visible()


def ended(page: Page) -> None:
    """The session is gone. A page that stood open would find out, and load itself anew."""
    page.goto("about:blank")
    page.context.clear_cookies()


def made_macro(app: App, title: str, text: str) -> None:
    with app.sessions.begin() as session:
        macros.save(session, None, name=title, text_ko=text, text_en=text)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_macro_never_makes_a_note_a_reply(app: App, window: Window, width: int) -> None:
    app.rasa.mode = "hand_off"
    customer, code = waiting(app)
    title = name()
    made_macro(app, title, "안내해 드릴게요")
    page = window(width, 844)
    enter(app, page)
    page.goto(f"{app.url}/console/tickets/{code}")
    text = page.locator("#text")
    page.locator(".modes [value=note]").check(force=True)
    text.fill("내부: 조심할 고객")
    page.locator("[name=pick]").select_option(label=title)
    expect(page.locator("#toast")).to_contain_text("메모")
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"console-macro-note-{width}.png")
    expect(text).to_have_value("내부: 조심할 고객")
    expect(page.locator(".modes [value=note]")).to_be_checked()
    text.press("Control+Enter")
    expect(page.locator(".note")).to_contain_text("조심할 고객")
    # Once it is kept, the macro is a reply, on a line of its own behind what was typed.
    page.locator(".modes [value=reply]").check(force=True)
    text.fill("확인했어요.")
    page.locator("[name=pick]").select_option(label=title)
    expect(text).to_have_value("확인했어요.\n안내해 드릴게요")
    assert not any("조심할" in line["text"] for line in customer.history())


def test_colleagues_see_who_writes_a_reply(app: App, window: Window) -> None:
    app.rasa.mode = "hand_off"
    customer, code = waiting(app)
    mine, theirs = name(), name()
    here, there = window(1280, 844), window(390, 844)
    for page, who in ((here, mine), (there, theirs)):
        enter(app, page, who=who)
        page.goto(f"{app.url}/console/tickets/{code}")
        page.wait_for_function("document.readyState === 'complete'")
    with customer.http.stream("GET", "/chat/stream") as stream:
        lines = stream.iter_lines()
        next(line for line in lines if line == "event: state")
        # A note is nobody's answer.
        here.locator(".modes [value=note]").check(force=True)
        here.locator("#text").press_sequentially("메모")
        here.locator("#text").fill("")
        here.locator(".modes [value=reply]").check(force=True)
        here.locator("#text").press_sequentially("안녕하세요")
        expect(there.locator(".writing")).to_have_text(f"{mine} 님이 답장을 쓰고 있어요.")
        expect(there.locator(".writing")).to_be_in_viewport(ratio=1)
        expect(here.locator(".writing")).to_be_hidden()
        OUTPUT.mkdir(exist_ok=True)
        there.screenshot(path=OUTPUT / "console-writing-390.png")
        # The customer sees that an answer is coming, and not whose.
        heard: list[str] = []
        while heard[-2:-1] != ["event: typing"]:
            heard.append(next(lines))
        assert heard[-1] == 'data: {"author":"agent"}' and mine not in str(heard)
    here.locator("#text").press("Control+Enter")
    expect(there.locator(".msg.agent")).to_contain_text("안녕하세요")
    expect(there.locator(".writing")).to_be_hidden()


def test_resolving_speaks_of_what_is_not_sent_or_not_answered(app: App, window: Window) -> None:
    app.rasa.mode = "hand_off"
    customer, code = waiting(app)
    page = window(390, 844)
    enter(app, page)
    page.goto(f"{app.url}/console/tickets/{code}")
    resolve = page.locator("#resolve")
    unsent, unanswered = resolve.locator(".unsent"), resolve.locator(".unanswered")

    def opened() -> None:
        page.locator("[popovertarget=resolve]:visible").first.click()
        expect(resolve).to_be_visible()

    def closed() -> None:
        resolve.get_by_role("button", name="취소").click()
        expect(resolve).to_be_hidden()

    customer.say("아직 계세요?")
    expect(page.locator(".msg.customer").last).to_contain_text("아직 계세요?")
    opened()
    expect(unanswered).to_be_visible()
    expect(unsent).to_be_hidden()
    page.screenshot(path=OUTPUT / "console-resolve-unanswered-390.png")
    closed()
    page.locator("#text").fill("네, 확인해 드릴게요")
    opened()
    expect(unsent).to_be_visible()
    expect(unanswered).to_be_hidden()
    closed()
    page.locator("#text").press("Control+Enter")
    expect(page.locator(".msg.agent")).to_contain_text("확인해 드릴게요")
    opened()
    expect(unsent).to_be_hidden()
    expect(unanswered).to_be_hidden()


def test_a_draft_is_its_agents_alone(app: App, window: Window) -> None:
    app.rasa.mode = "hand_off"
    _, code = waiting(app)
    page = window(1280, 800)
    first, second = name(), name()
    enter(app, page, who=second)
    ended(page)
    enter(app, page, who=first)
    ticket = f"{app.url}/console/tickets/{code}"
    page.goto(ticket)
    page.locator("#text").fill("쓰다 만 내부 이야기")
    page.reload()
    expect(page.locator("#text")).to_have_value("쓰다 만 내부 이야기")
    # The session ends, and somebody else comes.
    ended(page)
    page.goto(f"{app.url}/console/login")
    sign_in(page, second)
    page.goto(ticket)
    expect(page.locator("#text")).to_have_value("")
    page.locator("#text").fill("또 다른 이야기")
    page.locator("[action='/console/logout'] button").click()
    expect(page.locator("[name=password]")).to_be_visible()
    kept = page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))")
    assert kept == []


def test_an_article_is_saved_after_signing_in_again(app: App, window: Window) -> None:
    page = window(1280, 800)
    who = name()
    enter(app, page, "lead", who=who)
    page.goto(f"{app.url}/console/articles/new?locale=ko")
    page.locator("[data-preview] [name=title]").fill("영업 시간 안내")
    body = page.locator("[data-preview] [name=body]")
    body.fill("아홉 시에 열어요.")
    page.context.clear_cookies()
    save = page.get_by_role("button", name=re.compile("초안"))
    save.first.click()
    link = page.locator("[data-preview] .wrong a")
    expect(link).to_have_text("로그인")
    page.screenshot(path=OUTPUT / "console-signed-out-1280.png")
    page.evaluate("refresh()")
    expect(body).to_have_value("아홉 시에 열어요.")
    with page.expect_popup() as opened:
        link.click()
    sign_in(opened.value, who)
    save.first.click()
    expect(page).to_have_url(re.compile("/console/articles/edit/"))
    expect(body).to_have_value("아홉 시에 열어요.")


def test_somebody_elses_session_does_not_send_what_another_wrote(app: App, window: Window) -> None:
    app.rasa.mode = "hand_off"
    _, code = waiting(app)
    page = window(1280, 800)
    first, second = name(), name()
    enter(app, page, who=first)
    page.goto(f"{app.url}/console/tickets/{code}")
    page.locator("#text").fill("첫 사람의 답")
    other = page.context.new_page()
    page.context.clear_cookies()
    enter(app, other, who=second)
    page.locator("#text").press("Control+Enter")
    expect(page.locator(".composer .wrong")).to_contain_text("새로고침")
    expect(page.locator("#text")).to_have_value("첫 사람의 답")


@pytest.mark.parametrize("width", [1280, 390])
def test_saving_a_macro_keeps_what_is_typed_in_another(
    app: App, window: Window, width: int
) -> None:
    first, second, third = name(), name(), name()
    for title in (first, second):
        made_macro(app, title, "안녕하세요")
    page = window(width, 844)
    enter(app, page, "lead")
    expect(page.locator(".places")).to_be_attached()
    page.goto(f"{app.url}/console/macros")

    def card(title: str) -> Locator:
        return page.locator("details", has=page.locator("summary", has_text=title))

    for title in (first, second):
        card(title).locator("summary").click()
    card(first).locator("[name=text_ko]").fill("쓰다 만 말")
    card(second).locator("[name=text_ko]").fill("고친 말")
    card(second).get_by_role("button", name="저장").click()
    expect(page.locator("#toast")).to_contain_text("저장")
    fresh = page.locator("#macro-fresh")
    fresh.locator("summary").click()
    fresh.locator("[name=name]").fill(third)
    fresh.locator("[name=text_ko]").fill("새 말")
    fresh.get_by_role("button", name="저장").click()
    expect(card(third)).to_be_visible()
    expect(fresh.locator("[name=name]")).to_have_value("")
    expect(card(first).locator("[name=text_ko]")).to_have_value("쓰다 만 말")
    page.screenshot(path=OUTPUT / f"console-macros-kept-{width}.png", full_page=True)
    page.reload()
    expect(card(second).locator("[name=text_ko]")).to_have_value("고친 말")
    expect(card(first).locator("[name=text_ko]")).to_have_value("안녕하세요")


@pytest.mark.parametrize("width", [1280, 390])
def test_one_form_of_a_page_keeps_what_is_typed_in_another(
    app: App, window: Window, width: int
) -> None:
    page = window(width, 844)
    enter(app, page, "admin")
    OUTPUT.mkdir(exist_ok=True)
    fresh, toast = page.locator(".rule-new"), page.locator("#toast")
    page.goto(f"{app.url}/console/tags")
    for word in ("환불", "교환"):
        fresh.locator("[name=value]").fill(word)
        fresh.locator("[name=tag]").fill(f"{word}건")
        fresh.locator("button").click()
        expect(page.locator(".rules li", has_text=word)).to_be_visible()
        expect(fresh.locator("[name=value]")).to_have_value("")
    fresh.locator("[name=value]").fill("쓰다 만 말")
    page.locator(".rules li", has_text="환불").locator("button").click()
    expect(page.locator(".rules li", has_text="환불")).to_have_count(0)
    expect(page.locator(".rules li", has_text="교환")).to_be_visible()
    expect(fresh.locator("[name=value]")).to_have_value("쓰다 만 말")
    page.screenshot(path=OUTPUT / f"console-rules-kept-{width}.png", full_page=True)

    page.goto(f"{app.url}/console/customers/fields")
    new = page.locator("form", has=page.locator("#key-new"))
    for key, words in (("skin", "피부 타입"), ("size", "사이즈")):
        new.locator("[name=key]").fill(key)
        new.locator("[name=name_ko]").fill(words)
        new.locator("[name=name_en]").fill(key)
        new.locator("button").click()
        expect(page.locator(f"#field-{key} strong")).to_have_text(words)
        expect(new.locator("[name=key]")).to_have_value("")
    new.locator("[name=name_ko]").fill("쓰다 만 이름")
    for key in ("skin", "size"):
        page.locator(f"#field-{key} summary").click()
    page.locator("#field-skin [name=name_ko]").fill("쓰다 만 피부")
    page.locator("#field-size [name=name_ko]").fill("옷 사이즈")
    page.locator("#field-size .stack button").click()
    expect(page.locator("#field-size strong")).to_have_text("옷 사이즈")
    expect(page.locator("#field-size [name=name_ko]")).to_have_value("옷 사이즈")
    expect(page.locator("#field-skin [name=name_ko]")).to_have_value("쓰다 만 피부")
    expect(new.locator("[name=name_ko]")).to_have_value("쓰다 만 이름")
    page.screenshot(path=OUTPUT / f"console-fields-kept-{width}.png", full_page=True)

    page.goto(f"{app.url}/console/agents")
    first, second = name(), name()
    invite, made = page.locator("[aria-labelledby=new]"), page.locator("#made input")
    link = ""
    for who in (first, second):
        invite.locator("[name=name]").fill(who)
        invite.locator("button").click()
        expect(page.locator("#made p").first).to_contain_text(who)
        expect(made).to_be_focused()
        expect(made).to_be_in_viewport(ratio=1)
        assert made.input_value() not in ("", link)
        link = made.input_value()
        expect(invite.locator("[name=name]")).to_have_value("")
    page.screenshot(path=OUTPUT / f"console-agents-made-{width}.png")
    card = {who: page.locator("details.agent", has_text=who) for who in (first, second)}
    for one in card.values():
        one.locator("summary").first.click()
    card[first].locator("[name=name]").fill("쓰다 만 이름")
    card[second].locator("[name=role]").select_option("lead")
    card[second].get_by_role("button", name="저장").click()
    expect(card[second].locator("summary").first).to_contain_text("팀 리더")
    expect(card[first].locator("[name=name]")).to_have_value("쓰다 만 이름")
    invite.locator("[name=name]").fill(second)
    invite.locator("button").click()
    expect(invite.locator(".wrong")).to_contain_text("같은 이름")
    expect(invite.locator("[name=name]")).to_have_value(second)
    card[second].locator(".agent-leave summary").click()
    card[second].locator(".agent-leave button").click()
    expect(toast).to_have_class("show")
    expect(page.locator(".rules li", has_text=second)).to_be_visible()
    expect(card[first].locator("[name=name]")).to_have_value("쓰다 만 이름")
    page.screenshot(path=OUTPUT / f"console-agents-kept-{width}.png", full_page=True)
    page.locator(".rules li", has_text=second).locator("button").click()
    expect(made).to_be_focused()
    expect(card[second]).to_be_visible()
    expect(card[first].locator("[name=name]")).to_have_value("쓰다 만 이름")
