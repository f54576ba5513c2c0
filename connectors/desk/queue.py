"""A queue that keeps its word: what happens to a ticket by itself when its time has come.

:func:`attend` does what is due for a ticket now and sets a timer for what is due next. It is
called after whatever changes a ticket, and by the timers. What was done is kept in the ticket's
rows, so a timer that comes late, twice, or for something that has changed since, does nothing.
The caller holds the customer's lane and the ticket's row, as in all functions here.
"""

from __future__ import annotations

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from connectors import outside, waits, wishes
from connectors.agent_lines import amount, phrase
from connectors.desk.lines import note_line, system_line
from connectors.phrases import say
from connectors.promises import when
from ticketing import (
    agents,
    contacts,
    conversations,
    history,
    hours,
    lanes,
    places,
    record,
    routing,
    sla,
    teams,
    tickets,
    worth,
)
from ticketing.models import ChannelIdentity, Conversation, Job, Ticket
from ticketing.teams import Plan

CANCEL = "/cancel"
LOOK = "ticket.look"
REFIT = "ticket.refit"
ROUTE = "ticket.route"
# ``ticket.escalated``: what was done because nobody took it.
OFFERED_AGAIN, LEAD_TOLD = 1, 2


# --- what others report ---------------------------------------------------------------------------


def taken(session: Session, conversation: Conversation, ticket: Ticket) -> None:
    """Tell the customer that their ticket was taken, and when an answer can be expected.

    Agents are told why it is more urgent than others, if it is.
    """
    rule = worth.policy(session)
    if rule is not None and ticket.priority == rule.priority:
        values = {
            "amount": amount(rule.least, rule.currency),
            "priority": phrase(f"priority_{rule.priority}"),
        }
        note_line(session, conversation, "valued", values)
    plan = teams.plan(session, ticket.team_id)
    at = teams.now(session)
    opens = hours.next_open(plan.hours, at)
    if opens == at:
        fetches = history.fetches(session, conversation.id)
        key = "queued_fetched" if fetches else "queued"
        words = say(key, conversation.locale, code=ticket.code)
        if not wishes.asked(session, [ticket.id]):
            words += "\n" + say("tell_more", conversation.locale)
        system_line(session, conversation, words)
        return
    _promise(session, conversation, ticket, plan, phrase="queued_closed", opens=opens, at=at)


def entered(session: Session, ticket: Ticket, *, without: int | None = None) -> None:
    """It is in the queue, new or again: somebody is looked for, but not who gave it back."""
    session.flush()
    attend(session, ticket)
    _route(session, ticket, without=without)


def bot_goes_on(session: Session, *, customer_id: uuid.UUID, text: str) -> bool:
    """Whether the bot may answer these words although a ticket waits: nobody is there to do it.

    Not to an address that the customer was asked for, nor to what is said of the waiting itself.
    """
    ticket = tickets.current(session, customer_id=customer_id)
    if ticket is None or contacts.found_in(text) or waits.about_waiting(text):
        return False
    at = teams.now(session)
    return hours.next_open(teams.plan(session, ticket.team_id).hours, at) != at


def answered(session: Session, ticket: Ticket) -> None:
    """An agent wrote to the customer."""
    if sla.answered(session, ticket):
        outside.changed(session, ticket)
    ticket.promised_at = None
    attend(session, ticket)


def customer_wrote(
    session: Session, conversation: Conversation, ticket: Ticket, *, text: str
) -> None:
    """The customer wrote to the person who has, or will have, the ticket."""
    sla.customer_wrote(session, ticket)
    if contacts.asked(session, conversation.id):
        kept = contacts.keep(session, customer_id=ticket.customer_id, text=text)
        if kept:
            system_line(session, conversation, say("contact_kept", conversation.locale))
    if ticket.state == "open" and waits.gives_up(text):
        words = say("leaves", conversation.locale, code=ticket.code)
        system_line(session, conversation, words, buttons=[_way_out(ticket, conversation.locale)])
    elif ticket.state == "open" and waits.about_waiting(text):
        tell_place(session, conversation, ticket)
    attend(session, ticket)


def tell_who_has_it(session: Session, conversation: Conversation, ticket: Ticket) -> None:
    """That agents know of it already, and which of them has it."""
    name = ticket.assignee.name if ticket.assignee else ""
    key = "with_agent" if ticket.state == "claimed" else "queued_already"
    words = say(key, conversation.locale, code=ticket.code, agent=name)
    system_line(session, conversation, words)


def tell_place(session: Session, conversation: Conversation, ticket: Ticket) -> None:
    """How far it is, with the way out."""
    plan, at, locale = teams.plan(session, ticket.team_id), teams.now(session), conversation.locale
    opens = hours.next_open(plan.hours, at)
    if opens == at:
        ahead = places.ahead(session, ticket)
        phrase = "place_behind" if ahead else "place_first"
        words = say(phrase, locale, code=ticket.code, ahead=str(ahead))
    elif opens is None:
        words = say("queued_someday", locale, code=ticket.code)
    else:
        time = when(opens, at, ZoneInfo(plan.hours.zone), locale)
        words = say("place_closed", locale, code=ticket.code, time=time)
    system_line(session, conversation, words, buttons=[_way_out(ticket, locale)])


