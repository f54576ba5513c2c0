"""The shortcut "Open a ticket from this message": for a customer whom we know by an earlier one.

Their conversation comes to the queue as if they had asked, so an answer reaches them where they
write. For somebody with whom no conversation was ever held there is no address to answer to.
"""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from connectors import desk
from connectors.slack import modals
from connectors.slack.blocks import PRIORITIES, choice
from connectors.slack.commands import NOT_YOU
from connectors.slack.hints import say_back
from connectors.slack.interactions import OPEN
from connectors.slack.mrkdwn import readable
from connectors.slack.workspace import Workspace, account, acting, nothing
from connectors.worker import Settle
from ticketing import agents, tickets
from ticketing.errors import Conflict
from ticketing.lanes import Work
from ticketing.models import Agent

QUESTION_LIMIT = 3000
_CODE = re.compile(r"\bT-[A-Z0-9]{6}\b", re.IGNORECASE | re.ASCII)


async def begin(workspace: Workspace, work: Work) -> Settle:
    """The handler of the shortcut: opens the form, for agents, where there is no ticket yet."""
    payload = work.payload
    found = await workspace.store.read(look, work)
    if isinstance(found, dict):
        if await workspace.slack.open_view(trigger=payload["trigger"], view=found):
            return nothing
        found = "too_late", ""
    hint, code = found

    def settle(session: Session) -> None:
        say_back(session, work, hint, code=code)

    return settle


def look(session: Session, work: Work) -> modals.View | tuple[str, str]:
    """The form, or the hint and the ticket's code why there is none."""
    payload = work.payload
    if agents.by_slack(session, payload["user"]) is None:
        return "link_first", ""
    ticket = tickets.by_thread(session, place=payload["channel"], thread=payload["thread"])
    if ticket is not None:
        return "has_ticket", ticket.code
    text = readable(payload["text"])
    named = _CODE.search(text)
    about = {key: payload[key] for key in ("channel", "thread", "in_thread", "response")}
    return modals.modal(
        OPEN,
        "접수 열기 · Open ticket",
        "열기 · Open",
        about,
        [
            modals.write(
                "code",
                "고객의 지난 접수번호 · An earlier ticket of the customer",
                limit=20,
                text=named[0].upper() if named else "",
                lines=False,
            ),
            modals.write("question", "질문 · Question", limit=QUESTION_LIMIT, text=text),
            modals.pick(
                "priority",
                "우선순위 · Priority",
                [choice(name, PRIORITIES[name]) for name in ("normal", "urgent", "high", "low")],
                first=True,
            ),
            modals.words(
                "고객에게 새 상담이 열렸다고 알려요 · The customer is told that it is open"
            ),
        ],
    )


async def submit(workspace: Workspace, work: Work) -> Settle:
    """The handler of the form: one ticket for each that is sent, however often Slack sends it."""
    payload = work.payload
    person = await account(workspace, work, payload["user"])

    def settle(session: Session) -> None:
        agent, refused = acting(session, payload["user"], person)
        if agent is None or refused is not None:
            say_back(session, work, NOT_YOU.get(refused or "", "not_verified"))
        else:
            _open(session, work, agent)

    return settle


def _open(session: Session, work: Work, agent: Agent) -> None:
    values = work.payload["values"]
    earlier = tickets.find(session, values["code"])
    if earlier is None:
        say_back(session, work, "no_ticket", code=values["code"])
        return
    try:
        with session.begin_nested():
            ticket = desk.open_another(
                session,
                code=earlier.code,
                question=values["question"],
                priority=values["priority"],
                by=agent,
            )
    except Conflict as error:
        say_back(session, work, "not_done", why=str(error))
    else:
        say_back(session, work, "ticket_opened", code=ticket.code)
