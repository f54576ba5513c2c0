"""Articles and their life: draft -> review -> published -> retired, every revision kept.

Plain functions over a session; the caller commits. Functions that change what customers see
take the ``kb_version`` row first, so publishers run one after the other and never deadlock.
Both languages of an article are locked together, Korean first, because a change of one may leave
the other out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select, tuple_
from sqlalchemy import update as update_rows
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from knowledge_base.content import LOCALES as LOCALES
from knowledge_base.content import Content, check
from knowledge_base.errors import Conflict, NotFound, Taken
from knowledge_base.models import Article, Question, Revision, Version

STATES = ("draft", "review", "published", "retired")
# So many articles are written by the same statements.
TOGETHER = 50


def create(
    session: Session,
    *,
    id: str,
    locale: str,
    title: str,
    questions: Sequence[str] = (),
    body: str,
    tags: Sequence[str] = (),
    author: str,
    source: str = "",
) -> Article:
    """Add a draft. Raises :class:`Invalid`, or :class:`Conflict` if the id is taken.

    ``source`` says for curators where it came from, such as the code of a ticket.
    """
    content = check(id=id, locale=locale, title=title, questions=questions, body=body, tags=tags)
    if insert_checked(session, [content], author=author, action="create", source=source):
        raise Taken(f"article {content.id!r} ({content.locale}) exists already")
    return get(session, id=content.id, locale=content.locale)


def insert_checked(
    session: Session,
    contents: Sequence[Content],
    *,
    author: str,
    action: str,
    state: str = "draft",
    source: str = "",
) -> set[tuple[str, str]]:
    """Add already checked contents as drafts, retired or, after :func:`bump_version`, published.

    The ids and locales that are taken come back; nothing is written for them. A few statements for
    all, because an import may bring thousands.
    """
    shown = 1 if state == "published" else None
    after = {"published": ["publish"], "retired": ["retire"]}.get(state, [])
    made = session.execute(
        insert(Article).on_conflict_do_nothing().returning(Article.id, Article.locale),
        [
            {
                "id": content.id,
                "locale": content.locale,
                "title": content.title,
                "body": content.body,
                "tags": [*content.tags],
                "revision": 1,
                "state": state,
                "published_revision": shown,
            }
            for content in contents
        ],
    )
    written = {(id, locale) for id, locale in made}
    new = [content for content in contents if (content.id, content.locale) in written]
    questions = [
        {"article_id": content.id, "locale": content.locale, "position": position, "text": text}
        for content in new
        for position, text in enumerate(content.questions)
    ]
    if questions:
        session.execute(insert(Question), questions)
    for content in new:
        for done in (action, *after):
            session.add(
                Revision(
                    article_id=content.id,
                    locale=content.locale,
                    revision=1,
                    action=done,
                    author=author,
                    content=content.as_json() | ({"source": source} if source else {}),
                )
            )
    session.flush()
    return {(content.id, content.locale) for content in contents} - written


def get(session: Session, *, id: str, locale: str, lock: bool = False) -> Article:
    """The working copy, or :class:`NotFound`.

    ``lock`` holds its row and the one of the other language until the commit.
    """
    query = select(Article).where(Article.id == id).order_by(Article.locale.desc())
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    else:
        query = query.where(Article.locale == locale)
    found = () if "\0" in id + locale else session.scalars(query)
    article = next((one for one in found if one.locale == locale), None)
    if article is None:
        raise NotFound(f"no article {id!r} in {locale!r}")
    return article


def get_at(session: Session, *, id: str, locale: str, revision: int | None) -> Article:
    """The locked working copy if it still is at ``revision``, else :class:`Conflict`."""
    article = get(session, id=id, locale=locale, lock=True)
    if revision is not None and revision != article.revision:
        raise Conflict(
            f"article {id!r} ({locale}) was changed meanwhile: "
            f"you looked at revision {revision}, it is now at {article.revision}",
            current_revision=article.revision,
        )
    return article


def update(
    session: Session,
    *,
    id: str,
    locale: str,
    revision: int | None = None,
    author: str,
    title: str | None = None,
    questions: Sequence[str] | None = None,
    body: str | None = None,
    tags: Sequence[str] | None = None,
) -> Article:
    """Save a new revision of the working copy; what is left out stays as it is.

    Customers see it after :func:`publish`. ``revision`` is the one the editor started from:
    if somebody saved since, :class:`Conflict` carries the current one and nothing is written
    (``None`` skips the check). Unchanged content makes no new revision.
    """
    article = get_at(session, id=id, locale=locale, revision=revision)
    content = check(
        id=id,
        locale=locale,
        title=article.title if title is None else title,
        questions=article.questions if questions is None else questions,
        body=article.body if body is None else body,
        tags=article.tags if tags is None else tags,
    )
    save(session, [(article, content)], author=author, action="update")
    session.refresh(article, ["updated_at"])
    return article


def save(
    session: Session,
    changes: Iterable[tuple[Article, Content]],
    *,
    author: str,
    action: str,
    publish: bool = False,
) -> Sequence[Article]:
    """Write checked contents to locked articles; those that changed come back.

    With ``publish``, after :func:`bump_version`, customers see them. A few statements for many,
    because an import may change thousands. A review that was asked for is over: what is there now
    has not been looked at.
    """
    changed = []
    new: set[tuple[str, str]] = set()
    leading = []
    for number, (article, content) in enumerate(changes, start=1):
        if says_more := not same_content(article, content):
            # Other questions and tags let it be found, and leave nothing to translate.
            if told := (article.title, article.body) != (content.title, content.body):
                new.add((article.id, article.locale))
                if article.outdated_since is None:
                    leading.append((article.id, article.locale))
            _write(session, article, content, author=author, action=action)
            if told:
                article.outdated_since = None
        if (publish and _show(session, article, author=author)) or says_more:
            changed.append(article)
        if number % TOGETHER == 0:
            session.flush()
    session.flush()
    # Who changes what a language tells catches up with the other if it was out of date, and leaves
    # the other behind if it was not, unless that is changed as well.
    behind = [(id, other) for id, locale in leading for other in LOCALES if other != locale]
    _leave_behind(session, [key for key in behind if key not in new])
    return changed


def _write(
    session: Session, article: Article, content: Content, *, author: str, action: str
) -> None:
    article.title, article.body, article.tags = content.title, content.body, [*content.tags]
    article.revision += 1
    article.review_revision = None
    if article.state == "review":
        article.state = "draft"
    _set_questions(article, content.questions)
    record(session, article, content, author=author, action=action)


def same_content(article: Article, content: Content) -> bool:
    """Whether the working copy says exactly this already."""
    return content_of(article) == content


def content_of(article: Article) -> Content:
    """The working copy as content."""
    return Content(
        id=article.id,
        locale=article.locale,
        title=article.title,
        questions=tuple(article.questions),
        body=article.body,
        tags=tuple(article.tags),
    )


def publish(
    session: Session, *, id: str, locale: str, author: str, revision: int | None = None
) -> Article:
    """Show the working copy to customers; indexes notice within seconds of the commit.

    ``revision`` guards against publishing something other than what was reviewed
    (:class:`Conflict`). Publishing what is published already changes nothing.
    """
    bump_version(session)
    article = get_at(session, id=id, locale=locale, revision=revision)
    if _show(session, article, author=author):
        session.flush()
        session.refresh(article, ["updated_at"])
    return article


def _show(session: Session, article: Article, *, author: str) -> bool:
    """Let customers see the working copy; False if they do already."""
    if article.state == "published" and article.published_revision == article.revision:
        return False
    article.state, article.published_revision = "published", article.revision
    article.review_revision = None
    record(session, article, content_of(article), author=author, action="publish")
    return True


def retire(session: Session, *, id: str, locale: str, author: str) -> Article:
    """Take an article away from customers; it is kept and can be published again."""
    bump_version(session)
    article = get(session, id=id, locale=locale, lock=True)
    if article.state != "retired":
        article.state, article.published_revision = "retired", None
        article.review_revision = None
        record(session, article, content_of(article), author=author, action="retire")
        session.flush()
        session.refresh(article, ["updated_at"])
    return article


def mark_current(session: Session, *, id: str, locale: str) -> Article:
    """Say that a language version is right as it is although the other one changed."""
    article = get(session, id=id, locale=locale, lock=True)
    article.outdated_since = None
    session.flush()
    session.refresh(article, ["updated_at"])
    return article


def revisions(session: Session, *, id: str, locale: str) -> Sequence[Revision]:
    """Everything that ever happened to an article, newest first."""
    return session.scalars(
        select(Revision)
        .where(Revision.article_id == id, Revision.locale == locale)
        .order_by(Revision.seq.desc())
    ).all()


def versions(session: Session, *, id: str) -> Mapping[str, Article]:
    """The language versions of an article by locale; empty if there is none."""
    found = session.scalars(select(Article).where(Article.id == id))
    return {article.locale: article for article in found}


def published_version(session: Session) -> int:
    """A number that grows with every committed change to what customers see; 0 at first."""
    return session.scalar(select(Version.version)) or 0


def ever_used(session: Session) -> bool:
    """Whether there is an article, or ever was one that customers saw."""
    return published_version(session) > 0 or session.scalar(select(Article.id).limit(1)) is not None


def bump_version(session: Session) -> None:
    """Announce a change of the published articles; held until the commit.

    Call it before locking articles, never after: one order of locks, no deadlocks.
    """
    session.execute(
        insert(Version)
        .values(id=1, version=1)
        .on_conflict_do_update(index_elements=[Version.id], set_={"version": Version.version + 1})
    )


def sources(session: Session, ids: Iterable[str]) -> dict[tuple[str, str], str]:
    """Where the drafts among these came from, by id and locale, if it was said."""
    rows = session.execute(
        select(Revision.article_id, Revision.locale, Revision.content["source"].astext)
        .join(Article, (Article.id == Revision.article_id) & (Article.locale == Revision.locale))
        .where(Article.id.in_([*ids]), Article.state == "draft", Revision.content.has_key("source"))
    )
    return {(id, locale): source for id, locale, source in rows}


def record(
    session: Session,
    article: Article,
    content: Content,
    *,
    author: str,
    action: str,
    source: str = "",
    note: str = "",
) -> None:
    """Append to the log of an article what was done, by whom, and what it said then."""
    extra = {key: value for key, value in (("source", source), ("note", note)) if value}
    session.add(
        Revision(
            article_id=article.id,
            locale=article.locale,
            revision=article.revision,
            action=action,
            author=author,
            content=content.as_json() | extra,
        )
    )


def _set_questions(article: Article, questions: Sequence[str]) -> None:
    rows = article.question_rows
    for row, text in zip(rows, questions, strict=False):
        row.text = text
    del rows[len(questions) :]
    for position in range(len(rows), len(questions)):
        rows.append(
            Question(
                article_id=article.id,
                locale=article.locale,
                position=position,
                text=questions[position],
            )
        )


def _leave_behind(session: Session, keys: Sequence[tuple[str, str]]) -> None:
    for start in range(0, len(keys), 1000):
        some = keys[start : start + 1000]
        session.execute(
            update_rows(Article)
            .where(tuple_(Article.id, Article.locale).in_(some), Article.outdated_since.is_(None))
            .values(outdated_since=func.now(), updated_at=Article.updated_at)
            # Otherwise every article of the session is looked at, of which an import has thousands.
            .execution_options(synchronize_session="fetch")
        )
