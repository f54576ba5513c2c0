"""What is said before a question, in one sentence with it."""

from __future__ import annotations

import time

import pytest

from knowledge_base import clauses


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            "hi there hope you are doing well i was charged twice and how do i get my money back",
            [
                "hi there hope you are doing well",
                "i was charged twice",
                "how do i get my money back",
            ],
        ),
        (
            "my parcel never came, can you send it again please thank you",
            ["my parcel never came", "can you send it again", "please", "thank you"],
        ),
        ("I can’t sign in how do I get a code", ["I can’t sign in", "how do I get a code"]),
        ("when will it come where’s the link", ["when will it come", "where’s the link"]),
        ("i would like to know by how much", ["i would like to know by how much"]),
        ("is this the one i ordered", ["is this the one i ordered"]),
        ("where can I return what I bought", ["where can I return what I bought"]),
        ("is it lost i am worried", ["is it lost", "i am worried"]),
        ("is it lost I’m worried", ["is it lost", "I’m worried"]),
        ("i cant pay why cant i", ["i cant pay", "why cant i"]),
        ("how many days does it take", ["how many days does it take"]),
        (
            "how long do points last and do you take two coupons",
            ["how long do points last", "do you take two coupons"],
        ),
        ("how much is shipping, do you deliver", ["how much is shipping", "do you deliver"]),
        ("how long after I got it can I return it", ["how long after I got it can I return it"]),
        ("do you know when my card will arrive", ["do you know when my card will arrive"]),
        (
            "if i return one of three how much is left",
            ["if i return one of three how much is left"],
        ),
        ("With my card can i pay later", ["With my card can i pay later"]),
        ("what is the fee when i pay abroad?", ["what is the fee when i pay abroad?"]),
        ("", [""]),
        ("선물로 산 가방인데 환불 언제 돼요?", ["선물로 산 가방인데", "환불 언제 돼요?"]),
        (
            "다른 쇼핑몰은 되던데, 앱으로 하려고 했지만 여기는 왜 안 돼요",
            ["다른 쇼핑몰은 되던데", "앱으로 하려고 했지만", "여기는 왜 안 돼요"],
        ),
        ("사이즈가 작은데 교환할 수 있나요", ["사이즈가 작은데", "교환할 수 있나요"]),
        ("어제 주문했는데", ["어제 주문했는데"]),
        ("가격은 좋은데, 언제 와요", ["가격은 좋은데", "언제 와요"]),
        ("처음 이용하는데요 환불 언제 돼요", ["처음 이용하는데요", "환불 언제 돼요"]),
        ("어제 산 니트 환불 언제 돼요", ["어제 산 니트", "환불 언제 돼요"]),
        ("쓰던 가방을 수선하고 싶어요", ["쓰던 가방을", "수선하고 싶어요"]),
        ("이번에 산 거 환불해 주세요", ["이번에 산 거", "환불해 주세요"]),
        ("3만원짜리 티셔츠 교환돼요?", ["3만원짜리 티셔츠", "교환돼요?"]),
        ("어제 산 니트", ["어제 산 니트"]),
        ("받은 지 일주일 됐어요", ["받은 지 일주일 됐어요"]),
        ("큰 사이즈로 바꿀 수 있나요", ["큰 사이즈로 바꿀 수 있나요"]),
        ("환불 언제 돼요 (비회원)", ["(비회원)", "환불 언제 돼요"]),
        ("（비회원） 환불 언제 돼요", ["(비회원)", "환불 언제 돼요"]),
        ("(환불 언제 돼요)", ["(환불 언제 돼요)"]),
        ("can I pay (not a member)?", ["(not a member)", "can I pay?"]),
        ("how do i return it on your app?", ["on your app?", "how do i return it"]),
        ("it broke on my way", ["it broke on my way"]),
        ("가는 데 얼마나 걸려요", ["가는 데 얼마나 걸려요"]),
        ("환불 언제 돼요", ["환불 언제 돼요"]),
    ],
)
def test_a_message_is_split_where_a_clause_begins(message: str, parts: list[str]) -> None:
    assert clauses.split(message) == parts


