"""What the actions decide, on the sample shop's articles and a real history."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from sqlalchemy import func, update

from bot.actions import wiring
from bot.actions.texts import TEXTS
from knowledge_base.search import Index
from tests.bot.customer import Customer, Reply, payloads
from ticketing import agents, customers, lanes, tickets
from ticketing.models import Conversation


def test_a_question_is_answered_in_its_language(customer: Customer) -> None:
    korean = customer.says("action_answer", "비밀번호를 잊어버렸어요")
    assert (korean["kind"], korean["locale"]) == ("answer", "ko")
    assert korean["article"]["id"] == "account-password"
    english = customer.says("action_answer", "I forgot my password")
    assert (english["kind"], english["locale"]) == ("answer", "en")
    assert english["article"] == {
        "id": "account-password",
        "locale": "en",
        "title": english["article"]["title"],
        "anchor": "",  # there is more of it
    }
    assert 0 < english["score"] <= 1
    assert english["tried"][0]["article"] == "account-password"


def test_korean_typed_on_an_english_keyboard_is_understood(customer: Customer) -> None:
    typed = customer.says("action_answer", "qksvna qothdql djfakdPdy?")
    meant = customer.says("action_answer", "반품 배송비 얼마예요?")
    assert (typed["kind"], typed["locale"]) == ("answer", "ko")
    assert typed["article"] == meant["article"]
    # What makes no Korean, or none that anything answers, is answered as what it is.
    for text in ("asdf qwer zxcv", "wntlr anj tkaus whgdmfRkdy"):
        reply = customer.says("action_answer", text, locale="en")
        assert (reply["kind"], reply["locale"]) == ("unknown", "en")


def test_hangul_in_pieces_is_the_same_question(customer: Customer) -> None:
    for action, text, article in (
        ("action_answer", "비밀번호를 잊어버렸어요", "account-password"),
        ("action_not_helpful", "그게 아니라 반품 배송비요", "return-fee"),
    ):
        reply = customer.says(action, unicodedata.normalize("NFD", text))
        assert reply["article"]["id"] == article


def test_what_is_not_known_is_said_and_a_person_offered(customer: Customer) -> None:
    reply = customer.says(
        "action_answer", "주식 뭐 사면 좋을까요", intent="out_of_scope", confidence=0.9
    )
    assert reply["kind"] == "unknown"
    assert payloads(reply) == ["/human"]


@pytest.mark.parametrize("text", ["네", "ok", "ㅋㅋㅋ", "👍", "넵 알겠습니다"])
def test_a_nod_is_not_a_question(customer: Customer, text: str) -> None:
    reply = customer.says("action_answer", text)
    assert reply["kind"] == "say"


@pytest.mark.parametrize(
    ("text", "sorry"),
    [
        ("배송이 너무 늦어요", True),
        ("직원이 불친절했어요", True),
        ("the courier was very rude", True),
        ("주식 뭐 사면 좋을까요", False),
        ("너무 궁금한데 화성에도 가나요", False),
    ],
)
def test_to_a_complaint_the_bot_is_sorry_first(customer: Customer, text: str, sorry: bool) -> None:
    reply = customer.says("action_answer", text)
    assert reply["kind"] == "unknown" and payloads(reply) == ["/human"]
    assert ("불편" in reply["text"] or "really sorry" in reply["text"]) is sorry


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("코트 하나 샀는데요", True),
        ("안녕하세요 지난주에 모자를 주문했거든요.", True),
        ("hello, i bought a hat last week", True),
        ("i've just ordered an umbrella", True),
        ("우산을 못 샀는데요", False),
        ("우산을 못 받았는데요", False),
        ("i got charged a whale", False),
        ("우산을 못 샀다는데 왜죠", False),
        ("i bought an umbrella, is it edible?", False),
        ("i never got my umbrella stand", False),
    ],
)
def test_who_begins_to_tell_is_asked_to_go_on(customer: Customer, text: str, begins: bool) -> None:
    locale = "en" if text.isascii() else "ko"
    reply = customer.says("action_answer", text, locale=locale)
    assert (
        reply["text"] in ("네, 어떤 점이 궁금하신가요?", "All right. What would you like to know?")
    ) is begins
    if begins:
        assert reply["kind"] == "say" and payloads(reply) == ["/human"]


def test_a_choice_says_whether_something_was_asked(customer: Customer) -> None:
    for text, asked in (("탈퇴하면 쿠폰이랑 적립금 날아가나요?", True), ("환불 문의요", False)):
        reply = customer.says("action_answer", text)
        assert (reply["kind"], reply["asked"]) == ("clarify", asked), text


def test_a_chosen_article_is_shown(customer: Customer) -> None:
    reply = customer.says(
        "action_choose_article",
        '/choose_article{"article": "gift-wrap"}',
        article="gift-wrap",
        locale="en",
    )
    assert (reply["kind"], reply["locale"]) == ("answer", "en")
    assert reply["article"]["id"] == "gift-wrap"
    assert payloads(reply) == ["/helpful", "/not_helpful"]


def test_a_chosen_article_may_be_gone(customer: Customer) -> None:
    for article in ("no-such-article", None):
        reply = customer.says("action_choose_article", "/choose_article", article=article)
        assert (reply["kind"], payloads(reply)) == ("say", ["/human"])


def test_a_person_is_always_granted(customer: Customer) -> None:
    reply = customer.says("action_hand_off", "상담원 연결")
    assert (reply["kind"], reply["reason"]) == ("hand_off", "customer_asked")
    english = customer.says("action_hand_off", "/human", locale="en")
    assert (english["kind"], english["locale"]) == ("hand_off", "en")


def test_a_helpful_answer_is_a_vote(customer: Customer) -> None:
    reply = customer.says("action_helpful", "/helpful", intent="helpful")
    assert (reply["kind"], reply["vote"]) == ("say", "up")


def test_the_state_of_a_ticket(customer: Customer) -> None:
    def ask(**more: Any) -> Reply:
        (reply,) = customer.call(
            "action_ticket_status", "제 문의 어떻게 됐어요?", intent="ticket_status", **more
        )
        return reply

    none = ask()
    assert (none["kind"], payloads(none)) == ("say", ["/human"])

    with customer.sessions.begin() as session:
        lanes.lock(session, customers.lane(customer.id))
        conversation = session.get_one(Conversation, customer.conversation_id)
        ticket, new = tickets.open_ticket(
            session, conversation=conversation, reason="customer_asked", question="", tried=[]
        )
        code = ticket.code
        agent = agents.add(session, name=f"지원 {customer.conversation_id}")
        agent_id, agent_name = agent.id, agent.name
    assert new
    waiting = ask()
    assert code in waiting["text"] and "기다리고" in waiting["text"]

    with customer.sessions.begin() as session:
        session.execute(
            update(tickets.Ticket)
            .where(tickets.Ticket.code == code)
            .values(state="claimed", assignee_id=agent_id, claimed_at=func.now())
        )
    assert agent_name in ask()["text"]

    with customer.sessions.begin() as session:
        session.execute(
            update(tickets.Ticket)
            .where(tickets.Ticket.code == code)
            .values(state="resolved", resolved_at=func.now())
        )
    done = ask()
    assert code in done["text"] and payloads(done) == ["/human"]
    english = customer.call("action_ticket_status", "what about my ticket", intent="ticket_status")
    assert "resolved" in english[0]["text"]


def test_an_unsure_ticket_question_may_be_another(customer: Customer) -> None:
    reply = customer.says(
        "action_ticket_status", "비밀번호를 잊어버렸어요", intent="ticket_status", confidence=0.45
    )
    assert reply["kind"] == "answer"
    for text in ("채용 문의", "고래 문의요", "my whale question"):
        unsure = {"intent": "ticket_status", "confidence": 0.56}
        reply = customer.call("action_ticket_status", text, **unsure)[-1]
        assert reply["kind"] in ("clarify", "unknown"), "so that it comes to the gaps"
    reply = customer.call("action_ticket_status", "티켓 진행 상황이요", **unsure)[-1]
    assert reply["text"] == TEXTS["ticket_none"]["ko"]


@pytest.mark.parametrize(
    "text",
    [
        "아까 남긴 문의 답변 언제 와요",
        "상담 신청한 거 언제 답변 와요?",
        "문의한 지 얼마나 지났는데 답이 없어요",
        "when will i get a reply to my inquiry",
        "i left a message, when will somebody reply",
    ],
)
def test_who_believes_to_have_a_ticket_is_told_that_there_is_none(
    customer: Customer, text: str
) -> None:
    reply = customer.says("action_ticket_status", text, intent="ticket_status", confidence=0.9)
    assert reply["text"] in TEXTS["ticket_none"].values()


@pytest.mark.parametrize("sender", ["none-of-ours", "999999999", "-1", "٣"])
def test_an_unknown_conversation_is_an_empty_one(customer: Customer, sender: str) -> None:
    (reply,) = customer.call("action_not_helpful", "아니요", intent="reject", sender=sender)
    assert reply["kind"] == "say"


def test_a_broken_action_is_silent_and_quotes_nobody(
    index: Index, engine: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Silence becomes a person at the gateway; the log says where, not what was written."""
    from ticketing.db import session_factory

    sessions = session_factory(engine)
    customer = Customer(sessions, wiring.executor(index=index, sessions=sessions))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE message CASCADE")
    secret = "제 번호는 010-1234-5678"
    assert customer.call("action_not_helpful", secret, intent="reject") == []
    assert "action_not_helpful failed" in caplog.text
    assert "010-1234" not in caplog.text
