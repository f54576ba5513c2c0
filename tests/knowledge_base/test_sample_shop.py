"""The sample shop: what is there is found or offered, what is not there is hardly ever claimed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from knowledge_base import answers, keyboard, text
from knowledge_base.answers import Answer, Clarify
from knowledge_base.calibrate import load, read_questions
from knowledge_base.embedding import BilingualEncoder, Embedded, Encoder, open_encoder
from knowledge_base.inference import Pass
from knowledge_base.matching import Document, passages
from knowledge_base.snapshot import Ranking, Snapshot

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder()


@pytest.fixture(scope="module")
def shop(encoder: Encoder) -> Snapshot:
    documents: list[Document] = load(str(ROOT / "knowledge_base" / "sample"))
    texts = [one for made in documents for one in (*made.short_texts, *passages(made))]
    known: dict[str, Embedded] = dict(zip(texts, encoder.embed(texts), strict=True))
    vectors = {one: found.vector for one, found in known.items()}
    pieces = {one: found.pieces for one, found in known.items() if found.pieces is not None}
    return Snapshot(documents, vectors, pieces=pieces)


def asked(shop: Snapshot, encoder: Encoder, message: str, locale: str) -> Ranking | None:
    """As :func:`knowledge_base.answers.rank`, without a database."""

    def search(parts: Sequence[str], *, within: str | None = None) -> list[Ranking]:
        made = [
            (
                one,
                encoder.embed_part(one, of=within)
                if within
                else encoder.embed([one], query=True)[0],
            )
            for one in parts
        ]
        return shop.rank_all(made, locale=locale)

    whole = answers.searched(shop.particulars.strip(message))
    return answers.surest(whole, shop.spelling.corrected(whole), search) if whole else None


@pytest.mark.parametrize("part", ["tune", "test"])
def test_what_is_there_is_found_or_offered_and_what_is_not_is_not_claimed(
    shop: Snapshot, encoder: Encoder, part: str
) -> None:
    found = answered_wrong = claimed = there = absent = 0
    for one in read_questions(str(ROOT / "benchmarks" / "shop" / f"{part}.jsonl")):
        outcome: answers.Outcome = answers.Unknown(())
        best = None
        if ranking := asked(shop, encoder, one.question, one.locale):
            outcome = answers.decide(ranking)
            best = ranking.hits[0].document.article
        if one.article is None:
            absent += 1
            claimed += isinstance(outcome, Answer)
            continue
        there += 1
        offered = isinstance(outcome, Clarify) and any(
            choice.article == one.article for choice in outcome.choices
        )
        found += best == one.article or offered
        answered_wrong += isinstance(outcome, Answer) and outcome.article.article != one.article
    assert (there, absent) == (153, 70)
    assert found / there >= 0.95
    assert claimed / absent <= 0.03
    assert answered_wrong == 0


AROUND = {
    "ko": (
        ("처음 이용하는 사람입니다. ", ""),
        ("저기요 어제도 연락했는데 아무도 답을 안 주시네요\n", ""),
        ("아 진짜 너무하네요 몇 번을 말해야 하나요 ", ""),
        ("", "\n바쁘신데 죄송해요ㅠㅠ"),
        ("", ". 다시는 여기서 안 사고 싶네요!"),
    ),
    "en": (
        ("Hi there, hope you're well! ", ""),
        ("This is ridiculous, I'm really angry. ", ""),
        ("I have been a customer for ten years.\n", ""),
        ("", ". I really like your shop."),
        ("", ". Sorry to bother you!"),
    ),
}


@pytest.mark.parametrize("part", ["tune", "test"])
def test_what_is_said_around_a_question_changes_little(
    shop: Snapshot, encoder: Encoder, part: str
) -> None:
    plain = around = claimed = absent = 0
    rows = read_questions(str(ROOT / "benchmarks" / "shop" / f"{part}.jsonl"))
    for number, one in enumerate(rows):
        before, behind = AROUND[text.language(one.question)][number % 5]
        outcomes = [
            answers.decide(ranking)
            for message in (one.question, before + one.question.rstrip(".!?") + behind)
            if (ranking := asked(shop, encoder, message, one.locale))
        ]
        told = [isinstance(outcome, Answer) for outcome in outcomes]
        if one.article is None:
            absent += 1
            claimed += any(told)
            continue
        right = [
            isinstance(outcome, Answer) and outcome.article.article == one.article
            for outcome in outcomes
        ]
        assert told == right, one.question
        plain += right[0]
        around += right[1]
    # With the message compared as a whole it is 0.5 to 0.7; measured 0.96 and 0.97.
    assert around / plain >= 0.9
    assert claimed / absent <= 0.03


@dataclass
class Told:
    """How many questions are told their article at once, and how many that nothing answers are."""

    plain: int = 0
    behind: int = 0  # with something said before them
    whole: int = 0  # the same, with the message compared as a whole
    claimed: int = 0
    absent: int = 0


def told_behind(
    shop: Snapshot,
    encoder: Encoder,
    part: str,
    language: str,
    around: Sequence[str],
    *,
    typed: Callable[[str], str] = str,
) -> Told:
    """Ask all of one language, as they are ``typed``, and in each of the sentences ``around``
    them; none of these may be told another article."""
    told = Told()
    for one in read_questions(str(ROOT / "benchmarks" / "shop" / f"{part}.jsonl")):
        if text.language(one.question) != language:
            continue
        question = typed(one.question)
        for words in around:
            message = words.format(question)
            (made,) = encoder.embed([message], query=True)
            plain, behind, whole = (
                outcome.article.article if isinstance(outcome, Answer) else ""
                for ranking in (
                    asked(shop, encoder, question, language),
                    asked(shop, encoder, message, language),
                    shop.rank(message, made.vector, pieces=made.pieces, locale=language),
                )
                if ranking and (outcome := answers.decide(ranking))
            )
            if one.article is None:
                told.absent += 1
                told.claimed += bool(behind)
                continue
            assert behind in ("", one.article), message
            told.plain += plain == one.article
            told.behind += behind == one.article
            told.whole += whole == one.article
    return told


def test_why_somebody_asks_hides_little_of_the_question(shop: Snapshot, encoder: Encoder) -> None:
    around = ("선물로 산 가방인데 {}", "나이가 많아서 잘 모르는데 {}")
    told = told_behind(shop, encoder, "test", "ko", around)
    assert told.behind >= 0.7 * told.plain
    assert told.behind - told.whole >= 0.2 * told.plain
    assert told.claimed / told.absent <= 0.03


@pytest.mark.parametrize(
    ("language", "around"),
    [
        ("ko", ("어제 산 니트 {}", "3만원짜리 티셔츠 {}")),
        ("en", ("{} on your app", "{} for my daughter", "{} (not a member)")),
    ],
)
def test_of_what_and_for_whom_hides_little_of_the_question(
    shop: Snapshot, encoder: Encoder, language: str, around: Sequence[str]
) -> None:
    told = told_behind(
        shop, encoder, "test", language, around, typed=lambda question: question.rstrip(" .?!")
    )
    assert told.behind >= 0.9 * told.plain
    assert told.behind - told.whole >= 0.1 * told.plain
    assert told.claimed / told.absent <= 0.03


POLITE = {
    "ko": (
        "안녕하세요 죄송한데 {}",
        "고객센터죠? {}",
        "{} 답변 부탁드립니다 주문번호 20231105-0001",
    ),
    "en": ("{} order number 12345", "{} my email is kim@shop.example", "{} best regards"),
}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_is_said_out_of_politeness_costs_no_answer(
    shop: Snapshot, encoder: Encoder, language: str
) -> None:
    plain = polite = claimed = absent = 0
    for one in read_questions(str(ROOT / "benchmarks" / "shop" / "test.jsonl")):
        if text.language(one.question) != language:
            continue
        question = one.question.rstrip("?.! ")
        for around in POLITE[language]:
            told = [
                outcome.article.article if isinstance(outcome, Answer) else ""
                for message in (one.question, around.format(question))
                if (ranking := asked(shop, encoder, message, language))
                and (outcome := answers.decide(ranking))
            ]
            assert told[1] in ("", one.article) or one.article is None, around
            plain += one.article is not None and told[0] == one.article
            polite += one.article is not None and told[1] == one.article
            absent += one.article is None
            claimed += one.article is None and bool(told[1])
    assert polite >= 0.95 * plain
    assert claimed / absent <= 0.03


WITHOUT_SIGNS = (
    "hi there hope you are doing well {}",
    "my friend told me to ask you here {}",
)


def without_signs(question: str) -> str:
    return re.sub(r"[^\w' ]+", "", question).lower()


@pytest.mark.parametrize("part", ["tune", "test"])
def test_english_without_signs_is_taken_apart_by_its_clauses(
    shop: Snapshot, encoder: Encoder, part: str
) -> None:
    told = told_behind(shop, encoder, part, "en", WITHOUT_SIGNS, typed=without_signs)
    assert told.behind / told.plain >= 0.75
    assert told.behind - told.whole >= 0.15 * told.plain
    assert told.claimed / told.absent <= 0.04


def test_what_is_said_around_a_question_is_read_once(
    shop: Snapshot, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model reads the message, and not its parts again."""
    assert isinstance(encoder, BilingualEncoder)
    english = encoder._english
    encoder.encode(["now it is loaded"])
    passed, read = english._passed, list[str]()
    assert passed is not None

    def counted(texts: Sequence[str]) -> list[Pass]:
        read.extend(texts)
        return passed(texts)

    monkeypatch.setattr(english, "_passed", counted)
    for message, parts in (
        ("hi there hope you are doing well can my wife pick up the parcel for me", 1),
        ("my shoes are too small how do i return them", 1),
        ("how do i return my shoes when do i get my money back", 3),  # two that ask
    ):
        read.clear()
        english._queries.clear()
        ranking = asked(shop, encoder, message, "en")
        assert ranking is not None and ranking.hits
        assert read[0] == message and len(read) == parts, read


