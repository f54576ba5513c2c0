"""What asks nothing and answers nothing has a reply of its own, however Rasa understands it."""

from __future__ import annotations

import json

import pytest

from bot.actions import asides, wiring
from bot.actions.texts import TEXTS
from knowledge_base.search import Index
from tests.bot.customer import Customer, payloads
from tests.product import ROOT
from ticketing.db import Sessions

TAKEN_FOR = (
    ("action_answer", ""),
    ("action_small_talk", "greet"),
    ("action_not_helpful", "reject"),
)


@pytest.mark.parametrize(
    "text",
    [
        "모르겠어요",
        "잘 모르겠는데요",
        "아니 진짜 모르겠다고",
        "글쎄요..",
        "뭘 골라야 할지 모르겠어요",
        "not sure",
        "i don't know",
        "I'm not sure which one",
        "hmm, no idea",
    ],
)
def test_who_does_not_know_gets_no_choice_again(customer: Customer, text: str) -> None:
    first = customer.says("action_answer", "환불 문의요")
    assert first["kind"] == "clarify"
    for action, intent in TAKEN_FOR:
        reply = customer.call(action, text, intent=intent)[-1]
        assert (reply["kind"], payloads(reply), reply["vote"]) == ("say", ["/human"], None)
        assert reply["text"] == TEXTS["unsure"][reply["locale"]]


@pytest.mark.parametrize(
    "text",
    [
        *[":(", ":'(", ">:(", "ㅠ.ㅠ", "T_T", "ㅡㅡ", "-_-", "하..", "에휴", "ugh", "oh no :("],
        *["🥺🥺", "🙄", "💩", "개같네", "병신들아", "아 씨발", "ㅅㅂ"],
    ],
)
def test_a_sad_face_is_met_with_sorry_and_a_person(customer: Customer, text: str) -> None:
    for action, intent in TAKEN_FOR:
        reply = customer.call(action, text, intent=intent)[-1]
        said = customer.responses[f"utter_complain_{reply['locale']}"][0]["text"]
        assert (reply["text"], payloads(reply)) == (said, ["/human"])


@pytest.mark.parametrize(
    "text",
    [
        "비싸네",
        "말도 안돼요",
        "너무 늦다",
        "1점 준다",
        "너무 비싸요ㅠㅠ",
        "아깝다",
        "아쉽네",
        "that's expensive",
        "ㅠㅠ",
    ],
)
def test_what_was_told_is_not_told_again_to_who_regrets_it(customer: Customer, text: str) -> None:
    assert customer.says("action_answer", "반품 배송비 얼마예요")["kind"] == "answer"
    reply = customer.says("action_answer", text)
    assert reply["text"] == TEXTS["upset"][reply["locale"]] and payloads(reply) == ["/human"]


@pytest.mark.parametrize(
    "text",
    [
        "물건 잘 받았어요 너무 예뻐요!",
        "너무 예뻐요",
        "마음에 쏙 들어요",
        "배송이 예쁘게 왔어요",
        "안녕하세요 옷 잘 받았어요",
        "great service",
        "i love it",
        "my order arrived today and it's beautiful!",
    ],
)
def test_praise_is_no_complaint_and_no_question(customer: Customer, text: str) -> None:
    for action, intent in (*TAKEN_FOR, ("action_small_talk", "complain")):
        reply = customer.call(action, text, intent=intent)[-1]
        assert (reply["text"], payloads(reply)) == (TEXTS["glad"][reply["locale"]], [])


@pytest.mark.parametrize(
    "text",
    [
        "마음에 안 들어요",
        "예쁜데 작아요",
        "is it beautiful",
        "잘못 받았어요",
        "기분이 안좋아",
        "my lovely bag is broken",
        "the best way to wash",
        "어떤 색이 예뻐요",
        "wonderful coat arrived broken",
        "i love it but it is small",
    ],
)
def test_half_a_praise_is_none(text: str) -> None:
    assert not asides.is_praise(text)


