"""Try a question as a customer would ask it: what they get, and why, and what would change it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from connectors import gaps
from connectors.phrases import language as language_of
from connectors.rasa import RasaFailed, Reply
from connectors.web.console import articles as shelf
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Me

if TYPE_CHECKING:
    from knowledge_base.explain import Explanation
    from knowledge_base.search import Index

router = APIRouter(prefix="/articles", route_class=ConsoleRoute)


@router.get("/try")
async def try_page(
    request: Request,
    here: Here,
    me: Me,
    q: Annotated[str, Query(max_length=4000)] = "",
    locale: Annotated[Literal["", "ko", "en"], Query()] = "",
    gap: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
) -> Response:
    """Ask as a customer would, and see everything the answer was chosen from.

    A question of a ``gap`` is added to an article with all others of it.
    """
    here.knowledge.warm()
    asked = q.replace("\x00", "").strip()
    tried: dict[str, Any] = {}
    # Our script fetches the bar of places alone, many times an hour: nobody asked anew.
    if asked and not frame.by_script(request):
        used = locale or language_of(asked, "en" if me.lang == "en" else "ko")
        began = time.perf_counter()

        def look(index: Index) -> tuple[Explanation, bool, str]:
            from knowledge_base import text
            from knowledge_base.explain import explain

            found = explain(index, asked, locale=used)
            heard = text.normalise(found.asked) != text.normalise(asked)
            # Korean may have been typed on an English keyboard.
            spoken = "ko" if not locale and text.has_hangul(found.asked) else used
            return found, heard, spoken

        found, shortened, spoken = await here.knowledge.use(look)
        took = time.perf_counter() - began
        several = getattr(found.outcome, "each", ())
        outcome = "several" if several else type(found.outcome).__name__.lower()
        replies = await _replies(here, asked, used)
        seen = _seen(replies) or outcome
        tried = {
            "outcome": outcome,
            "seen": "several" if several and seen == "answer" else seen,
            "locale": spoken,
            "text": getattr(found.outcome, "text", ""),
            "reasons": found.reasons,
            "heard": found.asked if shortened else "",
            "replies": replies,
            "took": shelf.seconds(took, me.lang),
        }

    def read(session: Session) -> dict[str, Any]:
        others = gaps.wordings(session, gap, locale=tried["locale"]) if tried and gap else []
        return {
            "q": q,
            "asked": asked,
            "locale": locale,
            "gap": gap if len(others) > 1 else 0,
            "together": len(others),
            "tried": tried,
            **shelf.place("try"),
        }

    return await frame.show(request, here, me, "try", read)


def _seen(replies: Sequence[Reply]) -> str:
    """What the customer gets, by its kind: small talk and calls for a person need no article."""
    kinds = [one.kind for one in replies]
    order = ("hand_off", "answer", "clarify", "unknown", "say")
    return next((kind for kind in order if kind in kinds), "")


async def _replies(here: Here, asked: str, locale: str) -> list[Reply]:
    """What the bot itself says, small talk and the way to a person included; none if it is away.

    The sender is no conversation, so nothing is written and nothing was said before.
    """
    try:
        return await here.rasa.ask(sender="try", text=asked, locale=locale)
    except RasaFailed:
        return []
