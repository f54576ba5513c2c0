"""From what customers chose to articles that answer it at once: gathered, added, left out."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from connectors import suggestions as gathered
from connectors.web.console import suggestions as page_of
from knowledge_base import articles, regressions
from knowledge_base.suggestions import Chosen, agreed
from tests.connectors.browser import Browser, enter, name, signed_in
from tests.connectors.conftest import PAUSE_S, App
from tests.connectors.test_gaps import HAND_OFF, UNKNOWN, Talk
from tests.pages import Window
from ticketing import conversations, links
from ticketing.models import Access

if TYPE_CHECKING:
    from knowledge_base.search import Index


HOME = "/console/suggestions"
ASKED = "보내주신 물건이 도착하는 기간이 어떻게 되나요"
CHOICE = '/choose_article{"article": "delivery-time"}'
LEFT = "시킨 거 받으려면 기다려야 하는 기간이 궁금해요"
TOLD: dict[str, Any] = {
    "kind": "answer",
    "text": "3일 걸려요",
    "article": {"id": "delivery-time", "locale": "ko", "title": "배송 기간"},
    "buttons": [{"title": "아니에요", "payload": "/not_helpful"}],
}


def choose(talk: Talk, question: str, id: str = "delivery-time") -> None:
    """Ask something, be asked back, and choose this article."""
    choice = {"title": "배송 기간", "payload": f'/choose_article{{"article": "{id}"}}'}
    talk.say(question, {"kind": "clarify", "text": "어느 것을 찾으세요?", "buttons": [choice]})
    told = TOLD | {"article": {**TOLD["article"], "id": id}, "chosen": True}
    talk.say(choice["title"], told, payload=choice["payload"])


def questions(session: Session) -> list[str]:
    return [one.question for one in gathered.chosen(session)]


def publish(session: Session, id: str, title: str, *asked: str) -> None:
    articles.create(
        session, id=id, locale="ko", title=title, questions=asked, body="3일이에요.", author="지수"
    )
    articles.publish(session, id=id, locale="ko", author="지수")


@pytest.fixture
def shop(session: Session) -> None:
    """The article that is chosen is there."""
    publish(session, "delivery-time", "배송 기간", "며칠 걸려요?")


@pytest.mark.usefixtures("shop")
def test_what_was_chosen_is_gathered_and_what_was_told_is_not(session: Session) -> None:
    first, second = Talk(session), Talk(session)
    choose(first, "언제쯤 받아요?")
    second.say("며칠 걸려요?", {**TOLD, "score": 0.95})
    (found,) = gathered.chosen(session)
    assert (found.question, found.article, found.locale) == (
        *("언제쯤 받아요?", "delivery-time", "ko"),
    )
    assert found.customer == first.customer.id
    session.execute(text("UPDATE message SET at = at - interval '91 days'"))
    assert questions(session) == []


@pytest.mark.usefixtures("shop")
def test_who_has_two_addresses_is_one_customer(session: Session) -> None:
    web, phone = Talk(session), Talk(session)
    choose(web, "언제쯤 받아요?")
    choose(phone, "언제쯤 받아요")
    assert [one.customers for one in agreed(gathered.chosen(session))] == [2]
    links.link(session, customer_id=web.customer.id, other_id=phone.customer.id, evidence="code")
    assert [one.customers for one in agreed(gathered.chosen(session))] == [1]


@pytest.mark.usefixtures("shop")
def test_what_did_not_help_after_all_is_left_out(session: Session) -> None:
    voted, turned_down, handed_over, went_on = (Talk(session) for _ in range(4))
    for talk in (voted, turned_down, handed_over, went_on):
        choose(talk, "언제쯤 받아요?")
    session.execute(
        text("UPDATE message SET vote = 'down' WHERE customer_id = :who AND kind = 'answer'"),
        {"who": voted.customer.id},
    )
    turned_down.say("그게 아니라", {**UNKNOWN, "vote": "down"})
    handed_over.say("상담원", HAND_OFF)
    went_on.say("주차장 있어요?", UNKNOWN)
    assert [one.customer for one in gathered.chosen(session)] == [went_on.customer.id]


@pytest.mark.usefixtures("shop")
def test_a_question_comes_without_politeness_and_personal_data(session: Session) -> None:
    asked = (
        "안녕하세요 언제쯤 받아요? 답변 부탁드립니다",
        "주문번호 20261111-0001 언제 와요? 010-1234-5678",
        "배송 기간 · 얼마나 걸려요?",  # is none without what was asked before
        "010-1234-5678",
        "받기까지 걸리는 기간이 궁금해요",  # "받기까지 걸리는 기간이" is all that is looked for
    )
    for one in asked:
        choose(Talk(session), one)
    named = Talk(session)
    named.customer.name = "김민수"
    choose(named, "저는 김민수인데요 언제쯤 와요?")
    assert questions(session) == [
        *(
            "받기까지 걸리는 기간이 궁금해요",
            "주문번호 언제 와요?",
            "언제쯤 받아요?",
        )
    ]


@pytest.mark.usefixtures("shop")
def test_an_article_that_is_retired_is_no_choice_any_more(session: Session) -> None:
    choose(Talk(session), "언제쯤 받아요?")
    articles.retire(session, id="delivery-time", locale="ko", author="지수")
    assert questions(session) == []


@pytest.mark.usefixtures("shop")
def test_a_late_press_is_for_what_was_asked_where_it_was_offered(session: Session) -> None:
    talk = Talk(session)
    choice = {"title": "배송 기간", "payload": CHOICE}
    talk.say("언제쯤 받아요?", {"kind": "clarify", "text": "이건가요?", "buttons": [choice]})
    talk.say("주차장 있어요?", UNKNOWN)
    *_, told = talk.say(choice["title"], {**TOLD, "chosen": True}, payload=CHOICE)
    assert questions(session) == ["언제쯤 받아요?"] == [told.meta["question"]]


@pytest.mark.usefixtures("shop")
def test_a_yes_to_what_was_offered_is_a_choice(session: Session) -> None:
    talk = Talk(session)
    choice = {"title": "배송 기간", "payload": CHOICE}
    talk.say("언제쯤 받아요?", {"kind": "clarify", "text": "이건가요?", "buttons": [choice]})
    *_, told = talk.say("네", {**TOLD, "chosen": True, "question": "언제쯤 받아요?"})
    assert questions(session) == ["언제쯤 받아요?"]
    context = conversations.bot_context(session, conversation_id=told.conversation_id)
    assert (context.last_question, context.topics[-1]) == ("언제쯤 받아요?", "배송 기간")


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    with gateway.sessions.begin() as session:
        publish(session, "delivery-time", "배송 기간", "며칠 걸려요?")
        publish(session, "refund-when", "환불 기간", "환불 언제 돼요?")
        for one in (ASKED, LEFT, "배송은 며칠 걸려요?", "며칠 걸려요"):
            choose(Talk(session), one)
    return gateway


def looked(browser: Browser) -> str:
    """The page when all is asked that it needs."""
    deadline = time.monotonic() + 60
    while "data-running" in (page := browser.get(HOME).text):
        assert time.monotonic() < deadline
        time.sleep(PAUSE_S)
    return page


def test_a_curator_adds_one_leaves_one_out_and_the_bot_knows(app: App) -> None:
    lead, agent = signed_in(app, name(), role="lead"), signed_in(app, name())
    page = looked(lead)
    assert ASKED in page and LEFT in page and "고객 1명" in page
    with app.sessions() as session:
        chosen = {one.question: one.customer for one in gathered.chosen(session)}
        seen = {one for look in session.scalars(select(Access)) for one in look.people}
        assert seen == {chosen[ASKED], chosen[LEFT]}, "whose words were shown"
    assert "며칠 걸려요" not in page, "it asks that already"
    assert "배송은 며칠" not in page, "that is answered at once"
    assert ASKED in looked(agent) and "checkbox" not in looked(agent)
    where = f"{HOME}/delivery-time"
    form = {"locale": "ko", "revision": "1"}
    assert agent.post(where, **form, question=ASKED, do="publish").status_code == 403
    nothing = lead.post(where, **form, do="publish", script=True)
    assert nothing.status_code == 422, nothing.text

    lead.post(where, **form, leave=LEFT)
    assert LEFT not in looked(lead)
    assert lead.post(where, **form, question=ASKED, do="publish", script=True).json()["go"] == HOME
    page = looked(lead)
    assert ASKED not in page and "더할 질문이 없어요" in page
    with app.sessions() as session:
        article = articles.get(session, id="delivery-time", locale="ko")
        assert article.questions == ["며칠 걸려요?", ASKED]
        assert article.published_revision == article.revision == 2
    with app.agent(name()) as program:
        answer = program.post("/api/kb/ask", json={"question": ASKED, "locale": "ko"}).json()
    assert (answer["outcome"], answer["article"]) == ("answer", "delivery-time")


def test_what_it_would_break_is_said_first_and_what_is_unfinished_is_not_published(
    app: App, window: Window
) -> None:
    page = window()
    enter(app, page, role="lead")
    asked = "돈 돌려받는 기간이 어떻게 되나요"
    with app.sessions.begin() as session:
        regressions.save(session, question=asked, locale="ko", article="refund-when", author="지수")
        known = ["돈을 돌려받기까지 걸리는 기간이 궁금해요"]
        articles.update(session, id="refund-when", locale="ko", questions=known, author="지수")
        articles.publish(session, id="refund-when", locale="ko", author="지수")
        choose(Talk(session), asked)
    page.goto(app.url + HOME)
    card = page.locator("#article-delivery-time-ko")
    expect(card.get_by_role("checkbox")).to_be_checked()
    card.get_by_role("button", name="질문에 더하고 게시").click()
    expect(card.locator(".conflict")).to_contain_text(asked)
    with app.sessions.begin() as session:  # somebody begins to write meanwhile
        articles.update(session, id="delivery-time", locale="ko", body="4일이에요.", author="하늘")
    card.locator("[name=anyway]").click()
    expect(card.locator(".wrong")).to_contain_text("그사이 바뀌어서")
    page.goto(app.url + HOME)
    expect(card.get_by_role("button", name="질문에 더하고 게시")).to_have_count(0)
    expect(card).to_contain_text("게시하지 않은 수정이 있는 문서예요")
    card.get_by_role("button", name="초안에 더하고 열기").click()
    page.wait_for_url("**/console/articles/edit/delivery-time?locale=ko")
    expect(page.locator("[name=questions]")).to_have_value(re.compile(f"{asked}$"))
    with app.sessions() as session:
        article = articles.get(session, id="delivery-time", locale="ko")
        assert (article.revision, article.published_revision) == (4, 2)


def test_what_takes_long_is_asked_beside_and_followed_on_the_page(
    app: App, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of, "TOGETHER", 1)
    monkeypatch.setattr(page_of, "PATIENCE_S", 0.0)
    ask, asked, going_on = gathered.needless, threading.Semaphore(0), threading.Semaphore(0)

    def needless(index: Index, rows: Iterable[Chosen]) -> set[Chosen]:
        asked.release()
        assert going_on.acquire(timeout=30)
        return ask(index, rows)

    monkeypatch.setattr(gathered, "needless", needless)
    new = "시킨 거 받으려면 밤새워 기다려야 하나요"
    with app.sessions.begin() as session:
        for _ in range(2):
            choose(Talk(session), "배송은 며칠이나 걸려요?")  # is told at once
        choose(Talk(session), new)
        publish(session, "parking", "주차장")  # whereupon all of it is asked anew
        count = len(page_of._missing(session))
    page = window()
    enter(app, page, role="lead")
    page.goto(app.url + HOME)
    waits = page.locator("[data-running]")
    expect(waits).to_contain_text("이미 답하는 질문을 가려내고")
    for number in range(count):
        assert asked.acquire(timeout=30)
        if number:
            expect(waits).to_contain_text(f"{count}개 중 {number}개")
        assert signed_in(app, name()).get(HOME).text.count(new) == 0, "nobody begins anew"
        going_on.release()
    expect(page.get_by_text(new)).to_be_visible()
    expect(page.get_by_text("배송은 며칠이나")).to_have_count(0)
    expect(waits).to_have_count(0)
    assert not asked.acquire(blocking=False)