@pytest.mark.parametrize(
    "text",
    [
        "주문번호는 20261125-0001234입니다",
        "20261125-0001234",
        "김영희 010-2345-6789",
        "제 번호는 010-2345-6789 이고 이름은 김영희에요",
        "honggildong@example.com",
    ],
)
def test_who_says_what_they_are_known_by_is_offered_a_person(customer: Customer, text: str) -> None:
    assert customer.says("action_answer", "택배가 없어졌어요")["kind"] == "answer"
    reply = customer.says("action_answer", text)
    assert (reply["kind"], reply["text"]) == ("say", TEXTS["known_by"]["ko"])
    assert payloads(reply) == ["/human"]
    last = customer.says("action_small_talk", "네 부탁드려요", intent="acknowledge")
    assert last["kind"] == "hand_off"


def test_a_question_with_an_order_number_is_answered(customer: Customer) -> None:
    asked = "주문번호 20261125-0001234인데 비밀번호를 잊어버렸어요"
    reply = customer.says("action_answer", asked)
    assert reply["kind"] == "answer" and reply["article"]["id"] == "account-password"


@pytest.mark.parametrize(
    "text", ["상담 종료", "상담 끝", "채팅 그만할게요", "end this chat please"]
)
def test_the_end_of_a_conversation_calls_nobody(customer: Customer, text: str) -> None:
    for action in ("action_answer", "action_hand_off", "action_ticket_status"):
        (reply,) = customer.call(action, text, intent="human")
        assert reply["text"] == customer.responses[f"utter_goodbye_{reply['locale']}"][0]["text"]


@pytest.mark.parametrize("text", ["안할래요", "안해요 그럼", "됐어요 그냥 안 살게요", "forget it"])
def test_who_wants_nothing_any_more_is_told_nothing(customer: Customer, text: str) -> None:
    customer.says("action_answer", "반품 배송비 얼마예요")
    reply = customer.says("action_answer", text)
    assert reply["text"] == TEXTS["listening"][reply["locale"]]


@pytest.mark.parametrize(
    "text",
    ["그럼 오면 바꿀께요", "이따가 넣어 볼게요", "그냥 둘게요", "ok i'll wait for it"],
)
def test_who_says_what_they_will_do_is_left_to_do_it(customer: Customer, text: str) -> None:
    customer.says("action_answer", "주문한 옵션을 바꿀 수 있나요?")
    reply = customer.says("action_answer", text)
    said = customer.responses[f"utter_acknowledge_{reply['locale']}"][0]["text"]
    assert reply["text"] == said
    for said in ("주문 취소할게요", "아니다 그냥 취소할게요"):
        about = customer.says("action_answer", said)
        assert "order-cancel" in str(about["article"]) + str(payloads(about))


@pytest.mark.parametrize("text", ["급해요", "빨리 좀요", "it's urgent please", "asap"])
def test_who_is_in_a_hurry_is_offered_a_person(customer: Customer, text: str) -> None:
    for action, intent in TAKEN_FOR:
        reply = customer.call(action, text, intent=intent)[-1]
        assert (reply["text"], payloads(reply)) == (TEXTS["urgent"][reply["locale"]], ["/human"])


def test_an_address_is_nothing_to_look_for(customer: Customer) -> None:
    reply = customer.says("action_answer", "주소: 서울시 마포구 서교동 123")
    assert reply["text"] == TEXTS["known_by"]["ko"]


@pytest.mark.parametrize("text", ["여보세요 거기 바다상회 맞죠", "바다상회죠?", "is it Bada & Co?"])
def test_who_asks_whose_chat_it_is_is_greeted(shop: Sessions, index: Index, text: str) -> None:
    names = {"ko": "바다상회", "en": "Bada & Co"}
    named = Customer(shop, wiring.executor(index=index, sessions=shop, names=names))
    (reply,) = named.call("action_answer", text)
    assert reply["text"] == named.responses[f"utter_greet_{reply['locale']}"][0]["text"].replace(
        asides.NAME, names[reply["locale"]]
    )