def test_of_clauses_the_only_one_that_asks_is_taken() -> None:
    assert clauses.asking(["i was charged twice", "how do i get it back"]) == [
        "how do i get it back"
    ]
    both = ["where is my parcel", "can i cancel"]
    assert clauses.asking(both) == both
    neither = ["i was charged twice", "i want it back"]
    assert clauses.asking(neither) == neither
    beside = ["for my daughter", "(not a member)", "i was charged twice", "i want it back"]
    assert clauses.asking(beside) == beside[2:]
    assert clauses.asking(["on your app", "can i pay"]) == ["can i pay"]
    assert clauses.asking(["선물로 산 가방인데", "환불 언제 돼요"]) == ["환불 언제 돼요"]
    assert clauses.asking(["선물인데", "환불 신청했는데", "언제 돼요"]) == ["언제 돼요"]


@pytest.mark.parametrize("thing", ["어제 산 니트", "지난번에 산 건", "3만원짜리 니트는"])
def test_all_that_is_said_of_a_thing_is_taken(thing: str) -> None:
    said = clauses.split(f"{thing} 환불 신청했는데 언제 입금되나요")
    assert said == [thing, "환불 신청했는데", "언제 입금되나요"]
    assert clauses.asking(said) == ["환불 신청했는데 언제 입금되나요"]


@pytest.mark.parametrize(
    "message",
    [
        "go" + " " * 4000 + "on",
        "go" + ", " * 2000 + "on",
        "i " * 2000,
        "(" * 4000,
        "(a)" * 1300,
        "(a " * 1000 + ")" * 1000,
        "산옷" * 2000,
    ],
)
def test_no_message_takes_long(message: str) -> None:
    began = time.thread_time()
    clauses.split(message)
    assert time.thread_time() - began < 0.5  # four seconds, if each space is tried as the first


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("배송비 얼마고 언제 도착해요?", ["배송비 얼마고", "언제 도착해요?"]),
        (
            "반품하고 싶은데 택배비 얼마인지랑 환불 언제 되는지 알려주세요",
            ["반품하고 싶은데 택배비 얼마인지랑", "환불 언제 되는지 알려주세요"],
        ),
        ("얼마인지, 며칠 걸리는지 알려주세요", ["얼마인지", "며칠 걸리는지 알려주세요"]),
        (
            "쿠폰 어떻게 쓰고 포인트는 언제 소멸돼요",
            ["쿠폰 어떻게 쓰고", "포인트는 언제 소멸돼요"],
        ),
        (
            "포인트 유효기간이랑 쿠폰 중복사용 되는지",
            ["포인트 유효기간", "쿠폰 중복사용 되는지"],
        ),
        ("반품 기간하고 환불 기간 알려주세요", ["반품 기간", "환불 기간 알려주세요"]),
        ("주문 취소 방법 및 환불 기간", ["주문 취소 방법", "환불 기간"]),
        ("배송비랑 교환 방법, 주차랑 영업시간이요", ["배송비", "교환 방법, 주차", "영업시간이요"]),
        *[
            (whole, [whole])
            for whole in (
                "포인트랑 쿠폰 같이 쓸 수 있나요",
                "교환이랑 환불 차이가 뭐예요",
                "포인트랑 쿠폰이랑 뭐가 더 좋아요?",
                "탈퇴하면 쿠폰이랑 적립금 날아가나요?",
                "바지랑 셔츠 주문했어요",
                "반품이랑 교환하고 싶어요",
                "어느 택배회사랑 계약했어요?",
                "주문하고 결제 어떻게 해요",
                "어떻게 하고 있나요",
                "반품하고 싶어요",
                "회원가입하고 쿠폰 쓰고 싶어요",
                "어디 가지 말고 집에서 쉬렴",
                "몇 개 있는지 보고 오세요",
                "약속이 언제 있지, 내일 아니면 모레?",
                "how much is it and when does it come",
                "",
            )
        ],
    ],
)
def test_korean_questions_with_an_and_between_them_are_told_apart(
    message: str, parts: list[str]
) -> None:
    assert clauses.questions(message) == parts
