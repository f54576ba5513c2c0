"""A customer's question, end to end, as customer and agent see it: real Rasa, real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.product import Product


def open_chat(page: Page, url: str, lang: str = "ko") -> None:
    page.goto(f"{url}/?lang={lang}")
    page.locator("#launcher").click()
    expect(page.locator("#text")).to_be_visible()


def say(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")
    expect(page.locator(".m.customer .t").last).to_have_text(text)


def last(page: Page, author: str, kind: str | None = None) -> Locator:
    wanted = f'.m[data-author="{author}"]' + (f'[data-kind="{kind}"]' if kind else "")
    return page.locator(wanted).last


def test_answered_in_korean(page: Page, app_url: str) -> None:
    """Asked in Korean, answered with its article, which opens, and the vote is kept."""
    open_chat(page, app_url)
    say(page, "안녕하세요 환불은 언제 들어오나요?")
    answer = last(page, "bot", "answer")
    expect(answer).to_contain_text("영업일")
    link = answer.locator("a")
    expect(link).to_have_attribute("href", re.compile(r"/help/refund-when\?lang=ko$"))
    page.locator(".chip", has_text="도움이 됐어요").last.click()
    expect(last(page, "bot", "say")).to_contain_text(re.compile("기뻐|다행|감사"))
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value.locator("h1")).to_contain_text("환불")


def test_answered_in_english(page: Page, app_url: str) -> None:
    open_chat(page, app_url, "en")
    say(page, "How long does delivery take?")
    expect(last(page, "bot", "answer")).to_contain_text("business day")
    say(page, "what is the best restaurant in town?")
    expect(last(page, "bot", "unknown")).to_be_visible()
    expect(page.locator(".chip", has_text="Talk to a person").last).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "hello", "name", "centre"),
    [
        ("ko", "안녕하세요", "하늘상점", "하늘상점 도움말 센터"),
        ("en", "hello there", "Haneul Store", "Haneul Store Help centre"),
    ],
)
def test_bot_and_help_centre_have_the_shops_name(
    page: Page, app_url: str, lang: str, hello: str, name: str, centre: str
) -> None:
    open_chat(page, app_url, lang)
    say(page, hello)
    expect(last(page, "bot", "say")).to_contain_text(name)
    page.goto(f"{app_url}/help?lang={lang}")
    expect(page).to_have_title(centre)
    expect(page.locator("header .brand")).to_have_text(centre)


def test_what_it_is_about_is_remembered(page: Page, app_url: str) -> None:
    """Of exchanges it is asked how much and how long, whatever Rasa takes these words for."""
    open_chat(page, app_url)
    say(page, "사이즈 교환은 어떻게 해요?")
    link = re.compile(r"/help/exchange-how\?lang=ko")
    expect(last(page, "bot", "answer").locator("a")).to_have_attribute("href", link)
    say(page, "그건 얼마예요?")
    expect(page.locator(".bot.answer")).to_have_count(2)
    expect(last(page, "bot", "answer")).to_contain_text("6,000원")
    say(page, "얼마나 걸려요?")
    expect(page.locator(".bot.answer")).to_have_count(3)
    expect(last(page, "bot", "answer")).to_contain_text("5~7일")
    expect(last(page, "bot", "answer").locator("a")).to_have_attribute("href", link)


def test_an_unclear_question_offers_choices(page: Page, app_url: str) -> None:
    open_chat(page, app_url)
    say(page, "환불")
    choices = last(page, "bot", "clarify")
    expect(choices).to_be_visible()
    page.locator(".row, .chip").filter(has_text="환불").last.click()
    expect(last(page, "bot", "answer")).to_be_visible()


def test_a_curator_sees_what_the_customer_would_get(console: Page, app_url: str) -> None:
    """The real bot's answer, with the words of the article, and why it was found."""
    # The first question of the console waits until the language model is there.
    tried = f"{app_url}/console/articles/try?q=환불은 언제 들어오나요?"
    console.goto(tried, timeout=60_000)
    expect(console.locator("main")).to_contain_text("영업일")
    expect(console.locator("main")).to_contain_text("환불 처리 기간")