def _way_out(ticket: Ticket, locale: str) -> dict[str, str]:
    return {
        "title": say("cancel", locale),
        "payload": f'{CANCEL}{{"ticket": "{ticket.code}"}}',
    }


def cancel(session: Session, ticket: Ticket) -> None:
    """The customer needs no answer any more; a ticket that an agent has is for them to resolve."""
    conversation = conversations.get(session, ticket.conversation_id)
    if ticket.state == "claimed":
        tell_who_has_it(session, conversation, ticket)
    elif tickets.resolve(session, ticket):
        words = say("cancelled", conversation.locale, code=ticket.code)
        system_line(session, conversation, words)
        outside.happened(session, ticket, "cancelled")
    elif (newer := tickets.current(session, customer_id=ticket.customer_id)) is not None:
        # The button stands under an earlier request; they may mean this one.
        conversation = conversations.get(session, newer.conversation_id)
        if newer.state == "open":
            tell_place(session, conversation, newer)
        else:
            tell_who_has_it(session, conversation, newer)


# --- what is due ----------------------------------------------------------------------------------


def attend(session: Session, ticket: Ticket) -> None:
    """Do what is due for the ticket now; a timer brings it back when the next thing is."""
    session.flush()
    if ticket.state == "resolved" or ticket.joined_to is not None:
        return
    at = teams.now(session)
    plan = teams.plan(session, ticket.team_id)
    moments = [
        *_service(session, ticket, at),
        _pickup(session, ticket, plan, at),
        _silence(session, ticket, plan, at),
        _closing(session, ticket, plan, at),
    ]
    ahead = [moment for moment in moments if moment is not None and moment > at]
    if ahead:
        _look_at(session, ticket, min(ahead))


def _service(session: Session, ticket: Ticket, at: dt.datetime) -> list[dt.datetime]:
    """Warn before a promise is broken, and say when it is."""
    ahead = []
    for target in sla.running(session, ticket):
        assert target.due_at is not None and target.warn_at is not None
        if target.due_at <= at:
            reached = sla.BROKEN
        elif target.warn_at <= at:
            reached = sla.WARNED
            ahead.append(target.due_at)
        else:
            reached = sla.QUIET
            ahead.append(target.warn_at)
        if reached > target.told:
            target.told = reached
            outside.happened(
                session,
                ticket,
                "sla_broken" if reached == sla.BROKEN else "sla_warned",
                kind=target.kind,
                due=int(target.due_at.timestamp()),
                mentions=_mention(ticket.assignee.slack_user if ticket.assignee else None),
            )
    return ahead


