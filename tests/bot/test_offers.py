"""What the actions make of a yes, a no, "more", several questions, signs and anger."""

from __future__ import annotations

import pytest

from tests.bot.customer import Customer, payloads


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("네", "action_answer"),
        ("응 부탁해", "action_small_talk"),
        ("yes please", "action_answer"),
        ("그렇게 해주세요", "action_answer"),
        ("ok", "action_answer"),
        ("네ㅠㅠ", "action_small_talk"),
        ("네 제발요", "action_small_talk"),
        ("그럼 부탁드려요!", "action_answer"),
        ("yes plz", "action_answer"),
        ("yes i'd like that", "action_answer"),
        ("ok do that", "action_small_talk"),
    ],
)
def test_a_yes_to_the_offered_person_is_that_person(
    customer: Customer, text: str, action: str
) -> None:
    offered = customer.says("action_answer", "주식 뭐 사면 좋을까요")
    assert payloads(offered) == ["/human"]
    reply = customer.says(action, text)
    assert (reply["kind"], reply["reason"]) == ("hand_off", "customer_asked")


@pytest.mark.parametrize(
    "text",
    [
        "아니요",
        "괜찮아요",
        "no thanks",
        "아뇨 됐어요",
        "네 괜찮아요 감사합니다",
        "됐어요ㅠㅠ",
        "i'm good, thanks",
    ],
)
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
        ("ㅋ", "네, 더"),
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


@pytest.mark.parametrize("text", ["네?", "뭐라고요?", "huh?"])
def test_who_did_not_understand_agrees_to_nothing(customer: Customer, text: str) -> None:
    for said in ("환불 문의요", "주식 뭐 사면 좋을까요"):
        customer.says("action_answer", said)
        reply = customer.call("action_answer", text)[-1]
        assert (reply["kind"], payloads(reply)) == ("say", ["/human"])
        assert reply["text"].startswith(("제가 잘못", "Sorry, I may"))


def test_to_have_something_changed_is_no_wish_for_a_person(customer: Customer) -> None:
    reply = customer.call("action_hand_off", "다른 색으로 바꿔주나요", intent="human")[-1]
    assert "exchange-how" in str(reply["article"]) + str(payloads(reply))
    for text in ("사람 바꿔", "담당자 바꿔주세요"):
        assert customer.call("action_hand_off", text, intent="human")[-1]["kind"] == "hand_off"


@pytest.mark.parametrize("text", ["네 연결요", "연결해 주세요", "그냥 연결", "connect me please"])
def test_to_be_connected_is_the_person_beside_a_choice(customer: Customer, text: str) -> None:
    assert payloads(customer.says("action_answer", "환불 문의요"))[-1] == "/human"
    assert customer.call("action_small_talk", text, intent="acknowledge")[-1]["kind"] == "hand_off"
