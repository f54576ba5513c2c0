"""Drafts that nobody wants are thrown away; what customers saw is kept."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy.orm import Session

from knowledge_base import articles, drafts, gaps
from knowledge_base.errors import Conflict, Invalid


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
