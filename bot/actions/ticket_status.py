"""How the customer's ticket is doing."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from bot.actions import asides, reply
from bot.actions.reply import Reply
from bot.actions.texts import Locale
from bot.actions.turn import SURE, Turn
from knowledge_base.answers import Answer

# The shop's customers and agents live by Korean time, in whichever language they write.
SHOP_TIME = ZoneInfo("Asia/Seoul")


def ticket_status(turn: Turn) -> Reply:
    """State and agent of the latest ticket; without one, perhaps it was another question."""
    if asides.is_over(turn.text):
        return asides.kind_word(turn, "goodbye")
    if turn.confidence < SURE and (continued := turn.continued()) is not None:
        return continued
    ticket = turn.context().ticket
    person = [reply.person_button(turn.locale)]
    if ticket is None:
        if turn.confidence < SURE:
            result = turn.look_up(turn.text)
            if isinstance(result, Answer):
                return reply.found(result, turn.locale)
        return reply.say("ticket_none", turn.locale, buttons=person)
    if ticket.state == "resolved":
        return reply.say("ticket_resolved", turn.locale, buttons=person, code=ticket.code)
    if ticket.state == "claimed":
        if ticket.assignee is None:
            return reply.say("ticket_claimed_unnamed", turn.locale, code=ticket.code)
        return reply.say("ticket_claimed", turn.locale, code=ticket.code, assignee=ticket.assignee)
    return reply.say(
        "ticket_open", turn.locale, code=ticket.code, when=moment(ticket.opened_at, turn.locale)
    )


def moment(at: dt.datetime, locale: Locale) -> str:
    """A point in time as a customer reads it, in the shop's time zone."""
    local = at.astimezone(SHOP_TIME)
    if locale == "en":
        hour = f"{local.hour % 12 or 12}:{local.minute:02} {'am' if local.hour < 12 else 'pm'}"
        return f"{local.day} {local:%B}, {hour} (Korean time)"
    half = "오전" if local.hour < 12 else "오후"
    return f"{local.month}월 {local.day}일 {half} {local.hour % 12 or 12}시 {local.minute}분"
