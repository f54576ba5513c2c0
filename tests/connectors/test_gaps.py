"""From what customers asked in vain to an article: gathered, shown, drafted, published."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from connectors import desk
from connectors import gaps as gathered
from connectors.channel import Inbound
from connectors.desk import Turn
from connectors.rasa import Reply
from knowledge_base import articles, gaps
from tests.conftest import fresh_database
from tests.connectors.browser import close_all, name, signed_in
from tests.connectors.conftest import App, running
from ticketing import agents, conversations, customers, lanes
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
    assert gathered.draft(session, gap.gap.id, by="민호") == (id, locale)
    assert gaps.listing(session, state="drafted")[0].gap.article_id == id


@pytest.fixture(scope="module")
def app(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with (
        fresh_database(postgres) as url,
        running(url, tmp_path_factory.mktemp("gateway")) as made,
    ):
        yield made


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_all()


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
    assert f"/console/customers/{customer.id}#line-" in seen.text and "초안 만들기" not in seen.text
    assert agent.post(f"{gap}/dismiss", script=True).status_code == 403
    assert curator.post(f"{gap}/dismiss", script=True).json()["said"] == "치워 두었어요."
    assert "강아지도" in curator.parts("/console/gaps?state=dismissed")["gaps"]
    assert curator.post(f"{gap}/reopen").status_code == 303
    made = curator.post(f"{gap}/draft", script=True).json()["go"]
    assert "강아지도 같이 갈 수 있나요?" in curator.get(made).text
    assert curator.get("/console/gaps/999999").status_code == 404
