"""From what customers asked in vain to an article: gathered, shown, drafted, published."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from connectors import desk, publishing
from connectors import gaps as gathered
from connectors.channel import Inbound
from connectors.desk import Turn
from connectors.rasa import Reply
from connectors.web.console.words import refusal
from knowledge_base import articles, gaps
from knowledge_base.errors import Invalid
from tests.conftest import fresh_database
from tests.connectors.browser import Browser, name, signed_in, waiting
from tests.connectors.conftest import App, running
from ticketing import agents, conversations, customers, lanes, tickets
from ticketing.models import ChannelIdentity, Message


class Talk:
    """A customer and the bot; everything is written as the desk writes it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        _, self.customer = customers.start_session(session)
        self.identity: int = (
            session.query(ChannelIdentity.id).filter_by(customer_id=self.customer.id).scalar()
        )

    def say(self, text: str, *replies: dict[str, Any], payload: str | None = None) -> list[Message]:
        session, customer = self.session, self.customer
        lanes.lock(session, customers.lane(customer.id))
        receipt = desk.receive(
            session,
            customer_id=customer.id,
            identity_id=self.identity,
            inbound=Inbound(external_id=str(uuid.uuid4()), text=text, payload=payload),
        )
        talk = conversations.current(session, customer_id=customer.id)
        turn = Turn(
            conversation_id=talk.id,
            customer_id=customer.id,
            lane=customers.lane(customer.id),
            version=talk.version,
            holder=talk.state,
            locale="ko",
            seq=receipt.seq,
            text=text,
            payload=payload,
        )
        desk.end_turn(
            session, turn, [Reply.model_validate({"locale": "ko", **one}) for one in replies]
        )
        return list(
            session.query(Message).filter_by(customer_id=customer.id).order_by(Message.id).all()
        )

    @property
    def ticket(self) -> str:
        return str(conversations.holder(self.session, customer_id=self.customer.id).ticket)


UNKNOWN = {"kind": "unknown", "text": "죄송해요"}
ANSWER = {
    "kind": "answer",
    "text": "3일 걸려요",
    "article": {"id": "delivery-time", "locale": "ko", "title": "배송 기간"},
    "buttons": [{"title": "아니에요", "payload": "/not_helpful"}],
}
HAND_OFF = {"kind": "hand_off", "text": "연결할게요", "reason": "customer_asked"}


@pytest.fixture(scope="module", autouse=True)
def analyser() -> None:
    """Loading it takes longer than a transaction may rest."""
    gaps.prepare([gaps.Asked("", "unknown", "주차장", uuid.uuid4(), dt.datetime.now(dt.UTC))])


def sort(session: Session) -> list[gaps.Summary]:
    rows = [gathered.asked(row) for row in gathered.fresh(session)]
    assert gathered.sort_in(session, rows)
    session.flush()
    return gaps.listing(session)


def test_every_way_of_not_answering_is_gathered_once(session: Session) -> None:
    one, two, three = Talk(session), Talk(session), Talk(session)
    one.say("매장에 주차장이 있나요?", UNKNOWN)
    two.say("주차장 있어요?", ANSWER)
    two.say("그게 아니라", {**UNKNOWN, "vote": "down"})
    three.say("주차장 있나요?", UNKNOWN)
    three.say("상담원 연결해 주세요", HAND_OFF)
    agent = agents.add(session, name="지수")
    desk.reply(session, code=three.ticket, agent=agent, text="지하 2층이에요. 010-1234-5678")
    code = three.ticket
    desk.resolve(session, code=code, agent=agent)
    (gap,) = sort(session)
    assert (gap.gap.size, gap.customers) == (3, 3)
    assert gap.kinds["rejected"] == 1 and gap.kinds["solved"] == 1
    assert {row.text for row in gap.examples} == {
        *("매장에 주차장이 있나요?", "주차장 있어요?", "주차장 있나요?")
    }
    solved = next(row for row in gap.examples if row.answer)
    assert (solved.ticket, solved.answer) == (code, "지하 2층이에요. 010-1234-5678")
    # Read again, nothing counts twice; what came since does.
    assert [one.gap.size for one in sort(session)] == [3]
    one.say("매장에 주차장이 있나요?", UNKNOWN)  # the same customer in the same talk
    Talk(session).say("주차장이 있어요?", UNKNOWN)
    assert [one.gap.size for one in sort(session)] == [4]


def test_a_thumb_down_on_an_answer_is_a_gap(session: Session) -> None:
    talk = Talk(session)
    *_, line = talk.say("배송 며칠 걸려요?", ANSWER)
    pressed = line.buttons[0]["payload"]
    talk.say("아니에요", {**UNKNOWN, "vote": "down"}, payload=pressed)
    (gap,) = sort(session)
    assert [row.text for row in gap.examples] == ["배송 며칠 걸려요?"]
    assert gap.kinds == {"rejected": 1}


