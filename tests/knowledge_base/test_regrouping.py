"""Gaps that curators merge, take apart and take questions out of."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import articles, clusters, drafts, forgetting, gaps, regrouping
from knowledge_base.errors import Conflict, Invalid, NotFound
from knowledge_base.gaps import Asked
from knowledge_base.models import Gap, GapQuestion

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
PARKING = ["매장에 주차장이 있나요?", "주차장 있어요?"]
CAR = ["차 가지고 가도 되나요?", "차를 가지고 가도 될까요?"]
RECEIPT = ["현금영수증 발급되나요?"]
ENGLISH = ["Do you ship to Canada?"]


def ask(session: Session, texts: Sequence[str], *, start: int = 0, **more: str) -> None:
    """One customer each, a minute after the other."""
    gaps.sort_in(
        session,
        [
            Asked(
                key=str(start + number),
                kind="unknown",
                text=text,
                customer=uuid.UUID(int=start + number),
                at=AT + dt.timedelta(minutes=start + number),
                **more,
            )
            for number, text in enumerate(texts)
        ],
    )


def of(session: Session, text: str) -> int:
    """The gap, or part of one, that this is asked in."""
    (found,) = {*session.scalars(select(GapQuestion.gap_id).where(GapQuestion.text == text))}
    return found


def three(session: Session) -> tuple[int, int, int]:
    """Parking in two gaps, and another thing."""
    ask(session, [*PARKING, *CAR, *RECEIPT])
    found = tuple(of(session, texts[0]) for texts in (PARKING, CAR, RECEIPT))
    assert len({*found}) == 3 and gaps.count(session) == 3
    return found[0], found[1], found[2]


def state(session: Session, gap: int) -> tuple[str, str | None]:
    session.expire_all()
    found = gaps.get(session, gap)
    return found.state, found.article_id


def written(session: Session, id: str, *questions: str) -> None:
    articles.create(
        session, id=id, locale="ko", title=id, questions=questions, body=".", author="지수"
    )


def test_what_is_merged_is_one_gap_and_stays_one(session: Session) -> None:
    parking, car, _ = three(session)
    assert regrouping.merge(session, car, into=parking, by="지수").id == parking
    shown = gaps.summary(session, parking)
    assert (shown.size, shown.customers, shown.gap.title) == (4, 4, PARKING[0])
    assert {one.text for one in shown.examples} == {*PARKING, *CAR}
    assert [(one.id, one.changed_by) for one in shown.parts] == [(car, "지수")]
    assert [one.size for one in gaps.listing(session)] == [4, 1]
    assert gaps.count(session) == 2
    assert gaps.whole(session, car) == parking
    # What comes later is like the one or the other, and counts for both.
    ask(session, ["차 가지고 가도 돼요?", "주차장이 있나요?"], start=10)
    (first, *_) = gaps.listing(session, order="recent")
    assert (first.gap.id, first.size, gaps.count(session)) == (parking, 6, 2)
    assert (first.first_at, first.last_at) == (AT, AT + dt.timedelta(minutes=11))
    assert {*drafts.wording(session, parking)[0]} >= {*PARKING, *CAR}


def test_every_part_comes_to_word_in_a_draft(session: Session) -> None:
    parking, car, _ = three(session)
    ask(session, [f"{PARKING[0]}{'?' * number}" for number in range(30)], start=10)
    regrouping.merge(session, car, into=parking, by="지수")
    words, _ = drafts.wording(session, parking)
    assert len(words) == gaps.EXAMPLES and {*CAR} <= {*words}


def test_taken_apart_each_is_as_it_was(session: Session) -> None:
    parking, car, receipt = three(session)
    before = {gap.id: dict(gap.features) for gap in session.scalars(select(Gap))}
    regrouping.merge(session, car, into=parking, by="지수")
    gaps.mark(session, parking, state="dismissed", by="지수")
    assert gaps.count(session) == 1
    assert regrouping.separate(session, car, by="하늘").id == parking
    assert state(session, car) == ("open", None)
    assert state(session, parking) == ("dismissed", None)
    assert {gap.id: gap.features for gap in session.scalars(select(Gap))} == before
    with pytest.raises(Conflict):
        regrouping.separate(session, car, by="하늘")
    with pytest.raises(NotFound):
        regrouping.separate(session, 2**40, by="하늘")
    assert receipt in {one.gap.id for one in gaps.listing(session)}


def test_what_cannot_be_merged(session: Session) -> None:
    parking, car, receipt = three(session)
    ask(session, ENGLISH, start=20)
    english = of(session, ENGLISH[0])
    for into in (parking, english):
        with pytest.raises(Invalid):
            regrouping.merge(session, parking, into=into, by="지수")
    with pytest.raises(NotFound):
        regrouping.merge(session, parking, into=2**40, by="지수")
    gaps.mark(session, receipt, state="dismissed", by="지수")
    with pytest.raises(Conflict):
        regrouping.merge(session, parking, into=receipt, by="지수")
    gaps.mark(session, receipt, state="open", by="지수")
    regrouping.merge(session, car, into=parking, by="지수")
    for id, into in ((car, parking), (parking, car)):
        assert regrouping.merge(session, id, into=into, by="하늘").id == parking
    for id, into in ((car, receipt), (receipt, car)):
        with pytest.raises(Conflict):
            regrouping.merge(session, id, into=into, by="하늘")
    with pytest.raises(Conflict):
        gaps.mark(session, car, state="dismissed", by="하늘")
    # A whole goes with its parts.
    assert regrouping.merge(session, parking, into=receipt, by="지수").id == receipt
    assert {one.id for one in gaps.summary(session, receipt).parts} == {parking, car}


def test_the_schema_knows_no_parts_of_parts(session: Session) -> None:
    parking, car, receipt = three(session)
    ask(session, ENGLISH, start=20)
    regrouping.merge(session, car, into=parking, by="지수")
    session.commit()
    english = of(session, ENGLISH[0])
    for id, into in ((receipt, car), (parking, receipt), (receipt, receipt), (english, receipt)):
        with pytest.raises(IntegrityError):
            session.execute(update(Gap).where(Gap.id == id).values(into_id=into))
        session.rollback()
    with pytest.raises(IntegrityError):
        session.execute(insert(Gap).values(id=parking, locale="ko", title="", features={}))
    session.rollback()
    with pytest.raises(IntegrityError):
        session.delete(gaps.get(session, parking))
        session.flush()


def test_one_draft_answers_both(session: Session) -> None:
    parking, car, receipt = three(session)
    written(session, "car")
    gaps.mark(session, car, state="drafted", by="지수", article="car")
    # The one with the draft is the whole, whichever was chosen.
    assert regrouping.merge(session, car, into=parking, by="지수").id == car
    assert state(session, parking) == ("open", None)
    articles.publish(session, id="car", locale="ko", author="지수")
    drafts.published(session, articles=["car"], by="지수")
    assert state(session, car) == ("answered", "car")
    assert [one.id for one in gaps.summary(session, car).articles] == ["car"]
    # Asked again, in the words of either, it is open again.
    changed = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    minutes = int((changed - AT).total_seconds() // 60)
    ask(session, ["주차장이 있나요?"], start=minutes)
    assert state(session, car) == ("open", "car")
    assert state(session, receipt) == ("open", None)


def test_of_two_drafts_either_answers_both(session: Session) -> None:
    parking, car, _ = three(session)
    for gap, id in ((parking, "parking"), (car, "car")):
        written(session, id)
        gaps.mark(session, gap, state="drafted", by="지수", article=id)
    regrouping.merge(session, car, into=parking, by="지수")
    assert [one.id for one in gaps.summary(session, parking).articles] == ["parking", "car"]
    drafts.discard(session, id="parking", locale="ko", revision=1, by="지수")
    assert state(session, parking) == ("drafted", "car"), "there is another draft"
    articles.publish(session, id="car", locale="ko", author="지수")
    drafts.published(session, articles=["car"], by="지수")
    assert state(session, parking) == ("answered", "car")
    assert state(session, car) == ("answered", "car")


def test_an_article_that_takes_up_a_part_answers_the_whole(session: Session) -> None:
    parking, car, receipt = three(session)
    regrouping.merge(session, car, into=parking, by="지수")
    written(session, "store", CAR[1])
    articles.publish(session, id="store", locale="ko", author="지수")
    drafts.published(session, articles=["store"], by="지수")
    assert state(session, parking) == state(session, car) == ("answered", "store")
    assert state(session, receipt) == ("open", None)


def test_a_question_is_taken_out_with_those_that_say_the_same(session: Session) -> None:
    ask(session, [*PARKING, PARKING[1], "매장 주차장 있어요?"])
    parking = of(session, PARKING[0])
    assert of(session, PARKING[1]) == parking
    made = regrouping.take_out(session, "1", of=parking, by="지수")
    assert (made.size, made.title, made.state) == (2, PARKING[1], "open")
    left = gaps.summary(session, parking)
    assert (left.size, left.gap.size) == (2, 2)
    assert of(session, PARKING[1]) == made.id
    for gap in (left.gap, made):
        said = session.scalars(select(GapQuestion.text).where(GapQuestion.gap_id == gap.id))
        total: dict[str, float] = {}
        for text in said:
            total = clusters.added(total, clusters.features(text))
        assert gap.features == pytest.approx(total)
    # It stays out: who asks it again is counted there.
    ask(session, [PARKING[1]], start=10)
    assert gaps.get(session, made.id).size == 3
    with pytest.raises(Conflict):
        regrouping.take_out(session, "1", of=parking, by="하늘")
    with pytest.raises(Conflict):
        regrouping.take_out(session, "1", of=made.id, by="하늘")
    with pytest.raises(NotFound):
        regrouping.take_out(session, "none", of=made.id, by="하늘")


def test_the_title_goes_with_its_question(session: Session) -> None:
    ask(session, PARKING)
    parking = of(session, PARKING[0])
    title = gaps.get(session, parking).title
    regrouping.take_out(session, str(PARKING.index(title)), of=parking, by="지수")
    (other,) = {*PARKING} - {title}
    assert gaps.get(session, parking).title == other


def test_all_that_a_part_asks_is_taken_out_with_the_part(session: Session) -> None:
    parking, _, receipt = three(session)
    regrouping.merge(session, receipt, into=parking, by="지수")
    assert regrouping.take_out(session, "4", of=parking, by="지수").id == receipt
    assert gaps.whole(session, receipt) == receipt
    # Of a whole nothing may be left but what was merged into it.
    regrouping.merge(session, parking, into=receipt, by="지수")
    made = regrouping.take_out(session, "4", of=receipt, by="지수")
    shown = gaps.summary(session, receipt)
    assert (shown.gap.size, shown.size) == (0, 2) and shown.gap.title in PARKING
    assert made.title == RECEIPT[0]
    with pytest.raises(Conflict):
        regrouping.separate(session, parking, by="지수")


def test_the_nearest_come_first(session: Session) -> None:
    parking, car, receipt = three(session)
    ask(session, ["영수증을 가지고 가야 하나요?", "배송 며칠 걸려요?", *ENGLISH], start=10)
    delivery = of(session, "배송 며칠 걸려요?")
    assert of(session, "영수증을 가지고 가야 하나요?") == car
    found = [(gap.id, size) for gap, size in regrouping.nearest(session, receipt, limit=9)]
    assert found[0] == (car, 3)
    assert {*found} == {(car, 3), (parking, 2), (delivery, 1)}
    regrouping.merge(session, car, into=parking, by="지수")
    gaps.mark(session, delivery, state="dismissed", by="지수")
    found = [(gap.id, size) for gap, size in regrouping.nearest(session, receipt, limit=9)]
    assert found == [(parking, 5)]
    gaps.mark(session, delivery, state="open", by="지수")
    assert [gap.id for gap, _ in regrouping.nearest(session, receipt, limit=1)] == [parking]
    # Of what is merged each part is near.
    (first, _), _ = regrouping.nearest(session, parking, limit=9)
    assert first.id == receipt


def test_a_forgotten_customer_leaves_nothing_in_merged_gaps(session: Session) -> None:
    parking, car, receipt = three(session)
    regrouping.merge(session, car, into=parking, by="지수")
    for id, source in (("whole", f"gap:{parking}"), ("other", f"gap:{receipt}")):
        articles.create(
            session, id=id, locale="ko", title="주차", questions=[*PARKING, *CAR], body=".",
            author="지수", source=source,
        )  # fmt: skip
    forgetting.forget(
        session, customers=[uuid.UUID(int=2)], tickets=[], written=lambda said, locale: said
    )
    # What was taken out or apart since may be in any draft that was made of a gap.
    for id in ("whole", "other"):
        session.expire_all()
        assert articles.get(session, id=id, locale="ko").questions == [*PARKING, CAR[1]]
    for number in (0, 1):
        forgetting.forget_questions(session, customer=uuid.UUID(int=number))
    shown = gaps.summary(session, parking)
    assert (shown.gap.size, shown.size, shown.gap.title) == (0, 1, CAR[1])
    forgetting.forget_questions(session, customer=uuid.UUID(int=3))
    assert [one.gap.id for one in gaps.listing(session)] == [receipt]
    for gone in (parking, car):
        with pytest.raises(NotFound):
            gaps.get(session, gone)


def test_two_curators_at_once(sessions: sessionmaker[Session]) -> None:
    ready = Barrier(3)

    def go(pair: tuple[int, int]) -> str:
        ready.wait()
        try:
            with sessions.begin() as session:
                regrouping.merge(session, pair[0], into=pair[1], by="지수")
        except Conflict:
            return "conflict"
        return "merged"

    for _ in range(8):
        with sessions.begin() as session:
            session.execute(update(Gap).values(into_id=None))
            session.execute(delete(Gap))
            parking, car, receipt = three(session)
        pairs = [(parking, car), (car, parking), (car, receipt)]
        with ThreadPoolExecutor(3) as pool:
            said = Counter(pool.map(go, pairs))
        assert said["merged"] >= 1
        with sessions() as session:
            assert sum(one.size for one in gaps.listing(session)) == 5
            assert gaps.count(session) in (1, 2)


WORDS = [*PARKING, *CAR, *RECEIPT, "현금영수증 발급 받고 싶어요", "주차장 있나요", *ENGLISH]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "merge", "merge", "separate", "take_out", "forget"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    min_size=4,
    max_size=25,
)


@settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each step is real work: no shrinking
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_whatever_is_done_every_question_is_in_one_gap(
    session: Session, steps: list[tuple[str, int, int]]
) -> None:
    session.rollback()
    asked: Counter[str] = Counter()
    for number, (what, one, other) in enumerate(steps):
        held = session.scalars(select(Gap.id).order_by(Gap.id)).all()
        keys = session.scalars(select(GapQuestion.key).order_by(GapQuestion.key)).all()
        try:
            if what == "ask":
                text = WORDS[one % len(WORDS)]
                ask(session, [text], start=number)
                asked[text] += 1
            elif what == "merge" and held:
                pair = held[one % len(held)], held[other % len(held)]
                regrouping.merge(session, pair[0], into=pair[1], by="지수")
            elif what == "separate" and held:
                regrouping.separate(session, held[one % len(held)], by="지수")
            elif what == "take_out" and keys:
                row = session.get_one(GapQuestion, keys[one % len(keys)])
                whole = gaps.whole(session, row.gap_id)
                regrouping.take_out(session, row.key, of=whole, by="지수")
            elif what == "forget" and keys:
                row = session.get_one(GapQuestion, keys[one % len(keys)])
                asked[row.text] -= 1
                forgetting.forget_questions(session, customer=row.customer)
        except (Conflict, Invalid):
            pass
        session.expire_all()
        shown = gaps.listing(session, limit=99, examples=99)
        assert Counter(row.text for one in shown for row in one.examples) == +asked
        assert all(one.size for one in shown)
        for gap in session.scalars(select(Gap)):
            mine = select(func.count()).where(GapQuestion.gap_id == gap.id)
            assert gap.size == session.scalar(mine)
            said = select(GapQuestion.text).where(gaps.is_in(gap.into_id or gap.id))
            assert gap.title in {*session.scalars(said)}
