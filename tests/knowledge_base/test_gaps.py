"""Questions without an answer: put together, counted, drafted, forgotten."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import articles, clusters, drafts, forgetting, gaps
from knowledge_base.errors import NotFound
from knowledge_base.gaps import Asked
from knowledge_base.models import Revision

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
PARKING = [
    "매장에 주차장이 있나요?",
    "주차장 있어요?",
    "매장 주차장 있는지 궁금해요",
    "주차장이 있나요",
]
RECEIPT = [
    "현금영수증 발급되나요?",
    "현금영수증 발급 받고 싶어요",
    "현금 영수증은 어떻게 발급받나요",
]
ENGLISH = ["Do you ship to Canada?", "can you ship to canada", "Do you also ship to Canada?"]


def asked(texts: Sequence[str], *, start: int = 0, kind: str = "unknown") -> list[Asked]:
    return [
        Asked(
            key=f"{start + number}",
            kind=kind,
            text=text,
            customer=uuid.UUID(int=start + number),
            at=AT + dt.timedelta(minutes=start + number),
            line=start + number,
        )
        for number, text in enumerate(texts)
    ]


def shape(session: Session) -> list[tuple[int, str, tuple[str, ...]]]:
    found = gaps.listing(session, examples=9)
    return sorted(
        (one.gap.size, one.gap.locale, tuple(sorted(row.text for row in one.examples)))
        for one in found
    )


def test_what_means_the_same_is_put_together(session: Session) -> None:
    mixed = [text for three in zip(PARKING, RECEIPT, ENGLISH, strict=False) for text in three]
    assert gaps.sort_in(session, asked([*mixed, PARKING[3], "?!", "👍"])) == 10
    assert shape(session) == [
        (3, "en", tuple(sorted(ENGLISH))),
        (3, "ko", tuple(sorted(RECEIPT))),
        (4, "ko", tuple(sorted(PARKING))),
    ]


def test_what_comes_later_joins_and_nothing_moves(session: Session) -> None:
    gaps.sort_in(session, asked(PARKING[:2]))
    (first,) = gaps.listing(session)
    gaps.sort_in(session, asked([RECEIPT[0], PARKING[2]], start=10))
    gaps.sort_in(session, asked([PARKING[3]], start=20))
    parking = gaps.get(session, first.gap.id)
    assert (parking.size, parking.title) == (4, first.gap.title)
    assert parking.last_at == AT + dt.timedelta(minutes=20)
    newest = gaps.listing(session, order="recent")
    assert [one.gap.size for one in newest] == [4, 1]
    assert [one.gap.size for one in gaps.listing(session, order="size")] == [4, 1]


def test_an_occurrence_counts_once_however_it_went_on(session: Session) -> None:
    row = asked([PARKING[0]])
    gaps.sort_in(session, [*row, *asked([PARKING[0]], kind="hand_off")])
    gaps.sort_in(session, asked([PARKING[0]]))
    solved = asked([PARKING[0]], kind="solved")[0]
    gaps.sort_in(
        session,
        [Asked(**{**_fields(solved), "ticket": "T-AAAAAA", "answer": "지하 2층에 있어요."})],
    )
    (one,) = gaps.listing(session)
    assert (one.gap.size, one.customers) == (1, 1)
    assert one.kinds == {"unknown": 1, "hand_off": 1, "solved": 1} or one.kinds == {
        "hand_off": 1,
        "solved": 1,
    }
    assert one.examples[0].answer == "지하 2층에 있어요."
    assert drafts.wording(session, one.gap.id) == ([PARKING[0]], "지하 2층에 있어요.")


def _fields(row: Asked) -> dict[str, object]:
    return {name: getattr(row, name) for name in Asked.__slots__}


def test_the_same_rows_give_the_same_gaps(session: Session) -> None:
    rows = asked([*PARKING, *RECEIPT, *ENGLISH])
    gaps.sort_in(session, rows)
    once = shape(session)
    session.rollback()
    gaps.sort_in(session, rows)
    assert shape(session) == once


def test_a_gap_is_dismissed_drafted_answered_and_asked_again(session: Session) -> None:
    gaps.sort_in(session, asked([*PARKING[:3], *RECEIPT[:2]]))
    receipt, parking = sorted(gaps.listing(session), key=lambda one: one.gap.size)
    gaps.mark(session, receipt.gap.id, state="dismissed", by="지수")
    gaps.mark(session, parking.gap.id, state="drafted", by="지수", article="parking")
    assert [gaps.count(session, state=state) for state in gaps.STATES] == [0, 1, 0, 1]
    for locale in ("ko", "en"):
        made = {"id": "parking", "locale": locale, "title": "Parking", "body": "."}
        articles.create(session, **made, author="지수")
    articles.publish(session, id="parking", locale="en", author="지수")
    drafts.published(session, articles=["parking"], by="지수")
    session.refresh(parking.gap)
    assert parking.gap.state == "drafted", "what was asked in Korean is answered in English only"
    articles.publish(session, id="parking", locale="ko", author="지수")
    drafts.published(session, articles=["parking"], by="지수")
    session.commit()
    session.expire_all()
    assert gaps.get(session, parking.gap.id).state == "answered"
    # Dismissed is dismissed; an article that does not answer is something to look at.
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    again = [Asked(**{**_fields(row), "at": later}) for row in asked([RECEIPT[2]], start=40)]
    more = [Asked(**{**_fields(row), "at": later}) for row in asked([PARKING[3]], start=50)]
    gaps.sort_in(session, [*again, *more])
    assert gaps.get(session, receipt.gap.id).state == "dismissed"
    assert gaps.get(session, parking.gap.id).state == "open"
    forgetting.forget_questions(session, customer=uuid.UUID(int=50))
    with pytest.raises(NotFound):
        gaps.get(session, 2**40)


def test_an_article_that_takes_a_question_up_answers_its_gap(session: Session) -> None:
    gaps.sort_in(session, asked([*PARKING[:3], *RECEIPT[:2]]))
    receipt, parking = sorted(gaps.listing(session), key=lambda one: one.gap.size)
    question = PARKING[1].rstrip("?") + " "
    articles.create(
        session,
        id="store",
        locale="ko",
        title="매장",
        questions=[question],
        body=".",
        author="지수",
    )
    drafts.published(session, articles=["store"], by="지수")
    session.refresh(parking.gap)
    assert parking.gap.state == "open", "nobody sees a draft"
    articles.publish(session, id="store", locale="ko", author="지수")
    drafts.published(session, articles=["elsewhere"], by="지수")
    session.refresh(parking.gap)
    assert parking.gap.state == "open"
    drafts.published(session, articles=["store"], by="지수")
    for one in (parking.gap, receipt.gap):
        session.refresh(one)
    assert (parking.gap.state, parking.gap.article_id) == ("answered", "store")
    assert (receipt.gap.state, receipt.gap.article_id) == ("open", None)


def test_a_forgotten_customer_leaves_nothing(session: Session) -> None:
    gaps.sort_in(session, asked([*PARKING[:2], RECEIPT[0]]))
    for number in (1, 2):
        forgetting.forget_questions(session, customer=uuid.UUID(int=number))
    session.expire_all()
    (left,) = gaps.listing(session)
    assert (left.gap.size, left.gap.title) == (1, PARKING[0])


def test_a_draft_keeps_what_others_asked(session: Session) -> None:
    """Of a gap that others have, too, a forgotten customer's words go out of the draft and its log;
    a draft whose title or answer is theirs can be made anew."""
    rows = asked([*PARKING, *RECEIPT, *ENGLISH])
    rows[3] = Asked(**{**_fields(rows[3]), "answer": "지하에 있어요"})
    gaps.sort_in(session, rows)
    gap = gaps.listing(session)[0].gap.id
    source = f"gap:{gap}"
    for id, title, body in (
        ("edited", "주차", "두 시간 무료예요"),
        ("theirs", "주차 안내", "지하에 있어요"),
    ):
        articles.create(
            session, id=id, locale="ko", title=title, body=body, questions=PARKING,
            author="지수", source=source,
        )  # fmt: skip
    gaps.mark(session, gap, state="drafted", by="지수", article="theirs")
    forgetting.forget(
        session, customers=[uuid.UUID(int=3)], tickets=[], written=lambda said, locale: said
    )
    session.expire_all()
    assert articles.get(session, id="edited", locale="ko").questions == PARKING[:3]
    log = session.scalars(select(Revision.content).where(Revision.article_id == "edited")).all()
    assert [one["questions"] for one in log] == [PARKING[:3]]
    with pytest.raises(NotFound):
        articles.get(session, id="theirs", locale="ko")
    left = gaps.get(session, gap)
    assert (left.state, left.size, left.article_id) == ("open", 3, None)
    total: dict[str, float] = {}
    for one in PARKING[:3]:
        total = clusters.added(total, clusters.features(one))
    assert left.features == pytest.approx(total)


def test_a_draft_is_published_while_somebody_is_forgotten(sessions: sessionmaker[Session]) -> None:
    """Both have the draft before the gap, so neither waits for the other for ever."""
    with sessions.begin() as session:
        gaps.sort_in(session, asked(PARKING[:1]))
        gap = gaps.listing(session)[0].gap.id
        articles.create(
            session, id="parking", locale="ko", title="주차", body="두 시간", author="지수",
            questions=PARKING, source=f"gap:{gap}",
        )  # fmt: skip
        gaps.mark(session, gap, state="drafted", by="지수", article="parking")

    def forget() -> None:
        with sessions.begin() as session:
            forgetting.forget(
                session, customers=[uuid.UUID(int=0)], tickets=[], written=lambda said, locale: said
            )

    with ThreadPoolExecutor(1) as pool, sessions.begin() as session:
        articles.publish(session, id="parking", locale="ko", author="지수")
        forgotten = pool.submit(forget)
        waits = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with sessions() as other:
            while not forgotten.done() and not other.scalar(sql(waits)):
                other.rollback()
        drafts.published(session, articles=["parking"], by="지수")
        session.commit()
        forgotten.result(timeout=30)
    with sessions() as session:
        with pytest.raises(NotFound):
            gaps.get(session, gap)
        # What customers can read already is the shop's own.
        found = articles.get(session, id="parking", locale="ko")
        assert (found.state, found.questions) == ("published", PARKING)


def test_new_groups_are_numbered_by_their_first_text() -> None:
    one, two = clusters.features(PARKING[0]), clusters.features(RECEIPT[0])
    assert clusters.assign([], []) == []
    assert clusters.assign([], [one, two, clusters.features(PARKING[1])]) == [0, 1, 0]
    assert clusters.assign([two], [one, two]) == [1, 0]
    with pytest.raises(ValueError, match="at once"):
        clusters.assign([], [one] * (clusters.TOGETHER + 1))
