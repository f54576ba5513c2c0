"""Ratings typed in words: what is one, with its score, and what is an ordinary message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ratings import comment, understood

KOREAN = {
    "5": 5, "1": 1, " 4 ": 4, "5점": 5, "3 점": 3, "2점이요": 2, "4점 드릴게요": 4,
    "5점입니다": 5, "별점 5점": 5, "평점: 4": 4, "별 다섯 개": 5, "별 하나": 1, "별 3개": 3,
    "오점": 5, "★★★★★": 5, "★★☆☆☆": 2, "최고예요": 5, "최고예요!!": 5, "정말 최고입니다": 5,
    "완벽해요": 5, "매우 만족": 5, "정말 좋아요": 5, "만족해요": 4, "좋았어요": 4,
    "보통이에요": 3, "그저 그래요": 3, "별로예요": 2, "별로네요 ㅠㅠ": 2, "불만족": 2,
    "실망이에요": 2, "안 좋아요": 2, "최악이에요": 1, "진짜 최악이었어요": 1, "매우 불만족": 1,
    "엉망이에요": 1, "5점 감사합니다": 5, "최고예요 감사합니다": 5, "５점": 5,
    "별점 5개": 5, "별점 네 개": 4, "5점 만점에 4점": 4, "만점이요": 5, "만점 드릴게요": 5,
    "당연히 5점이죠": 5, "그냥 1점": 1, "4점 정도요": 4, "한 3점쯤": 3, "한 점": 1, "네 점이요": 4,
    "나쁘지 않았어요": 3, "네, 5점이요": 5,
}  # fmt: skip
ENGLISH = {
    "five": 5, "Five stars": 5, "1 star": 1, "4/5": 4, "3 out of 5": 3, "five out of five": 5,
    "I'd give it a 4": 4, "rating: 2": 2, "a 5": 5, "2 points": 2, "excellent": 5,
    "Excellent!": 5, "perfect": 5, "amazing service": 5, "awesome": 5, "great": 5,
    "it was great": 5, "very good": 5, "really helpful": 5, "good": 4, "pretty good": 4,
    "nice": 4, "satisfied": 4, "helpful": 4, "so-so": 3, "average": 3, "meh": 3, "not bad": 3,
    "bad": 2, "poor": 2, "not good": 2, "disappointing": 2, "terrible": 1, "Terrible!!!": 1,
    "awful": 1, "the worst": 1, "worst ever": 1, "very bad": 1, "it was horrible": 1,
    "5 please": 5, "great, thanks": 5, "thank you, excellent": 5, "⭐⭐⭐⭐": 4,
}  # fmt: skip
ORDINARY_KOREAN = [
    "네 감사합니다", "감사합니다", "네", "넵", "아니요", "알겠습니다", "수고하세요", "고마워요",
    "ㅋㅋㅋ", "안녕하세요", "5개 주문했어요", "5시에 와요", "5번 상품 있나요?", "5점?",
    "별로예요?", "5000원이에요", "010-1234-5678", "7", "0", "10", "6점", "환불해 주세요",
    "최고예요 그런데 배송은 언제 와요", "별로 안 비싼 거 있나요?", "좋은 하루 되세요",
    "최고 사이즈가 뭐예요?", "3일 안에 오나요", "1:1 문의", "주문번호 5", "5점 만점인가요?",
    "상담원 연결", "배송이 늦어서 실망했는데 환불 되나요", "2개요", "네 네", "일요일이요",
    "오늘 오나요", "사이즈 4", "만족도 조사는 언제 해요", "이거 별로면 교환되나요", "ㅇㅋ",
    "5만 주세요", "3만", "2개 정도", "네 3개", "네 5번이요", "10점 만점에 5점", "100점",
    "별점 어디서 남겨요", "나쁘지 않은 거 있나요", "한 5일쯤", "저는 5",
]  # fmt: skip
ORDINARY_ENGLISH = [
    "thanks", "thank you", "ok", "okay", "yes", "no", "sure", "great, but where is my order",
    "Is it good?", "5?", "I need 5 of them", "5 pm", "order 5", "best before date", "bad link",
    "the worst part is the delivery, can I get a refund", "terrible weather today",
    "talk to a person", "good morning", "good bye", "nice to meet you", "4 days ago", "1-2",
    "size 5", "room 4", "my order is 3 days late", "one more thing", "two boxes please",
    "average delivery time", "helpful hours", "7/10", "0", "6", "5 out of 10",
    "perfect size for me is 5", "hello", "help", "how good is it", "not yet", "i rate limits",
    "$5", "5%", "5 boxes please", "one more please",
]  # fmt: skip


@pytest.mark.parametrize(("text", "score"), [*KOREAN.items(), *ENGLISH.items()])
def test_a_rating_is_understood(text: str, score: int) -> None:
    assert understood(text, worst=1, best=5) == score


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("의견: 좋아요", "좋아요"),
        (" 의견 ：두 줄\n이에요 ", "두 줄\n이에요"),
        ("Comment: fine", "fine"),
    ]
    + [(text, None) for text in ("의견:", "의견 있어요", "제 의견: 없음", "no comment: none")],
)
def test_words_are_added_to_a_score_after_a_sign(text: str, words: str | None) -> None:
    assert comment(text) == words


@pytest.mark.parametrize("text", [*ORDINARY_KOREAN, *ORDINARY_ENGLISH])
def test_an_ordinary_message_is_no_rating(text: str) -> None:
    assert understood(text, worst=1, best=5) is None


@pytest.mark.parametrize("text", ["최고예요", "terrible", "11", "감사합니다", "3/5"])
def test_a_recommendation_is_a_number_up_to_ten(text: str) -> None:
    assert understood(text, worst=0, best=10) is None


@given(
    st.integers(0, 10), st.sampled_from(["{}", "{}점", "{}점이요", "{} out of 10", "{}/10", "a {}"])
)
def test_numbers_are_understood_on_their_scale(score: int, form: str) -> None:
    assert understood(form.format(score), worst=0, best=10) == score


@given(st.text(max_size=80))
def test_any_text_is_a_score_on_the_scale_or_none(text: str) -> None:
    assert understood(text, worst=1, best=5) in (None, 1, 2, 3, 4, 5)
    assert understood(text + " 그런데 질문이 있어요", worst=1, best=5) is None
