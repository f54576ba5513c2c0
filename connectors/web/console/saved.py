"""Saved questions: what must keep finding its article, whatever curators change."""

from __future__ import annotations

import dataclasses
import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Query, Request, Response
from sqlalchemy.orm import Session

from connectors.phrases import language as language_of
from connectors.web.console import articles as shelf
from connectors.web.console import foreseen, frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me
from connectors.web.console.words import say
from knowledge_base import articles, regressions
from knowledge_base.regressions import Result

HOME = "/console/saved"

router = APIRouter(prefix="/saved", route_class=ConsoleRoute)
SavedId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@dataclasses.dataclass(frozen=True, slots=True)
class Ran:
    """What the saved questions found in one version of the published articles, and how long all
    of them took, in seconds."""

    version: int = 0
    results: dict[int, Result] = dataclasses.field(default_factory=dict)
    took: float = 0.0


@router.get("")
async def listing(
    request: Request, here: Here, me: Me, run: Annotated[bool, Query()] = False
) -> Response:
    """All saved questions; asked now, if wanted, those that fail first."""
    here.knowledge.warm()  # for the button, and for what is published next
    ran = await _ran(request, here) if run else Ran()
    results = ran.results

    def read(session: Session) -> dict[str, Any]:
        rows = list(regressions.listing(session))
        rows.sort(key=lambda row: -_badness(results.get(row.id)))
        return {
            "rows": rows,
            "results": results,
            "good": sum(one.level == "answered" for one in results.values()),
            "took": shelf.seconds(ran.took, me.lang),
            "titles": foreseen.titles(session, me.lang),
            **shelf.place("saved"),
        }

    return await frame.show(request, here, me, "saved", read, parts=("saved",))


@router.post("")
async def save(
    request: Request,
    here: Here,
    me: Curator,
    question: Annotated[str, Form()] = "",
    article: Annotated[str, Form()] = "",
    locale: Annotated[Literal["", "ko", "en"], Form()] = "",
) -> Response:
    """Keep a question with the article it must find; without one: nothing answers it."""
    used = locale or language_of(question, "en" if me.lang == "en" else "ko")

    def act(session: Session) -> None:
        regressions.save(
            session,
            question=question,
            locale=used,
            article=article or None,
            author=me.agent.name,
        )

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.question_saved", me.lang))


@router.post("/{saved}/remove")
async def remove(request: Request, here: Here, me: Curator, saved: SavedId) -> Response:
    """Forget one."""
    await here.store.run(regressions.remove, saved)
    return frame.done(request, HOME, said=say("said.question_removed", me.lang))


async def _ran(request: Request, here: Here) -> Ran:
    """Ask all of them now; for our script, which fetches the page whenever anything happens at the
    desk, only what it does not know yet."""
    version = await here.store.read(articles.published_version)
    questions = await here.store.read(regressions.saved)
    kept: Ran = getattr(request.app.state, "saved_ran", Ran())
    if not frame.by_script(request) or kept.version != version:
        kept = Ran(version)
    known = regressions.known(kept.results, questions)
    unasked = [one for one in questions if one.id not in known]
    began = time.perf_counter()
    found = (
        await here.knowledge.use(lambda index: regressions.run(index, unasked)) if unasked else []
    )
    took = time.perf_counter() - began if not known else kept.took
    ran = Ran(version, known | {one.saved.id: one for one in found}, took)
    request.app.state.saved_ran = ran
    return ran


def _badness(result: Result | None) -> int:
    return 0 if result is None else regressions.LEVELS.index(result.level)
