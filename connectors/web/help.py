"""The public help centre: what is published, to browse, to search and to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from connectors.web.gateway import Gateway, gateway
from connectors.web.pages import page, page_language
from knowledge_base import rendering
from knowledge_base.models import Article, Revision

Here = Annotated[Gateway, Depends(gateway)]

router = APIRouter(prefix="/help", include_in_schema=False)

WORDS = {
    "ko": {
        "title": "도움말 센터",
        "lead": "무엇을 도와드릴까요?",
        "search": "궁금한 것을 적어 보세요",
        "find": "찾기",
        "found": "‘{q}’에 대한 도움말",
        "unfound": "‘{q}’에 맞는 도움말을 찾지 못했어요",
        "unfound_say": "다른 말로 찾아보거나 채팅으로 물어보세요. 상담원도 함께 도와드려요.",
        "empty": "아직 게시된 도움말이 없어요",
        "empty_say": "궁금한 점은 채팅으로 물어보세요.",
        "other": "기타",
        "all": "도움말 전체",
        "ask": "채팅으로 물어보기",
        "more": "더 궁금한 점이 있나요?",
        "more_say": "채팅으로 바로 물어보세요. 필요하면 상담원이 이어서 도와드려요.",
        "related": "함께 보면 좋은 도움말",
        "only_in": "이 도움말은 아직 한국어로 준비되지 않아 영어로 보여 드려요.",
        "missing": "이 도움말은 없거나 더는 제공하지 않아요",
        "missing_say": "찾는 내용을 적어 보거나 채팅으로 물어보세요.",
        "home": "처음으로",
        "skip": "본문으로 건너뛰기",
        "language": "언어",
    },
    "en": {
        "title": "Help centre",
        "lead": "How can we help?",
        "search": "What would you like to know?",
        "find": "Search",
        "found": "Help for “{q}”",
        "unfound": "We found nothing for “{q}”",
        "unfound_say": "Try other words, or ask in the chat. A person can help there, too.",
        "empty": "No help articles yet",
        "empty_say": "Please ask in the chat.",
        "other": "More",
        "all": "All help",
        "ask": "Ask in the chat",
        "more": "Still have a question?",
        "more_say": "Ask in the chat. If needed, a person takes over from there.",
        "related": "You may also want to read",
        "only_in": "This article is not available in English yet, so it is shown in Korean.",
        "missing": "This article does not exist any more",
        "missing_say": "Search for what you need, or ask in the chat.",
        "home": "Home",
        "skip": "Skip to content",
        "language": "Language",
    },
}
SHOWN = 20
RELATED = 4
_TOKEN = re.compile(r"[0-9a-z]+|[가-힣]+")
# A title that matches says more than a sentence of the text that does.
_WEIGHTS = (("title", 4.0), ("questions", 3.0), ("tags", 2.0), ("body", 1.0))
_ENOUGH = 0.34
_PARTICLES = "은는이가을를의에로도와과만"


@router.get("")
async def centre(
    request: Request, here: Here, q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Everything published in one language, by subject; or what matches ``q``."""
    lang = page_language(request)
    wanted = q.replace("\x00", "").strip()

    def read(session: Session) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
        found = published(session, locale=lang)
        return by_subject(found, lang), search(found, wanted) if wanted else []

    groups, results = await here.store.read(read)
    return _page(request, "centre", lang, q=wanted, groups=groups, results=results)


@router.get("/{id}")
async def article(request: Request, here: Here, id: str) -> Response:
    """One article in the asked language, else in the one it has."""
    lang = page_language(request)
    other = "en" if lang == "ko" else "ko"

    def read(session: Session) -> dict[str, Any] | None:
        versions = {one["locale"]: one for one in published(session, id=id)}
        found = versions.get(lang) or versions.get(other)
        if found is None:
            return None
        near = [
            one
            for one in published(session, locale=found["locale"])
            if one["id"] != id and one["tags"][:1] == found["tags"][:1] and one["tags"]
        ]
        return {
            "article": found,
            "html": rendering.to_html(found["body"]),
            "related": near[:RELATED],
        }

    values = await here.store.read(read) if "\x00" not in id else None
    if values is None:
        return _page(request, "missing", lang, status=404)
    return _page(request, "article", lang, **values)


def published(
    session: Session, *, locale: str | None = None, id: str | None = None
) -> list[dict[str, Any]]:
    """What customers may see: the published revisions, never the working copies."""
    query = (
        select(Article.id, Article.locale, Article.updated_at, Revision.content)
        .join(
            Revision,
            (Revision.article_id == Article.id)
            & (Revision.locale == Article.locale)
            & (Revision.revision == Article.published_revision),
        )
        .where(Article.state == "published")
        .ext(distinct_on(Article.id, Article.locale))
        .order_by(Article.id, Article.locale, Revision.seq.desc())
    )
    if locale is not None:
        query = query.where(Article.locale == locale)
    if id is not None:
        query = query.where(Article.id == id)
    return [
        {"id": row.id, "locale": row.locale, "updated_at": row.updated_at, **row.content}
        for row in session.execute(query)
    ]


def by_subject(found: Sequence[dict[str, Any]], lang: str) -> dict[str, list[dict[str, Any]]]:
    """Articles under their first tag, the largest subject first; those without one at the end."""
    groups: dict[str, list[dict[str, Any]]] = {}
    rest: list[dict[str, Any]] = []
    for one in found:
        (groups.setdefault(one["tags"][0], []) if one["tags"] else rest).append(one)
    ordered = dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))
    return {**ordered, WORDS[lang]["other"]: rest} if rest else ordered


def search(found: Sequence[dict[str, Any]], question: str) -> list[dict[str, Any]]:
    """The articles that hold most of the question, best first; good enough to find, not to answer.

    Korean words are compared by pairs of syllables, so that particles and endings matter little.
    """
    units = _units(question)
    scored = []
    for one in found:
        texts = {
            "title": one["title"].lower(),
            "questions": "\n".join(one["questions"]).lower(),
            "tags": "\n".join(one["tags"]).lower(),
            "body": one["body"].lower(),
        }
        held = sum(any(unit in text for text in texts.values()) for unit in units)
        if units and held / len(units) >= _ENOUGH:
            score = sum(
                weight for unit in units for name, weight in _WEIGHTS if unit in texts[name]
            )
            scored.append((-score, one["id"], one))
    return [one for _, _, one in sorted(scored, key=lambda item: item[:2])][:SHOWN]


def _units(question: str) -> list[str]:
    units: list[str] = []
    for token in _TOKEN.findall(question.lower()):
        if token.isascii():
            units.append(token.removesuffix("s") if len(token) > 3 else token)
        elif len(token) == 1:
            units.append(token)
        else:
            word = token[:-1] if len(token) > 2 and token[-1] in _PARTICLES else token
            units += [word[at : at + 2] for at in range(len(word) - 1)]
    return list(dict.fromkeys(units))


def _page(request: Request, name: str, lang: str, status: int = 200, **values: Any) -> Response:
    def t(key: str, **filled: str) -> str:
        return WORDS[lang][key].format(**filled) if filled else WORDS[lang][key]

    shared = {"lang": lang, "t": t, "path": request.url.path, "q": "", **values}
    return page(request, f"help/{name}.html", status, **shared)
