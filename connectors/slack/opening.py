"""The shortcut "Open a ticket from this message": for a customer we know, or somebody new.

Their conversation comes to the queue as if they had asked, so an answer reaches them where they
write. Of somebody who never wrote to us there is only what the agent fills in: the ticket is kept
all the same, and its thread says that nobody can be answered there yet.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from connectors import desk
from connectors.phrases import language
from connectors.slack import modals
from connectors.slack.api import Person
from connectors.slack.blocks import PRIORITIES, Block, choice
from connectors.slack.commands import NOT_YOU
from connectors.slack.hints import say_back, why
from connectors.slack.interactions import OPEN
from connectors.slack.mrkdwn import clip, readable
from connectors.slack.workspace import Workspace, account, acting, author, nothing
from connectors.worker import Settle
from ticketing import accesses, agents, customer_search, customers, record, tickets
from ticketing.errors import Invalid, Refused
from ticketing.lanes import Work
from ticketing.models import Agent, Customer, Ticket

QUESTION_LIMIT = 3000
# More people than these are not shown: the search is to be narrowed.
SHOWN = 10
NEW = "new"
# What is filled in of a new customer, by the fields of their record, with the most characters.
CONTACT = {"name": 80, "email": 254, "phone": 40}
_CODE = re.compile(r"\bT-[A-Z0-9]{6}\b", re.IGNORECASE | re.ASCII)
_TITLES = {
    "customer": "고객 찾기: 이름, 이메일, 전화번호, 주문번호, 접수번호 · Find a customer: "
    "name, e-mail, phone, order or ticket",
    "name": "처음 온 고객이면 이름 · Or the name of somebody new",
    "email": "새 고객의 이메일 · Their e-mail",
    "phone": "새 고객의 전화번호 · Their phone",
}
_WRONG = {
    "whom": "고객을 찾거나 새 고객의 이름을 적어 주세요 · Find a customer, or write a name for "
    "somebody new",
    "nobody": "찾은 고객이 없어요. 새 고객이면 비우고 이름을 적어 주세요 · Nobody was found. For "
    "somebody new leave this empty and write their name",
    "many": "고객이 너무 많아요. 더 자세히 적어 주세요 · Too many people were found: say more",
    "name": "이름으로 쓸 수 없어요 · This cannot be a name",
    "email": "이메일 주소가 아니에요 · This is no e-mail address",
    "phone": "전화번호가 아니에요 · This is no phone number",
}


async def begin(workspace: Workspace, work: Work) -> Settle:
    """The handler of the shortcut: opens the form, for agents, where there is no ticket yet."""
    payload = work.payload
    person = await account(workspace, work, payload["user"])
    found = await workspace.store.read(look, work, person=person)
    if isinstance(found, dict):
        if await workspace.slack.open_view(trigger=payload["trigger"], view=found):
            return nothing
        found = "too_late", ""
    hint, code = found

    def settle(session: Session) -> None:
        say_back(session, work, hint, code=code)

    return settle


def look(session: Session, work: Work, *, person: Person | None) -> modals.View | tuple[str, str]:
    """The form, or the hint and the ticket's code why there is none."""
    payload = work.payload
    agent, refused = acting(session, payload["user"], person)
    if agent is None or refused is not None:
        return NOT_YOU.get(refused or "", "not_verified"), ""
    ticket = tickets.by_thread(session, place=payload["channel"], thread=payload["thread"])
    if ticket is not None:
        return "has_ticket", ticket.code
    text = readable(payload["text"])
    named = _CODE.search(text)
    about = {key: payload[key] for key in ("channel", "thread", "in_thread", "response")}
    values = {"customer": named[0].upper() if named else "", "question": text}
    return _form(about, values)


def ask(session: Session, payload: dict[str, Any]) -> dict[str, Any] | None:
    """What is to be put right before the form can be sent: an answer to Slack, or ``None``.

    The form stays open, with what was written. People are only looked up for agents.
    """
    agent = agents.by_slack(session, payload["user"])
    if agent is None:
        return None
    values = payload["values"]
    wrong = _wrong(values)
    if wrong:
        return {"response_action": "errors", "errors": wrong}
    if _chosen(payload):
        return None
    found = _found(session, values)
    if values.get("customer") and not 1 <= len(found) <= SHOWN:
        why = _WRONG["many" if found else "nobody"]
        return {"response_action": "errors", "errors": {"customer": why}}
    if not found:
        return None
    accesses.found(session, [one.id for one in found[:SHOWN]], by=author(agent))
    if values.get("customer") and len(found) == 1:
        return None
    about = {key: payload[key] for key in ("channel", "thread", "in_thread", "response")}
    about["looked"] = values.get("customer") or ""
    return {"response_action": "update", "view": _form(about, values, found[:SHOWN])}


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
    try:
        with session.begin_nested():
            customer_id = _whom(session, work.payload, agent)
            ticket = desk.open_for(
                session,
                customer_id=customer_id,
                question=values["question"],
                priority=values["priority"],
                by=agent,
                follows=_earlier(session, values.get("customer") or "", customer_id),
            )
    except Refused as error:
        say_back(session, work, "not_done", why=why(error))
    else:
        say_back(session, work, "ticket_opened", code=ticket.code)