@pytest.mark.parametrize("text", ["제발 도와주세요", "쉽게 설명해줘요", "please help me"])
def test_who_only_asks_for_help_is_helped_on(customer: Customer, text: str) -> None:
    customer.says("action_answer", "주식 뭐 사면 좋을까요")
    for action in ("action_answer", "action_small_talk"):
        reply = customer.call(action, text, intent="greet")[-1]
        assert (reply["text"], payloads(reply)) == (TEXTS["unsure"][reply["locale"]], ["/human"])


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요 저는 김민수라고 합니다",
        "지난주에 산 우주선에 대해 문의드릴 게 있어서요",
        "hello, my name is Tom Brown",
    ],
)
def test_who_has_only_begun_is_asked_to_go_on(customer: Customer, text: str) -> None:
    reply = customer.says("action_answer", text)
    assert reply["text"] == TEXTS["go_on"][reply["locale"]] and payloads(reply) == ["/human"]


def test_an_order_number_is_no_small_talk(customer: Customer) -> None:
    text = "20261129-000777 이거 맞아요?"
    reply = customer.says("action_small_talk", text, intent="bot_challenge")
    assert reply["text"] == TEXTS["known_by"]["ko"]


def test_an_insult_is_met_with_sorry(customer: Customer) -> None:
    reply = customer.says("action_answer", "너 바보냐")
    assert reply["text"] == TEXTS["unknown_sorry"]["ko"]


@pytest.mark.parametrize("file", ["tune", "test", "added", "dialogue"])
def test_no_question_of_the_shop_is_an_aside(file: str) -> None:
    rows = (ROOT / "benchmarks" / "shop" / f"{file}.jsonl").read_text().splitlines()
    asked = {one for row in map(json.loads, rows) for one in (row["question"], row.get("before"))}
    for question in asked - {None}:
        said = question.strip()
        assert not asides.is_upset(said), question
        assert not asides.is_unsure(said), question
        assert not asides.is_praise(said), question
        assert not asides.is_address(said)
        assert not asides.is_over(said) and not asides.is_left(said), question


def test_a_long_row_of_signs_is_read_in_one_way() -> None:
    """Read in all the ways it can be divided, none of these would ever end."""
    for one in ("ㅠ" * 79 + "가", "어" * 79 + "가", "아 " * 39 + "가", ":(" * 39 + "x"):
        assert not asides.is_upset(one) and not asides.is_unsure(one) and not asides.is_left(one)


def test_a_swear_word_is_no_part_of_a_question(customer: Customer, index: Index) -> None:
    plain = customer.call("action_answer", "환불 언제 돼요?")[-1]
    assert customer.call("action_answer", "씨발 환불 언제 돼요?")[-1] == plain


@pytest.mark.parametrize(
    "text",
    ["정말요?", "헐 진짜?", "아 ㄹㅇ?", "확실한가요?", "맞아요?", "really?", "are you sure?"],
)
def test_who_doubts_what_was_told_is_not_told_it_again(customer: Customer, text: str) -> None:
    assert customer.says("action_answer", "환불 언제 돼요?")["kind"] == "answer"
    for action, intent in (*TAKEN_FOR, ("action_small_talk", "bot_challenge")):
        reply = customer.call(action, text, intent=intent)[-1]
        assert reply["text"] == TEXTS["sure"][reply["locale"]]
        assert (payloads(reply), reply["vote"]) == ([], None)
    customer.says("action_answer", text)
    assert customer.says("action_small_talk", "네", intent="acknowledge")["kind"] == "say"


def test_a_greeting_on_the_wrong_keyboard_is_one(customer: Customer) -> None:
    reply = customer.call("action_answer", "dkssudgktpdy")[-1]
    assert (reply["text"], reply["locale"]) == (TEXTS["listening"]["ko"], "ko")
