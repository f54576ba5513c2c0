from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from knowledge_base import answers, calibration, importing, reading
from knowledge_base.answers import Answer, Unknown, answer
from knowledge_base.evaluate import evaluate
from knowledge_base.explain import explain
from knowledge_base.matching import Document, passages
from knowledge_base.search import Index
from knowledge_base.smalltalk import strip
from knowledge_base.weights import WEIGHTS
from tests.knowledge_base.conftest import empty

Ask = Callable[..., answers.Outcome]
SAMPLE = Path(importing.__file__).with_name("sample")


@pytest.fixture(scope="module")
def index(engine: Engine) -> Index:
    """The Korean sample shop, by words alone, as Korean is answered without another model."""
    empty(engine)
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        importing.import_rows(session, reading.read(SAMPLE / "ko"), author="test")
    index = Index(sessions, poll_seconds=3600)  # other tests will change these tables
    index.refresh()
    return index


def test_a_question_of_the_shop_is_answered_with_its_article(index: Index) -> None:
    outcome = answer(index, "환불 언제 돼요?", locale="ko")
    assert isinstance(outcome, Answer)
    assert (outcome.article.article, outcome.article.locale) == ("refund-when", "ko")
    assert outcome.article is outcome.candidates[0] and outcome.article.score > 0.8
    assert 0 < len(outcome.text) <= answers.CHAT_LENGTH + 2
    assert len(outcome.candidates) <= 5
    scores = [one.score for one in outcome.candidates]
    assert all(0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)
    assert len({one.article for one in outcome.candidates}) == len(scores)


def test_what_is_said_not_to_be_meant_is_not_found(index: Index) -> None:
    outcome = answer(index, "교환 말고 환불 언제 돼요?", locale="ko")
    assert isinstance(outcome, Answer) and outcome.article.article == "refund-when"
    assert explain(index, "교환 말고 환불 언제 돼요?", locale="ko").outcome == outcome


@pytest.mark.parametrize(
    "text",
    ["안녕하세요", "안녕하세요!!", "고마워요", "감사합니다 ㅎㅎ", "네 알겠습니다", "ㅋㅋㅋㅋ",
     "ㅠㅠ", "hello", "Hi there!", "thanks a lot", "ok", "너 로봇이야?", "are you a bot?", "",
     "   ", "?!", "🙏", "...", "\0", "문의드립니다", "안녕하세요 문의드려요", "수고하세요~",
     "누구세요?", "good morning", "bye"],
)  # fmt: skip
def test_small_talk_and_signs_are_no_question(index: Index, text: str) -> None:
    assert isinstance(answer(index, text, locale="ko"), Unknown)


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("안녕하세요 환불 언제 돼요?", "refund-when"),
        ("안녕하세요! 환불 언제 돼요? 감사합니다", "refund-when"),
        ("저기요 환불 언제 돼요?", "refund-when"),
        ("hello 환불 언제 돼요", "refund-when"),
    ],
)
def test_a_greeting_never_swallows_a_question(index: Index, text: str, article: str) -> None:
    outcome = answer(index, text, locale="ko")
    assert isinstance(outcome, Answer) and outcome.article.article == article


@pytest.mark.parametrize(
    "text", ["내일 서울에 비 와요?", "대통령이 누구예요", "피자 맛집 추천해줘", "qwrt zxcv"]
)
def test_what_nothing_answers_is_not_answered(index: Index, text: str) -> None:
    assert not isinstance(answer(index, text, locale="ko"), Answer)


def test_korean_typed_on_an_english_keyboard_is_read_in_korean(index: Index) -> None:
    typed = answer(index, "ghksqnf djswp ehodyb", locale="en")
    meant = answer(index, "환불 언제 돼요ㅠ", locale="ko")
    assert isinstance(typed, Answer) and typed == meant
    shown = explain(index, "ghksqnf djswp ehodyb", locale="en")
    assert shown.outcome == meant and "환불 언제 돼요" in shown.asked
    gone = answer(index, "ghksqnf djswp ehodyb", locale="en", exclude=["refund-when"])
    assert "refund-when" not in [one.article for one in gone.candidates]


@pytest.mark.parametrize("text", ["form", "socks and tucks", "wntlr anj tkaus whgdmfRkdy"])
def test_what_is_english_or_nothing_in_korean_stays_what_it_is(index: Index, text: str) -> None:
    ranking = answers.rank(index, text, locale="en", limit=5)
    assert ranking is not None and ranking.question == text


def test_a_rejected_article_does_not_come_again(index: Index) -> None:
    outcome = answer(index, "환불 언제 돼요?", locale="ko", exclude=["refund-when"])
    assert "refund-when" not in [one.article for one in outcome.candidates]


def test_a_chosen_article_has_a_text_unless_it_is_gone(index: Index) -> None:
    found = answers.chosen(index, "delivery-fee", locale="en")
    assert found is not None and found.article.locale == "ko" and found.text
    assert answers.chosen(index, "no-such", locale="ko") is None


def test_questions_without_greeting_are_left_alone() -> None:
    for question in ("hire me", "history", "네이버페이 되나요", "이름 변경", "바이어 문의", "okra"):
        assert strip(question) == question
    assert strip("안녕하세요, 환불은 어떻게 하나요?") == "환불은 어떻게 하나요?"
    assert strip("Hi, where is my order? Thanks!") == "where is my order?"
    # Letters that stand alone stay what they are when a text is brought to one form.
    assert strip("ㅎㅇ 결제가 안 돼요ㅠㅠㅠ") == "결제가 안 돼요"
    assert [strip(one) for one in ("ㅠㅠ", "ㅇㅋ", "ㄱㅅㅎㅎ", "ㅋㅋ 감사합니다 ㅎㅎ")] == [""] * 4


