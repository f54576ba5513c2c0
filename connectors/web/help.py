"""The public help centre: what is published, to browse, to search, to read and to vote on."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from pydantic import AfterValidator
from sqlalchemy.orm import Session

from connectors.web import help_data
from connectors.web import shelf as published
from connectors.web.auth import Throttle, place
from connectors.web.console.frame import same_origin
from connectors.web.gateway import Gateway, gateway
from connectors.web.help_words import WORDS
from connectors.web.pages import PageRoute, page, page_language
from connectors.web.problems import Problem
from connectors.web.readers import missed, viewed
from connectors.web.shelf import Entry, Shelf
from knowledge_base import articles, drafts, initials, pictures, spelling, votes
from knowledge_base.errors import NotFound
from ticketing import accesses

Here = Annotated[Gateway, Depends(gateway)]
# Who pastes a letter into the field is no reason for an error.
Asked = Annotated[str, AfterValidator(lambda typed: typed[:MOST_TYPED])]
Lang = Literal["ko", "en"]

MOST_TYPED = 200
VISITOR_COOKIE = "sangdam_visitor"
RELATED = 4
A_PAGE = 50  # articles of a subject
SUGGESTED = 6
FOUND = 5
NEAREST = 3
# Less likely than this an article is none that anybody could have meant.
NEAR = 0.2
DESCRIPTION = 155
# New visitors who vote from one address in an hour; a shop's proxy may be that address.
VOTERS = 300

# A whole sentence in one word: 배송비얼마예요, 반품하고싶은데요.
_ASKED = re.compile(r"[가-힣]{3,}[요까죠](?=[?!.]*$)")

router = APIRouter(include_in_schema=False, route_class=PageRoute)


async def shelf(request: Request, here: Here) -> Shelf:
    """What is published now: read again only when something was published or retired."""
    kept: Shelf | None = getattr(request.app.state, "shelf", None)
    version, zone = await here.store.glance(_current)
    if kept is None or (kept.version, kept.zone) != (version, zone):
        kept = await here.store.read(published.read)
        request.app.state.shelf = kept
    return kept


OnShelf = Annotated[Shelf, Depends(shelf)]


def _current(session: Session) -> tuple[int, str]:
    """Which version of the articles there is, and where the desk is, whose days they are of."""
    return articles.published_version(session), accesses.zone(session)


@router.get("/help")
async def centre(
    request: Request,
    here: Here,
    on: OnShelf,
    q: Asked = "",
    category: Asked = "",
    page: Annotated[int, Query(ge=1, le=2**31 - 1)] = 1,
) -> Response:
    """Everything published in one language, by subject; one subject, a page at a time; or what
    matches ``q``."""
    lang = page_language(request)
    wanted = q.replace("\x00", "").strip()
    subjects = on.subjects(lang)
    if without := subjects.pop("", []):
        other = WORDS[lang]["other"]
        subjects[other] = [*subjects.get(other, []), *without]
    chosen = category.replace("\x00", "").strip()
    pages = -(-len(subjects.get(chosen, [])) // A_PAGE) if chosen else 1
    if page > pages:
        return _page(request, here, "missing", lang, status=404)
    keep = {"category": chosen} if chosen else {}
    first = (page - 1) * A_PAGE
    shown = subjects.get(chosen, [])[first : first + A_PAGE]
    typed, wanted = wanted, await meant(here, on, wanted, lang)
    results, near = await search(here, on, wanted, lang)
    answer = _page(
        request,
        here,
        "centre",
        lang,
        q=wanted,
        subjects={} if chosen else subjects,
        category=chosen,
        shown=shown,
        count=len(subjects.get(chosen, [])),
        number=page,
        pages=pages,
        nearby=sorted({1, pages} | {*range(max(page - 1, 1), min(page + 1, pages) + 1)}),
        results=results,
        near=near,
        elsewhere=0 if results else len(on.search(typed, "en" if lang == "ko" else "ko")),
        index=not wanted,
        canonical=help_data.url_of(
            request, here, "/help", lang=lang, **keep, **({"page": str(page)} if page > 1 else {})
        ),
        # Subjects are words of one language; the other has its own.
        alternates={}
        if chosen
        else {one: help_data.url_of(request, here, "/help", lang=one) for one in WORDS},
        data=help_data.list_data(request, here, shown, first=first + 1) if chosen else None,
    )
    # As long as the bot is not loaded, what it knows is not found.
    wanting = typed and not results and not initials.asked(typed)
    if wanting and request.method == "GET" and here.knowledge.free:
        answer.background = missed(request, here, typed, lang)
    return answer


@router.get("/help/suggest/{lang}")
async def suggest(here: Here, on: OnShelf, lang: Lang, q: Asked = "") -> Response:
    """What somebody who is typing may mean."""
    typed = await meant(here, on, q.replace("\x00", ""), lang)
    found = on.search(typed, lang, limit=SUGGESTED)
    return JSONResponse(
        {
            "results": [
                {
                    "title": one.title,
                    "url": help_data.path(one),
                    "category": one.tags[0] if one.tags else "",
                }
                for one in found
            ]
        },
        headers={"Cache-Control": "no-cache", "X-Robots-Tag": "noindex"},
    )


@router.get("/help/{id}")
async def article(
    request: Request,
    here: Here,
    on: OnShelf,
    id: str,
    voted: Annotated[Literal["", "yes", "no"], Query()] = "",
) -> Response:
    """One article in the asked language, else in the one it has."""
    lang = page_language(request)
    found = on.get(id, lang) or on.get(id, "en" if lang == "ko" else "ko")
    if found is None:
        # Other articles may have a link to where it was while it was written.
        to = await here.store.read(drafts.moved_to, id=id)
        if to is not None and (on.get(to, "ko") or on.get(to, "en")):
            there = f"/help/{quote(to, safe='')}"
            asked = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{there}{asked}", status_code=307)
        return _page(request, here, "missing", lang, status=404)
    subject = found.tags[0] if found.tags else ""
    near = [one for one in on.subjects(found.locale).get(subject, []) if one is not found]
    versions = [one for one in (on.get(id, locale) for locale in WORDS) if one is not None]
    answer = _page(
        request,
        here,
        "article",
        lang,
        article=found,
        description=_short(found.plain),
        related=near[:RELATED] if subject else [],
        voted=voted,
        day=found.published_at.astimezone(ZoneInfo(on.zone)).date().isoformat(),
        canonical=help_data.url_of(request, here, help_data.path(found)),
        alternates={
            one.locale: help_data.url_of(request, here, help_data.path(one)) for one in versions
        },
        data=help_data.article_data(request, here, found),
    )
    if request.method == "GET":
        answer.background = viewed(request, here, found)
    return answer


@router.post("/help/{id}/vote")
async def vote(
    request: Request,
    here: Here,
    id: str,
    locale: Annotated[Lang, Form()],
    helpful: Annotated[Literal["yes", "no"], Form()],
) -> Response:
    """Whether it helped; one vote a visitor, which they may change."""
    same_origin(request)
    visitor = request.cookies.get(VISITOR_COOKIE, "")
    if not 20 <= len(visitor) <= 100:
        visitor = secrets.token_urlsafe(24)
        _throttle(request).begin(place(request))
    known = hmac.new(here.secret, f"visitor:{visitor}".encode(), hashlib.sha256).digest()
    try:
        await here.store.run(
            votes.cast, id=id, locale=locale, visitor=known, helpful=helpful == "yes"
        )
    except NotFound:
        raise Problem(404, "there is no such article") from None
    answer: Response
    if "application/json" in request.headers.get("accept", ""):
        answer = JSONResponse({"helpful": helpful == "yes"})
    else:
        back = f"/help/{quote(id, safe='')}?{urlencode({'lang': locale, 'voted': helpful})}#vote"
        answer = RedirectResponse(back, status_code=303)
    answer.set_cookie(
        VISITOR_COOKIE,
        visitor,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/help",
    )
    return answer


@router.get("/help/pictures/{id}")
async def picture(request: Request, here: Here, id: str) -> Response:
    """A picture of an article. What an address shows never changes."""
    found = await here.store.read(pictures.get, id.replace("\x00", ""))
    headers = {
        "Content-Disposition": "inline",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=31536000, immutable",
        "ETag": f'"{found.sha256.hex()}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(found.size)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, found.size, pictures.PIECE):
            yield await here.store.read(pictures.piece, found.id, start=start)

    return StreamingResponse(pieces(), media_type=found.media_type, headers=headers)


@router.get("/sitemap.xml")
async def sitemap(request: Request, here: Here, on: OnShelf) -> Response:
    """Every page of the help centre, with its other language, for search engines."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    homes = {lang: help_data.url_of(request, here, "/help", lang=lang) for lang in WORDS}
    lines += [help_data.map_entry(url, homes) for url in homes.values()]
    for one in on.entries:
        both = [found for lang in WORDS if (found := on.get(one.id, lang)) is not None]
        urls = {each.locale: help_data.url_of(request, here, help_data.path(each)) for each in both}
        lines.append(help_data.map_entry(urls[one.locale], urls, one.published_at))
    return Response("\n".join([*lines, "</urlset>\n"]), media_type="application/xml")


