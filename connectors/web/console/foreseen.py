"""Before something is published: which saved questions would no longer find their article."""

from __future__ import annotations

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.web.console import frame
from connectors.web.console.frame import Here, Viewer
from connectors.web.console.words import say
from connectors.web.problems import Problem
from knowledge_base import regressions
from knowledge_base.content import Content
from knowledge_base.models import Article


async def check(request: Request, here: Here, me: Viewer, content: Content) -> None:
    """Ask every saved question of what would be published.

    Raises :class:`Problem` (409, ``would_break``) with what gets worse, for the curator to decide.
    """
    if not content.title.strip():
        return
    saved = await here.store.read(regressions.saved)
    broken = await here.knowledge.foresee([content], saved)
    if not broken:
        return

    def read(session: Session) -> str:
        values = {
            **frame.common(request, here, me.lang, me),
            "broken": broken,
            "titles": titles(session, me.lang),
        }
        return frame.render("parts/foreseen", values)

    text = say("saved.breaks", me.lang, n=len(broken))
    raise Problem(
        409, f"{text} {say('saved.breaks.see', me.lang)}", code="would_break",
        html=await here.store.read(read),
    )  # fmt: skip


def titles(session: Session, lang: str) -> dict[str, str]:
    """Titles by id, in this language where there is one."""
    rows = session.execute(select(Article.id, Article.title).order_by(Article.locale == lang))
    return {row.id: row.title for row in rows}
