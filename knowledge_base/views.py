"""How often articles are read in the help centre: counts by day, and nobody's name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from knowledge_base.misses import UTC, today
from knowledge_base.models import ArticleView

# Programs say who they are, more or less; people's browsers begin with "Mozilla/5.0 (".
_PROGRAM = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|scrape|headless|lighthouse|facebookexternalhit"
    r"|curl|wget|python|java/|go-http|okhttp|axios|node|libwww|monitor|pingdom|uptime",
    re.IGNORECASE,
)


def is_reader(headers: Mapping[str, str]) -> bool:
    """Whether a request looks like a person who opens a page; headers in lower case.

    Not a program that says so, nor a browser that fetches ahead what may never be looked at.
    """
    agent = headers.get("user-agent", "")
    ahead = (headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz", "x-purpose"))
    return (
        agent.startswith("Mozilla/")
        and not _PROGRAM.search(agent)
        and not any("prefetch" in one or "preview" in one for one in ahead)
    )


def count(session: Session, *, id: str, locale: str, zone: str = UTC) -> None:
    """One more view of an article on this day of ``zone``."""
    session.execute(
        insert(ArticleView)
        .values(article_id=id, locale=locale, day=today(zone), views=1)
        .on_conflict_do_update(
            index_elements=[ArticleView.article_id, ArticleView.locale, ArticleView.day],
            set_={"views": ArticleView.views + 1},
        )
    )