@router.get("/robots.txt")
async def robots(request: Request, here: Here) -> Response:
    """Where search engines may look."""
    places = "".join(f"Disallow: {path}\n" for path in ("/console", "/api/", "/chat/", "/help?*q="))
    where = help_data.url_of(request, here, "/sitemap.xml")
    return PlainTextResponse(f"User-agent: *\n{places}Sitemap: {where}\n")


async def meant(here: Gateway, on: Shelf, typed: str, lang: str) -> str:
    """What was typed; if that finds nothing, what does: in Korean what was typed on an English
    keyboard, whose last letter may begin a syllable that is not there yet, or without its slips."""
    if on.search(typed, lang):
        return typed
    readings = (spelling.in_korean(one) for one in (typed, typed[:-1]))
    if korean := next((one for one in readings if one and on.search(one, lang)), ""):
        return korean
    mended = await here.knowledge.corrected(typed) if here.knowledge.free else typed
    return mended if on.search(mended, lang) else typed


async def search(
    here: Gateway, on: Shelf, q: str, lang: str
) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """What there is on ``q``, best first; if that is nothing, what may have been meant.

    One word that is there is looked up. All else is a question, of which the bot's decision holds:
    where it knows no answer, articles that only share some words are none either. But a Korean
    question may be one word, and what holds most of that is better than none. Nobody waits for the
    bot to be loaded.
    """
    held = on.search(q, lang)
    if initials.asked(q):
        return held, []
    one_word = len(q.split()) < 2
    if not q or (one_word and held and not _ASKED.search(q)):
        return held, []
    if not here.knowledge.free:
        here.knowledge.warm()
        return held[:FOUND], []
    outcome = await here.knowledge.ask(q, locale=lang, patient=False)
    likely = [
        one
        for best in outcome.candidates
        if best.score >= NEAR and (one := on.get(best.article, lang)) is not None
    ]
    if type(outcome).__name__ == "Unknown" and one_word and held:
        return held[:FOUND], []
    if type(outcome).__name__ == "Unknown":
        return [], likely[:NEAREST]
    return list(dict.fromkeys([*likely, *held]))[:FOUND], []


def _short(plain: str) -> str:
    words = " ".join(plain.split())
    return words if len(words) <= DESCRIPTION else words[: DESCRIPTION - 1].rstrip() + "…"


def _throttle(request: Request) -> Throttle:
    state = request.app.state
    if not hasattr(state, "voters"):
        state.voters = Throttle(limit=VOTERS, window_s=3600.0)
    found: Throttle = state.voters
    return found


def _page(
    request: Request, here: Gateway, name: str, lang: str, status: int = 200, **values: Any
) -> Response:
    def t(key: str, **filled: object) -> str:
        return WORDS[lang][key].format(**filled) if filled else WORDS[lang][key]

    shared = {
        "lang": lang,
        "t": t,
        "shop": here.settings.names()[lang],
        "title": help_data.title(here, lang),
        "path": request.url.path,
        "q": "",
        "index": status == 200,
        "description": t("description"),
        "alternates": {},
        "canonical": "",
        "data": None,
        "category": "",
        **values,
    }
    response = page(request, f"help/{name}.html", status, **shared)
    response.headers["Vary"] = "Accept-Language"
    return response