@pytest.mark.parametrize(("language", "most", "least"), [("ko", 0.6, 0.7), ("en", 0.7, 0.9)])
def test_a_slip_of_the_finger_changes_little(
    shop: Snapshot, encoder: Encoder, language: str, most: float, least: float
) -> None:
    rng = random.Random(5)
    plain = slipped = unmended = 0
    for one in read_questions(str(ROOT / "benchmarks" / "shop" / "test.jsonl")):
        if one.article is None or text.language(one.question) != language:
            continue
        keys = keyboard.keys(one.question)
        at = rng.choice([at for at in range(len(keys) - 1) if keys[at : at + 2].isalpha()])
        swapped = keys[:at] + keys[at + 1] + keys[at] + keys[at + 2 :]
        typed = answers.searched(keyboard.syllables(swapped))
        (made,) = encoder.embed([typed], query=True)
        as_typed = shop.rank(typed, made.vector, pieces=made.pieces, locale=language)
        rankings = [asked(shop, encoder, message, language) for message in (one.question, typed)]
        told = [
            isinstance(outcome, Answer) and outcome.article.article == one.article
            for ranking in (*rankings, as_typed)
            if ranking and (outcome := answers.decide(ranking))
        ]
        plain, slipped, unmended = plain + told[0], slipped + told[1], unmended + told[2]
    assert unmended < most * plain
    assert slipped >= least * plain