def test_a_question_that_goes_on_is_a_gap_in_full(session: Session) -> None:
    talk = Talk(session)
    talk.say("강습은 어디서 해요?", ANSWER)
    talk.say("얼마예요?", {**UNKNOWN, "question": "강습은 어디서 해요 · 얼마예요?"})
    (gap,) = sort(session)
    assert [row.text for row in gap.examples] == ["강습은 어디서 해요 · 얼마예요?"]
    talk.say("상담원", HAND_OFF)
    ticket = tickets.get(session, talk.ticket)
    assert ticket.question == "강습은 어디서 해요 · 얼마예요?"


def test_a_draft_has_the_customers_words_and_the_agents_answer(session: Session) -> None:
    agent = agents.add(session, name="지수")
    for question in ("현금영수증 발급되나요?", "현금영수증 발급 돼요? 제 번호는 010-9999-8888"):
        talk = Talk(session)
        talk.say(question, UNKNOWN)
        talk.say("상담원", HAND_OFF)
        code = talk.ticket
        desk.reply(session, code=code, agent=agent, text="마이페이지에서 발급돼요. 문의 a@b.kr")
        desk.resolve(session, code=code, agent=agent)
    (gap,) = sort(session)
    id, locale = gathered.draft(session, gap.gap.id, by="지수")
    article = articles.get(session, id=id, locale=locale)
    assert (article.state, article.locale, article.body) == (
        *("draft", "ko", "마이페이지에서 발급돼요. 문의 [이메일]"),
    )
    assert "현금영수증 발급되나요?" in article.questions
    assert not any("010-9999" in text for text in (*article.questions, article.title))
    with pytest.raises(Invalid) as refused:
        publishing.publish(session, id=id, locale=locale, author="지수")
    assert "자리([이메일])가 남아" in refusal(refused.value.reason, "ko")
    assert gathered.draft(session, gap.gap.id, by="민호") == (id, locale)
    assert gaps.listing(session, state="drafted")[0].gap.article_id == id


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    return gateway


def test_curators_see_gaps_and_agents_change_none(app: App) -> None:
    app.rasa.mode = "unknown"
    customer = app.visitor()
    customer.say("강아지도 같이 갈 수 있나요?")
    customer.until(lambda line: line["kind"] == "unknown")
    app.rasa.mode = "echo"
    curator, agent = signed_in(app, name(), role="lead"), signed_in(app, name())
    page = curator.parts("/console/gaps")["gaps"]
    assert "강아지도 같이 갈 수 있나요?" in page
    with app.sessions() as session:
        (found,) = gaps.listing(session)
    gap = f"/console/gaps/{found.gap.id}"
    seen = agent.get(gap)
    assert f"/console/customers/{customer.id}?line=" in seen.text and "초안 만들기" not in seen.text
    assert agent.post(f"{gap}/dismiss", script=True).status_code == 403
    assert curator.post(f"{gap}/dismiss", script=True).json()["said"] == "치워 두었어요."
    assert "강아지도" in curator.parts("/console/gaps?state=dismissed")["gaps"]
    assert curator.post(f"{gap}/reopen").status_code == 303
    made = curator.post(f"{gap}/draft", script=True).json()["go"]
    assert "강아지도 같이 갈 수 있나요?" in curator.get(made).text
    assert curator.get("/console/gaps/999999").status_code == 404


def test_the_list_says_the_same_words_once(app: App) -> None:
    first, again = "주차장은 어디에 있나요?", "주차장이 어디에 있나요"
    with app.sessions.begin() as session:
        for one in (first, again, again, first, first):
            Talk(session).say(one, UNKNOWN)
    page = until_sorted(signed_in(app, name(), role="lead"))
    row = next(one for one in page.split("</li>") if "주차장" in one)
    said = re.findall(r'<p class="said" lang="ko">([^<]*)</p>', row)
    assert len(said) == 1 and {*said} < {first, again} and "5번" in row


