"""What the actions decide, on the sample shop's articles and a real history."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor
from sqlalchemy import func, update

from bot.actions import wiring
from bot.actions.feedback import restated
from knowledge_base.search import Index
from tests.bot.rasa_project import load
from ticketing import agents, conversations, customers, history, lanes, tickets
from ticketing.db import Sessions
from ticketing.models import Conversation

Reply = dict[str, Any]


class Customer:
    """A conversation with the actions; history is written as the desk writes it."""

    def __init__(self, sessions: Sessions, actions: ActionExecutor) -> None:
        self.sessions = sessions
        self.actions = actions
        self.responses = load("domain.yml")["responses"]
        with sessions.begin() as session:
            _, customer = customers.start_session(session)
            self.id: uuid.UUID = customer.id
            lanes.lock(session, customers.lane(self.id))
            made = conversations.current(session, customer_id=self.id)
            self.conversation_id: int = made.id

    def call(
        self,
        action: str,
        text: str,
        *,
        intent: str = "",
        confidence: float = 0.9,
        article: str | None = None,
        locale: str = "ko",
        sender: str | None = None,
    ) -> list[Reply]:
        """What Rasa would get from the action server."""
        entities = [] if article is None else [{"entity": "article", "value": article}]
        result = asyncio.run(
            self.actions.run(
                {
                    "next_action": action,
                    "sender_id": sender or str(self.conversation_id),
                    "tracker": {
                        "sender_id": sender or str(self.conversation_id),
                        "latest_message": {
                            "text": text,
                            "intent": {"name": intent, "confidence": confidence},
                            "entities": entities,
                            "metadata": {"locale": locale},
                        },
                    },
                    "domain": {"responses": self.responses},
                }
            )
        )
        assert result is not None
        assert result.events == []
        return [response["custom"] for response in result.responses]

    def says(self, action: str, text: str, **more: Any) -> Reply:
        """One turn: the customer's line, the action, the bot's line."""
        (reply,) = self.call(action, text, **more)
        with self.sessions.begin() as session:
            lanes.lock(session, customers.lane(self.id))
            common: dict[str, Any] = {
                "conversation_id": self.conversation_id,
                "customer_id": self.id,
            }
            kind = "button" if text.startswith("/") else "text"
            history.record(session, author="customer", kind=kind, text=text, **common)
            history.record(
                session,
                author="bot",
                kind=reply["kind"],
                text=reply["text"],
                buttons=reply["buttons"],
                article=reply["article"],
                meta={"tried": reply["tried"], "rejected": reply["vote"] == "down"},
                **common,
            )
        return reply


@pytest.fixture(scope="module")
def actions(shop: Sessions, index: Index) -> ActionExecutor:
    return wiring.executor(index=index, sessions=shop)


@pytest.fixture
def customer(shop: Sessions, actions: ActionExecutor) -> Customer:
    return Customer(shop, actions)


def payloads(reply: Reply) -> list[str]:
    return [button["payload"] for button in reply["buttons"]]


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
    }
    assert 0 < english["score"] <= 1
    assert english["tried"][0]["article"] == "account-password"


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


def test_small_talk_is_answered_kindly(customer: Customer) -> None:
    texts = {
        locale: customer.says("action_small_talk", text, intent="greet", locale=locale)["text"]
        for text, locale in (("안녕하세요", "ko"), ("hello", "en"))
    }
    responses = customer.responses
    assert texts["ko"] == responses["utter_greet_ko"][0]["text"]
    assert texts["en"] == responses["utter_greet_en"][0]["text"]


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("안녕하세요 비밀번호를 잊어버렸어요", "account-password"),
        ("hello, how do I use my points?", "points-use"),
        ("감사합니다 그런데 비밀번호를 잊어버렸어요", "account-password"),
    ],
)
def test_small_talk_never_swallows_a_question(customer: Customer, text: str, article: str) -> None:
    reply = customer.says("action_small_talk", text, intent="greet")
    assert reply["kind"] == "answer"
    assert reply["article"]["id"] == article


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


def test_a_rejected_answer_is_followed_by_another_article(customer: Customer) -> None:
    first = customer.says("action_answer", "반품 배송비 얼마예요")
    assert first["kind"] == "answer"
    second = customer.says("action_not_helpful", "/not_helpful", intent="not_helpful")
    assert second["vote"] == "down"
    if second["kind"] == "answer":
        assert second["article"]["id"] != first["article"]["id"]
    else:
        assert first["article"]["id"] not in str(payloads(second))
        assert payloads(second)[-1] == "/human"


def test_the_second_rejection_is_a_person(customer: Customer) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    customer.says("action_not_helpful", "그게 아니라", intent="reject")
    last = customer.says("action_not_helpful", "아니 그거 말고", intent="reject")
    assert (last["kind"], last["reason"], last["vote"]) == ("hand_off", "rejected_twice", "down")


def test_an_accepted_answer_starts_the_count_again(customer: Customer) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    customer.says("action_not_helpful", "그게 아니라", intent="reject")
    customer.says("action_answer", "비밀번호를 잊어버렸어요")
    again = customer.says("action_not_helpful", "그게 아니라", intent="reject")
    assert again["kind"] != "hand_off"


@pytest.mark.parametrize(
    "text", ["아니 그거 말고 비밀번호 재설정이요", "no, not that, I forgot my password"]
)
def test_a_rejection_may_say_what_was_meant(customer: Customer, text: str) -> None:
    customer.says("action_answer", "회원 탈퇴하고 싶어요")
    reply = customer.says("action_not_helpful", text, intent="reject")
    assert reply["kind"] in ("answer", "clarify")
    assert "account-password" in str(reply["article"]) + str(payloads(reply))
    assert reply["vote"] == "down"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("그게 아니라 반품 배송비 말이에요", "반품 배송비 얼마예요"),
        ("that's not what i asked, return shipping fee", "what is the return shipping fee"),
    ],
)
def test_a_rejection_taken_for_a_question_never_brings_the_same(
    customer: Customer, text: str, question: str
) -> None:
    first = customer.says("action_answer", question)
    assert first["kind"] == "answer"
    second = customer.says("action_answer", text, intent="ask_return")
    assert second["vote"] == "down" and second["text"] != first["text"]
    assert (second["article"] or {}).get("id") != first["article"]["id"]


def test_a_rejected_choice_is_not_offered_again(customer: Customer) -> None:
    question = "회원"
    first = customer.says("action_answer", question)
    assert first["kind"] == "clarify", "the sample shop changed: take a vaguer question"
    second = customer.says("action_not_helpful", "다른 거요", intent="reject")
    offered = set(payloads(first)) - {"/human"}
    assert not offered & set(payloads(second))


def test_nothing_to_reject(customer: Customer) -> None:
    reply = customer.says("action_not_helpful", "아니요", intent="reject")
    assert (reply["kind"], payloads(reply), reply["vote"]) == ("say", ["/human"], None)


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


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("아니 그거 말고 배송비요", "배송비요"),
        ("그게 아니라 주차 요금이 궁금해요", "주차 요금이 궁금해요"),
        ("no, not that, I forgot my password", "I forgot my password"),
        ("that's not what i asked, how do i return", "how do i return"),
        ("아니 그거 말고 다른 거요", ""),
        ("그거 말고 다른 내용이요", ""),
        ("아니 제가 궁금한 건 그게 아니라고요", ""),
        ("아니요", ""),
        ("not that, something different", ""),
        ("that is not what i was asking", ""),
        ("엉뚱한 소리 하지 마", ""),
        ("그 말이 아니라 배송비요", "배송비요"),
        ("제 질문은 그게 아니고 배송비가 궁금해요", "배송비가 궁금해요"),
        ("That's not what I asked. How do I return it?", "How do I return it?"),
        ("this doesn't answer my question", ""),
        ("wrong answer, how long is delivery", "how long is delivery"),
    ],
)
def test_what_was_meant_instead(text: str, meant: str) -> None:
    assert restated(text) == meant


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("네", "action_answer"),
        ("응 부탁해", "action_small_talk"),
        ("yes please", "action_answer"),
        ("그렇게 해주세요", "action_answer"),
        ("ok", "action_answer"),
    ],
)
def test_a_yes_to_the_offered_person_is_that_person(
    customer: Customer, text: str, action: str
) -> None:
    offered = customer.says("action_answer", "주식 뭐 사면 좋을까요")
    assert payloads(offered) == ["/human"]
    reply = customer.says(action, text)
    assert (reply["kind"], reply["reason"]) == ("hand_off", "customer_asked")


@pytest.mark.parametrize("text", ["아니요", "괜찮아요", "no thanks", "아뇨 됐어요"])
def test_a_no_to_the_offered_person_is_no_rejection(customer: Customer, text: str) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    customer.says("action_answer", "주식 뭐 사면 좋을까요")
    for _ in range(2):
        reply = customer.says("action_not_helpful", text, intent="reject")
        assert reply["kind"] == "say"


def test_a_yes_to_an_answer_asks_for_nobody(customer: Customer) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    assert customer.says("action_answer", "네")["kind"] == "say"


def test_who_wants_more_gets_the_article(customer: Customer) -> None:
    first = customer.says("action_answer", "반품 배송비 얼마예요")
    for text in ("더 자세히 알려줘", "자세한 설명 부탁드려요", "more details please"):
        reply = customer.says("action_answer", text)
        assert reply["kind"] == "say" and reply["article"]["id"] == first["article"]["id"]
    assert customer.says("action_answer", "배송 언제 와요, 자세히 알려줘")["kind"] != "say"


def test_a_rejected_choice_is_not_offered_again_after_an_answer(customer: Customer) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    first = customer.says("action_answer", "회원")
    assert first["kind"] == "clarify", "the sample shop changed: take a vaguer question"
    second = customer.says("action_not_helpful", "다른 거요", intent="reject")
    assert not (set(payloads(first)) - {"/human"}) & set(payloads(second))


def test_two_questions_get_two_answers(customer: Customer) -> None:
    text = "배송비는 얼마예요? 그리고 비밀번호를 잊어버렸어요"
    replies = customer.call("action_answer", text)
    assert [one["article"]["id"] for one in replies] == ["delivery-fee", "account-password"]
    assert [payloads(one) for one in replies] == [[], ["/helpful", "/not_helpful"]]
    (once,) = customer.call("action_answer", "배송비는 얼마예요? 배송비 얼마인가요?")
    assert once["article"]["id"] == "delivery-fee"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("😡😡😡", "utter_complain_ko"),
        ("ㅠㅠ", "utter_complain_ko"),
        ("?", "제가 잘못"),
        ("ㅁ", "제가 잘못"),
        ("1", "제가 잘못"),
        ("👍", "네, 더"),
        ("ㅋㅋ", "네, 더"),
    ],
)
def test_signs_are_answered_in_their_spirit(customer: Customer, text: str, key: str) -> None:
    reply = customer.says("action_answer", text)
    said = customer.responses[key][0]["text"] if key.startswith("utter") else key
    assert reply["kind"] == "say" and reply["text"].startswith(said)
    assert (payloads(reply) == ["/human"]) == (not key.startswith("네"))


def test_anger_is_answered_with_sorry_and_a_person_or_with_what_helps(customer: Customer) -> None:
    angry = customer.says("action_small_talk", "서비스가 왜 이따위야", intent="complain")
    assert angry["text"].startswith("불편을 드려") and payloads(angry) == ["/human"]
    about = "옷이 찢어져서 왔어요"
    helped = customer.says("action_small_talk", about, intent="complain")
    assert helped["kind"] == "answer" and helped["article"]["id"] == "delivery-damaged"
