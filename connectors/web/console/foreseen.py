"""Before something is published or retired: which saved questions would do worse, and which links
would lead nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.web.console import frame
from connectors.web.console.frame import Here, Viewer
from connectors.web.console.words import say
from connectors.web.problems import Problem
from knowledge_base import catalogue, regressions
from knowledge_base.content import Content
from knowledge_base.models import Article
from knowledge_base.regressions import Result


async def check(request: Request, here: Here, me: Viewer, content: Content) -> None:
    """Ask every saved question of what would be published.

    Raises :class:`Problem` (409, ``would_break``) with what gets worse, for the curator to decide.
    """
    if not content.title.strip():
        return
    saved = await here.store.read(regressions.saved)
    broken = await here.knowledge.foresee([content], saved)
    await _decide(request, here, me, broken, "saved.breaks")


async def check_without(request: Request, here: Here, me: Viewer, id: str, locale: str) -> None:
    """Ask every saved question as if this article were gone, and look who leads there; raises as
    :func:`check` does."""
    saved = await here.store.read(regressions.saved)
    broken = await here.knowledge.foresee([], saved, gone=[(id, locale)])
    leading = await here.store.read(_leading, id)
    await _decide(request, here, me, broken, "saved.loses", leading)


def _leading(session: Session, id: str) -> list[dict[str, str]]:
    found = catalogue.leading_to(session, id)
    return [{"id": one.id, "locale": one.locale, "title": one.title} for one in found]


async def _decide(
    request: Request,
    here: Here,
    me: Viewer,
    broken: Sequence[tuple[Result, Result]],
    what: str,
    leading: Sequence[dict[str, str]] = (),
) -> None:
    """Refuse with what gets worse, and a button for all the same; ``what`` names its words."""
    if not (broken or leading):
        return

    def read(session: Session) -> str:
        values = {
            **frame.common(request, here, me.lang, me),
            "broken": broken,
            "what": what,
            "leading": leading,
            "titles": titles(session, me.lang),
        }
        return frame.render("parts/foreseen", values)

    found = [(what, len(broken)), ("article.led_to", len(leading))]
    text = " ".join(say(key, me.lang, n=n) for key, n in found if n)
    raise Problem(
        409, f"{text} {say('saved.breaks.see', me.lang)}", code="would_break",
        html=await here.store.read(read),
    )  # fmt: skip


def titles(session: Session, lang: str) -> dict[str, str]:
    """Titles by id, in this language where there is one."""
    rows = session.execute(select(Article.id, Article.title).order_by(Article.locale == lang))
    return {row.id: row.title for row in rows}
