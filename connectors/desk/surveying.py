"""Asking customers what they think of us: after an answer of the bot, and now and then.

An answer of the bot is asked about when the customer says that it helped, or when they have been
silent for a while. Whether they would recommend the shop is asked at moments of the relationship,
by day. Whoever does not want to be asked says so with a button, and is not.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connectors.desk.lines import system_line
from connectors.phrases import say
from connectors.worker import Handler, Settle
from ticketing import consents, conversations, csat, customers, lanes, nps, surveys, teams
from ticketing.lanes import Work
from ticketing.models import Conversation
from ticketing.record import Author
from ticketing.surveys import AnySurvey

NO_SURVEYS = "/no_surveys"
LOOK, MOMENTS, RECOMMEND = "survey.look", "survey.moments", "survey.recommend"
# Silence after which a customer is not in the middle of it any more; and after which they are gone.
IDLE = dt.timedelta(minutes=10)
GONE = dt.timedelta(hours=1)
# The hours of the day, where the shop is, in which people are written to unasked.
BY_DAY = range(10, 20)


def after_answer(session: Session, conversation_id: int) -> None:
    """Ask how the bot's answer was, if the customer is to be asked. Their lane is held."""
    conversation = conversations.get(session, conversation_id)
    survey = csat.ask_about_answer(session, conversation)
    if survey is not None and survey.skipped is None:
        _put(session, conversation, survey, "ask_bot")


def score_buttons(survey: AnySurvey, locale: str) -> list[dict[str, Any]]:
    """The scores, best first."""
    worst, best = surveys.SCALES[type(survey)]
    return [
        {
            "title": say(f"score_{score}", locale) if best == 5 else str(score),
            "payload": f'/rate{{"survey": "{survey.id}", "score": {score}}}',
        }
        for score in range(best, worst - 1, -1)
    ]


def _put(session: Session, conversation: Conversation, survey: AnySurvey, phrase: str) -> None:
    locale = conversation.locale
    no_more = {
        "title": say("no_surveys", locale),
        "payload": f'{NO_SURVEYS}{{"survey": "{survey.id}"}}',
    }
    system_line(
        session,
        conversation,
        say(phrase, locale),
        kind="csat",
        buttons=[*score_buttons(survey, locale), no_more],
        meta={"survey": str(survey.id)},
    )


def no_more(session: Session, conversation: Conversation) -> None:
    """The customer does not want to be asked: kept as a consent that they do not give."""
    by = Author(name=customers.label(conversation.customer), source="customer")
    consents.refuse(
        session,
        conversation.customer_id,
        purpose=consents.SURVEYS,
        channel="chat",
        by=by,
    )
    system_line(session, conversation, say("no_surveys_done", conversation.locale))


def sweep(session: Session) -> None:
    """Find who is to be asked, each in their own turn. Every worker does; each is found once."""
    found = csat.due(session, idle=IDLE, within=GONE)
    for conversation, root, last in sorted(found, key=lambda one: customers.lane(one[1])):
        lanes.enqueue(
            session,
            lane=customers.lane(root),
            kind=LOOK,
            dedup=f"{conversation}:{last.isoformat()}",
            payload={"conversation": conversation},
        )
    hour = teams.now(session).astimezone(dt.UTC).strftime("%Y-%m-%dT%H")
    lanes.enqueue(session, lane=MOMENTS, kind=MOMENTS, dedup=hour, payload={})


def moments(session: Session) -> None:
    """By day, have everybody asked whose moment has come."""
    zone = ZoneInfo(teams.plan(session, None).hours.zone)
    if teams.now(session).astimezone(zone).hour not in BY_DAY:
        return
    for root, moment in sorted(nps.due(session), key=lambda one: customers.lane(one[0])):
        lanes.enqueue(
            session,
            lane=customers.lane(root),
            kind=RECOMMEND,
            dedup=f"{root}:{moment}",
            payload={"customer": str(root), "moment": moment},
        )


def look(session: Session, payload: dict[str, Any]) -> None:
    """Ask about an episode, unless the customer went on meanwhile."""
    conversation = conversations.get(session, payload["conversation"], for_update=True)
    silent = teams.now(session) - conversation.last_message_at
    if conversation.state == "bot" and conversation.joined_to is None and silent >= IDLE:
        after_answer(session, conversation.id)


def recommend(session: Session, payload: dict[str, Any]) -> None:
    """Ask whether a customer would recommend the shop."""
    customer = customers.get(session, payload["customer"])
    survey = nps.ask(session, customer.root_id, moment=payload["moment"])
    if survey is not None and survey.skipped is None:
        conversation = conversations.get(session, survey.conversation_id)
        _put(session, conversation, survey, "ask_nps")


def handlers() -> dict[str, Handler]:
    """By kind of job."""

    async def looking(work: Work) -> Settle:
        return lambda session: look(session, work.payload)

    async def recommending(work: Work) -> Settle:
        return lambda session: recommend(session, work.payload)

    async def looking_for_moments(work: Work) -> Settle:
        return moments

    return {LOOK: looking, RECOMMEND: recommending, MOMENTS: looking_for_moments}
