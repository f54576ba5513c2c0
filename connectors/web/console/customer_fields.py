"""Fields of the customer's record that a shop makes for itself. For leads and administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from connectors.web import auth
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me
from connectors.web.console.words import say
from connectors.web.problems import Problem
from ticketing import custom_fields
from ticketing.errors import Conflict
from ticketing.models import FieldChange

HOME = "/console/customers/fields"

router = APIRouter(prefix="/customers", route_class=ConsoleRoute)
Text = Annotated[str, Form(max_length=5000)]


@router.get("/fields")
async def listing(request: Request, here: Here, me: Me) -> Response:
    """All of them, those that are retired too."""
    auth.admin_only(me.agent)

    def read(session: Session) -> dict[str, Any]:
        return {
            "here": "customers",
            "fields": custom_fields.listing(session, retired=True),
            "kinds": custom_fields.KINDS,
            "field_changes": [_told(one, me.lang) for one in custom_fields.changes(session)],
        }

    return await frame.show(request, here, me, "customer_fields", read, parts=("customer_fields",))


@router.post("/fields")
async def define(
    request: Request,
    here: Here,
    me: Curator,
    key: Text = "",
    name_ko: Text = "",
    name_en: Text = "",
    kind: Text = "",
    choices: Text = "",
) -> Response:
    """Make a field, name one anew, or bring a retired one back. Choices stand one a line."""

    def act(session: Session) -> None:
        try:
            custom_fields.define(
                session,
                key=key.strip(),
                name_ko=name_ko,
                name_en=name_en,
                kind=kind,
                choices=choices.splitlines(),
                by=me.author,
            )
        except Conflict:
            raise Problem(409, "field.kind.taken", code="conflict") from None

    await here.store.run(act)
    return frame.done(request, HOME, said=say("field.said", me.lang))


@router.post("/fields/{key}/retire")
async def retire(request: Request, here: Here, me: Curator, key: str) -> Response:
    """Ask for it no more; what it holds stays."""
    await here.store.run(lambda session: custom_fields.retire(session, key, by=me.author))
    return frame.done(request, HOME, said=say("field.said.retired", me.lang))


def _told(change: FieldChange, lang: str) -> dict[str, Any]:
    """A change for people: what happened, and of names and choices what they were and are."""
    old, new = change.old, change.new
    what = "made" if old is None else "changed"
    if old is not None and old["retired"] != new["retired"]:
        what = "retired" if new["retired"] else "restored"
    differ = [
        (_value(old[name]), _value(new[name]))
        for name in ("name_ko", "name_en", "choices")
        if old is not None and old[name] != new[name]
    ]
    name = new["name_ko" if lang == "ko" else "name_en"]
    return {"change": change, "name": name, "what": what, "differ": differ}


def _value(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
