"""What goes on with a conversation, of questions to the sample shop."""

from __future__ import annotations

import json
import random
from collections import Counter
from functools import partial
from typing import Any

import pytest

from knowledge_base import answers, dialogue
from knowledge_base.answers import Answer, Clarify, Outcome, Unknown
from knowledge_base.embedding import open_encoder
from knowledge_base.search import Index
from tests.product import ROOT
from ticketing.db import Sessions

SHOP = ROOT / "benchmarks" / "shop"


@pytest.fixture(scope="module")
def index(shop: Sessions) -> Index:
    """With vectors, as the product has them."""
    made = Index(shop, open_encoder())
    made.refresh()
    return made


def _outcome(index: Index, question: str, before: str, locale: str) -> Outcome:
    if dialogue.may_go_on(question):
        first = answers.answer(index, before, locale=locale)
        shown = first.article.article if isinstance(first, Answer) else None
        found = dialogue.continued(index, question, [before], locale=locale, shown=shown)
        if found is not None:
            return found[1]
    return answers.answer(index, question, locale=locale)


def _rows(name: str) -> list[dict[str, Any]]:
    lines = (SHOP / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("said", "part", "locale", "right", "wrong"),
    [
        ("dialogue", "tune", "ko", 0.90, 0.05),
        ("dialogue", "tune", "en", 0.85, 0.05),
        ("dialogue", "test", "ko", 0.70, 0.08),
        ("dialogue", "test", "en", 0.75, 0.08),
        ("added", "tune", "ko", 0.75, 0.07),
        ("added", "tune", "en", 0.60, 0.12),
        ("added", "test", "ko", 0.65, 0.05),
        ("added", "test", "en", 0.45, 0.17),
        ("added", "later", "ko", 0.60, 0.15),
        ("added", "later", "en", 0.65, 0.10),
    ],
)
def test_most_of_what_goes_on_is_told_rightly(
    index: Index, said: str, part: str, locale: str, right: float, wrong: float
) -> None:
    seen: Counter[str] = Counter()
    for row in _rows(said):
        if (row["part"], row["locale"]) == (part, locale):
            outcome = _outcome(index, row["question"], row["before"], locale)
            if isinstance(outcome, Answer):
                seen["right" if any(one in outcome.text for one in row["says"]) else "wrong"] += 1
            else:
                seen["asked back"] += 1
    assert seen["right"] / seen.total() >= right, seen
    assert seen["wrong"] / seen.total() <= wrong, seen


def test_what_says_what_it_is_about_is_answered_as_without_anything_before_it(
    index: Index,
) -> None:
    earlier = _rows("dialogue")
    picked = random.Random(7)
    changed = n = 0
    for row in (*_rows("tune"), *_rows("test")):
        before = picked.choice([one for one in earlier if one["locale"] == row["locale"]])
        alone = answers.answer(index, row["question"], locale=row["locale"])
        beside = _outcome(index, row["question"], before["before"], row["locale"])
        n += 1
        if isinstance(beside, Answer):
            assert isinstance(alone, Answer) and alone.article == beside.article
        changed += type(alone) is not type(beside)
    assert n == 446
    assert changed / n <= 0.01


def test_what_was_told_last_is_meant_rather_than_others_that_may_be(index: Index) -> None:
    asked = partial(dialogue.continued, index, "얼마예요", ["포장 되나요"], locale="ko")
    found = asked()
    assert found is not None and isinstance(found[1], Clarify)
    found = asked(shown="gift-wrap")
    assert found is not None and isinstance(found[1], Answer)
    assert found[1].article.article == "gift-wrap" and "2,000원" in found[1].text


def test_what_was_told_before_another_question_is_not_what_it_goes_on_with(index: Index) -> None:
    asked = partial(dialogue.continued, index, "꼬리표는요?", locale="ko", shown="exchange-how")
    found = asked(before=["사이즈 교환은 어떻게 해요?"])
    assert found is not None and isinstance(found[1], Answer)
    assert found[1].article.article == "exchange-how" and "꼬리표는 떼지" in found[1].text
    found = asked(before=["주차 되나요?"])
    assert found is None or not isinstance(found[1], Answer)


def test_several_questions_in_one_message_stay_together(index: Index) -> None:
    outcome = answers.answer(index, "사이즈 교환은 어떻게 해요? 얼마나 걸려요?", locale="ko")
    assert isinstance(outcome, Answer) and outcome.article.article == "exchange-how"


def test_what_another_article_says_is_offered_as_that(index: Index) -> None:
    others = {one.article for one in index.documents} - {"refund-method", "refund-when"}
    for exclude, kind in ((others, Clarify), ({*others, "refund-when"}, Unknown)):
        found = dialogue.continued(
            index,
            "그럼 카드는 얼마나 걸려요?",
            ["환불 수단과 환불 계좌"],
            locale="ko",
            exclude=exclude,
            shown="refund-method",
        )
        assert found is not None and isinstance(found[1], kind), found
        if isinstance(found[1], Clarify):
            assert found[1].choices[0].article == "refund-when"
