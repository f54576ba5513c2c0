"""The list of articles: what there is, in which states and languages, found by any of its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from connectors.web.console import frame
from connectors.web.console.articles import place
from connectors.web.console.frame import ConsoleRoute, Here, Me
from knowledge_base import articles, batches, catalogue, reviews
from knowledge_base.models import Article

State = Literal["", "draft", "review", "back", "published", "changed", "outdated", "retired"]
SHOWN = 50

router = APIRouter(prefix="/articles", route_class=ConsoleRoute)


@router.get("")
async def listing(
    request: Request,
    here: Here,
    me: Me,
    state: Annotated[State, Query()] = "",
    locale: Annotated[Literal["", "ko", "en"], Query()] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    order: Annotated[Literal["", "recent"], Query()] = "",
    page: Annotated[int, Query(ge=1, le=2**31 - 1)] = 1,
) -> Response:
    """All articles, one line for all languages of one."""
    wanted = q.replace("\x00", "").strip()

    def read(session: Session) -> dict[str, Any]:
        keys = catalogue.keys(
            session, wanted, state=state or None, locale=locale or None, recent=bool(order)
        )
        ids = list(dict.fromkeys(id for id, _ in keys))
        pages = max(1, -(-len(ids) // SHOWN))
        at = min(page, pages)
        shown = dict.fromkeys(ids[(at - 1) * SHOWN : at * SHOWN])
        rows: dict[str, dict[str, Article]] = {id: {} for id in shown}
        for article in catalogue.load(session, [key for key in keys if key[0] in shown]):
            rows[article.id][article.locale] = article
        sources = articles.sources(session, shown)
        keyed = [(id, locale) for id, versions in rows.items() for locale in versions]
        return {
            "rows": [_row(id, versions, me.lang, sources) for id, versions in rows.items()],
            "count": len(ids),
            "page": at,
            "pages": pages,
            "filter": {"state": state, "locale": locale, "q": wanted, "order": order},
            "states": get_args(State)[1:],
            "sample": batches.sample(session) if me.curates else None,
            "to_review": reviews.waiting(session) if me.curates and state != "review" else 0,
            "back": catalogue.sent_back(session, keyed),
            "sent_back": reviews.sent_back(session, to=me.agent.name) if state != "back" else 0,
            **place("articles"),
        }

    return await frame.show(request, here, me, "articles", read, parts=("articles",))


def _row(
    id: str,
    versions: Mapping[str, Article],
    lang: str,
    sources: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    first = versions.get(lang) or next(iter(versions.values()))
    source = next((sources[id, locale] for locale in versions if (id, locale) in sources), "")
    changed = max(one.updated_at for one in versions.values())
    return {
        "id": id, "first": first, "versions": versions, "source": source, "changed": changed,
    }  # fmt: skip
