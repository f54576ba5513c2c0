"""What to add to which article: questions for which customers had to choose it themselves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import State

from connectors import publishing
from connectors import suggestions as gathered
from connectors.web.console import articles as shelf
from connectors.web.console import editing, foreseen, frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me
from connectors.web.console.portions import Portions, going_on
from connectors.web.console.words import say
from knowledge_base import articles, suggestions
from knowledge_base.content import Content
from knowledge_base.errors import Conflict
from knowledge_base.suggestions import Chosen, Suggestion
from ticketing import accesses

if TYPE_CHECKING:
    from knowledge_base.search import Index

HOME = "/console/suggestions"
SHOWN = 20
# Each is asked once for every version of what is published; so many take less than half a second.
TOGETHER = 100
# How long the page waits for that, before it says that it is going on.
PATIENCE_S = 0.5

router = APIRouter(prefix="/suggestions", route_class=ConsoleRoute)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of one version of the published articles, and what of it needs no adding."""

    version: int = -1
    all: frozenset[Chosen] = frozenset()
    needless: frozenset[Chosen] = frozenset()
    degraded: bool = False


@dataclass(slots=True)
class Looking:
    """The asking that is going on beside the pages, and how many of how many it has asked."""

    task: asyncio.Task[Asked]
    progress: tuple[int, int] = (0, 0)


@router.get("")
async def listing(request: Request, here: Here, me: Me, portions: Portions = 1) -> Response:
    """Articles with what to add to them, those of most customers first.

    After a publication all of it is asked anew, which the page waits for: the list itself does not
    follow what happens.
    """
    asked: Asked | None = None
    found: list[Suggestion] = []
    if not frame.by_script(request):
        here.knowledge.warm()
        found = await here.store.read(_missing)
        asked = await _asked(request, here, [one.latest for one in found])
    if asked is None:
        looking = getattr(request.app.state, "suggestions_looking", None)
        values = {
            **shelf.place("suggestions"),
            "looking": looking.progress if looking and not looking.task.done() else None,
            "waits": True,
        }
        return await frame.show(
            request, here, me, "suggestions", lambda _: values, parts=("suggestions_looking",)
        )
    known = asked.all - asked.needless
    left = [one for one in found if one.latest in known]

    def read(session: Session) -> dict[str, Any]:
        shown = going_on(request, suggestions.listing(session, left), portions, SHOWN)
        people = {one.latest.customer for row in shown["rows"] for one in row.suggestions}
        accesses.found(session, people, by=me.author)
        return {**shown, **shelf.place("suggestions"), "waits": False}

    return await frame.show(request, here, me, "suggestions", read)


@router.post("/{id}")
async def decide(
    request: Request,
    here: Here,
    me: Curator,
    id: str,
    locale: Annotated[Literal["ko", "en"], Form()],
    revision: Annotated[int, Form(ge=1, le=2**31 - 1)],
    question: Annotated[list[str] | None, Form()] = None,
    do: Annotated[Literal["save", "publish"], Form()] = "save",
    leave: Annotated[str, Form()] = "",
    anyway: Annotated[str, Form()] = "",
) -> Response:
    """Add the questions to the article, and publish it if wanted; or ``leave`` one of them out.

    ``anyway`` publishes whatever it breaks.
    """
    if leave:
        await here.store.run(
            lambda session: suggestions.leave_out(
                session, id=id, locale=locale, question=leave, author=me.agent.name
            )
        )
        return frame.done(request, HOME, said=say("said.left_out", me.lang), go=True)
    publish = bool(anyway) or do == "publish"

    def made(session: Session) -> Content:
        article = articles.get(session, id=id, locale=locale)
        return replace(
            articles.content_of(article), questions=(*suggestions.added(article, question or []),)
        )

    if publish and not anyway:
        await foreseen.check(request, here, me, await here.store.read(made))

    def act(session: Session) -> None:
        if publish:
            articles.bump_version(session)
        article = articles.get_at(session, id=id, locale=locale, revision=revision)
        if publish and article.has_unpublished_changes:
            raise Conflict("there is more in it that is not published")
        asked = suggestions.added(article, question or [])
        articles.update(session, id=id, locale=locale, questions=asked, author=me.agent.name)
        if publish:
            publishing.publish(session, id=id, locale=locale, author=me.agent.name)

    await here.store.run(act)
    editing.changed(here, id, locale)
    if publish:
        said = say("said.suggestions_published", me.lang)
        return frame.done(request, HOME, said=said, go=True)
    return frame.done(
        request, shelf.path(id, locale), said=say("said.suggestions_added", me.lang), go=True
    )


def _missing(session: Session) -> list[Suggestion]:
    """What no article asks yet, those of most customers first."""
    known = suggestions.listing(session, suggestions.agreed(gathered.chosen(session)))
    found = [one for article in known for one in article.suggestions]
    return sorted(found, key=lambda one: -one.customers)


async def _asked(request: Request, here: Here, rows: list[Chosen]) -> Asked | None:
    """What was found by asking all of them of what is published now; None while they are asked."""
    state = request.app.state
    kept: Asked = getattr(state, "suggestions_asked", Asked())
    current = kept.version == await here.store.read(articles.published_version)
    # When meanings can be compared again, it is asked again.
    better = kept.degraded and here.knowledge.degraded is None
    if current and not better and kept.all.issuperset(rows):
        return kept
    if not _looking(request):
        known = kept if current and not better else Asked()
        state.suggestions_looking = Looking(asyncio.create_task(_ask(state, here, known, rows)))
    task = state.suggestions_looking.task
    await asyncio.wait([task], timeout=PATIENCE_S)
    return task.result() if task.done() else None


def _looking(request: Request) -> bool:
    looking: Looking | None = getattr(request.app.state, "suggestions_looking", None)
    return looking is not None and not looking.task.done()


async def _ask(state: State, here: Here, known: Asked, rows: list[Chosen]) -> Asked:
    """Ask what is not ``known``, a part at a time: others have questions, too."""
    new = [one for one in rows if one not in known.all]
    for start in range(0, len(new), TOGETHER):
        some = new[start : start + TOGETHER]

        def ask(index: Index, some: list[Chosen] = some) -> tuple[int, set[Chosen], bool]:
            return index.version, gathered.needless(index, some), index.degraded is not None

        version, found, degraded = await here.knowledge.use(ask)
        if known.version not in (version, -1):  # something was published in between
            return await _ask(state, here, Asked(), rows)
        known = Asked(version, known.all | {*some}, known.needless | found, degraded)
        state.suggestions_looking.progress = (start + len(some), len(new))
    state.suggestions_asked = known
    return known