def test_who_waits_is_answered_once_by_what_is_published(app: App) -> None:
    app.rasa.mode = "hand_off"
    customer, code = waiting(app, "잠수함 대여료가 얼마예요?")
    typed, _ = waiting(app, "wkatngka eodufyrk djfakdPdy")  # the same, on an English keyboard
    other, elsewhere = waiting(app, "우주선에 반려 거북이를 태울 수 있나요?")
    app.rasa.mode = "echo"
    curator = signed_in(app, name(), role="lead")
    assert "잠수함 대여료" in until_sorted(curator)
    id = f"submarine-{uuid.uuid4().hex[:6]}"
    fields = {
        "locale": "ko",
        "title": "잠수함 대여 요금",
        "questions": "잠수함 대여료가 얼마예요?\n잠수함 빌리는 데 얼마예요?",
        "body": "잠수함은 하루 **9,000원**이에요.",
    }
    curator.post("/console/articles/new", id=id, do="publish", **fields)
    told = customer.until(lambda line: line["kind"] == "answer", timeout_s=60)
    assert "9,000원" in told["text"] and told["article"]["id"] == id
    assert (
        typed.until(lambda line: line["kind"] == "answer", timeout_s=60)["article"]
        == told["article"]
    )
    assert [button["title"] for button in told["buttons"]] == [
        *("도움이 됐어요", "아니에요", "상담원 연결")
    ]
    # The curator sees whom it reached: the gap is answered by the question that it has now.
    listed = curator.parts("/console/gaps?state=answered")["gaps"]
    page = re.search(r'/console/gaps/\d+(?="><span class="unseen">잠수함 대여료)', listed)
    assert page and "기다리던 고객에게 답함" in curator.parts(page[0])["gap"]
    changed = {**fields, "body": "잠수함은 하루 **8,000원**이에요."}
    curator.post(f"/console/articles/edit/{id}", revision=1, do="publish", **changed)
    app.settle()
    assert [line["kind"] for line in customer.history()].count("answer") == 1
    assert not any(line["kind"] == "answer" for line in other.history())
    api = app.agent(name())
    assert api.get(f"/api/tickets/{code}").json()["state"] == "open"
    no, yes = told["buttons"][1]["payload"], told["buttons"][0]["payload"]
    assert customer.press(no).status_code == 202
    assert api.get(f"/api/tickets/{code}").json()["state"] == "open"
    assert f"접수번호 {code}" in customer.history()[-1]["text"]
    assert customer.press(yes).status_code == 202
    assert api.get(f"/api/tickets/{code}").json()["state"] == "resolved"
    assert customer.history()[-1]["kind"] == "csat"
    assert other.press(yes).status_code == 422
    assert api.get(f"/api/tickets/{elsewhere}").json()["state"] == "open"


def test_an_empty_list_says_what_comes_there(postgres: str, tmp_path: Path) -> None:
    with fresh_database(postgres) as url, running(url, tmp_path / "gateway") as app:
        curator = signed_in(app, name(), role="lead")
        says = ("저절로 모여요", "초안을 만들면", "또 물으면", "치워 두면")
        for state, said in zip(gaps.STATES, says, strict=True):
            assert said in curator.parts(f"/console/gaps?state={state}")["gaps"]


def test_what_publishing_would_break_is_shown_first(app: App) -> None:
    curator = signed_in(app, name(), role="lead")
    id, question = f"kayak-{uuid.uuid4().hex[:6]}", "카약 강습 예약은 어떻게 해요?"
    fields = {"locale": "ko", "title": "카약 강습", "questions": question, "body": "전화 주세요."}
    curator.post("/console/articles/new", id=id, do="publish", **fields)
    curator.post("/console/saved", question=question, article=id)
    assert question in curator.get("/console/saved?run=true").text
    worse = {**fields, "title": "펜션 소개", "questions": "", "body": "바닷가에 있어요."}
    edit = f"/console/articles/edit/{id}"
    refused = curator.post(edit, script=True, revision=1, do="publish", **worse)
    assert (refused.status_code, refused.json()["code"]) == (409, "would_break")
    assert question in refused.json()["html"]
    # What is sent once more is asked once more: it may be something else by now.
    again = curator.post(edit, script=True, revision=1, do="publish", **worse)
    assert again.json()["code"] == "would_break"
    retired = curator.post(f"{edit}/retire", script=True, locale="ko")
    assert (retired.status_code, retired.json()["code"]) == (409, "would_break")
    assert "그래도 내리기" in retired.json()["html"] and question in retired.json()["html"]
    assert "카약" in app.visitor().http.get(f"/help/{id}").text
    done = curator.post(edit, script=True, revision=1, anyway="yes", **worse)
    assert done.status_code == 200
    assert "못 찾음" in curator.get("/console/saved?run=true").text


def test_a_page_that_stays_open_asks_nothing_again(app: App) -> None:
    curator = signed_in(app, name(), role="lead")
    id, question = f"sled-{uuid.uuid4().hex[:6]}", "눈썰매 대여는 어디서 해요?"
    fields = {"locale": "ko", "title": "눈썰매", "questions": question, "body": "정문이에요."}
    curator.post("/console/articles/new", id=id, do="publish", **fields)
    page = f"/console/articles/try?q={question}"
    assert curator.get(page).status_code == 200
    asked = len(app.rasa.seen)
    assert list(curator.parts(page)) == ["nav"] and len(app.rasa.seen) == asked

    curator.post("/console/saved", question=question, article=id)
    first = curator.get("/console/saved?run=true").text
    assert said_of(first, question) == "찾음"
    assert said_of(curator.parts("/console/saved?run=true")["saved"], question) == "찾음"
    # What must find something else now is asked again, and so is everything once it is published.
    curator.post("/console/saved", question=question, article="")
    assert said_of(curator.parts("/console/saved?run=true")["saved"], question) == "답함"
    curator.post("/console/saved", question=question, article=id)
    curator.post(f"/console/articles/edit/{id}/retire", locale="ko", anyway="yes")
    assert said_of(curator.parts("/console/saved?run=true")["saved"], question) == "못 찾음"


