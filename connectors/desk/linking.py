"""Customers become one person, or are not one after all: what is linked, written and told."""

from __future__ import annotations

import logging
import re
import uuid
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import outside
from connectors.desk import queue
from connectors.desk.lines import note_line, system_line
from connectors.identity import Claims
from connectors.phrases import say
from ticketing import (
    conversations,
    customers,
    lanes,
    links,
    mailed_codes,
    proofs,
    record,
)
from ticketing.errors import Invalid
from ticketing.links import Apart
from ticketing.models import (
    Agent,
    ChannelIdentity,
    Conversation,
    Customer,
    CustomerLink,
    Ticket,
)
from ticketing.proofs import Why
from ticketing.record import Author

log = logging.getLogger(__name__)

LINE = "link"
# The job that mails a code: see ``connectors.mail``.
MAIL = "mail.code"
# The channel of identities that are the shop's own customer numbers; nothing is sent there.
SHOP = "shop"
Outcome = Literal["linked", "same", "other_customer"] | Why


def sign_in(
    session: Session, *, claims: Claims, locale: str, before: str = ""
) -> tuple[str, uuid.UUID]:
    """``(token, root)`` of a browser in which the shop's customer is logged in.

    What the anonymous session ``before`` (its token) said is theirs, too. That of somebody else
    who was logged in at the same computer is not.
    """
    identity_id, customer_id = customers.identify(
        session, channel=SHOP, external_id=claims.sub, locale=locale
    )
    customer = customers.get(session, customer_id)
    signed = {name: getattr(claims, name) for name in ("name", "email", "phone")}
    signed = {name: value for name, value in signed.items() if value is not None}
    session.get_one(ChannelIdentity, identity_id).claims = signed
    _fill(session, customer, signed)
    token, _ = customers.start_session(session, customer=customer)
    known = customers.authenticate(session, before) if before else None
    if known is not None and not _one_person(session, customer_id, known[1]):
        if _signed_in(session, known[1]):
            log.warning("a session of another customer of the shop was not linked")
            proofs.refuse(session, evidence="token", why="other_customer", identity_id=known[0])
        else:
            link(session, customer_id=customer_id, other_id=known[1], evidence="token")
    return token, customers.get(session, customer_id).root_id


def refuse_token(session: Session, *, why: str, before: str = "") -> None:
    """Keep that a signed identity was refused; ``before``: the session in which it was brought."""
    known = customers.authenticate(session, before) if before else None
    proofs.refuse(session, evidence="token", why=why, identity_id=known[0] if known else None)


def _fill(session: Session, customer: Customer, signed: dict[str, str]) -> None:
    """What the shop signed fills what is not known; what no record can hold is left out."""
    for field, value in signed.items():
        if record.get(customer, field) is not None:
            continue
        try:
            kept = record.plain(field, value)
        except Invalid:
            log.warning("a signed %s is none, and was not kept", field)
            continue
        record.put(customer, field, kept)
        session.add(record.note(customer.id, field, None, kept, by=Author(SHOP, "token")))
    session.flush()


def _signed_in(session: Session, customer_id: uuid.UUID) -> bool:
    mine = ChannelIdentity.customer_id.in_(customers.members(customer_id))
    return (
        session.scalar(
            select(ChannelIdentity.id).where(mine, ChannelIdentity.channel == SHOP).limit(1)
        )
        is not None
    )


def new_code(session: Session, *, customer_id: uuid.UUID) -> str:
    """A one-time code that this customer can give on another channel."""
    return proofs.new_code(session, customer_id=customer_id)


_CODE = re.compile(
    r"\s*(?:이어하기|연결\s*코드|link|continue)\s*[:#]?\s*([0-9A-Za-z][0-9A-Za-z -]{6,14})\s*", re.I
)


_ADDRESS = re.compile(
    r"\s*(?:이어하기|연결\s*코드|link|continue)\s*[:#]?\s*([^\s@]{1,64}@[^\s@]{1,190})\s*", re.I
)


def code_in(text: str) -> str | None:
    """The code somebody types where there is no link to follow: "이어하기 ABCD2345"."""
    found = _CODE.fullmatch(text)
    return None if found is None else found.group(1)


def given(session: Session, *, identity_id: int, customer_id: uuid.UUID, text: str) -> bool:
    """Whether these words were about going on here: a code, or an address to mail one to.

    What became of it is said in the conversation.
    """
    code = code_in(text)
    if code is not None:
        redeem_code(session, identity_id=identity_id, customer_id=customer_id, code=code)
        return True
    address = _ADDRESS.fullmatch(text) if mails(session) else None
    if address is None:
        return False
    try:
        ask_by_mail(session, identity_id=identity_id, email=address.group(1))
    except Invalid:
        return False
    except mailed_codes.TooMany:
        _say(session, customer_id, identity_id, "mail_too_many")
    else:
        _say(session, customer_id, identity_id, "mail_asked")
    return True


