"""Who holds the conversation: bot → queued → agent → closed, one outcome per episode."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping

from sqlalchemy import ARRAY, BigInteger, Integer, bindparam, func, select
from sqlalchemy.orm import Session

from ticketing import csat, history
from ticketing.customers import members
from ticketing.errors import Erased, NotFound
from ticketing.models import Agent, Conversation, Customer, Message, Ticket

# Which holder may follow which. Reopening leads back from closed.
MOVES = {
    "bot": {"queued", "agent", "closed"},
    "queued": {"agent", "closed"},
    "agent": {"queued", "closed"},
    "closed": {"queued", "agent"},
}


@dataclasses.dataclass(frozen=True, slots=True)
class TicketStatus:
    """A ticket in the words a customer may hear."""

    code: str
    state: str
    assignee: str | None
    opened_at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class BotContext:
    """What the bot may know of the episode so far, read from the history."""

    locale: str
    last_question: str | None
    shown_articles: tuple[str, ...]
    rejections: int
    ticket: TicketStatus | None
    offered: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    turned_down: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    said: str = ""
    settled: bool = False


def current(session: Session, *, customer_id: uuid.UUID) -> Conversation:
    """The person's open episode, begun now in the customer's language if there is none.

    The caller holds their lane.
    """
    conversation = ongoing(session, customer_id=customer_id)
    if conversation is None:
        locale = session.scalar(
            select(Customer.locale).where(Customer.id == customer_id, Customer.erased_at.is_(None))
        )
        if locale is None:
            raise Erased("there is no such customer")
        conversation = Conversation(customer_id=customer_id, locale=locale, state="bot", version=0)
        session.add(conversation)
        session.flush()
        history.touch(session, customer_id, "state")
    return conversation


def ongoing(session: Session, *, customer_id: uuid.UUID) -> Conversation | None:
    """The person's open episode, if there is one."""
    return session.scalar(
        select(Conversation).where(
            Conversation.customer_id.in_(members(customer_id)),
            Conversation.state != "closed",
            Conversation.joined_to.is_(None),
            Conversation.aside.is_(False),
        )
    )


def get(session: Session, conversation_id: int, *, for_update: bool = False) -> Conversation:
    """The episode, locked for a change of hands if asked. Raises :class:`NotFound`."""
    conversation = session.get(
        Conversation, conversation_id, with_for_update=for_update, populate_existing=for_update
    )
    if conversation is None:
        raise NotFound("there is no such conversation")
    return conversation


# Of plain columns: every turn asks it, with what else ends at that moment. Episodes are locked in
# the order of their numbers.
_talk = Conversation.__table__.c
_asked = (
    func.unnest(
        bindparam("conversations", type_=ARRAY(BigInteger)),
        bindparam("versions", type_=ARRAY(Integer)),
    )
    .table_valued("id", "version", name="asked")
    .render_derived()
)
_BOT_HOLDS = (
    select(_talk.id, _talk.locale)
    .where(
        _talk.id == _asked.c.id,
        _talk.version == _asked.c.version,
        _talk.state == "bot",
    )
    .order_by(_talk.id)
    .with_for_update(of=Conversation.__table__)
)


def bot_holds(session: Session, versions: Mapping[int, int]) -> dict[int, str]:
    """Those of these episodes that the bot holds unchanged since their version; they stay locked.

    By the episode's id, ``versions`` as well as the answer, which has their languages.
    """
    asked = {"conversations": list(versions), "versions": list(versions.values())}
    rows = session.connection().execute(_BOT_HOLDS, asked)
    return {row.id: row.locale for row in rows}


def move(
    session: Session, conversation: Conversation, state: str, *, outcome: str | None = None
) -> None:
    """Hand the conversation over. Raises ``ValueError`` for a move that does not exist.

    The version grows with every change, so an answer computed for an earlier holder shows as
    such when it comes to be written.
    """
    if state == conversation.state:
        return
    if state not in MOVES[conversation.state]:
        raise ValueError(f"a conversation cannot go from {conversation.state} to {state}")
    if (state == "closed") != (outcome is not None):
        raise ValueError("a closed conversation has an outcome, an open one has none")
    conversation.state = state
    conversation.version += 1
    conversation.outcome = outcome
    conversation.closed_at = func.now() if state == "closed" else None
    session.flush()
    history.touch(session, conversation.customer_id, "state")