def _earlier(session: Session, code: str, customer_id: uuid.UUID) -> Ticket | None:
    """The customer's ticket by whose code they were found, if it was that."""
    found = tickets.find(session, code)
    people = session.scalars(customers.members(customer_id)).all()
    return found if found is not None and found.customer_id in people else None


def _chosen(payload: dict[str, Any]) -> str:
    """Who was chosen from the list; nobody, if somebody else is looked for since."""
    values = payload["values"]
    looked = (values.get("customer") or "") == payload.get("looked", "")
    return str(values.get("who") or "") if looked else ""


def _whom(session: Session, payload: dict[str, Any], agent: Agent) -> uuid.UUID:
    """The customer who was chosen or found, else a new one. Raises :class:`Refused`."""
    who, values = _chosen(payload), payload["values"]
    if who and who != NEW:
        return customers.get(session, who).id
    if not who and values.get("customer"):
        found = _found(session, values)
        if len(found) != 1:
            said = "no single customer is found any more; please choose once more"
            raise Refused(said, reason="not_one")
        return found[0].id
    known = {field: values.get(field) for field in CONTACT}
    known["locale"] = language(values["question"], "ko")
    return record.create(session, known, by=author(agent)).id


def _wrong(values: dict[str, Any]) -> dict[str, str]:
    """What cannot be sent, by field."""
    if not values.get("customer") and not values.get("name") and not values.get("who"):
        return {"customer": _WRONG["whom"]}
    wrong = {}
    for field in CONTACT:
        try:
            record.plain(field, values.get(field))
        except Invalid:
            wrong[field] = _WRONG[field]
    return wrong


def _found(session: Session, values: dict[str, Any]) -> list[Customer]:
    """Who may be meant; for somebody new those who have the same address or number."""
    if values.get("customer"):
        rows = customer_search.find(session, search=values["customer"], limit=SHOWN + 1)
        return [customer for customer, _ in rows]
    found: dict[uuid.UUID, Customer] = {}
    for field in ("email", "phone"):
        value = record.plain(field, values.get(field))
        for customer, _ in (
            customer_search.find(session, search=value, limit=SHOWN) if value else ()
        ):
            same = str(record.known(session, customer.id).get(field, ""))
            if same.casefold() == str(value).casefold():
                found[customer.id] = customer
    return list(found.values())


def _form(
    about: dict[str, Any], values: dict[str, Any], people: Sequence[Customer] = ()
) -> modals.View:
    """The form with what was written in it, and, where several may be meant, a list of them."""
    blocks: list[Block] = []
    if people:
        options = [choice(str(one.id), _name(one)) for one in people]
        if values.get("name"):
            options.append(choice(NEW, f"새 고객 · Somebody new: {values['name']}"))
        blocks.append(modals.pick("who", "어느 고객인가요? · Which of them?", options))
    blocks.append(_line("customer", values, limit=200))
    blocks += [_line(field, values, limit=limit) for field, limit in CONTACT.items()]
    urgency = [choice(name, PRIORITIES[name]) for name in ("normal", "urgent", "high", "low")]
    blocks += [
        modals.write(
            "question", "질문 · Question", limit=QUESTION_LIMIT, text=values.get("question") or ""
        ),
        modals.pick(
            "priority",
            "우선순위 · Priority",
            sorted(urgency, key=lambda one: one["value"] != values.get("priority", "normal")),
            first=True,
        ),
        modals.words(
            "닿을 수 있는 고객에게는 새 상담이 열렸다고 알려요 · "
            "A customer who can be reached is told that it is open"
        ),
    ]
    return modals.modal(OPEN, "접수 열기 · Open ticket", "열기 · Open", about, blocks)


def _line(name: str, values: dict[str, Any], *, limit: int) -> Block:
    text = values.get(name) or ""
    return modals.write(name, _TITLES[name], limit=limit, text=text, lines=False, optional=True)


def _name(customer: Customer) -> str:
    """Enough to tell two of one name apart, and no whole address."""
    parts = [clip(customers.label(customer), 40)]
    if customer.tier:
        parts.append(clip(customer.tier, 12))
    if customer.phone:
        parts.append(f"☎ …{customer.phone[-4:]}")
    elif customer.email:
        parts.append(f"✉ {customer.email[:2]}…@{clip(customer.email.rpartition('@')[2], 20)}")
    return " · ".join(parts)
