"""The buttons of a ticket's card and the modals that they open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from connectors import desk, outside
from connectors.desk.agent import locked, mine
from connectors.slack import blocks as kit
from connectors.slack import changes, modals
from connectors.slack.hints import tell, tell_once, why
from connectors.slack.mrkdwn import clip
from connectors.slack.workspace import Workspace, account, acting, author, nothing
from connectors.worker import Settle
from ticketing import accesses, agents, tickets
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.lanes import Work
from ticketing.models import Agent, Job, Message, Ticket


async def press(workspace: Workspace, work: Work) -> Settle:
    """The handler of a press on a card."""
    payload = work.payload
    person = await account(workspace, work, payload["user"])
    if payload["action"] in kit.OPENS:
        return await _open(workspace, work)

    def settle(session: Session) -> None:
        agent, refused = acting(session, payload["user"], person)
        if agent is None or refused is not None:
            tell(session, work, no_press(refused), user=payload["user"])
        else:
            attempt(session, work, lambda: _pressed(session, work, agent))

    return settle


async def submit(workspace: Workspace, work: Work) -> Settle:
    """The handler of a modal that was sent: what to do stands in what it is about."""
    payload = work.payload
    person = await account(workspace, work, payload["user"])

    def settle(session: Session) -> None:
        agent, refused = acting(session, payload["user"], person)
        if agent is None or refused is not None:
            tell(session, work, no_press(refused), user=payload["user"])
        else:
            attempt(session, work, lambda: _submitted(session, work, agent))

    return settle


def attempt(session: Session, work: Work, act: Callable[[], object]) -> bool:
    """Do it, or tell the person why it cannot be done; whether it was."""
    said = tried(session, act)
    if said is not None:
        hint, values = said
        tell(session, work, hint, **values)
    return said is None


def tried(session: Session, act: Callable[[], object]) -> tuple[str, dict[str, Any]] | None:
    """Do it, or nothing of it and say why: the hint and its values."""
    try:
        with session.begin_nested():
            act()
    except Conflict as error:
        if error.reason == "claimed":
            return "taken", {"winner": error.winner}
        return "not_done", {"why": why(error)}
    except NotFound:
        return "gone", {}
    except Refused as error:
        return "not_done", {"why": why(error)}
    return None


def _pressed(session: Session, work: Work, agent: Agent) -> None:
    payload = work.payload
    if payload["action"] in (kit.SEND, kit.CLAIM_SEND, kit.REOPEN_SEND):
        changes.send(session, work, agent)
        return
    code, _, value = payload["value"].partition(":")
    before = tickets.get(session, code)
    state, holder = before.state, before.assignee_id
    match payload["action"]:
        case _ if payload["action"] != kit.REOPEN and state == "resolved":
            tell(session, work, "done")
        case kit.CLAIM if state == "claimed" and holder == agent.id:
            tell(session, work, "yours")
        case kit.CLAIM:
            desk.claim(session, code=code, agent=agent)
        case kit.RESOLVE:
            _resolve(session, work, agent, code)
        case kit.REOPEN:
            desk.reopen(session, code=code, agent=agent)
        case kit.WAKE:
            desk.wake(session, code=code, by=agent)
        case kit.ANSWER_AT:
            desk.answer_at(session, code=code, to=int(value), agent=agent)
        case kit.PRIORITY:
            desk.prioritise(session, code=code, priority=value, by=agent)


def _resolve(session: Session, work: Work, agent: Agent, code: str) -> None:
    """Unless the customer has just written what is not in the thread yet: then it is asked."""
    ticket = locked(session, code)
    mine(ticket, agent)
    unseen = _unseen(session, ticket)
    if unseen is not None:
        text = clip(unseen.text, 300)
        if tell_once(session, work, "just_wrote", about=unseen.id, text=text):
            accesses.opened(session, ticket.customer_id, by=author(agent))
            return
    desk.resolve(session, code=code, agent=agent)


def _unseen(session: Session, ticket: Ticket) -> Message | None:
    """The customer's newest words, if they are on their way to the thread."""
    newest = session.scalar(
        select(Message)
        .where(Message.conversation_id == ticket.conversation_id, Message.at > ticket.opened_at)
        .where(Message.author == "customer", Message.kind == "text")
        .where(Message.at > func.now() - dt.timedelta(minutes=1))
        .order_by(Message.id.desc())
        .limit(1)
    )
    if newest is None:
        return None
    shown = select(Job.id).where(
        Job.kind == outside.POST,
        Job.dedup == f"{ticket.code}:message:{newest.id}",
        # Slack shows it before it has answered, and who is asked to wait has not begun.
        or_(Job.state != "pending", and_(Job.attempts > 0, Job.failures == 0)),
    )
    return newest if session.scalar(shown) is None else None


def _submitted(session: Session, work: Work, agent: Agent) -> None:
    payload = work.payload
    code, values = payload["ticket"], payload["values"]
    match payload["do"]:
        case kit.ASSIGN if values["agent"] == modals.QUEUE:
            desk.release(session, code=code, by=agent)
        case kit.ASSIGN:
            colleague = session.get(Agent, int(values["agent"]))
            if colleague is None:
                raise NotFound("there is no such agent")
            desk.assign(session, code=code, agent=colleague, by=agent)
        case kit.SNOOZE:
            desk.snooze(session, code=code, until=_until(session, values), by=agent)
        case kit.NOTE:
            desk.note(session, code=code, agent=agent, text=values["note"])


def _until(session: Session, values: dict[str, object]) -> dt.datetime:
    exact = values.get("until")
    if exact is not None:
        return dt.datetime.fromtimestamp(float(str(exact)), dt.UTC)
    now: dt.datetime = session.execute(select(func.now())).scalar_one()
    return now + dt.timedelta(minutes=int(str(values["minutes"])))


async def _open(workspace: Workspace, work: Work) -> Settle:
    payload = work.payload
    view = await workspace.store.read(_view, work)
    opened = view is not None and await workspace.slack.open_view(
        trigger=payload["trigger"], view=view
    )
    if opened:
        return nothing
    hint = "no_press" if view is None else "too_late"

    def settle(session: Session) -> None:
        tell(session, work, hint, user=payload["user"])

    return settle


def _view(session: Session, work: Work) -> modals.View | None:
    """The modal for the button; ``None`` for somebody who is no agent."""
    payload = work.payload
    if agents.by_slack(session, payload["user"]) is None:
        return None
    about = {
        "do": payload["action"],
        "ticket": payload["value"],
        "channel": payload["channel"],
        "thread": payload["thread"],
    }
    match payload["action"]:
        case kit.ASSIGN:
            ticket = tickets.get(session, payload["value"])
            people = [(agent.id, agent.name) for agent in agents.active(session)]
            holder = ticket.assignee.name if ticket.assignee else ""
            return modals.assign(about, people=people, holder=holder)
        case kit.SNOOZE:
            return modals.snooze(about)
        case _:
            return modals.note(about)


def no_press(refused: str | None) -> str:
    """The hint for somebody who may not press the desk's buttons."""
    return "no_press" if refused in (None, "not_linked") else refused