def said_of(page: str, question: str) -> str:
    """How a saved question does, on a page that asked them."""
    found = re.search(rf"{re.escape(question)}</strong><span[^>]*>([^<]+)<", page)
    assert found
    return found[1]


def test_an_approval_and_the_api_and_an_import_say_what_they_break(app: App) -> None:
    lead, writer = signed_in(app, name(), role="lead"), signed_in(app, name())
    id, question = f"glider-{uuid.uuid4().hex[:6]}", "글라이더 체험 예약은 어디서 해요?"
    fields = {"locale": "ko", "title": "글라이더 체험", "questions": question, "body": "전화요."}
    lead.post("/console/articles/new", id=id, do="publish", **fields)
    lead.post("/console/saved", question=question, article=id)
    worse = {"locale": "ko", "title": "오시는 길", "body": "산 위에 있어요."}
    edit = f"/console/articles/edit/{id}"

    writer.post(edit, revision=1, do="review", questions="", **worse)
    refused = lead.post(f"{edit}/publish", script=True, locale="ko", revision=2)
    assert (refused.status_code, refused.json()["code"]) == (409, "would_break")
    assert question in refused.json()["html"]
    done = lead.post(f"{edit}/publish", script=True, locale="ko", revision=2, anyway="yes")
    assert done.status_code == 200
    lead.post(edit, revision=2, do="publish", **fields)

    api = app.agent(name(), role="lead")
    api.put(f"/api/kb/articles/{id}", json={**worse, "questions": []})
    published = api.post(f"/api/kb/articles/{id}/publish", json={"locale": "ko"})
    assert published.status_code == 200 and published.json()["state"] == "published"
    (broken,) = published.json()["breaks"]
    assert (broken["question"], broken["article"]) == (question, id)
    assert (broken["before"], broken["after"]) == ("answered", "missed")

    api.put(f"/api/kb/articles/{id}", json={**fields, "questions": [question]})
    assert api.post(f"/api/kb/articles/{id}/publish").json()["breaks"] == []
    row = {**worse, "id": id, "questions": []}
    page = upload(lead, json.dumps(row).encode())
    assert question in until_checked(lead, page) and "못 찾음" in lead.parts(page)["import"]


def test_an_import_answers_who_waits(app: App) -> None:
    app.rasa.mode = "hand_off"
    customer, _ = waiting(app, "열기구 탑승 요금이 얼마예요?")
    app.rasa.mode = "echo"
    lead = signed_in(app, name(), role="lead")
    id = f"balloon-{uuid.uuid4().hex[:6]}"
    row = {
        "id": id, "locale": "ko", "title": "열기구 탑승 요금", "body": "**70,000원**이에요.",
        "questions": ["열기구 탑승 요금이 얼마예요?", "열기구 타는 데 얼마예요?"],
    }  # fmt: skip
    page = upload(lead, json.dumps(row).encode())
    until_checked(lead, page)
    assert lead.post(f"{page}/run").status_code == 303
    told = customer.until(lambda line: line["kind"] == "answer", timeout_s=60)
    assert "70,000원" in told["text"] and told["article"]["id"] == id


def until_sorted(curator: Browser) -> str:
    """The list of gaps, once what is new is in it."""
    deadline = time.monotonic() + 30
    while "data-running" in (part := curator.parts("/console/gaps")["gaps"]):
        assert time.monotonic() < deadline
    return part


def upload(lead: Browser, content: bytes) -> str:
    """Bring a file; the page of its import."""
    answer = lead.http.post(
        "/console/articles/imports",
        data={"csrf": lead.csrf(), "publish": "on"},
        files={"file": ("kb.jsonl", content)},
    )
    return str(answer.headers["location"])


def until_checked(lead: Browser, page: str) -> str:
    deadline = time.monotonic() + 30
    while "data-running" in (part := lead.parts(page)["import"]):
        assert time.monotonic() < deadline
    return part


def test_what_is_not_written_yet_is_not_published(app: App) -> None:
    curator = signed_in(app, name(), role="lead")
    body = gathered.TO_WRITE["ko"]
    answer = curator.post(
        "/console/articles/new", script=True, id=uuid.uuid4().hex, title="빈 글", body=body,
        do="publish",
    )  # fmt: skip
    assert answer.status_code == 422 and "아직 답을 쓰지" in answer.json()["detail"]
