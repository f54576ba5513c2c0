"""What the bot says to "that is not it": another article, what is meant instead, or a person."""

from __future__ import annotations

import pytest

from bot.actions.feedback import restated
from tests.bot.customer import Customer, payloads


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


def test_a_question_that_looks_like_a_no_is_asked(customer: Customer) -> None:
    first = customer.call("action_not_helpful", "짝퉁 아니에요?", intent="not_helpful")[-1]
    assert first["kind"] == "unknown", "so that it comes to the gaps"
    assert customer.says("action_answer", "반품 배송비 얼마예요")["kind"] == "answer"
    told = customer.says("action_not_helpful", "포인트 소멸되는 거 아니에요?", intent="not_helpful")
    assert (told["kind"], told["vote"]) == ("answer", None)
    assert told["article"]["id"].startswith("points")
    again = customer.says("action_not_helpful", "그거 아니에요?", intent="not_helpful")
    assert again["vote"] == "down"


@pytest.mark.parametrize("text", ["짝퉁 아니에요?", "이거 정품 아니에요?", "주말 제외 아닌가요?"])
def test_a_question_about_a_thing_is_no_rejection_of_what_was_told(
    customer: Customer, text: str
) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    reply = customer.call("action_not_helpful", text, intent="reject")[-1]
    assert (reply["kind"], reply["vote"]) == ("unknown", None)


@pytest.mark.parametrize("text", ["잘못 안내한 거 아니에요?", "다른 답은 없어요?", "아니에요?"])
def test_a_question_about_the_answer_is_a_rejection(customer: Customer, text: str) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    assert customer.call("action_not_helpful", text, intent="reject")[-1]["vote"] == "down"


@pytest.mark.parametrize(
    "text",
    [
        "저는 제주도가 아니에요",
        "주소가 틀렸어요",
        "친구는 회원이 아니에요",
        "이름 틀렸어요",
        "색 달라요",
    ],
)
def test_what_is_not_so_of_something_else_is_no_rejection(customer: Customer, text: str) -> None:
    for said in ("환불 문의요", "반품 배송비 얼마예요"):
        first = customer.says("action_answer", said)
        assert first["kind"] in ("clarify", "answer")
        reply = customer.call("action_not_helpful", text, intent="reject")[-1]
        assert reply["vote"] is None and reply["kind"] != "hand_off"
    alone = customer.call("action_answer", text)[-1]
    assert alone["kind"] in ("answer", "clarify", "unknown")


@pytest.mark.parametrize(
    "text",
    [
        "배송비가 아니에요",
        "그 답이 틀렸어요",
        "답 틀렸어요",
        "완전 틀렸어요",
        "제 질문은 그게 아니에요",
        "그 내용이 아니에요",
    ],
)
def test_what_is_not_so_of_what_was_told_is_a_rejection(customer: Customer, text: str) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    assert customer.call("action_not_helpful", text, intent="reject")[-1]["vote"] == "down"