@pytest.mark.parametrize(
    ("message", "locale", "articles"),
    [
        (
            "환불은 언제 되나요? 그리고 비밀번호를 잊어버렸어요",
            "ko",
            {"refund-when", "account-password"},
        ),
        (
            "When will I get my refund? I also forgot my password.",
            "en",
            {"refund-when", "account-password"},
        ),
        (
            "when will i get my refund and how do i reset my password",
            "en",
            {"refund-when", "account-password"},
        ),
    ],
)
def test_of_two_questions_both_are_answered(
    shop: Snapshot, encoder: Encoder, message: str, locale: str, articles: set[str]
) -> None:
    ranking = asked(shop, encoder, message, locale)
    assert ranking is not None
    outcome = answers.decide(ranking)
    assert isinstance(outcome, Clarify)
    assert {one.article.article for one in outcome.each} == articles
    assert [one.article for one in outcome.each] == [*outcome.choices]


def test_of_clauses_the_one_that_asks_is_looked_for(shop: Snapshot, encoder: Encoder) -> None:
    ranking = asked(
        shop, encoder, "hi there hope you are doing well how do i cancel my order", "en"
    )
    assert ranking is not None and ranking.question == "how do i cancel my order"
    assert isinstance(answers.decide(ranking), Answer)


def test_of_two_questions_of_which_one_is_sure_both_are_offered(
    shop: Snapshot, encoder: Encoder
) -> None:
    ranking = asked(shop, encoder, "환불은 언제 되나요 그리고 적립금은 어디에 쓰나요", "ko")
    assert ranking is not None
    outcome = answers.decide(ranking)
    assert isinstance(outcome, Clarify) and not outcome.each
    assert [one.article for one in outcome.choices[:2]] == ["refund-when", "points-use"]


