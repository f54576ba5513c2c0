"""What a customer says is accepted, and what waits for them is fetched: functions over a session.

The platform gives its requests no id and tells nobody that it repeated one. So a request is taken
for a repetition of the last one if it says the same and either that one is not answered yet or it
came within :data:`REPEATED_S`; with a callback URL, if that is the same. Whoever means to say the
same twice does so after an answer, and later than that.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Uuid,
    bindparam,
    func,
    outerjoin,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from connectors import choices, desk, outside
from connectors.channel import Inbound, Outgoing
from connectors.desk import linking
from connectors.kakao.answer import RATINGS, Part, Waiting
from connectors.kakao.payload import CHANNEL, Request
from connectors.web.chat import article_link
from ticketing import customers, history, lanes
from ticketing.errors import Refused
from ticketing.models import Conversation, Customer, Delivery, Job, Message

REPEATED_S = 2.0
# So long after it was given out, nobody waits any more for the news that an answer went out.
UNCONFIRMED_S = 2.0
# More lines than fit into any answer.
LINES = 12
# The number of an identity, or what stands for it in a statement that is made once.
Address = int | BindParameter[int]


@dataclasses.dataclass(frozen=True, slots=True)
class Accepted:
    """Who asked, under what name the request is known here, and whether it was known before."""

    identity_id: int
    customer_id: uuid.UUID
    external_id: str
    again: bool


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """How far the customer's conversation is.

    ``busy``: something they said is not answered yet. ``unsure``: an answer is on its way out just
    now. ``waiting``: there are lines of which it is not known that the customer has them.
    ``holder``: see ``Conversation.state``.
    """

    busy: bool
    unsure: bool
    waiting: bool
    holder: str
    locale: str


def accept(session: Session, request: Request) -> Accepted:
    """Keep what the customer said; after the commit it is theirs to rely on."""
    address = request.address
    identity_id, customer_id = customers.identify(
        session,
        channel=CHANNEL,
        account=address.account,
        external_id=address.external_id,
        locale=request.locale,
    )
    if request.user_key:
        customers.claim(session, identity_id, {"user_key": request.user_key})
    who: dict[str, Any] = {"identity_id": identity_id, "customer_id": customer_id}
    if request.fetch:
        return Accepted(**who, external_id=f"fetch:{uuid.uuid4()}", again=False)
    customers.hold(session, customer_id)
    known = _repeated(session, identity_id, request)
    if known is not None:
        return Accepted(**who, external_id=known, again=True)
    external_id = _name(request)
    if request.payload is None and linking.given(session, **who, text=request.text):
        return Accepted(**who, external_id=f"code:{external_id}", again=False)
    payload = request.payload or _typed(session, identity_id, customer_id, request.text)
    inbound = Inbound(external_id=external_id, text=request.text, payload=payload)
    try:
        with session.begin_nested():
            desk.receive(session, **who, inbound=inbound)
    except Refused:
        if (payload or "").startswith(RATINGS):  # it was given already, and stays as it is
            return Accepted(**who, external_id=f"refused:{external_id}", again=False)
        # A button of long ago: what it said is said all the same.
        inbound = Inbound(external_id=external_id, text=request.text or "?")
        desk.receive(session, **who, inbound=inbound)
    return Accepted(**who, external_id=external_id, again=False)


def _name(request: Request) -> str:
    if request.callback_url is not None:
        return f"{request.digest}:{uuid.uuid5(uuid.NAMESPACE_URL, request.callback_url)}"
    return f"{request.digest}:{uuid.uuid4()}"


def _repeated(session: Session, identity_id: int, request: Request) -> str | None:
    """The name of the request that this one repeats. The caller holds the customer's lane."""
    if request.callback_url is not None:
        known = history.find(session, identity_id=identity_id, external_id=_name(request))
        return None if known is None else known.external_id
    last = session.execute(
        select(Message.external_id, (func.clock_timestamp() - Message.at).label("age"))
        .where(Message.identity_id == identity_id, Message.external_id.is_not(None))
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    if last is None or not last.external_id.startswith(f"{request.digest}:"):
        return None
    soon = last.age < dt.timedelta(seconds=REPEATED_S)
    unanswered = session.scalar(
        select(Job.id).where(
            Job.kind == "turn",
            Job.dedup == f"{identity_id}:{last.external_id}",
            Job.state == "pending",
        )
    )
    known_as: str = last.external_id
    return known_as if soon or unanswered is not None else None


def _typed(session: Session, identity_id: int, customer_id: uuid.UUID, text: str) -> str | None:
    """The payload of what the customer names in words, of all that stands in the last answer.

    What was said last comes first. A survey above it is answered by a score, too: it could not
    reach the customer any earlier than with their next message.
    """
    for number, line in enumerate(offered(session, identity_id)):
        survey = line.kind == "csat"
        payload = choices.chosen(text, line.buttons) if survey or number == 0 else None
        if payload is None and survey:
            payload = desk.score_in_words(session, line.buttons, customer_id=customer_id, text=text)
        if payload is not None:
            return payload
    return None


def offered(session: Session, identity_id: int) -> Sequence[Message]:
    """The lines of the answer that this customer fetched last, newest first.

    None of them if anything was said since.
    """
    last = (
        select(func.max(Delivery.at)).where(Delivery.identity_id == identity_id).scalar_subquery()
    )
    said_since = (
        select(Message.id)
        .where(Message.identity_id == identity_id, Message.author == "customer", Message.at > last)
        # As it is in any case; but so the older ones are not read.
        .where(
            tuple_(Message.identity_id, Message.id)
            > tuple_(identity_id, _newest_given(identity_id))
        )
        .exists()
    )
    return session.scalars(
        select(Message)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.identity_id == identity_id, Delivery.at == last, ~said_since)
        .order_by(Message.id.desc())
    ).all()


