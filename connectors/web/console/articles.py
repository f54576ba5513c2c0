"""The curators' place: find, edit, preview, publish and retire articles, try a question."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from connectors.phrases import language as language_of
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me, Sender, Viewer
from connectors.web.console.words import say
from connectors.web.problems import Problem
from knowledge_base import articles, catalogue, rendering
from knowledge_base.errors import Conflict, NotFound
from knowledge_base.models import Article

Locale = Literal["ko", "en"]
Text = Annotated[str, Form()]
HISTORY = 30

router = APIRouter(prefix="/articles", route_class=ConsoleRoute)


@router.get("")
async def listing(
    request: Request,
    here: Here,
    me: Me,
    state: Annotated[Literal["", "draft", "published", "retired"], Query()] = "",
    locale: Annotated[Literal["", "ko", "en"], Query()] = "",
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """All articles, one line for all languages of one."""
    wanted = q.replace("\x00", "").strip()

    def read(session: Session) -> dict[str, Any]:
        found = catalogue.find(session, wanted, state=state or None, locale=locale or None)
        rows: dict[str, dict[str, Article]] = {}
        for article in found:
            rows.setdefault(article.id, {})[article.locale] = article
        sources = articles.sources(session)
        return {
            "rows": [_row(id, versions, me.lang, sources) for id, versions in rows.items()],
            "filter": {"state": state, "locale": locale, "q": wanted},
            "here": "articles",
        }

    return await frame.show(request, here, me, "articles", read, parts=("articles",))


@router.get("/new")
async def new_page(
    request: Request,
    here: Here,
    me: Me,
    id: Annotated[str, Query(max_length=100)] = "",
    locale: Annotated[Locale | None, Query()] = None,
) -> Response:
    """An empty form; with an ``id``, for another language of that article."""
    return await _editor(request, here, me, id=id, locale=locale or _locale(me), new=True)


@router.post("/new")
async def create(
    request: Request,
    here: Here,
    me: Curator,
    id: Text = "",
    locale: Annotated[Locale, Form()] = "ko",
    title: Text = "",
    questions: Text = "",
    tags: Text = "",
    body: Text = "",
    do: Annotated[Literal["save", "publish"], Form()] = "save",
) -> Response:
    """A new draft, published at once if wanted."""
    here.knowledge.warm()

    def act(session: Session) -> None:
        if do == "publish":
            articles.bump_version(session)
        articles.create(
            session,
            id=id,
            locale=locale,
            title=title,
            questions=_lines(questions),
            body=body,
            tags=_tags(tags),
            author=me.agent.name,
        )
        if do == "publish":
            articles.publish(session, id=id.strip(), locale=locale, author=me.agent.name)

    await here.store.run(act)
    return frame.done(request, path(id.strip(), locale), go=True)


@router.get("/edit/{id}")
async def edit_page(
    request: Request,
    here: Here,
    me: Me,
    id: str,
    locale: Annotated[Locale | None, Query()] = None,
) -> Response:
    """One article in one language, the other beside it, and its history."""
    return await _editor(request, here, me, id=id, locale=locale, new=False)


@router.post("/edit/{id}")
async def save(
    request: Request,
    here: Here,
    me: Curator,
    id: str,
    locale: Annotated[Locale, Form()],
    revision: Annotated[int, Form(ge=1, le=2**31 - 1)],
    title: Text = "",
    questions: Text = "",
    tags: Text = "",
    body: Text = "",
    do: Annotated[Literal["save", "publish"], Form()] = "save",
) -> Response:
    """Keep a revision, publish it if wanted. Whoever saved first is never overwritten."""
    here.knowledge.warm()

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
        if do == "publish":
            articles.publish(session, id=id, locale=locale, author=me.agent.name)
        return article

    try:
        article = await here.store.run(act)
    except Conflict as error:
        raise await _overtaken(here, me, id, locale, error) from error
    key = "said.published" if do == "publish" else "said.saved"
    said = say(key, me.lang, n=article.revision)
    fields = {"revision": str(article.revision)}
    return frame.done(request, path(id, locale), said=said, fields=fields)


@router.post("/edit/{id}/retire")
async def retire(
    request: Request, here: Here, me: Curator, id: str, locale: Annotated[Locale, Form()]
) -> Response:
    """Take it away from customers."""

    def act(session: Session) -> None:
        articles.retire(session, id=id, locale=locale, author=me.agent.name)

    await here.store.run(act)
    return frame.done(request, path(id, locale), said=say("said.retired", me.lang))


@router.post("/preview")
async def preview(request: Request, me: Sender, title: Text = "", body: Text = "") -> Response:
    """What customers will see, as a fragment."""
    made = frame.render("parts/preview", {"title": title, "html": rendering.to_html(body)})
    return HTMLResponse(made, headers=frame.HEADERS)


@router.get("/try")
async def try_page(
    request: Request,
    here: Here,
    me: Me,
    q: Annotated[str, Query(max_length=4000)] = "",
    locale: Annotated[Literal["", "ko", "en"], Query()] = "",
) -> Response:
    """Ask as a customer would, and see everything the answer was chosen from."""
    here.knowledge.warm()
    asked = q.strip()
    tried: dict[str, Any] = {}
    if asked:
        used = locale or language_of(asked, _locale(me))
        began = time.perf_counter()
        outcome = await here.knowledge.ask(asked, locale=used)
        kind = type(outcome).__name__.lower()
        tried = {
            "outcome": kind,
            "locale": used,
            "text": getattr(outcome, "text", ""),
            "choices": getattr(outcome, "choices", ()),
            "candidates": outcome.candidates,
            "took": _seconds(time.perf_counter() - began),
        }

    def read(session: Session) -> dict[str, Any]:
        return {"q": q, "locale": locale, "tried": tried, "here": "articles"}

    return await frame.show(request, here, me, "try", read)


async def _editor(
    request: Request, here: Here, me: Viewer, *, id: str, locale: Locale | None, new: bool
) -> Response:
    def read(session: Session) -> dict[str, Any]:
        versions = articles.versions(session, id=id) if id and "\x00" not in id else {}
        if not new and not versions:
            raise NotFound(f"no article {id!r}")
        known = (one for one in (me.lang, "ko", "en") if one in versions)
        chosen: str = locale or next(known, "ko")
        if not new and chosen not in versions:
            raise NotFound(f"no article {id!r} in {chosen!r}")
        article = None if new else versions[chosen]
        beside = versions.get("en" if chosen == "ko" else "ko")
        log: Sequence[Any] = () if new else articles.revisions(session, id=id, locale=chosen)
        return {
            "here": "articles",
            "id": id,
            "locale": chosen,
            "article": article,
            "versions": versions,
            "beside": beside,
            "beside_html": rendering.to_html(beside.body) if beside else "",
            "html": rendering.to_html(article.body) if article else "",
            "log": sorted(log, key=lambda one: -one.seq)[:HISTORY],
            "readonly": not me.curates,
        }

    return await frame.show(
        request, here, me, "article", read, parts=("article_state", "article_history")
    )


async def _overtaken(here: Here, me: Viewer, id: str, locale: str, error: Conflict) -> Exception:
    """The conflict, with the name of who saved first."""
    if error.current_revision is None:
        return error
    log = await here.store.read(articles.revisions, id=id, locale=locale)
    newest = max(log, key=lambda one: one.seq, default=None)
    author = newest.author if newest else "?"
    text = say("error.revision", me.lang, author=author, revision=error.current_revision)
    return Problem(
        409,
        text,
        winner=author,
        current_revision=error.current_revision,
        link={"url": path(id, locale), "text": say("error.revision.open", me.lang)},
    )


def _row(
    id: str,
    versions: Mapping[str, Article],
    lang: str,
    sources: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    first = versions.get(lang) or next(iter(versions.values()))
    source = next((sources[id, locale] for locale in versions if (id, locale) in sources), "")
    return {"id": id, "first": first, "versions": versions, "source": source}


def _seconds(took: float) -> str:
    return f"{took * 1000:.0f} ms" if took < 1 else f"{took:.1f} s"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _tags(text: str) -> list[str]:
    return [tag.strip() for tag in text.split(",") if tag.strip()]


def _locale(me: Viewer) -> Locale:
    return "en" if me.lang == "en" else "ko"


def path(id: str, locale: str) -> str:
    """The editor's address."""
    return f"/console/articles/edit/{quote(id, safe='')}?locale={locale}"