def test_half_a_thought_is_not_answered_alone(shop: Snapshot, encoder: Encoder) -> None:
    alone, whole = (
        asked(shop, encoder, one, "ko") for one in ("언제 와요", "배송이 너무 늦어요ㅠㅠ 언제 와요")
    )
    assert alone is not None and whole is not None
    # The second sentence alone is what is asked about the one who fetches a return.
    assert alone.hits[0].document.article == "return-how"
    assert isinstance(answers.decide(alone), Answer)
    outcome = answers.decide(whole)
    assert isinstance(outcome, Clarify) and outcome.choices[0].article == "delivery-time"


@pytest.mark.parametrize(
    ("question", "beside"),
    [
        ("어린이날 전에 받을 수 있나요? 선물이에요", "gift-wrap"),
        ("선물이에요. 서면점에서 받아가도 되나요", "gift-wrap"),
        ("니트 원단 원산지가 어디예요? 제주도인데요", "delivery-remote-area"),
    ],
)
def test_what_it_is_for_is_no_question_of_its_own(
    shop: Snapshot, encoder: Encoder, question: str, beside: str
) -> None:
    ranking = asked(shop, encoder, question, "ko")
    assert ranking is not None
    outcome = answers.decide(ranking)
    assert not (isinstance(outcome, Answer) and outcome.article.article == beside)


def test_what_is_nearly_sure_is_asked_for_alone(shop: Snapshot, encoder: Encoder) -> None:
    def choices(question: str, locale: str) -> list[str]:
        (made,) = encoder.embed([question], query=True)
        ranking = shop.rank(question, made.vector, pieces=made.pieces, locale=locale)
        outcome = answers.decide(ranking)
        assert isinstance(outcome, Clarify)
        return [one.article for one in outcome.choices]

    # Others are likely by one to four in a hundred.
    assert choices("we need 60 tote bags for an event, any volume discount?", "en") == [
        "order-bulk"
    ]
    assert choices("모아둔 적립금 결제할때 어디다 쓰는거에요?", "ko") == ["points-use"]
    # Of several that may be meant none is left out.
    assert {"delivery-time", "delivery-fee"} <= {
        one for question in ("배송 문의요", "배송이 궁금해요") for one in choices(question, "ko")
    }
