"""The knowledge base for programs: ask it, and curate it with an admin's or lead's token."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session

from connectors import publishing
from connectors.phrases import language
from connectors.web.auth import admin_only, api_agent
from connectors.web.chat import check_text
from connectors.web.gateway import Gateway, gateway
from connectors.web.problems import Problem
from knowledge_base import articles, catalogue, regressions
from knowledge_base.content import Content
from knowledge_base.errors import NotFound
from knowledge_base.models import Article
from knowledge_base.regressions import Saved
from ticketing.models import Agent

Locale = Literal["ko", "en"]


async def warmed(here: Annotated[Gateway, Depends(gateway)]) -> Gateway:
    """The gateway, which begins to load its index when somebody comes this way."""
    here.knowledge.warm()
    return here


async def curator(me: Annotated[Agent, Depends(api_agent)]) -> Agent:
    """An agent who may change articles; 403 for others."""
    admin_only(me)
    return me


Here = Annotated[Gateway, Depends(warmed)]
Me = Annotated[Agent, Depends(api_agent)]
Curator = Annotated[Agent, Depends(curator)]
Which = Annotated[Locale | None, Query(description="Needed only where an id has both languages")]

router = APIRouter(prefix="/api/kb", tags=["knowledge base"])


class Question(BaseModel):
    """What a customer might ask."""

    question: str = Field(min_length=1, max_length=4000)
    locale: Locale | None = None

    @field_validator("question")
    @classmethod
    def storable(cls, value: str) -> str:
        """As for customers."""
        check_text(value)
        return value


class NewArticle(BaseModel):
    """A whole article. Lengths and characters are checked by the knowledge base itself."""

    model_config = ConfigDict(extra="forbid")
    id: str
    locale: Locale = "ko"
    title: str
    questions: list[str] = []
    tags: list[str] = []
    body: str


class Changes(BaseModel):
    """What is left out stays. ``revision`` is the one the changes start from: 409 if it passed."""

    model_config = ConfigDict(extra="forbid")
    id: str | None = None
    locale: Locale | None = None
    revision: int | None = Field(default=None, ge=1, le=2**31 - 1)
    title: str | None = None
    questions: list[str] | None = None
    tags: list[str] | None = None
    body: str | None = None


class Target(BaseModel):
    """Which language, and which revision was looked at."""

    model_config = ConfigDict(extra="ignore")
    locale: Locale | None = None
    revision: int | None = Field(default=None, ge=1, le=2**31 - 1)


@router.post("/ask")
async def ask(here: Here, me: Me, body: Question) -> dict[str, Any]:
    """What a customer would get for this question."""
    locale = body.locale or language(body.question, "ko")
    outcome = await here.knowledge.ask(body.question, locale=locale)
    candidates = [
        {"article": one.article, "title": one.title, "score": one.score}
        for one in outcome.candidates
    ]
    kind = type(outcome).__name__.lower()
    return {
        "outcome": kind,
        "article": candidates[0]["article"] if kind == "answer" else None,
        "score": candidates[0]["score"] if candidates else 0.0,
        "candidates": candidates,
    }


@router.get("/articles")
async def list_articles(
    here: Here,
    me: Me,
    state: Literal["draft", "review", "published", "retired"] | None = None,
    locale: Locale | None = None,
    tag: Annotated[str | None, Query(max_length=50)] = None,
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> dict[str, Any]:
    """Working copies, by id and locale."""

    def read(session: Session) -> list[dict[str, Any]]:
        found = catalogue.find(
            session,
            search,
            state=state,
            locale=locale,
            tag=None if tag is None else tag.replace("\x00", ""),
            limit=limit,
            offset=offset,
        )
        return [show(article) for article in found]

    return {"articles": await here.store.read(read)}


@router.post("/articles", status_code=201)
async def create(here: Here, me: Curator, body: NewArticle) -> dict[str, Any]:
    """A new draft; customers see it after it is published. 409 if the id is taken."""

    def act(session: Session) -> dict[str, Any]:
        return show(articles.create(session, **body.model_dump(), author=me.name))

    return await here.store.run(act)


@router.get("/articles/{id}")
async def one(here: Here, me: Me, id: str, locale: Which = None) -> dict[str, Any]:
    """An article's working copy, with the log of its revisions."""

    def read(session: Session) -> dict[str, Any]:
        chosen = locale or _locales(session, id)[0]
        found = show(articles.get(session, id=id, locale=chosen))
        found["revisions"] = [
            {
                "revision": entry.revision,
                "action": entry.action,
                "author": entry.author,
                "at": entry.at.isoformat(),
            }
            for entry in articles.revisions(session, id=id, locale=chosen)
        ]
        return found

    return await here.store.read(read)