def _pickup(session: Session, ticket: Ticket, plan: Plan, at: dt.datetime) -> dt.datetime | None:
    """Nobody took it: it is offered again, then a lead and the customer are told."""
    if ticket.state != "open" or ticket.snoozed_until is not None:
        return None
    for step in (OFFERED_AGAIN, LEAD_TOLD):
        if ticket.escalated >= step:
            continue
        moment = hours.add(plan.hours, ticket.queued_at, step * plan.pickup)
        if moment is None or moment > at:
            return moment
        ticket.escalated = step
        waited = hours.between(plan.hours, ticket.queued_at, at)
        minutes = int(waited.total_seconds() // 60)
        if step == OFFERED_AGAIN:
            outside.happened(session, ticket, "offered_again", minutes=minutes, broadcast=True)
        else:
            _tell_lead(session, ticket, minutes)
    return None


def _tell_lead(session: Session, ticket: Ticket, minutes: int) -> None:
    leads = [agent for agent in agents.active(session) if agent.role != "agent"]
    leads = [agent for agent in leads if agent.role == "lead"] or leads
    mentions = [agent.slack_user for agent in leads if agent.slack_user]
    outside.happened(
        session, ticket, "lead_told", minutes=minutes, mentions=mentions, broadcast=True
    )
    conversation = conversations.get(session, ticket.conversation_id)
    system_line(session, conversation, say("still_waiting", conversation.locale, code=ticket.code))


def _silence(session: Session, ticket: Ticket, plan: Plan, at: dt.datetime) -> dt.datetime | None:
    """Whoever has it does not answer: it is everybody's again, and the customer knows."""
    waiting, claimed = ticket.waiting_since, ticket.claimed_at
    if ticket.state != "claimed" or plan.silent is None or ticket.snoozed_until is not None:
        return None
    if waiting is None or claimed is None:
        return None
    moment = hours.add(plan.hours, max(waiting, claimed), plan.silent)
    if moment is None or moment > at:
        return moment
    agent = ticket.assignee
    assert agent is not None
    tickets.release(session, ticket)
    conversation = conversations.get(session, ticket.conversation_id)
    words = say("looking_again", conversation.locale, agent=agent.name, code=ticket.code)
    system_line(session, conversation, words)
    outside.happened(
        session,
        ticket,
        "returned",
        agent=agent.name,
        mentions=_mention(agent.slack_user),
        broadcast=True,
    )
    _route(session, ticket, without=agent.id)
    return hours.add(plan.hours, at, plan.pickup)


def _closing(session: Session, ticket: Ticket, plan: Plan, at: dt.datetime) -> dt.datetime | None:
    """Hours end while the customer waits: they are told when somebody is there again."""
    if ticket.waiting_since is None or ticket.snoozed_until is not None or plan.hours.always:
        return None
    opens = hours.next_open(plan.hours, at)
    if opens == at:
        return hours.next_close(plan.hours, at)
    if opens is None or (ticket.promised_at is not None and ticket.promised_at >= opens):
        return opens and hours.next_close(plan.hours, opens)
    conversation = conversations.get(session, ticket.conversation_id)
    _promise(session, conversation, ticket, plan, phrase="closed_now", opens=opens, at=at)
    return hours.next_close(plan.hours, opens)


def _promise(
    session: Session,
    conversation: Conversation,
    ticket: Ticket,
    plan: Plan,
    *,
    phrase: str,
    opens: dt.datetime | None,
    at: dt.datetime,
) -> None:
    """Say when an answer comes; once, ask a visitor whom we cannot reach otherwise for a way."""
    locale = conversation.locale
    if opens is None:
        words = say("queued_someday", locale, code=ticket.code)
    else:
        ticket.promised_at = opens
        time = when(opens, at, ZoneInfo(plan.hours.zone), locale)
        words = say(phrase, locale, code=ticket.code, time=time)
    asks = _only_here(session, conversation) and contacts.unknown(session, ticket.customer_id)
    if asks:
        words = f"{words}\n{say('contact_ask', locale)}"
    meta = {contacts.ASKS: True} if asks else None
    system_line(session, conversation, words, meta=meta)


def _only_here(session: Session, conversation: Conversation) -> bool:
    """Whether we reach the customer only as long as their browser has our page."""
    channel = session.scalar(
        select(ChannelIdentity.channel).where(ChannelIdentity.id == conversation.identity_id)
    )
    return channel in (None, "web")


def _mention(user: str | None) -> list[str]:
    return [user] if user else []


# --- timers; what they do is in ``timers`` -------------------------------------------------------


def _look_at(session: Session, ticket: Ticket, moment: dt.datetime) -> None:
    """Come back then; each moment of a ticket is one job, however often it is asked for."""
    dedup = f"{ticket.code}:{int(moment.timestamp() * 1000)}"
    # Asked for before: its lane may be held by a worker who waits for ours.
    if session.scalar(select(exists().where(Job.kind == LOOK, Job.dedup == dedup))):
        return
    lanes.enqueue(
        session,
        lane=lanes.once(LOOK, dedup),
        kind=LOOK,
        dedup=dedup,
        payload={"ticket": ticket.code},
        due=moment,
    )


def _route(session: Session, ticket: Ticket, *, without: int | None = None) -> None:
    if ticket.state != "open" or teams.plan(session, ticket.team_id).routing == "off":
        return
    dedup = f"{ticket.code}:{ticket.version}"
    lanes.enqueue(
        session,
        lane=lanes.once(ROUTE, dedup),
        kind=ROUTE,
        dedup=dedup,
        payload={"ticket": ticket.code, "without": without},
    )


def give(session: Session, ticket: Ticket, *, without: int | None = None) -> None:
    """Offer the ticket to whom it suits best, or assign it, as its team wants; the reason stays."""
    mode = teams.plan(session, ticket.team_id).routing
    if ticket.state != "open" or mode == "off":
        return
    owner = record.known(session, ticket.customer_id).get("owner")
    choice = routing.choose(
        session,
        ticket,
        owner_id=owner and owner["id"],
        without=() if without is None else (without,),
    )
    if choice is None:
        return
    agent, conversation = choice.agent, conversations.get(session, ticket.conversation_id)
    ticket.offered_to_id, ticket.offered_to, ticket.offered_why = agent.id, agent, choice.reason
    assigned = mode == "assign" and tickets.assign(session, ticket, agent=agent)
    if assigned:
        system_line(session, conversation, say("claimed", conversation.locale, agent=agent.name))
    event = "assigned" if assigned else "offered"
    why = phrase(f"why_{choice.why}", detail=choice.detail)
    note_line(session, conversation, event, {"agent": agent.name, "why": why})
    outside.happened(
        session,
        ticket,
        event,
        agent=agent.name,
        why=choice.reason,
        mentions=_mention(agent.slack_user),
    )
    attend(session, ticket)
