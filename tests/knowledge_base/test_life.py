"""Reviews, revisions that come back, and language versions that fall behind."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from knowledge_base import articles, history, reviews
from knowledge_base.errors import Conflict, Invalid, NotFound
from knowledge_base.models import Article

KEY = {"id": "fee", "locale": "ko"}


def create(session: Session, **changes: Any) -> Article:
    given: dict[str, Any] = {
        **KEY, "title": "배송비", "body": "3,000원이에요.", "author": "하늘", **changes
    }  # fmt: skip
    return articles.create(session, **given)


def test_a_draft_is_reviewed_sent_back_and_published(session: Session) -> None:
    create(session)
    article = reviews.ask(session, **KEY, author="하늘", revision=1)
    assert (article.state, article.review_revision) == ("review", 1)
    reviews.ask(session, **KEY, author="하늘")
    reviews.send_back(session, **KEY, author="바다", note="금액을\n확인해 주세요", revision=1)
    assert (article.state, article.in_review) == ("draft", False)
    with pytest.raises(Invalid):
        reviews.send_back(session, **KEY, author="바다", revision=1)
    reviews.ask(session, **KEY, author="하늘")
    articles.update(session, **KEY, author="하늘", body="4,000원이에요.")
    assert (article.state, article.in_review) == ("draft", False)  # nobody has seen this text
    reviews.ask(session, **KEY, author="하늘", revision=2)
    with pytest.raises(Conflict):
        articles.publish(session, **KEY, author="바다", revision=1)
    articles.publish(session, **KEY, author="바다", revision=2)
    assert (article.state, article.published_revision, article.in_review) == ("published", 2, False)
    with pytest.raises(Invalid):
        reviews.ask(session, **KEY, author="하늘")
    session.commit()
    log = [(one.action, one.author) for one in articles.revisions(session, **KEY)]
    assert [action for action, _ in reversed(log)] == [
        "create", "review", "return", "review", "update", "review", "publish"
    ]  # fmt: skip
    assert articles.revisions(session, **KEY)[-3].content["note"] == "금액을 확인해 주세요"


def test_a_change_of_what_is_published_is_reviewed_while_customers_see_the_old(
    session: Session,
) -> None:
    create(session)
    articles.publish(session, **KEY, author="바다")
    articles.update(session, **KEY, author="하늘", body="무료예요.")
    article = reviews.ask(session, **KEY, author="하늘")
    assert (article.state, article.published_revision, article.review_revision) == (
        "published", 1, 2
    )  # fmt: skip
    articles.retire(session, **KEY, author="바다")
    assert (article.state, article.in_review) == ("retired", False)
    assert reviews.ask(session, **KEY, author="하늘").state == "review"
    session.commit()


def test_a_revision_comes_back_as_a_new_one(session: Session) -> None:
    create(session, questions=["얼마예요?"], tags=["배송"])
    articles.update(session, **KEY, author="하늘", title="배달비", questions=[], body="몰라요")
    article = history.restore(session, **KEY, to=1, author="바다", revision=2)
    assert (article.revision, article.title, article.questions) == (3, "배송비", ["얼마예요?"])
    assert articles.revisions(session, **KEY)[0].action == "restore"
    assert len(articles.revisions(session, **KEY)) == 3
    with pytest.raises(NotFound):
        history.restore(session, **KEY, to=9, author="바다")
    with pytest.raises(Conflict):
        history.restore(session, **KEY, to=1, author="바다", revision=2)


def test_who_goes_back_to_what_customers_see_has_nothing_to_publish(session: Session) -> None:
    create(session)
    articles.publish(session, **KEY, author="바다")
    articles.update(session, **KEY, author="하늘", title="배달비")
    articles.update(session, **KEY, author="하늘", title="배달 요금")
    session.commit()
    assert history.restore(session, **KEY, to=2, author="하늘").published_revision == 1
    article = history.restore(session, **KEY, to=1, author="하늘")
    session.commit()
    session.refresh(article)
    assert (article.revision, article.published_revision) == (5, 5)
    assert not article.has_unpublished_changes
    articles.retire(session, **KEY, author="바다")
    session.commit()
    assert history.restore(session, **KEY, to=2, author="바다").published_revision is None


def test_a_comparison_shows_the_words_that_changed(session: Session) -> None:
    body = "\n".join(f"{n}번째 줄" for n in range(20))
    create(session, body=body, questions=["얼마예요?"])
    changed = body.replace("10번째 줄", "10번째 문단은 새로 썼어요") + "\n끝"
    articles.update(session, **KEY, author="하늘", body=changed, questions=[])
    before, after = (history.content_at(session, **KEY, revision=n) for n in (1, 2))
    found = history.compare(before, after)
    assert set(found) == {"questions", "body"}
    assert [line.kind for line in found["questions"]] == ["gone"]
    (line,) = [one for one in found["body"] if one.kind == "changed"]
    assert "".join(p.text for p in line.pieces if p.kind != "new") == "10번째 줄"
    assert "".join(p.text for p in line.pieces if p.kind != "gone") == "10번째 문단은 새로 썼어요"
    assert found["body"][0].skipped == 8 and found["body"][-1].pieces[0].text == "끝"
    assert history.compare(before, before) == {}


def test_the_language_that_changed_leaves_the_other_behind(session: Session) -> None:
    korean = create(session)
    english = create(session, locale="en", title="Fee")
    english_key = {**KEY, "locale": "en"}

    def behind() -> list[str]:
        session.flush()
        session.expire_all()
        return [one.locale for one in (korean, english) if one.outdated_since is not None]

    assert behind() == []
    articles.update(session, **KEY, author="a", title="배달비")
    assert behind() == ["en"]
    articles.update(session, **KEY, author="a", title="배달 요금")
    assert behind() == ["en"]
    articles.update(session, **english_key, author="a", title="Delivery fee")
    assert behind() == []  # it caught up
    articles.update(session, **english_key, author="a", title="Delivery charge")
    assert behind() == ["ko"]
    # What lets an article be found has to be translated by nobody, and translates nothing.
    articles.update(session, **KEY, author="a", questions=["배달비 얼마예요?"], tags=["배달"])
    assert behind() == ["ko"]
    articles.mark_current(session, **KEY)
    assert behind() == []
    articles.update(session, **KEY, author="a", questions=["배달비가 얼마죠?"], tags=["요금"])
    assert behind() == []
