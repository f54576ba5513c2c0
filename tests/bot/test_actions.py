"""What the actions decide, on the sample shop's articles and a real history."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from sqlalchemy import func, update

from bot.actions import wiring
from bot.actions.feedback import restated
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


@pytest.mark.parametrize("text", ["생각해볼게요", "잠깐만요", "let me check"])
def test_who_needs_a_moment_is_given_it(customer: Customer, text: str) -> None:
    customer.says("action_answer", "환불 언제 돼요?")
    reply = customer.says("action_small_talk", text, intent="acknowledge")
    assert reply["kind"] == "say" and reply["buttons"] == []
    assert reply["text"].startswith(("네, 천천히", "Okay, no hurry"))


def test_what_is_hardly_an_acknowledgement_is_looked_for(customer: Customer) -> None:
    reply = customer.says(
        "action_small_talk", "로그인이 안 되네요", intent="acknowledge", confidence=0.5
    )
    assert reply["kind"] == "answer" and reply["article"]["id"] == "account-login-problem"
    reply = customer.says("action_small_talk", "쿵푸요", intent="acknowledge", confidence=0.5)
    assert reply["kind"] == "unknown"


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "kind"),
    [
        ("대여 서비스 되나요?", "complain", 0.55, "unknown"),
        ("is this a whale museum?", "complain", 0.5, "unknown"),
        ("제휴 문의드립니다", "greet", 0.84, "unknown"),
        ("안녕하세요, 협찬 문의요!", "greet", 0.84, "unknown"),
        ("고마워요 근데 사은품은요?", "thanks", 0.9, "unknown"),
        ("thanks! do you have a whale museum?", "thanks", 0.9, "unknown"),
        ("네 감사합니다 수고하세요", "thanks", 0.9, "say"),
        ("이게 무슨 서비스예요?", "complain", 0.88, "say"),
        ("사이트가 너무 느려요", "complain", 0.47, "say"),
        ("안녕하세요 문의드립니다", "greet", 0.85, "say"),
        ("점심 드셨어요?", "greet", 0.85, "say"),
    ],
)
def test_what_is_asked_is_not_taken_for_anger_or_a_greeting(
    customer: Customer, text: str, intent: str, confidence: float, kind: str
) -> None:
    reply = customer.says("action_small_talk", text, intent=intent, confidence=confidence)
    assert reply["kind"] == kind
    assert payloads(reply) == (["/human"] if intent == "complain" or kind == "unknown" else [])


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


def test_the_second_rejection_may_say_what_is_meant(customer: Customer) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    customer.says("action_not_helpful", "그게 아니라", intent="reject")
    reply = customer.says("action_not_helpful", "아니 그거 말고 비밀번호요", intent="reject")
    assert reply["article"]["id"] == "account-password" and reply["vote"] == "down"
    last = customer.says("action_not_helpful", "그것도 아닌데요", intent="reject")
    assert last["kind"] == "hand_off"


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


def test_what_was_meant_may_only_add_to_what_was_asked(customer: Customer) -> None:
    alone = customer.call("action_answer", "from abroad", locale="en")
    assert alone[0]["kind"] == "unknown", "the sample shop changed: take a word that finds nothing"
    first = customer.says("action_answer", "how long does delivery take", locale="en")
    assert first["article"]["id"] == "delivery-time"
    second = customer.says(
        "action_not_helpful", "not that, from abroad", intent="reject", locale="en"
    )
    assert second["kind"] == "answer" and second["article"]["id"] == "delivery-overseas"


@pytest.mark.parametrize(
    ("text", "article", "said", "locale"),
    [
        ("리뷰 올리면 적립되나여?", "points-earn", "혹시 이 내용을 찾으시나요?", "ko"),
        (
            "what's the best way to clean and condition my leather tote?",
            "care-leather",
            "Is this what you are looking for?",
            "en",
        ),
    ],
)
def test_what_is_hardly_likely_is_no_choice(
    customer: Customer, text: str, article: str, said: str, locale: str
) -> None:
    reply = customer.says("action_answer", text, locale=locale)
    assert (reply["kind"], reply["text"]) == ("clarify", said)
    (choice,) = set(payloads(reply)) - {"/human"}
    assert article in choice


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


@pytest.mark.parametrize(
    "text",
    [
        "없어요",
        "여기에는 없네요",
        "none of these",
        "이 중에 없어요",
        "찾는 게 없어요",
        "셋 다 아니에요",
        "no, not these",
    ],
)
def test_none_of_a_choice_is_a_rejection(customer: Customer, text: str) -> None:
    first = customer.says("action_answer", "환불 문의요")
    assert first["kind"] == "clarify"
    for action in ("action_answer", "action_not_helpful"):  # whatever Rasa takes it for
        reply = customer.call(action, text, intent="reject", confidence=0.4)[-1]
        assert reply["vote"] == "down"
        assert not set(payloads(reply)) & set(payloads(first)) - {"/human"}


@pytest.mark.parametrize("text", ["네", "네 맞아요", "그거요", "yes", "that's it"])
def test_a_yes_to_one_article_is_that_article(customer: Customer, text: str) -> None:
    first = customer.says("action_answer", "적립금")
    assert first["kind"] == "clarify", "the sample shop changed: take a vaguer question"
    assert payloads(first) == ['/choose_article{"article": "points-use"}', "/human"]
    reply = customer.says("action_small_talk", text, intent="acknowledge")
    assert (reply["kind"], reply["article"]["id"]) == ("answer", "points-use")
    assert (reply["chosen"], reply["question"]) == (True, "적립금")


@pytest.mark.parametrize("text", ["9번", "9번이요", "9", "number 9", "#9"])
def test_a_number_that_no_choice_has_brings_the_choice_again(customer: Customer, text: str) -> None:
    first = customer.says("action_answer", "환불 문의요")
    for action in ("action_answer", "action_small_talk"):  # whatever Rasa takes it for
        reply = customer.call(action, text, intent="acknowledge", confidence=0.4)[-1]
        assert (reply["kind"], payloads(reply)) == ("say", payloads(first))
        assert "번호" in reply["text"] or "number" in reply["text"]


def test_a_number_is_none_of_a_choice_where_there_is_none(customer: Customer) -> None:
    assert customer.says("action_answer", "9번")["kind"] == "unknown"


def test_a_yes_to_several_asks_which(customer: Customer) -> None:
    first = customer.says("action_answer", "환불 문의요")
    reply = customer.says("action_small_talk", "네", intent="acknowledge")
    assert (reply["kind"], payloads(reply)) == ("say", payloads(first))
    assert [one["title"] for one in reply["buttons"]] == [one["title"] for one in first["buttons"]]


@pytest.mark.parametrize("text", ["맞아요", "right", "that one", "그거요"])
def test_after_an_answer_that_is_a_nod(customer: Customer, text: str) -> None:
    customer.says("action_answer", "비밀번호를 잊어버렸어요")
    reply = customer.says("action_answer", text)
    assert (reply["kind"], payloads(reply)) == ("say", [])


def test_nothing_after_an_answer_is_asked_about(customer: Customer) -> None:
    customer.says("action_answer", "환불 언제 돼요?")
    reply = customer.says("action_answer", "없어요")
    assert reply["kind"] == "say" and payloads(reply) == ["/human"]
    customer.says("action_helpful", "/helpful", intent="helpful")
    reply = customer.says("action_answer", "없어요")
    assert reply["kind"] == "say" and payloads(reply) == []


def test_who_tried_what_was_told_is_offered_a_person(customer: Customer) -> None:
    customer.says("action_answer", "로그인이 안 돼요")
    reply = customer.says("action_small_talk", "i tried again", intent="greet", locale="en")
    assert reply["kind"] == "unknown" and payloads(reply) == ["/human"]


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