def test_a_person_answers_and_is_rated(
    page: Page, console: Page, product: Product, agent_login: dict[str, str]
) -> None:
    """Unknown → a person is offered → claimed, answered, noted, resolved → rated → on record."""
    open_chat(page, product.url)
    say(page, "혹시 강아지랑 같이 매장에 들어가도 되나요? 큰 개예요")
    expect(last(page, "bot")).to_be_visible()
    page.locator("#human").click()
    ticket = last(page, "system", "event")
    expect(ticket).to_contain_text("접수번호")
    found = re.search(r"T-[0-9A-Z]{6}", ticket.inner_text())
    assert found
    code = found.group()

    console.goto(f"{product.url}/console")
    console.locator(".cover").first.click()
    console.wait_for_url(re.compile(code))
    console.get_by_role("button", name="내가 맡기").click()
    expect(last(page, "system", "event")).to_contain_text(f"{agent_login['name']} 상담원이 연결")
    expect(page.locator("#holder")).to_contain_text(agent_login["name"])

    console.locator('input[name="mode"][value="note"]').check(force=True)
    console.locator("#text").fill("대형견은 매니저 확인 필요")
    console.locator("#text").press("Control+Enter")
    expect(console.get_by_text("대형견은 매니저 확인 필요").first).to_be_visible()
    console.locator('input[name="mode"][value="reply"]').check(force=True)
    console.locator("#text").fill("네, 목줄을 하시면 함께 들어오실 수 있어요.")
    console.locator("#text").press("Control+Enter")
    expect(last(page, "agent")).to_contain_text("목줄을 하시면")
    expect(page.locator(".m", has_text="매니저 확인")).to_have_count(0)

    say(page, "감사합니다!")
    expect(console.get_by_text("감사합니다!").first).to_be_visible()
    console.get_by_role("button", name="해결하기").first.click()
    console.locator("#resolve").get_by_role("button", name="해결하기").click()
    survey = last(page, "system", "csat")
    expect(survey).to_contain_text("어떠셨나요")
    page.locator(".csat .row", has_text="4").click()
    expect(last(page, "system", "rating")).to_be_visible()
    page.locator(".note textarea").fill("빠르고 친절했어요")
    page.locator(".note button").last.click()
    expect(page.locator(".note textarea")).to_have_count(0)

    console.locator("a.person").click()
    expect(console.get_by_text("빠르고 친절했어요").first).to_be_visible()
    expect(console.locator("p.csat b")).to_have_text("4.0")
    expect(console.locator("p.csat small")).to_have_text("평가 1건 · 최근 4점")


def test_not_solved_reopens(page: Page, product: Product, console: Page) -> None:
    open_chat(page, product.url)
    say(page, "상담원 연결해 주세요")
    expect(last(page, "system", "event")).to_contain_text("접수번호")
    found = re.search(r"T-[0-9A-Z]{6}", last(page, "system", "event").inner_text())
    assert found
    console.goto(f"{product.url}/console/tickets/{found.group()}")
    console.get_by_role("button", name="내가 맡기").click()
    console.get_by_role("button", name="해결하기").first.click()
    console.locator("#resolve").get_by_role("button", name="해결하기").click()
    page.locator("button", has_text="해결되지 않았어요").click()
    expect(last(page, "system", "event")).to_contain_text("다시 열었어요")
    expect(console.get_by_text("다시 열림").first).to_be_visible()


def test_a_published_article_answers_at_once(page: Page, console: Page, product: Product) -> None:
    """Curating in the console: written, published, and customers get it within seconds."""
    open_chat(page, product.url)
    question = "드론 촬영 소품도 대여해 주시나요?"
    say(page, question)
    expect(last(page, "bot", "unknown")).to_be_visible()
    console.goto(f"{product.url}/console/articles/new")
    console.locator('[name="id"]').fill("drone-rental")
    console.locator('[name="title"]').fill("드론 촬영 소품 대여")
    console.locator('[name="questions"]').fill(
        "드론 소품 빌릴 수 있나요?\n드론 촬영 소품 대여 되나요?"
    )
    console.locator('[name="body"]').fill("드론 촬영 소품은 성수점에서 하루 단위로 빌려 드려요.")
    console.get_by_role("button", name="저장하고 게시").click()
    expect(console.get_by_text("게시됨").first).to_be_visible()

    def answered() -> bool:
        say(page, question)
        line = page.locator('.m[data-author="bot"]').last
        expect(line).to_be_visible()
        return "성수점에서 하루 단위로" in line.inner_text()

    for _ in range(20):
        if answered():
            return
        page.wait_for_timeout(250)  # the promise is five seconds
    raise AssertionError("the published article did not answer within five seconds")
