"""Drafts that nobody wants are thrown away; what customers saw is kept."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy.orm import Session

from knowledge_base import articles, batches, drafts, gaps, importing, regressions
from knowledge_base.errors import Conflict, Invalid, NotFound, Taken


def made(session: Session, locale: str = "ko") -> None:
    articles.create(session, id="pets", locale=locale, title="강아지", body="네.", author="지수")


def test_a_draft_goes_and_its_gap_is_open_again(session: Session) -> None:
    row = gaps.Asked("1", "unknown", "강아지도 되나요?", uuid.uuid4(), dt.datetime.now(dt.UTC))
    gaps.sort_in(session, [row])
    (found,) = gaps.listing(session)
    made(session)
    made(session, "en")
    gaps.mark(session, found.gap.id, state="drafted", by="지수", article="pets")
    articles.update(session, id="pets", locale="ko", body="네, 돼요.", author="지수")
    with pytest.raises(Conflict):
        drafts.discard(session, id="pets", locale="ko", revision=1, by="하늘")
    drafts.discard(session, id="pets", locale="ko", revision=2, by="하늘")
    assert list(articles.versions(session, id="pets")) == ["en"]
    session.refresh(found.gap)
    assert (found.gap.state, found.gap.article_id) == ("open", None)
    made(session)
    assert [one.action for one in articles.revisions(session, id="pets", locale="ko")] == ["create"]


def test_what_customers_saw_is_kept(session: Session) -> None:
    made(session)
    articles.publish(session, id="pets", locale="ko", author="지수")
    for _ in ("published", "retired"):
        with pytest.raises(Invalid):
            drafts.discard(session, id="pets", locale="ko", revision=1, by="하늘")
        articles.retire(session, id="pets", locale="ko", author="지수")


def test_a_draft_that_nobody_has_seen_gets_another_address(session: Session) -> None:
    row = gaps.Asked("1", "unknown", "강아지도 되나요?", uuid.uuid4(), dt.datetime.now(dt.UTC))
    gaps.sort_in(session, [row])
    (found,) = gaps.listing(session)
    line = {"id": "pets", "locale": "ko", "title": "강아지", "body": "네."}
    batch = importing.import_rows(session, [line], author="지수", publish=False).batch
    assert batch is not None
    made(session, "en")
    gaps.mark(session, found.gap.id, state="drafted", by="지수", article="pets")
    regressions.save(session, question="개는요?", locale="ko", article="pets", author="지수")
    articles.update(session, id="pets", locale="en", questions=["dogs?"], author="지수")
    before = [one.seq for one in articles.revisions(session, id="pets", locale="en")]

    drafts.move(session, id="pets", to=" 반려동물 ")
    assert sorted(articles.versions(session, id="반려동물")) == ["en", "ko"]
    assert articles.versions(session, id="pets") == {}
    english = articles.get(session, id="반려동물", locale="en")
    assert (english.questions, english.revision) == (["dogs?"], 2)
    assert [one.seq for one in articles.revisions(session, id="반려동물", locale="en")] == before
    assert (found.gap.state, found.gap.article_id) == ("drafted", "반려동물")
    assert [one.article_id for one in regressions.listing(session)] == ["반려동물"]
    articles.publish(session, id="반려동물", locale="en", author="지수")
    with pytest.raises(Invalid, match="its address stays"):
        drafts.move(session, id="반려동물", to="pets")
    assert batches.undo(session, batch, author="지수").removed == 1
    assert list(articles.versions(session, id="반려동물")) == ["en"]


def test_a_draft_is_found_by_every_address_that_it_had(session: Session) -> None:
    made(session)
    for before, after in (("pets", "dogs"), ("dogs", "강아지"), ("강아지", "dogs")):
        drafts.move(session, id=before, to=after)
    left = {id: drafts.moved_to(session, id=id) for id in ("pets", "강아지", "dogs", "x", "a\0")}
    assert left == {"pets": "dogs", "강아지": "dogs", "dogs": None, "x": None, "a\0": None}
    # Where there is another article by now, that is meant.
    made(session)
    assert drafts.moved_to(session, id="pets") is None
    drafts.move(session, id="pets", to="cats")
    assert drafts.moved_to(session, id="pets") == "cats"
    revision = articles.get(session, id="cats", locale="ko").revision
    drafts.discard(session, id="cats", locale="ko", revision=revision, by="하늘")
    assert drafts.moved_to(session, id="pets") is None


@pytest.mark.parametrize(
    ("id", "to", "refusal"),
    [
        ("pets", "cats", Taken),
        ("pets", "a/b", Invalid),
        ("pets", "", Invalid),
        ("pets", "x" * 101, Invalid),
        ("dogs", "birds", NotFound),
        ("do\0gs", "birds", NotFound),
    ],
)
def test_an_address_that_cannot_be_changes_nothing(
    session: Session, id: str, to: str, refusal: type[Exception]
) -> None:
    made(session)
    articles.create(session, id="cats", locale="en", title="Cats", body="Yes.", author="지수")
    with pytest.raises(refusal):
        drafts.move(session, id=id, to=to)
    drafts.move(session, id="pets", to="pets")
    assert articles.get(session, id="pets", locale="ko").title == "강아지"


def test_what_was_published_before_a_question_is_sorted_answers_it(session: Session) -> None:
    articles.create(
        session,
        id="pets",
        locale="ko",
        title="반려동물",
        questions=["강아지도 되나요?", "영수증 주나요?"],
        body="네.",
        author="지수",
    )
    articles.publish(session, id="pets", locale="ko", author="지수")
    now = dt.datetime.now(dt.UTC)
    before, after = now - dt.timedelta(hours=1), now + dt.timedelta(hours=1)
    rows = [
        gaps.Asked(text, "unknown", text, uuid.uuid4(), at)
        for text, at in (
            ("강아지도 되나요", before),
            ("주차장 어디예요?", before),
            ("영수증 주나요?", after),
        )
    ]
    gaps.sort_in(session, rows)
    drafts.published_since(session, {row.key for row in rows})
    (answered,) = gaps.listing(session, state="answered")
    assert answered.gap.title == "강아지도 되나요"
    assert (answered.gap.article_id, answered.gap.changed_by) == ("pets", "지수")
    assert {one.gap.title for one in gaps.listing(session)} == {
        "주차장 어디예요?",
        "영수증 주나요?",
    }
    # It does not answer it after all, if somebody asks again.
    again = gaps.Asked("again", "unknown", "강아지도 되나요", uuid.uuid4(), after)
    gaps.sort_in(session, [again])
    drafts.published_since(session, {"again"})
    assert gaps.count(session, state="answered") == 0
