"""The editor of articles: write, preview, have reviewed, publish and retire them."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from connectors import gaps, publishing
from connectors.drafts import free_id
from connectors.web.auth import admin_only
from connectors.web.console import editing, foreseen, frame
from connectors.web.console.frame import Curator, Here, Me, Sender, Viewer
from connectors.web.console.moved import ArticleRoute
from connectors.web.console.words import say
from connectors.web.problems import Problem
from knowledge_base import articles, drafts, history, rendering, reviews
from knowledge_base.content import MAX_QUESTION, Content
from knowledge_base.errors import Conflict, NotFound
from knowledge_base.models import Article, Revision

Locale = Literal["ko", "en"]
Text = Annotated[str, Form()]
Do = Annotated[Literal["save", "review", "publish"], Form()]
SAID = {"save": "said.saved", "review": "said.review", "publish": "said.published"}
HISTORY = 60

router = APIRouter(prefix="/articles", route_class=ArticleRoute)


@router.get("/new")
async def new_page(
    request: Request,
    here: Here,
    me: Me,
    id: Annotated[str, Query(max_length=100)] = "",
    locale: Annotated[Locale | None, Query()] = None,
    ask: Annotated[str, Query(max_length=MAX_QUESTION)] = "",
) -> Response:
    """An empty form; with an ``id``, for another language of that article, which is opened where
    it is written already. ``ask`` is a question that it is to answer.
    """
    chosen = locale or _locale(me)
    if chosen in await here.store.read(_versions, id):
        return await _editor(request, here, me, id=id, locale=chosen, new=False, ask=ask)
    return await _editor(request, here, me, id=id, locale=chosen, new=True, ask=ask)


@router.post("/new")
async def create(
    request: Request,
    here: Here,
    me: Sender,
    id: Text = "",
    locale: Annotated[Locale, Form()] = "ko",
    title: Text = "",
    questions: Text = "",
    tags: Text = "",
    body: Text = "",
    do: Do = "save",
    anyway: Text = "",
) -> Response:
    """A new draft, reviewed or published at once if wanted. Everybody writes, leads publish.

    Without an ``id`` the title becomes one. ``anyway`` publishes whatever it breaks.
    """
    do = "publish" if anyway else do
    _may(me, do)
    here.knowledge.warm()
    if do == "publish" and not anyway:
        sent = _content(id.strip(), locale, title, questions, body, tags)
        await foreseen.check(request, here, me, sent)

    def act(session: Session) -> str:
        if do == "publish":
            articles.bump_version(session)
        made = articles.create(
            session,
            id=id.strip() or free_id(session, title, secrets.randbelow(10**6)),
            locale=locale,
            title=title,
            questions=_lines(questions),
            body=body,
            tags=_tags(tags),
            author=me.agent.name,
        )
        _then(session, made, do, me)
        return made.id

    known = await here.store.run(act)
    said = say(SAID[do], me.lang, n=1)
    return frame.done(request, path(known, locale), said=said, go=True)


@router.get("/edit/{id}")
async def edit_page(
    request: Request,
    here: Here,
    me: Me,
    id: str,
    locale: Annotated[Locale | None, Query()] = None,
    ask: Annotated[str, Query(max_length=MAX_QUESTION)] = "",
    gap: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
) -> Response:
    """One article in one language, the other beside it, and its history.

    ``ask`` is a question to add, with all that is asked in ``gap``: they stand in the form
    already, and are not saved yet.
    """
    if me.curates:  # publishing asks the saved questions
        here.knowledge.warm()
    return await _editor(request, here, me, id=id, locale=locale, new=False, ask=ask, gap=gap)


@router.post("/edit/{id}")
async def save(
    request: Request,
    here: Here,
    me: Sender,
    id: str,
    locale: Annotated[Locale, Form()],
    revision: Annotated[int, Form(ge=1, le=2**31 - 1)],
    title: Text = "",
    questions: Text = "",
    tags: Text = "",
    body: Text = "",
    do: Do = "save",
    anyway: Text = "",
) -> Response:
    """Keep a revision, then have it reviewed or published if wanted.

    Whoever saved first is never overwritten: who comes second sees both texts. ``anyway``
    publishes whatever it breaks.
    """
    do = "publish" if anyway else do
    _may(me, do)
    here.knowledge.warm()
    if do == "publish" and not anyway:
        sent = _content(id, locale, title, questions, body, tags)
        await foreseen.check(request, here, me, sent)

    def act(session: Session) -> Article:
        if do == "publish":
            articles.bump_version(session)
        article = articles.update(
            session,
            id=id,
            locale=locale,
            revision=revision,
            author=me.agent.name,
            title=title,
            questions=_lines(questions),
            body=body,
            tags=_tags(tags),
        )
        _then(session, article, do, me)
        return article

    try:
        article = await here.store.run(act)
    except Conflict as error:
        if error.current_revision is None:
            raise
        mine = _content(id, locale, title, questions, body, tags)
        return await _overtaken(request, here, me, mine)
    editing.changed(here, id, locale)
    return frame.done(
        request,
        path(id, locale),
        said=say(SAID[do], me.lang, n=article.revision),
        fields={"revision": str(article.revision)},
    )


@router.post("/edit/{id}/retire")
async def retire(
    request: Request,
    here: Here,
    me: Curator,
    id: str,
    locale: Annotated[Locale, Form()],
    anyway: Text = "",
) -> Response:
    """Take it away from customers."""
    if not anyway:
        await foreseen.check_without(request, here, me, id, locale)

    def act(session: Session) -> None:
        articles.retire(session, id=id, locale=locale, author=me.agent.name)

    await here.store.run(act)
    editing.changed(here, id, locale)
    return frame.done(request, path(id, locale), said=say("said.retired", me.lang))


@router.post("/preview")
async def preview(request: Request, me: Sender, title: Text = "", body: Text = "") -> Response:
    """What customers will see, as a fragment."""
    made = frame.render("parts/preview", {"title": title, "html": rendering.to_html(body)})
    return HTMLResponse(made, headers=frame.HEADERS)


async def _editor(
    request: Request,
    here: Here,
    me: Viewer,
    *,
    id: str,
    locale: Locale | None,
    new: bool,
    mine: Content | None = None,
    ask: str = "",
    gap: int = 0,
) -> Response:
    def read(session: Session) -> dict[str, Any]:
        versions = _versions(session, id)
        if not new and not versions:
            raise NotFound(f"no article {id!r}")
        known = (one for one in (me.lang, "ko", "en") if one in versions)
        chosen: str = locale or next(known, "ko")
        if not new and chosen not in versions:
            raise NotFound(f"no article {id!r} in {chosen!r}")
        article = None if new else versions[chosen]
        beside = versions.get("en" if chosen == "ko" else "ko")
        log = () if article is None else articles.revisions(session, id=id, locale=chosen)
        fields = mine or (articles.content_of(article) if article is not None else None)
        one = " ".join(ask.replace("\x00", "").split())
        asked = gaps.wordings(session, gap, locale=chosen) or [one] * bool(one)
        if asked and new:
            fields = _content(id, chosen, "", one, "", "")
        elif fields is not None:
            asked = [one for one in asked if one not in fields.questions]
            fields = dataclasses.replace(fields, questions=(*fields.questions, *asked))
        return {
            "here": "articles",
            "id": id,
            "locale": chosen,
            "article": article,
            "fields": fields,
            "asked": asked,
            "versions": versions,
            "beside": beside,
            "beside_html": rendering.to_html(beside.body) if beside else "",
            "html": rendering.to_html(fields.body) if fields else "",
            "left_behind_at": article and history.left_behind_at(session, article),
            "log": log[:HISTORY],
            "unseen": article is not None and drafts.unseen(session, article),
            "movable": article is not None and drafts.movable(session, versions.values()),
            "overtaken": _both(article, log, mine) if mine and article else None,
        }

    return await frame.show(
        request,
        here,
        me,
        "article",
        read,
        parts=("article_state", "article_history"),
        status=409 if mine else 200,
    )


def _versions(session: Session, id: str) -> Mapping[str, Article]:
    return articles.versions(session, id=id) if id and "\x00" not in id else {}


async def _overtaken(request: Request, here: Here, me: Viewer, mine: Content) -> Response:
    """Somebody saved first: both texts, and the form as it was sent, now on the newest revision."""
    if not frame.by_script(request):
        locale: Locale = "en" if mine.locale == "en" else "ko"
        return await _editor(request, here, me, id=mine.id, locale=locale, new=False, mine=mine)

    def read(session: Session) -> tuple[str, dict[str, Any]]:
        article = articles.get(session, id=mine.id, locale=mine.locale)
        log = articles.revisions(session, id=mine.id, locale=mine.locale)
        values = {
            **frame.common(request, here, me.lang, me),
            "id": mine.id,
            "locale": mine.locale,
            "overtaken": _both(article, log, mine),
        }
        return frame.render("parts/article_conflict", values), values["overtaken"]

    fragment, both = await here.store.read(read)
    text = say("error.revision", me.lang, author=both["author"], revision=both["revision"])
    raise Problem(
        409,
        text,
        winner=both["author"],
        current_revision=both["revision"],
        html=fragment,
        link={"url": path(mine.id, mine.locale), "text": say("error.revision.open", me.lang)},
    )


def _both(article: Article, log: Sequence[Revision], mine: Content) -> dict[str, Any]:
    """What was saved meanwhile, by whom, and how it differs from ``mine``."""
    return {
        "author": log[0].author if log else "?",
        "revision": article.revision,
        "fields": history.compare(articles.content_of(article), mine),
    }


def _may(me: Viewer, do: str) -> None:
    """Raise :class:`Problem` for somebody who may write, but not publish."""
    if do == "publish":
        admin_only(me.agent)


def _then(session: Session, article: Article, do: str, me: Viewer) -> None:
    """What else was wanted with what was just saved."""
    author = me.agent.name
    if do == "publish":
        publishing.publish(session, id=article.id, locale=article.locale, author=author)
    elif do == "review":
        reviews.ask(session, id=article.id, locale=article.locale, author=author)


def place(shelf: str) -> dict[str, str]:
    """Where a page is: among the articles, and under which of their tabs."""
    return {"here": "articles", "shelf": shelf}


def seconds(took: float, lang: str) -> str:
    """A span of time as it is read, in ``lang``."""
    return say("fig.seconds", lang, n=round(took, 1 if took >= 1 else 2) or 0.01)


def _content(id: str, locale: str, title: str, questions: str, body: str, tags: str) -> Content:
    """A form as it was sent; nothing is checked yet."""
    return Content(
        id=id,
        locale=locale,
        title=" ".join(title.split()),
        questions=tuple(_lines(questions)),
        body=body.replace("\r\n", "\n").strip(),
        tags=tuple(_tags(tags)),
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _tags(text: str) -> list[str]:
    return [tag.strip() for tag in text.split(",") if tag.strip()]


def _locale(me: Viewer) -> Locale:
    return "en" if me.lang == "en" else "ko"


def path(id: str, locale: str) -> str:
    """The editor's address."""
    return f"/console/articles/edit/{quote(id, safe='')}?locale={locale}"
