"""What surveys say, and whom they ask."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me
from connectors.web.console.words import say
from ticketing import survey_figures, survey_rules

HOME = "/console/surveys"
DAYS = 90

router = APIRouter(prefix="/surveys", route_class=ConsoleRoute)


@router.get("")
async def page(request: Request, here: Here, me: Me) -> Response:
    """Satisfaction, recommendation with its formula, who was not asked; the rules, for leads."""

    def read(session: Session) -> dict[str, Any]:
        found = survey_figures.overview(session, days=DAYS)
        return {
            "here": "recovery",
            "days": DAYS,
            "csat": [("agent", found.agent), ("bot", found.bot)],
            "nps": found.nps,
            "unasked": found.unasked,
            "rules": survey_rules.policies(session) if me.curates else {},
        }

    return await frame.show(request, here, me, "surveys", read, parts=("surveys",))


@router.post("/{kind}")
async def change(
    request: Request,
    here: Here,
    me: Curator,
    kind: str,
    sample: Annotated[int, Form()],
    quiet_days: Annotated[int, Form()],
) -> Response:
    """Say whom a kind of survey asks."""
    await here.store.run(survey_rules.set_policy, kind, sample=sample, quiet_days=quiet_days)
    return frame.done(request, HOME, said=say("survey.said", me.lang))