def _newest_given(identity_id: Address) -> ScalarSelect[int]:
    return (
        select(func.max(Delivery.message_id))
        .where(Delivery.identity_id == identity_id)
        .scalar_subquery()
    )


def _waits(identity_id: Address) -> tuple[ColumnElement[bool], ...]:
    """Lines said at this address of which the customer has not got all, as far as is known.

    What was given out by a process that died before it could say so is among them: rather twice
    than behind what was said later. Lines are given oldest first, so what waits begins with the
    first of those or, without any, behind the newest that was given. (Asked for each line whether
    it was given, PostgreSQL reads what everybody was ever given.)
    """
    first_open = (
        select(func.min(Delivery.message_id))
        .where(Delivery.identity_id == identity_id)
        .where(Delivery.confirmed.is_(False) | Delivery.shown.is_not(None))
        .scalar_subquery()
    )
    first = func.coalesce(first_open, _newest_given(identity_id) + 1, 0)
    return (
        Message.identity_id == identity_id,
        # In this form the lines of others since then are not read either.
        tuple_(Message.identity_id, Message.id) >= tuple_(identity_id, first),
        Message.internal.is_(False),
        Message.author != "customer",
        Message.kind != history.EDIT,
    )


# Asked several times for every request, so it is one statement, made once.
_IDENTITY, _CUSTOMER = bindparam("identity", type_=BigInteger), bindparam("customer", type_=Uuid)
_OPEN = (
    select(Conversation.state, Conversation.locale)
    .where(
        Conversation.customer_id.in_(customers.members(_CUSTOMER)),
        Conversation.state != "closed",
        Conversation.joined_to.is_(None),
        Conversation.aside.is_(False),
    )
    .subquery("open")
)
_STATE = (
    select(
        select(Job.id)
        .where(
            Job.lane == func.concat("in:", Customer.root_id),
            Job.kind == "turn",
            Job.state == "pending",
            Job.payload["identity"].as_integer() == _IDENTITY,
        )
        .exists()
        .label("busy"),
        select(Delivery.message_id)
        .where(Delivery.identity_id == _IDENTITY, Delivery.confirmed.is_(False))
        .where(Delivery.at > func.now() - dt.timedelta(seconds=UNCONFIRMED_S))
        .exists()
        .label("unsure"),
        select(Message.id).where(*_waits(_IDENTITY)).exists().label("waiting"),
        func.coalesce(_OPEN.c.state, "closed").label("holder"),
        func.coalesce(_OPEN.c.locale, Customer.locale).label("locale"),
    )
    .select_from(outerjoin(Customer, _OPEN, true()))
    .where(Customer.id == _CUSTOMER)
)


