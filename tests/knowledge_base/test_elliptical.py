"""Questions that leave out what they are about."""

from __future__ import annotations

import pytest

from knowledge_base import clauses, elliptical, text


@pytest.mark.parametrize(
    "question",
    [
        "얼마나 걸려요?",
        "얼마나 걸려여",
        "며칠이나요?",
        "그건 무료예요?",
        "비용은요?",
        "가격은",
        "언제까지 해야 돼요?",
        "어디로 가져가면 돼요?",
        "그럼 어떻게 하면 되나요?",
        "바로 되나요?",
        "몇 시까지예요?",
        "How long does it take?",
        "and the cost?",
        "until when",
        "so how much is it",
        "What’s the price?",
        "ok is it free",
        "when would we get them",
    ],
)
def test_what_asks_of_anything_says_nothing_of_its_own(question: str) -> None:
    assert elliptical.of_its_own(question) == []


@pytest.mark.parametrize(
    ("question", "own"),
    [
        ("배송비는요?", ["배송비"]),
        ("포인트는요", ["포인트"]),
        ("카드는~", ["카드"]),
        ("그럼 포인트는 어떻게 돼요?", ["포인트"]),
        ("주말에도 해요?", ["주말"]),
        ("언제 와요?", ["오"]),
        ("환불은 얼마나 걸려요?", ["환불"]),
        ("홍콩 배송 가능한지", ["홍콩", "배송"]),
        ("환불 되는지", ["환불"]),
        ("what about points?", ["points"]),
        ("how long does a refund take?", ["refund"]),
    ],
)
def test_what_a_question_is_about_is_its_own(question: str, own: list[str]) -> None:
    assert elliptical.of_its_own(question) == own


@pytest.mark.parametrize(
    "message",
    [
        "네 알겠어요",
        "감사합니다",
        "그렇군요",
        "아 그거 있어요",
        "ok thanks",
        "it is free",
        "",
        "😀",
    ],
)
def test_what_does_not_ask_is_no_question(message: str) -> None:
    assert elliptical.of_its_own(message) is None


@pytest.mark.parametrize(
    ("question", "told", "answered"),
    [
        ("얼마나 걸려요?", "영업일 3~5일 안에 돌려드려요.", True),
        ("얼마나 걸려요?", "사진을 보내 주세요.", False),
        ("얼마예요?", "왕복 배송비 6,000원이 들어요.", True),
        ("얼마나 잠겨요?", "10분 뒤에 풀려요.", True),
        ("얼마 안에 보내야 돼요?", "48시간 안에 보내 주세요.", True),
        ("얼마나 무료예요?", "5만 원 이상이면 무료예요.", True),
        ("얼마나 잠겨요?", "비밀번호를 확인해 주세요.", False),
        ("얼마예요?", "영업일 3~5일 안에 돌려드려요.", False),
        ("어디서 해요?", "마이페이지에서 해요.", True),
        ("how long does it take?", "within three business days", True),
        ("how long does it take?", "send us a photo", False),
        ("얼마나 걸려요?", "1년에 한 번 손질해 드려요.", False),
        ("얼마 사야 돼요?", "구름은 30만 원 이상이에요.", True),
        ("how much is it?", "It's free.", True),
        ("how much is it?", "It takes 5 days.", False),
    ],
)
def test_a_time_or_an_amount_answers_how_long_or_how_much(
    question: str, told: str, answered: bool
) -> None:
    assert elliptical.is_answered(question, told) is answered


def test_within_a_message_it_belongs_to_what_stands_before_it() -> None:
    korean = text.sentences("반품하고 싶어요. 그건 무료인가요? 포인트는 어떻게 써요? 얼마부터요?")
    assert elliptical.together(korean) == [
        "반품하고 싶어요. 그건 무료인가요?",
        "포인트는 어떻게 써요? 얼마부터요?",
    ]
    english = clauses.split("i want to return a bag how long does it take")
    assert elliptical.together(english) == ["i want to return a bag how long does it take"]
    assert elliptical.together(["얼마예요?"]) == ["얼마예요?"]
    assert elliptical.together([]) == []