def bot_outcome(session: Session, conversation_id: int) -> str:
    """How an episode that only the bot held ended: answered, unless its last word was no answer."""
    last = session.execute(
        select(Message.kind, Message.vote)
        .where(Message.conversation_id == conversation_id, Message.author == "bot")
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    if last is None or last.kind in ("unknown", "clarify") or last.vote == "down":
        return "abandoned"
    return "answered"


def close_idle(session: Session, *, idle: dt.timedelta, limit: int = 200) -> int:
    """End the bot's episodes in which nothing was said for ``idle``; how many ended."""
    stale = session.scalars(
        select(Conversation)
        .where(
            Conversation.state == "bot",
            Conversation.last_message_at < func.now() - idle,
        )
        .order_by(Conversation.last_message_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for conversation in stale:
        outcome = bot_outcome(session, conversation.id)
        move(session, conversation, "closed", outcome=outcome)
        csat.too_late(session, conversation)
    return len(stale)


def bot_context(session: Session, *, conversation_id: int) -> BotContext:
    """What the bot's next answer may build on. Raises :class:`NotFound`.

    ``shown_articles`` are in the order in which they were last shown; ``last_question`` is the last
    thing the customer asked, in full, a mere rejection aside; ``rejections`` counts the answers
    turned down in a row; ``offered`` are the payloads of the buttons under the last thing said to
    the customer. ``topics`` are the questions that are asked without what was said before, and the
    titles of the articles that were chosen, the latest last; ``unanswered`` are those of them that
    nothing was found for; ``turned_down`` are the articles that
    the last of them was said to have nothing to do with; ``told`` are the texts of the last
    answers, as far as they are of one article; ``said`` is what the bot said last; ``settled``
    says that the last answer helped, as the customer said.
    """
    conversation = get(session, conversation_id)
    lines = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.internal.is_(False))
        .order_by(Message.id.desc())
        .limit(40)
    ).all()[::-1]
    question: str | None = None
    shown: list[str] = []
    topics: list[str] = []
    unanswered: list[str] = []
    told: list[str] = []
    turned_down: tuple[str, ...] = ()
    rejections = 0
    asked: str | None = None
    offered: tuple[str, ...] = ()
    said = ""
    settled = False
    for line in lines:
        if line.author == "customer":
            asked = line.text if line.kind == "text" else asked
            continue
        offered = tuple(str(button["payload"]) for button in line.buttons)
        said = line.text if line.author == "bot" else said
        if line.author != "bot" or line.kind not in ("answer", "clarify", "unknown"):
            continue
        settled = line.kind == "answer" and line.vote == "up"
        rejects = bool(line.meta.get("rejected"))
        if rejects:
            rejections += 1
        elif line.kind != "unknown":
            rejections = 0
        topic = None
        if asked is not None:
            full = str(line.meta.get("question") or asked)
            # Nothing was asked by a mere "no"; "no, from abroad" is what it is about now, and "how
            # long does it take?" is asked of what it was about.
            if full != asked or not rejects:
                question = full
            topic = full if (full != asked) == rejects else None
            asked = None
        elif line.article and not rejects:
            topic = str(line.article["title"])
        if line.article and line.meta.get("chosen"):  # by a button, or by a mere "yes"
            topic = str(line.article["title"])
        if topic is not None:
            topics.append(topic)
            turned_down = ()
            if line.kind == "unknown":
                unanswered.append(topic)
        if rejects:
            turned_down = tuple(shown)
        if line.kind == "answer" and line.article:
            article = str(line.article["id"])
            if shown[-1:] != [article]:
                told = []
            shown.append(article)
            told.append(line.text)
    return BotContext(
        locale=conversation.locale,
        last_question=question,
        shown_articles=tuple(dict.fromkeys(reversed(shown)))[::-1],
        rejections=rejections,
        ticket=_latest_ticket(session, conversation.customer_id),
        offered=offered,
        topics=tuple(topics),
        told=tuple(told),
        turned_down=turned_down,
        unanswered=tuple(unanswered),
        said=said,
        settled=settled,
    )


def _latest_ticket(session: Session, customer_id: uuid.UUID) -> TicketStatus | None:
    row = session.execute(
        select(Ticket.code, Ticket.state, Agent.name, Ticket.opened_at)
        .outerjoin(Agent, Agent.id == Ticket.assignee_id)
        .where(Ticket.customer_id.in_(members(customer_id)), Ticket.joined_to.is_(None))
        .order_by((Ticket.state != "resolved").desc(), Ticket.aside, Ticket.id.desc())
        .limit(1)
    ).first()
    return None if row is None else TicketStatus(row.code, row.state, row.name, row.opened_at)


@dataclasses.dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a customer's conversation now, as the customer may know it."""

    state: str
    agent: str | None
    ticket: str | None


_HOLDER = (
    select(Conversation.state, Ticket.code, Agent.name)
    .select_from(Conversation)
    .outerjoin(
        Ticket,
        Ticket.customer_id.in_(members(bindparam("customer")))
        & (Ticket.state != "resolved")
        & Ticket.joined_to.is_(None)
        & Ticket.aside.is_(False),
    )
    .outerjoin(Agent, Agent.id == Ticket.assignee_id)
    .where(
        Conversation.customer_id.in_(members(bindparam("customer"))),
        Conversation.state != "closed",
        Conversation.joined_to.is_(None),
        Conversation.aside.is_(False),
    )
)


def holder(session: Session, *, customer_id: uuid.UUID) -> Holder:
    """Who the customer is talking to: the newest open episode, else ``closed``."""
    row = session.execute(_HOLDER, {"customer": customer_id}).first()
    return Holder("closed", None, None) if row is None else Holder(row[0], row[2], row[1])
