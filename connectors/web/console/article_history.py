"""Reviews and revisions of an article: approve, send back, discard, compare, restore; and another
address for a draft."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy.orm import Session

from connectors import publishing
from connectors.web.console import editing, foreseen, frame
from connectors.web.console.articles import path
from connectors.web.console.frame import Curator, Here, Me, Sender
from connectors.web.console.moved import ArticleRoute
from connectors.web.console.words import say
from knowledge_base import articles, drafts, history, reviews
from knowledge_base.content import Content
from knowledge_base.models import Article

Locale = Annotated[Literal["ko", "en"], Form()]
Revision = Annotated[int, Form(ge=1, le=2**31 - 1)]
Number = Annotated[int, Query(ge=1, le=2**31 - 1)]

router = APIRouter(prefix="/articles/edit/{id}", route_class=ArticleRoute)


@router.get("/compare")
async def compare(
    request: Request,
    here: Here,
    me: Me,
    id: str,
    locale: Annotated[Literal["ko", "en"], Query()],
    before: Number,
    after: Number,
) -> Response:
    """What changed between two revisions."""

    def read(session: Session) -> dict[str, Any]:
        article = articles.get(session, id=id, locale=locale)
        old = history.content_at(session, id=id, locale=locale, revision=before)
        new = history.content_at(session, id=id, locale=locale, revision=after)
        return {
            "here": "articles",
            "id": id,
            "locale": locale,
            "article": article,
            "before": before,
            "after": after,
            "fields": history.compare(old, new),
        }

    return await frame.show(request, here, me, "article_compare", read)


@router.post("/restore")
async def restore(
    request: Request, here: Here, me: Sender, id: str, locale: Locale, to: Revision, on: Revision
) -> Response:
    """Bring a revision back as a new one, unless somebody saved since ``on`` was looked at."""
    here.knowledge.warm()

    def act(session: Session) -> Article:
        return history.restore(
            session, id=id, locale=locale, to=to, author=me.agent.name, revision=on
        )

    article = await here.store.run(act)
    editing.changed(here, id, locale)
    said = say("said.restored", me.lang, n=article.revision)
    return frame.done(request, path(id, locale), said=said, go=True)


@router.post("/publish")
async def approve(
    request: Request,
    here: Here,
    me: Curator,
    id: str,
    locale: Locale,
    revision: Revision,
    anyway: Annotated[str, Form()] = "",
) -> Response:
    """Publish exactly what was reviewed."""
    here.knowledge.warm()
    if not anyway:
        await foreseen.check(request, here, me, await here.store.read(_working, id, locale))

    def act(session: Session) -> None:
        publishing.publish(session, id=id, locale=locale, author=me.agent.name, revision=revision)

    await here.store.run(act)
    editing.changed(here, id, locale)
    return frame.done(request, path(id, locale), said=say("said.published", me.lang))


def _working(session: Session, id: str, locale: str) -> Content:
    return articles.content_of(articles.get(session, id=id, locale=locale))


@router.post("/return")
async def send_back(
    request: Request,
    here: Here,
    me: Curator,
    id: str,
    locale: Locale,
    revision: Revision,
    note: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Not yet; ``note`` says why."""

    def act(session: Session) -> None:
        reviews.send_back(
            session, id=id, locale=locale, author=me.agent.name, note=note, revision=revision
        )

    await here.store.run(act)
    editing.changed(here, id, locale)
    return frame.done(request, path(id, locale), said=say("said.back", me.lang))


@router.post("/discard")
async def discard(
    request: Request, here: Here, me: Curator, id: str, locale: Locale, revision: Revision
) -> Response:
    """Throw a draft away that no customer has ever seen."""

    def act(session: Session) -> None:
        drafts.discard(session, id=id, locale=locale, revision=revision, by=me.agent.name)

    await here.store.run(act)
    said = say("article.discarded", me.lang)
    return frame.done(request, "/console/articles", said=said, go=True)


@router.post("/address")
async def move(
    request: Request, here: Here, me: Sender, id: str, locale: Locale, to: Annotated[str, Form()]
) -> Response:
    """Another address for a draft that no customer has ever seen, in both languages."""
    known = await here.store.run(drafts.move, id=id, to=to)
    for one in ("ko", "en"):
        editing.changed(here, id, one)
    return frame.done(request, path(known, locale), said=say("article.moved", me.lang), go=True)


@router.post("/current")
async def current(request: Request, here: Here, me: Sender, id: str, locale: Locale) -> Response:
    """This language says the right thing although the other one changed."""

    def act(session: Session) -> None:
        articles.mark_current(session, id=id, locale=locale)

    await here.store.run(act)
    return frame.done(request, path(id, locale), said=say("said.current", me.lang))