@pytest.mark.parametrize(
    ("message", "own"),
    [
        ("안 돼요", []),
        ("안돼요", []),
        ("그대로예요", []),
        ("사이즈가 안 맞아서요", ["사이즈"]),
        ("카드로 결제했는데요", ["카드", "결제"]),
        ("무통장이요", ["통장"]),
        ("해봤는데 똑같아요", []),
        ("it doesn't work", []),
        ("it's wool", ["wool"]),
        ("i paid by card", ["card"]),
    ],
)
def test_what_is_added_has_few_words_of_its_own(message: str, own: list[str]) -> None:
    assert elliptical.added(message) == own


@pytest.mark.parametrize(
    "message",
    [
        "해볼게요",
        "반품하고 싶어요",
        "연락 주세요",
        "그 말이 아닌데요",
        "필요 없어요",
        "없어요",
        "그렇군요",
        "i want a refund",
        "i'll try",
        "let me check",
        "ok",
        "",
        "😀",
        "그럼 오면 바꿀께요",
        "그냥 반품할래요",
        "다시 살래",
    ],
)
def test_a_wish_a_promise_or_a_nod_adds_nothing(message: str) -> None:
    assert elliptical.added(message) is None


@pytest.mark.parametrize(
    ("message", "depends"),
    [
        ("불량이라서요", True),
        ("불량이면요", True),
        ("이미 발송됐으면요?", True),
        ("니트인데요", True),
        ("미국이요", True),
        ("일본으로요.", True),
        ("카드로 결제했어요", False),
        ("무통장 입금", False),
        ("매장은 어디예요?", False),
        ("얼마예요", False),
        ("it's wool", True),
        ("they don't fit", True),
        ("i wore them outside", True),
        ("but it's on sale", True),
        ("because i moved", True),
        ("to Japan", True),
        ("i paid by card", False),
        ("my zip broke and it won't close", False),
        ("is it free?", False),
        ("", False),
    ],
)
def test_what_only_says_why_or_of_what_depends_on_something_before_it(
    message: str, depends: bool
) -> None:
    assert elliptical.depends(message) is depends


@pytest.mark.parametrize(
    ("message", "states"),
    [
        ("카드로 결제했어요", True),
        ("니트인데요!", True),
        ("무통장 입금", False),
        ("포인트", False),
        ("it's wool", True),
        ("to Japan", True),
        ("bank transfer", False),
        ("", False),
    ],
)
def test_a_mere_name_states_nothing(message: str, states: bool) -> None:
    assert elliptical.states(message) is states


TOLD = """교환 순서

받은 뒤 7일 안에 신청해 주세요. 왕복 배송비는 6,000원이에요.

• 영업일 1~2일 안에 기사님이 가지러 가요.
• 보통 영업일 5~7일이 걸려요.
• 꼬리표는 떼지 말아 주세요."""


@pytest.mark.parametrize(
    ("question", "whole", "point"),
    [
        ("얼마나 걸려요?", "교환은 어떻게 해요 얼마나 걸려요?", "보통 영업일 5~7일이 걸려요."),
        ("무료예요?", "교환 무료예요?", "왕복 배송비는 6,000원이에요."),
        ("꼬리표는요?", "교환 꼬리표는요?", "꼬리표는 떼지 말아 주세요."),
        ("누가 해요?", "기사님이 누가 해요?", "영업일 1~2일 안에 기사님이 가지러 가요."),
        ("꼬리표를 뗐는데요", "교환 꼬리표를 뗐는데요", "꼬리표는 떼지 말아 주세요."),
        ("안 가는데요", "교환 안 가는데요", ""),
        ("안 떼었어요", "교환 안 떼었어요", ""),
        ("되나요?", "교환 되나요?", ""),
        ("며칠이에요?", "교환 며칠이에요?", None),
        ("어떻게 해요?", "교환 어떻게 해요?", None),
        ("양말도 돼요?", "교환 양말도 돼요?", None),  # something that none of it names
    ],
)
def test_the_point_of_what_was_told(question: str, whole: str, point: str | None) -> None:
    assert elliptical.point(question, TOLD, whole=whole) == point


@pytest.mark.parametrize(
    ("message", "leans"),
    [
        ("밤에도 되나요?", True),
        ("포인트는요?", True),
        ("불량이라서요", True),
        ("100벌이요", True),
        ("두 켤레인데요", True),
        ("what about points", True),
        ("수선 맡기고 싶어요", False),
        ("배송비 얼마예요?", False),
        ("구멍이 나 있어요", False),
        ("do you ship to Japan?", False),
    ],
)
def test_what_leans_on_what_was_said_before(message: str, leans: bool) -> None:
    assert elliptical.leans(message) is leans


