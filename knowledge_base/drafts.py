"""Drafts and the gaps they are made of: their words, what their publication answers, and those that
nobody wants. One that customers never saw can be thrown away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from knowledge_base import articles, content, gaps
from knowledge_base.errors import Invalid, NotFound, Taken
from knowledge_base.models import (
    Article,
    FormerAddress,
    Gap,
    GapQuestion,
    ImportedArticle,
    Question,
    Revision,
    SavedQuestion,
    UnwantedQuestion,
)

_NAMING = (
    Question, Revision, UnwantedQuestion, Gap, SavedQuestion, ImportedArticle, FormerAddress,
)  # fmt: skip


def unseen(session: Session, article: Article) -> bool:
    """Whether no customer was ever shown any revision of it."""
    shown = select(Revision.seq).where(
        Revision.article_id == article.id,
        Revision.locale == article.locale,
        Revision.action == "publish",
    )
    return article.published_revision is None and session.scalar(shown.limit(1)) is None


def discard(session: Session, *, id: str, locale: str, revision: int, by: str) -> None:
    """Delete a draft with its history; a gap that it was made of is to be written about again.

    Raises :class:`NotFound`, :class:`Conflict` if somebody saved since ``revision``, and
    :class:`Invalid` for what customers have seen, which is retired instead and kept.
    """
    article = articles.get_at(session, id=id, locale=locale, revision=revision)
    if not unseen(session, article):
        raise Invalid("state", "was published; it can be retired")
    session.delete(article)
    session.flush()
    undrafted(session, article=id, locale=locale, by=by)


def movable(session: Session, versions: Iterable[Article]) -> bool:
    """Whether an article of these languages can be given another id: it has no reader yet."""
    return all(unseen(session, one) for one in versions)


def move(session: Session, *, id: str, to: str) -> str:
    """Give a draft another id, in both languages and wherever it is named; the id as it is now.
    Under the one that it had it is still found by :func:`moved_to`.

    Raises :class:`NotFound`, :class:`Taken`, and :class:`Invalid` for an id that cannot be or
    an article that customers have seen in any language: they may have its address.
    """
    query = select(Article).where(Article.id == id).order_by(Article.locale.desc())
    held = query.with_for_update().execution_options(populate_existing=True)
    versions = session.scalars(held).all() if "\0" not in id else []
    if not versions:
        raise NotFound(f"no article {id!r}")
    to = content.check_id(to)
    if to == id:
        return to
    if not movable(session, versions):
        raise Invalid("state", "was published; its address stays")
    if articles.versions(session, id=to):
        raise Taken(f"article {to!r} exists already")
    columns = [one for one in Article.__table__.columns if one.name != "id"]
    same = select(literal(to), *columns).where(Article.id == id)
    made = insert(Article).from_select(["id", *(one.name for one in columns)], same)
    if not session.execute(made.on_conflict_do_nothing().returning(Article.id)).all():
        raise Taken(f"article {to!r} exists already")
    for table in _NAMING:
        session.execute(update(table).where(table.article_id == id).values(article_id=to))
    session.execute(delete(FormerAddress).where(FormerAddress.id == to))
    left = [{"id": id, "locale": one.locale, "article_id": to} for one in versions]
    had = insert(FormerAddress).values(left)
    session.execute(
        had.on_conflict_do_update(
            index_elements=[FormerAddress.id, FormerAddress.locale],
            set_={"article_id": had.excluded.article_id},
        )
    )
    session.execute(delete(Article).where(Article.id == id))
    session.expire_all()
    return to


def moved_to(session: Session, *, id: str) -> str | None:
    """The id now of an article that had this one as a draft; ``None`` where there is one with it,
    or there never was."""
    if "\0" in id or articles.versions(session, id=id):
        return None
    return session.scalar(select(FormerAddress.article_id).where(FormerAddress.id == id).limit(1))


def published(session: Session, *, articles: Sequence[str], by: str) -> None:
    """The articles that gaps were drafted as are there for customers, in the gaps' language.

    So are those that say of themselves that they answer what was asked: one of a gap's questions
    is theirs now. If they do not answer it after all, the next who asks opens the gap again.
    """
    drafts = session.execute(
        select(Gap.id, Gap.into_id, Gap.article_id)
        .join(Article, (Article.id == Gap.article_id) & (Article.locale == Gap.locale))
        .where(
            Gap.article_id.in_(articles),
            Gap.state.in_(("drafted", "open")),
            Article.published_revision.is_not(None),
        )
        .order_by(Gap.id)
    ).all()
    into = aliased(Gap)
    taken_up = session.execute(
        select(Gap.id, Gap.into_id, func.min(Question.article_id))
        .join(GapQuestion, GapQuestion.gap_id == Gap.id)
        .join(Question, Question.locale == Gap.locale)
        .join(Article, (Article.id == Question.article_id) & (Article.locale == Question.locale))
        .outerjoin(into, into.id == Gap.into_id)
        .where(
            (Gap.state == "open") | (into.state == "open"),
            Question.article_id.in_(articles),
            Article.published_revision == Article.revision,
            _plain(Question.text) == _plain(GapQuestion.text),
        )
        .group_by(Gap.id)
        .order_by(Gap.id)
    ).all()
    # What answers a part answers the whole. A draft is not given up for another article.
    found: dict[int, tuple[str | None, Sequence[str]]] = {}
    for rows, states in ((drafts, gaps.STATES[:2]), (taken_up, gaps.STATES[:1])):
        for id, whole_id, article in rows:
            for one in (id, whole_id):
                if one is not None:
                    found.setdefault(one, (article, states))
    held = select(Gap).where(Gap.id.in_([*found])).order_by(Gap.id).with_for_update()
    for gap in session.scalars(held.execution_options(populate_existing=True)):
        article, before = found[gap.id]
        if gap.state in before:
            gap.state, gap.article_id = "answered", article
            gap.changed_by, gap.changed_at = by, func.now()
    session.flush()


def published_since(session: Session, keys: Collection[str]) -> None:
    """What was published after these questions were asked, and before they were sorted into gaps.

    As with :func:`published`, an article answers the gap if one of its questions is in it.
    """
    rows = session.execute(
        select(Gap, Question.article_id, Revision.author, Revision.at)
        .join(GapQuestion, GapQuestion.gap_id == Gap.id)
        .join(Question, Question.locale == Gap.locale)
        .join(Article, (Article.id == Question.article_id) & (Article.locale == Question.locale))
        .join(Revision, (Revision.article_id == Article.id) & (Revision.locale == Article.locale))
        .where(
            GapQuestion.key.in_(keys),
            Gap.state == "open",
            Gap.into_id.is_(None),
            Article.published_revision == Article.revision,
            Revision.revision == Article.revision,
            Revision.action == "publish",
            Revision.at > Gap.last_at,
            _plain(Question.text) == _plain(GapQuestion.text),
        )
        .order_by(Gap.id, Revision.at)
    )
    for gap, article, author, at in rows:
        if gap.state == "open":
            gap.state, gap.article_id = "answered", article
            gap.changed_by, gap.changed_at = author, at
    session.flush()


def undrafted(session: Session, *, article: str, locale: str, by: str | None = None) -> None:
    """A draft is gone: what it was made of is to be written about again, unless one of its parts
    has a draft of its own."""
    held = select(Gap).where(
        Gap.article_id == article, Gap.locale == locale, Gap.state == "drafted"
    )
    held = held.order_by(Gap.id).with_for_update().execution_options(populate_existing=True)
    for gap in session.scalars(held).all():
        gap.state, gap.article_id, gap.changed_by = "open", None, by or gap.changed_by
        session.flush()
        other = select(Gap.article_id).where(Gap.into_id == gap.id, Gap.state == "drafted")
        if left := session.scalar(other.order_by(Gap.id).limit(1)):
            gap.state, gap.article_id = "drafted", left
    session.flush()


def _plain(text: SQLColumnExpression[str]) -> ColumnElement[str]:
    """A question without what people leave out when they type it again."""
    return func.rtrim(func.lower(text), " ?!.~")


def wording(session: Session, id: int) -> tuple[list[str], str | None]:
    """For a draft: different questions, the most frequent first, and the best answer a person gave.

    Of what was merged each part comes to word. Of several answers the longest of the newest ten:
    short ones refer to what was said before.
    """
    often = (func.count().desc(), func.max(GapQuestion.at).desc(), GapQuestion.text)
    place = func.row_number().over(partition_by=GapQuestion.gap_id, order_by=often)
    asked = select(GapQuestion.text, place.label("place"), func.count().label("often"))
    ranked = asked.where(gaps.is_in(id)).group_by(GapQuestion.gap_id, GapQuestion.text).subquery()
    rows = session.scalars(
        select(ranked.c.text)
        .group_by(ranked.c.text)
        .order_by(func.min(ranked.c.place), func.sum(ranked.c.often).desc(), ranked.c.text)
        .limit(gaps.EXAMPLES)
    )
    answers = session.scalars(
        select(GapQuestion.answer)
        .where(gaps.is_in(id), GapQuestion.answer.is_not(None))
        .order_by(GapQuestion.at.desc(), GapQuestion.key)
        .limit(10)
    )
    return list(rows), max((one for one in answers if one), key=len, default=None)
