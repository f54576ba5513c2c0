"""Macros: curated by leads on a page of their own, put into the composer by every agent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from connectors.web.chat import check_text
from connectors.web.console import frame
from connectors.web.console.dead_letters import Lead
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me
from connectors.web.console.words import say
from connectors.web.problems import Problem
from ticketing import accesses, macros, tickets
from ticketing.errors import Invalid
from ticketing.models import Macro, Ticket

HOME = "/console/macros"

router = APIRouter(route_class=ConsoleRoute)
MacroId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Text = Annotated[str, Form()]
Choice = Annotated[str, Form()]


@router.get("/macros")
async def page(request: Request, here: Here, me: Lead) -> Response:
    """All macros, each to be changed, and a new one."""

    def read(session: Session) -> dict[str, Any]:
        return {
            "here": "tools",
            "tool": "macros",
            "rows": macros.listing(session),
            "fresh": Macro(name="", text_ko="", text_en="", tags=[], priority=None, resolves=False),
            "variables": [(name, words) for name, words in macros.VARIABLES.items()],
            "priorities": tickets.PRIORITIES[::-1],
        }

    return await frame.show(request, here, me, "macros", read, parts=("macros",))


@router.post("/macros")
async def save(
    request: Request,
    here: Here,
    me: Curator,
    macro: Text = "",
    name: Text = "",
    text_ko: Text = "",
    text_en: Text = "",
    tags: Text = "",
    priority: Choice = "",
    resolves: Text = "",
) -> Response:
    """Make a macro, or change one."""
    for text in (name, text_ko, text_en, tags):
        if text.strip():
            _check(text)
    if priority not in ("", *tickets.PRIORITIES):
        raise Problem(422, "error.422")

    def act(session: Session) -> None:
        known = macros.get(session, int(macro)) if macro.isdecimal() and len(macro) < 19 else None
        try:
            macros.save(
                session,
                known,
                name=name,
                text_ko=text_ko,
                text_en=text_en,
                tags_=tags.split(","),
                priority=priority,
                resolves=bool(resolves),
                by=session.merge(me.agent),
            )
        except Invalid as error:
            wrong = ", ".join(macros.unknown(f"{text_ko}\n{text_en}"))
            key = f"error.macro.{error.code}"
            raise Problem(422, key, field=error.field, wrong=wrong) from None

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.macro", me.lang))


@router.post("/macros/{macro}/remove")
async def remove(request: Request, here: Here, me: Curator, macro: MacroId) -> Response:
    """Let a macro go."""
    await here.store.run(lambda session: macros.remove(session, macros.get(session, macro)))
    return frame.done(request, HOME, said=say("said.macro.removed", me.lang))


@router.get("/tickets/{code}/macros/{macro}")
async def filled(request: Request, here: Here, me: Me, code: str, macro: MacroId) -> Response:
    """A macro's words for this ticket, for the composer: ``text``, and a ``hint`` of what it does
    and what was not known."""

    def read(session: Session) -> dict[str, Any]:
        ticket = tickets.standing(session, tickets.get(session, code))
        found = macros.get(session, macro)
        made = macros.fill(session, found, ticket, agent=session.merge(me.agent))
        accesses.opened(session, ticket.customer_id, by=me.author)
        return {"text": made.text, "missing": list(made.missing), "hint": hint(found, made, me)}

    return JSONResponse(await here.store.run(read), headers=frame.HEADERS)


def hint(macro: Macro, made: macros.Filled, me: frame.Viewer) -> str:
    """What the agent should know before they send it."""
    lines = []
    if made.missing:
        names = ", ".join(made.missing)
        lines.append(say("macro.missing", me.lang, names=names))
    if made.locale != made.wanted:
        lines.append(
            say("macro.other_language", me.lang, locale=say(f"locale.{made.locale}", me.lang))
        )
    does = [f"#{tag}" for tag in macro.tags]
    if macro.priority:
        does.append(say(f"priority.{macro.priority}", me.lang))
    if macro.resolves:
        does.append(say("resolve", me.lang))
    if does:
        lines.append(say("macro.does", me.lang, what=", ".join(does)))
    return " · ".join(lines)


def shown(session: Session, ticket: Ticket) -> dict[str, Any]:
    """What the ticket's page offers."""
    return {"macros": [(one.id, one.name) for one in macros.listing(session)]}


def _check(text: str) -> None:
    try:
        check_text(text)
    except ValueError:
        raise Problem(422, "error.text") from None