@router.put("/articles/{id}")
async def change(
    here: Here, me: Curator, id: str, body: Changes, locale: Which = None
) -> dict[str, Any]:
    """Save a new revision of the working copy; customers see it after it is published."""
    if body.id not in (None, id):
        raise Problem(422, "an article keeps its id; make a new one and retire this")

    def act(session: Session) -> dict[str, Any]:
        article = articles.update(
            session,
            id=id,
            locale=_the_one(session, id, body.locale or locale),
            revision=body.revision,
            author=me.name,
            title=body.title,
            questions=body.questions,
            body=body.body,
            tags=body.tags,
        )
        return show(article)

    return await here.store.run(act)


@router.post("/articles/{id}/publish")
async def publish(
    here: Here, me: Curator, id: str, body: Target | None = None, locale: Which = None
) -> dict[str, Any]:
    """Show the working copy to customers, within seconds; without a locale, every language.

    ``breaks`` are saved questions that find less than before.
    """
    target = body or Target()
    breaks = await _breaks(here, id, target.locale or locale)

    def act(session: Session) -> list[dict[str, Any]]:
        articles.bump_version(session)  # first of all locks, as the knowledge base wants it
        wanted = target.locale or locale
        return [
            show(
                publishing.publish(
                    session, id=id, locale=each, author=me.name, revision=target.revision
                )
            )
            for each in ([wanted] if wanted else _locales(session, id))
        ]

    return _one_or_all(await here.store.run(act)) | {"breaks": breaks}


async def _breaks(here: Gateway, id: str, locale: str | None) -> list[dict[str, Any]]:
    """Saved questions that would find less if the working copies were published."""

    def read(session: Session) -> tuple[list[Content], list[Saved]]:
        saved = regressions.saved(session)
        wanted = ([locale] if locale else _locales(session, id)) if saved else []
        found = (articles.get(session, id=id, locale=each) for each in wanted)
        return [articles.content_of(one) for one in found], saved

    contents, saved = await here.store.read(read)
    return [regressions.as_json(*pair) for pair in await here.knowledge.foresee(contents, saved)]


@router.post("/articles/{id}/retire")
async def retire(
    here: Here, me: Curator, id: str, body: Target | None = None, locale: Which = None
) -> dict[str, Any]:
    """Take it away from customers; it is kept. Without a locale, every language."""
    target = body or Target()

    def act(session: Session) -> list[dict[str, Any]]:
        articles.bump_version(session)
        wanted = target.locale or locale
        return [
            show(articles.retire(session, id=id, locale=each, author=me.name))
            for each in ([wanted] if wanted else _locales(session, id))
        ]

    return _one_or_all(await here.store.run(act))


def show(article: Article) -> dict[str, Any]:
    """A working copy as JSON."""
    return {
        "id": article.id,
        "locale": article.locale,
        "state": article.state,
        "title": article.title,
        "questions": article.questions,
        "tags": article.tags,
        "body": article.body,
        "revision": article.revision,
        "published_revision": article.published_revision,
        "updated_at": article.updated_at.isoformat(),
    }


def _locales(session: Session, id: str) -> list[str]:
    """The languages an id has, Korean first. Raises :class:`NotFound` where there is none."""
    found = {} if "\x00" in id else articles.versions(session, id=id)
    if not found:
        raise NotFound(f"no article {id!r}")
    return [locale for locale in articles.LOCALES if locale in found]


def _the_one(session: Session, id: str, locale: str | None) -> str:
    if locale is not None:
        return locale
    found = _locales(session, id)
    if len(found) > 1:
        raise Problem(422, f"article {id!r} has {' and '.join(found)}: say which locale")
    return found[0]


def _one_or_all(done: list[dict[str, Any]]) -> dict[str, Any]:
    return done[0] if len(done) == 1 else {"id": done[0]["id"], "articles": done}
