"""The bot's own words and the form of its replies."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from bot.actions import reply
from bot.actions.texts import TEXTS, Locale
from bot.actions.ticket_status import moment
from bot.actions.turn import spoken_locale
from connectors.rasa import Reply
from knowledge_base.answers import Answer, Candidate, Clarify, Unknown
from tests.bot.rasa_project import HANGUL

FIRST = Candidate("refund-when", "ko", "환불 처리 기간", 0.81234567)
SECOND = Candidate("refund-method", "ko", "환불 수단", 0.4)
THIRD = Candidate("return-how", "ko", "반품 신청 방법", 0.3)
FOURTH = Candidate("return-fee", "ko", "반품 배송비", 0.2)
PERSON = {"title": "상담원 연결", "payload": "/human"}


def test_only_whole_paragraphs_that_were_told_are_left_out() -> None:
    told = ["환불 수단은 결제와 같아요. 비용은 없어요.\n\n늦어질 때\n\n카드사에 물어보세요."]
    more = "환불 수단은 결제와 같아요. 비용은 없어요.\n\n비용\n\n반품 배송비만 빼요."
    made = reply.found_beside(Answer(FIRST, more, ()), "ko", asked="왜요", question=None, told=told)
    assert made["text"] == "비용\n\n반품 배송비만 빼요."


def test_an_answer_is_the_article_and_asks_whether_it_helped() -> None:
    made = reply.found(Answer(FIRST, "영업일 3~5일이에요.", (FIRST, SECOND)), "ko")
    assert made == {
        "kind": "answer",
        "text": "영업일 3~5일이에요.",
        "buttons": [
            {"title": "도움이 됐어요", "payload": "/helpful"},
            {"title": "아니에요", "payload": "/not_helpful"},
        ],
        "article": {"id": "refund-when", "locale": "ko", "title": "환불 처리 기간"},
        "score": 0.8123,
        "tried": [
            {"article": "refund-when", "title": "환불 처리 기간", "score": 0.8123},
            {"article": "refund-method", "title": "환불 수단", "score": 0.4},
        ],
        "question": None,
        "reason": None,
        "vote": None,
        "chosen": False,
        "asked": False,
        "locale": "ko",
    }


def test_a_choice_offers_three_articles_and_a_person() -> None:
    every = (FIRST, SECOND, THIRD, FOURTH)
    made = reply.found(Clarify(every[:3], every), "ko")
    assert (made["kind"], made["text"]) == ("clarify", "혹시 이런 내용을 찾으시나요?")
    assert [button["title"] for button in made["buttons"]] == [
        *["환불 처리 기간", "환불 수단", "반품 신청 방법", "상담원 연결"]
    ]
    payload = made["buttons"][0]["payload"]
    assert payload.startswith("/choose_article")
    assert json.loads(payload.removeprefix("/choose_article")) == {"article": "refund-when"}
    assert len(made["tried"]) == 4
    assert made["article"] is None


def test_not_knowing_is_said_and_a_person_offered() -> None:
    made = reply.found(Unknown((FIRST,)), "ko")
    assert made["kind"] == "unknown"
    assert made["buttons"] == [PERSON]
    assert made["tried"]
    assert reply.found(Unknown(()), "en")["buttons"] == [
        {"title": "Talk to a person", "payload": "/human"}
    ]


def test_instead_of_a_rejected_answer() -> None:
    made = reply.found_instead(Answer(SECOND, "결제하신 수단으로 돌려드려요.", (SECOND,)), "ko")
    assert made["text"] == "그럼 이 내용은 어떠세요?\n\n결제하신 수단으로 돌려드려요."
    assert made["vote"] == "down"
    assert reply.found_instead(Unknown(()), "en")["vote"] == "down"
    assert reply.found_instead(Clarify((FIRST, SECOND), (FIRST, SECOND)), "ko")["vote"] == "down"


def test_handing_over_names_its_reason() -> None:
    made = reply.hand_off("customer_asked", "en")
    assert (made["kind"], made["reason"]) == ("hand_off", "customer_asked")
    assert reply.hand_off("rejected_twice", "ko", vote="down")["vote"] == "down"


def test_a_question_is_never_longer_than_the_gateway_reads() -> None:
    made = reply.found_beside(
        Unknown(()), "ko", asked="얼마예요?", question="가" * 9000 + "얼마예요?", told=()
    )
    assert (Reply.model_validate(made).question or "").endswith("얼마예요?")
    made = reply.found_instead(Unknown(()), "ko", question="가" * 9000)
    assert Reply.model_validate(made).question == "가" * reply.LONGEST_QUESTION


def test_long_titles_fit_on_a_button() -> None:
    long = Candidate("x", "ko", "아주 긴 제목 " * 20, 0.5)
    assert len(reply.choice_button(long)["title"]) <= reply.LONGEST_TITLE


def test_the_gateway_reads_every_reply() -> None:
    made = [
        reply.found(Answer(FIRST, "글", (FIRST,)), "ko"),
        reply.found(Answer(FIRST, "글", (FIRST,), anchor="s2"), "ko"),
        reply.found(Clarify((FIRST, SECOND), (FIRST, SECOND)), "en"),
        reply.found(Unknown(()), "ko"),
        reply.found_beside(Unknown(()), "ko", asked="얼마나?", question="교환 얼마나?", told=()),
        reply.hand_off("customer_asked", "ko"),
        reply.say("glad", "en", vote="up"),
    ]
    for one in made:
        read = Reply.model_validate(one)
        if read.article is not None:
            assert read.article.model_dump(exclude_none=True) == one["article"]
        assert read.model_dump(exclude={"article"}) == {
            name: value for name, value in one.items() if name != "article"
        }


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_every_sentence_is_there_in_both_languages(key: str) -> None:
    korean, english = TEXTS[key]["ko"], TEXTS[key]["en"]
    assert HANGUL.search(korean)
    assert not HANGUL.search(english)
    assert set(re.findall(r"{(\w+)}", korean)) == set(re.findall(r"{(\w+)}", english))
    # One voice: polite and warm, 해요체 throughout.
    assert not re.search(r"(습니다|십시오|니까)[.?!]?(\s|$)", korean)
    assert len(korean) <= 120 and len(english) <= 200


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("환불은 언제 되나요", "en", "ko"),
        ("refund 언제 돼요", "en", "ko"),
        ("where is my refund", "ko", "en"),
        ("hello", "ko", "ko"),
        ("AS?", "ko", "ko"),
        ("A/S", "ko", "ko"),
        ("XL L", "ko", "ko"),
        ("how r u", "ko", "en"),
        ("R u there?", "ko", "en"),
        ("refund", "en", "en"),
        ("ㅎㅇ", "en", "ko"),
        ("12345", "en", "en"),
        ("hong.gildong@example.com", "ko", "ko"),
        ("https://www.haneul.example/goods/12", "ko", "ko"),
        ("my email is tom@example.com", "ko", "en"),
        ("?", "", "ko"),
        ("/human", "en", "en"),
        ('/choose_article{"article": "refund-when"}', "ko", "ko"),
    ],
)
def test_the_language_of_the_words_wins(text: str, asked: str, expected: Locale) -> None:
    assert spoken_locale(text, asked) == expected


def test_moments_are_read_in_korean_time() -> None:
    at = dt.datetime(2026, 3, 4, 15, 5, tzinfo=dt.UTC)
    assert moment(at, "ko") == "3월 5일 오전 12시 5분"
    assert moment(at, "en") == "5 March, 12:05 am (Korean time)"
    assert moment(at.replace(hour=5), "ko") == "3월 4일 오후 2시 5분"
