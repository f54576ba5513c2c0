"""Tags of a ticket, and the rules that give them; the rules are the leads'."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from sqlalchemy.orm import Session

from connectors.desk import tagging
from connectors.web.chat import check_text
from connectors.web.console import frame
from connectors.web.console.dead_letters import Lead
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Sender
from connectors.web.console.words import known, say
from connectors.web.problems import Problem
from ticketing import tags
from ticketing.errors import Conflict, Invalid, NotFound, Refused
from ticketing.models import Ticket, TicketTag

HOME = "/console/tags"

router = APIRouter(route_class=ConsoleRoute)
Word = Annotated[str, Form(min_length=1, max_length=200)]
Choice = Annotated[str, Form(max_length=200)]


@router.get("/tags")
async def page(request: Request, here: Here, me: Lead) -> Response:
    """The rules, and the tags that open tickets have."""

    def read(session: Session) -> dict[str, Any]:
        return {
            "here": "tools",
            "tool": "tags",
            "rules": tags.rules(session),
            "kinds": tags.KINDS,
            "used": tags.counts(session),
            "channels": tags.CHANNELS,
            "languages": tags.LANGUAGES,
        }

    return await frame.show(request, here, me, "tags", read, parts=("tag_rules",))


@router.post("/tags/rules")
async def add_rule(
    request: Request,
    here: Here,
    me: Curator,
    tag: Word,
    kind: Word,
    value: Choice = "",
    channel: Choice = "",
    language: Choice = "",
) -> Response:
    """A new rule; it is about tickets that come from now on.

    The form has a field for each kind of value: which of them counts, the kind says.
    """
    value = {"channel": channel, "language": language}.get(kind) or value
    if value:
        _check(value)
    _check(tag)

    def act(session: Session) -> None:
        try:
            tags.add_rule(session, tag=tag, kind=kind, value=value)
        except Conflict:
            raise Problem(409, "error.rule.same") from None
        except Invalid as error:
            key = f"error.rule.{error.code}"
            raise Problem(422, key, field=error.field, value=value) from None
        except Refused:
            raise Problem(422, "error.rule") from None

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.rule", me.lang))


@router.post("/tags/rules/{rule}/remove")
async def remove_rule(
    request: Request, here: Here, me: Curator, rule: Annotated[int, Path(ge=1, le=2**63 - 1)]
) -> Response:
    """Let a rule go."""
    await here.store.run(tags.remove_rule, rule)
    return frame.done(request, HOME, said=say("said.rule.removed", me.lang))


@router.post("/tickets/{code}/tags")
async def add(request: Request, here: Here, me: Sender, code: str, tag: Word) -> Response:
    """Put a tag on a ticket."""
    _check(tag)

    def act(session: Session) -> None:
        try:
            tagging.tag(session, code=code, tag=tag, agent=session.merge(me.agent))
        except NotFound:
            raise
        except Refused:
            raise Problem(422, "error.macro.tag") from None

    await here.store.run(act)
    return frame.done(
        request, f"/console/tickets/{code}", said=say("said.tagged", me.lang), fields={"tag": ""}
    )


@router.post("/tickets/{code}/tags/remove")
async def remove(request: Request, here: Here, me: Sender, code: str, tag: Word) -> Response:
    """Take a tag off."""
    _check(tag)
    await here.store.run(lambda session: tagging.untag(session, code=code, tag=tag))
    return frame.done(request, f"/console/tickets/{code}", said=say("said.untagged", me.lang))


def shown(session: Session, ticket: Ticket, lang: str) -> dict[str, Any]:
    """What the ticket's page shows: each tag with its reason, and those that there are."""
    found = tags.of(session, [ticket.id]).get(ticket.id, [])
    return {
        "tags": [(one.tag, why(one, lang)) for one in found],
        "all_tags": [tag for tag, _ in tags.counts(session)],
    }


def why(one: TicketTag, lang: str) -> str:
    """Why a ticket has a tag, in words."""
    kind, _, value = one.why.partition(":")
    if kind in ("channel", "language"):
        value = known(f"channel.{value}", lang, known(f"locale.{value}", lang, value))
    return say(f"tag.why.{kind}", lang, value=value)


def _check(*texts: str) -> None:
    try:
        for text in texts:
            check_text(text)
    except ValueError:
        raise Problem(422, "error.text") from None