@pytest.mark.parametrize(
    "around",
    ["죄송한데 {}", "실례지만 {}", "다름이 아니라 {}", "문의드릴 게 있는데요 {}", "[문의] {}",
     "안녕하세요 문의드릴 게 있어서 연락드렸어요 {}", "상담원님, {}", "고객센터죠? {}",
     "질문: {}", "혹시 {}", "아 그럼 {}", "{} 알려주세요", "{} 알려 주시면 감사하겠습니다",
     "{} 답변 부탁드립니다", "{} 빠른 회신 주세요", "{} 답변 기다리겠습니다", "{} 궁금합니다",
     "급해요 {}", "{} 빨리요", "그냥 {}", "아니다 그냥 {}", "차라리 {}"],
)  # fmt: skip
def test_how_it_is_asked_is_no_part_of_the_question(around: str) -> None:
    assert strip(around.format("택배비 얼마예요")) == "택배비 얼마예요"


@pytest.mark.parametrize(
    "question",
    ["알려주신 번호가 틀려요", "가르쳐 주신 대로 했는데 안 돼요", "답변이 안 와요",
     "안내문 어디 있나요", "문의 게시판 어디예요", "질문 게시판", "고객센터 전화번호",
     "상담원 연결", "아기 옷 있어요?", "음악 틀어줘", "급해서 퀵으로 받고 싶어요",
     "취소 부탁드립니다", "[공지] 배송"],
)  # fmt: skip
def test_what_is_asked_stays(question: str) -> None:
    assert strip(question) == question.lower()


def test_the_cheapest_outcome_follows_the_probabilities() -> None:
    assert calibration.cheapest(0.99, 0.99) == "answer"
    assert calibration.cheapest(0.5, 0.9) == "clarify"
    assert calibration.cheapest(0.05, 0.1) == "unknown"


def test_coefficients_are_there_for_every_regime_and_were_fitted_for_these_features() -> None:
    stored = json.loads(calibration.COEFFICIENTS.read_text(encoding="utf-8"))
    assert tuple(stored["features"]) == calibration.FEATURES
    assert set(stored["models"]) == set(WEIGHTS)
    for pair in stored["models"].values():
        assert [len(one["weights"]) for one in pair] == [len(calibration.FEATURES)] * 2


def document(body: str) -> Document:
    return Document(article="a", locale="ko", title="제목", questions=(), body=body)


def test_chat_text_is_plain_and_ends_at_a_whole_paragraph() -> None:
    body = (
        "# 제목\n\n**먼저** [여기](https://a.kr)를 봐요.\n\n- 하나\n- 둘\n\n## 더\n\n"
        + "긴 글. " * 200
    )
    text, _ = answers.chat_text(body)
    assert text == "먼저 여기 (https://a.kr)를 봐요.\n\n• 하나\n• 둘"


def test_a_chat_is_told_no_picture_but_that_there_is_more() -> None:
    picture = "![001-chat](/help/pictures/00000000-0000-0000-0000-000000000001)"
    said = document(f"버튼을 눌러요.\n\n{picture}\n\n끝이에요.")
    for body, text, anchor in (
        (said.body, "버튼을 눌러요.\n\n끝이에요.", ""),
        (picture, "제목", ""),
        ("버튼을 눌러요.", "버튼을 눌러요.", None),
        (f"긴 글이에요. {picture}\n\n" + "더 길어요. " * 110, "긴 글이에요.", ""),
    ):
        found = answers.told(answers.Candidate("a", "ko", "제목", 1.0), document(body), 0)
        assert (found.text, found.anchor) == (text, anchor)
    assert "001" in passages(said)[0], "which is found"


def test_chat_text_of_one_long_paragraph_is_cut_at_a_sentence() -> None:
    text, is_all = answers.chat_text("이것은 문장이에요. " * 100)
    assert len(text) <= answers.CHAT_LENGTH + 2 and text.endswith("문장이에요.\n…")
    assert not is_all
    assert len(answers.chat_text("가" * 5000)[0]) <= answers.CHAT_LENGTH + 2


@pytest.mark.parametrize(
    ("body", "is_all"),
    [
        ("짧은 글이에요.", True),
        ("# 제목\n\n짧은 글이에요.", True),
        ("이것은 문장이에요. " * 50, False),  # cut, though it has no sections
        ("앞 글이에요. " * 45 + "\n\n" + "뒤 글이에요. " * 20, False),  # the first half alone
    ],
)
def test_what_is_not_said_can_be_read_on(body: str, is_all: bool) -> None:
    best = answers.Candidate("a", "ko", "제목", 1.0)
    said = answers.told(best, document(body), 0)
    assert (said.anchor is None) is is_all


def test_evaluation_counts_add_up(index: Index) -> None:
    rows: list[dict[str, str | None]] = [
        {"question": "환불 언제 돼요?", "article": "refund-when", "locale": "ko"},
        {"question": "배송비 얼마예요?", "article": "delivery-fee", "locale": "ko"},
        {"question": "내일 비 와요?", "article": None, "locale": "ko"},
        {"question": "안녕하세요", "article": None, "locale": "ko"},
    ]
    result = evaluate(index, rows)
    assert list(result) == [
        "n", "answered", "correct", "clarified", "clarify_contains", "unknown", "false_answers",
        "top1", "mrr10", "p50_ms", "p95_ms", "questions_per_s",
    ]  # fmt: skip
    assert result["n"] == 4 == result["answered"] + result["clarified"] + result["unknown"]
    assert result["false_answers"] == 0 and result["top1"] == 1.0
    assert 0 < result["p50_ms"] <= result["p95_ms"] and result["questions_per_s"] > 0
    assert evaluate(index, [])["n"] == 0