def state(session: Session, identity_id: int, customer_id: uuid.UUID) -> State:
    """How far the customer's conversation is."""
    asked = {"identity": identity_id, "customer": customer_id}
    return State(*session.connection().execute(_STATE, asked).one())


def waiting(session: Session, identity_id: int, *, public_url: str) -> list[Waiting]:
    """The next lines for this address, oldest first."""
    return _lines(session, _waits(identity_id), public_url)


def given(
    session: Session, identity_id: int, external_id: str, *, public_url: str
) -> list[Waiting]:
    """The lines that were given in answer to a request that now comes again."""
    which = (
        Message.identity_id == identity_id,
        Message.id.in_(
            select(Delivery.message_id).where(Delivery.external_ids.contains([external_id]))
        ),
    )
    return [Waiting(one.line) for one in _lines(session, which, public_url)]


def _lines(
    session: Session, which: Sequence[ColumnElement[bool]], public_url: str
) -> list[Waiting]:
    found = session.execute(
        select(Message, Conversation.locale, Delivery.shown)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Delivery, Delivery.message_id == Message.id)
        .where(*which)
        .order_by(Message.id)
        .limit(LINES)
    )
    return [
        Waiting(
            Outgoing(
                seq=line.id,
                author=line.author,
                author_name=line.author_name,
                kind=line.kind,
                locale=locale,
                text=line.text,
                buttons=line.buttons,
                article=article_link(line.article, public_url),
                attachments=line.meta.get("attachments", []),
            ),
            shown or 0,
        )
        for line, locale, shown in found
    ]


def hold(session: Session, request: Request) -> None:
    """One request of a customer at a time takes what waits for them."""
    address = request.address
    lanes.lock(session, lane(address.account, address.external_id))


def lane(account: str, external_id: str) -> str:
    """The lane of an address, as :func:`ticketing.history.record` names it."""
    return f"out:{CHANNEL}:{account}:{external_id}"


def give(
    session: Session, identity_id: int, external_id: str, parts: Sequence[Part], *, confirmed: bool
) -> None:
    """Note that these parts are in the answer to a request."""
    for part in parts:
        facts = {"identity_id": identity_id, "external_ids": [external_id], "at": func.now()}
        facts |= {"shown": part.shown, "confirmed": confirmed or part.shown is not None}
        session.execute(
            insert(Delivery)
            .values(message_id=part.seq, **facts)
            .on_conflict_do_update(index_elements=[Delivery.message_id], set_=facts)
        )
    if confirmed:
        _tell(session, [part.seq for part in parts if part.shown is None])


def confirm(session: Session, parts: Sequence[Part]) -> None:
    """The answer with these parts went out."""
    whole = [part.seq for part in parts if part.shown is None]
    news = session.scalars(
        update(Delivery)
        .where(Delivery.message_id.in_(whole), Delivery.confirmed.is_(False))
        .values(confirmed=True)
        .returning(Delivery.message_id)
        .execution_options(synchronize_session=False)
    )
    _tell(session, news.all())


def _tell(session: Session, seqs: Sequence[int]) -> None:
    """Whoever answered hears that the customer has it now."""
    lines = session.scalars(
        select(Message).where(Message.id.in_(seqs), Message.author == "agent")
    ).all()
    for line in lines:
        outside.arrived(session, line)
        history.touch(session, line.customer_id, "state")