OPEN = "매장은 세 곳이에요. 주말을 포함해 매일 10:30부터 열어요. 설날과 추석 당일만 쉬어요."
OPEN_EN = "We have three stores. They are open every day, weekends included. The tills close early."
PRICES = """수선은 무료예요.

• 박음질: 10,000원부터
• 지퍼 교체: 20,000원부터"""


@pytest.mark.parametrize(
    ("question", "told", "point"),
    [
        ("일요일도 해요?", OPEN, "주말을 포함해 매일 10:30부터 열어요."),
        ("화요일에도 여나요?", OPEN, "주말을 포함해 매일 10:30부터 열어요."),
        ("추석에도 해요?", OPEN, "설날과 추석 당일만 쉬어요."),
        ("on sunday?", OPEN_EN, "They are open every day, weekends included."),
        ("얼마나 들까요?", PRICES, None),  # several amounts: an item of a list says one as well
        ("지퍼는 얼마예요?", PRICES, None),
        ("지퍼는 되나요?", PRICES, "지퍼 교체: 20,000원부터"),
        ("몇 시에 열어요?", OPEN, "주말을 포함해 매일 10:30부터 열어요."),
        ("몇시부터 해요?", "봇은 24시간 답해요. 상담원은 9시부터예요.", "상담원은 9시부터예요."),
    ],
)
def test_a_day_of_the_week_and_an_item_of_a_list_are_found(
    question: str, told: str, point: str | None
) -> None:
    assert elliptical.point(question, told, whole=question) == point


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        ("반품하고 싶어요", ["반품"]),
        ("배송 기간과 발송 시각", ["배송", "발송", "시각"]),
        ("깜빡했어요", []),
        ("그렇게 오래 걸려요?", []),
        ("i want to return this", ["return"]),
        ("it doesn't work", []),
    ],
)
def test_what_a_message_is_about(message: str, subject: list[str]) -> None:
    assert elliptical.subject(message) == subject


@pytest.mark.parametrize(
    ("question", "measures"),
    [
        ("환불 언제 돼요?", True),
        ("환불은 얼마예요?", True),
        ("얼마나 잠겨요", True),
        ("how long does it take", True),
        ("환불은 어떻게 해요?", False),
        ("can I return it?", False),
        ("", False),
    ],
)
def test_until_when_how_long_and_how_much_ask_for_a_measure(question: str, measures: bool) -> None:
    assert elliptical.measures(question) is measures


@pytest.mark.parametrize(
    ("message", "tried"),
    [
        ("그래도 안 돼요", True),
        ("해봤는데요", True),
        ("still not working", True),
        ("안 돼요", False),
        ("카드로 결제했는데요", False),
        ("아직도 배송 중인데 며칠 걸려요?", False),
        ("is it the same for shoes?", False),
    ],
)
def test_who_tried_says_so(message: str, tried: bool) -> None:
    assert elliptical.is_tried(message) is tried


@pytest.mark.parametrize(
    ("message", "promises"),
    [
        ("오면 바꿀게요", True),
        ("이따가 해 볼께요!", True),
        ("ok, i'll try that", True),
        ("이제 안 쓸거라 탈퇴할게요 방법좀", False),
        ("반품할래요", False),
        ("얼마예요", False),
        ("will i get it back", False),
    ],
)
def test_who_says_what_they_will_do_promises(message: str, promises: bool) -> None:
    assert elliptical.promises(message) == promises


@pytest.mark.parametrize(
    ("question", "told", "said"),
    [
        ("토요일은요?", OPEN, "주말을 포함해 매일 10:30부터 열어요."),
        ("일요일도 해요?", OPEN, "주말을 포함해 매일 10:30부터 열어요."),
        ("추석은요", OPEN, "설날과 추석 당일만 쉬어요."),
        ("what about sundays?", OPEN_EN, "They are open every day, weekends included."),
        ("공휴일은요?", OPEN, None),
        ("일요일에도 배송되나요?", OPEN, None),
        ("얼마예요?", OPEN, None),
        ("일요일이에요", OPEN, None),
    ],
)
def test_of_a_day_alone_is_told_what_speaks_of_it(
    question: str, told: str, said: str | None
) -> None:
    assert elliptical.day(question, told) == said