def mails(session: Session) -> bool:
    """Whether codes can be mailed here."""
    return bool(session.info.get("mail"))


def ask_by_mail(session: Session, *, identity_id: int, email: str) -> None:
    """Have a code mailed to this address if it is in a record; nobody learns here whether it is.

    Raises :class:`Invalid` for what is no address, :class:`ticketing.mailed_codes.TooMany`.
    """
    request = mailed_codes.ask(session, identity_id=identity_id, email=email)
    if request is not None:
        lanes.enqueue(
            session,
            lane=lanes.once(MAIL, str(request)),
            kind=MAIL,
            dedup=str(request),
            payload={"request": request},
        )


def redeem_code(
    session: Session, *, identity_id: int, customer_id: uuid.UUID, code: str
) -> Outcome:
    """Somebody gives a code at this address: from now on they are whom it was made for.

    Two customers of the shop stay two: one may have talked the other into giving the code, and
    would read all that they said. What became of it is said to them in their conversation, and
    returned; the caller commits in either case, because refusals are kept.
    """
    used = proofs.use_code(session, code, identity_id=identity_id)
    if isinstance(used, str):
        log.warning("a code to link two customers was refused: %s", used)
        _say(session, customer_id, identity_id, f"link_{used}")
        return used
    outcome: Outcome = "same"
    if not _one_person(session, customer_id, used.customer_id):
        both = all(_signed_in(session, one) for one in (customer_id, used.customer_id))
        if both and used.evidence == "code":
            log.warning("a code of another customer of the shop was refused")
            proofs.refuse(session, evidence="code", why="other_customer", identity_id=identity_id)
            _say(session, customer_id, identity_id, "link_other_customer")
            return "other_customer"
        link(
            session,
            customer_id=used.customer_id,
            other_id=customer_id,
            evidence=used.evidence,
        )
        outcome = "linked"
    _say(session, customer_id, identity_id, f"link_{outcome}")
    return outcome


def link(
    session: Session,
    *,
    customer_id: uuid.UUID,
    other_id: uuid.UUID,
    evidence: str,
    reason: str = "",
    agent: Agent | None = None,
) -> CustomerLink:
    """Link two customers, say so on their timeline, and show it on their tickets' cards.

    Raises what :func:`ticketing.links.link` raises.
    """
    made = links.link(
        session,
        customer_id=customer_id,
        other_id=other_id,
        evidence=evidence,
        reason=reason,
        agent_id=None if agent is None else agent.id,
    )
    _line(session, customer_id, agent, phrase=f"linked_by_{evidence}", reason=reason)
    for ticket in _unsolved(session, customer_id):
        outside.changed(session, ticket)
    return made


def unlink(session: Session, *, link_id: int, reason: str, agent: Agent) -> Apart:
    """Take a link back, say so on both timelines; who waits for a person still does.

    Raises what :func:`ticketing.links.unlink` raises.
    """
    apart = links.unlink(session, link_id=link_id, reason=reason, agent_id=agent.id)
    for person in apart.people:
        _line(session, person, agent, phrase="unlinked", reason=reason)
        for ticket in _unsolved(session, person):
            if ticket not in apart.opened:
                outside.changed(session, ticket)
                queue.attend(session, ticket)
    for ticket in apart.opened:
        outside.opened(session, ticket)
        queue.entered(session, ticket)
    return apart


def _one_person(session: Session, one: uuid.UUID, other: uuid.UUID) -> bool:
    return customers.get(session, one).root_id == customers.get(session, other).root_id


def _unsolved(session: Session, customer_id: uuid.UUID) -> list[Ticket]:
    """The open tickets of the person, those at rest included."""
    return list(
        session.scalars(
            select(Ticket).where(
                Ticket.customer_id.in_(customers.members(customer_id)), Ticket.state != "resolved"
            )
        )
    )


def _say(session: Session, customer_id: uuid.UUID, identity_id: int, key: str) -> None:
    customers.hold(session, customer_id)
    conversation = conversations.current(session, customer_id=customer_id)
    conversation.identity_id = identity_id
    session.flush()
    system_line(session, conversation, say(key, conversation.locale))


def _line(
    session: Session, customer_id: uuid.UUID, agent: Agent | None, *, phrase: str, reason: str
) -> None:
    """For agents, in the newest episode; the link itself is kept even where there is none."""
    conversation = session.scalar(
        select(Conversation)
        .where(Conversation.customer_id.in_(customers.members(customer_id)))
        .order_by(Conversation.joined_to.is_not(None), Conversation.id.desc())
        .limit(1)
    )
    if conversation is None:
        return
    values = {"agent": "" if agent is None else agent.name, "why": reason}
    note_line(session, conversation, phrase, values, kind=LINE, agent=agent)
