"""The story of the product: receive, bot turn, agent reply, resolve, rate.

Every function writes history, state and outgoing work in the caller's one transaction, under the
customer's lane. Who holds the conversation is checked in that transaction, so an answer that was
computed while a person took over is never sent.
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import outside
from connectors.channel import Inbound
from connectors.phrases import language, say
from connectors.rasa import Reply
from ticketing import conversations, csat, history, lanes, tickets
from ticketing.customers import lane as customer_lane
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.lanes import Work
from ticketing.models import Agent, Conversation, Message, Ticket

HUMAN = "/human"
COMMANDS = ("/choose_article", "/helpful", "/not_helpful", HUMAN)


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """An accepted message; ``again`` when the same one had been accepted before."""

    seq: int
    again: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Turn:
    """What the bot is asked in one turn, and the state it was asked in."""

    conversation_id: int
    customer_id: uuid.UUID
    version: int
    holder: str
    locale: str
    seq: int
    text: str
    payload: str | None


# --- the customer ---------------------------------------------------------------------------


def receive(
    session: Session,
    *,
    customer_id: uuid.UUID,
    identity_id: int,
    inbound: Inbound,
    locale: str = "ko",
) -> Receipt:
    """Accept what a customer wrote or pressed; after the commit it is theirs to rely on.

    Raises :class:`Conflict` when the same external id comes with other content, and
    :class:`Refused` for a button this customer was never shown.
    """
    text, rating = inbound.text, False
    if inbound.payload is not None:
        title = history.offered(session, customer_id=customer_id, payload=inbound.payload)
        if title is None and inbound.payload != HUMAN:
            raise Refused("this button was not offered in this conversation")
        text = title or say("human", locale)
        rating = not _is_command(inbound.payload)
    if rating:
        lanes.lock(session, customer_lane(customer_id))
        conversation = _rated_conversation(session, customer_id, inbound.payload or "")
    else:
        job = lanes.enqueue(
            session,
            lane=customer_lane(customer_id),
            kind="turn",
            dedup=f"{identity_id}:{inbound.external_id}",
            payload={"identity": identity_id, "external_id": inbound.external_id},
        )
        if job is None:
            return _again(session, identity_id, inbound)
        conversation = conversations.current(session, customer_id=customer_id, locale=locale)
    seq = history.record(
        session,
        conversation_id=conversation.id,
        customer_id=customer_id,
        identity_id=identity_id,
        author="customer",
        kind="text" if inbound.payload is None else "button",
        text=text,
        meta={} if inbound.payload is None else {"payload": inbound.payload},
        external_id=inbound.external_id,
    )
    if seq is None:
        return _again(session, identity_id, inbound)
    if rating and inbound.payload is not None:
        _after_service(session, conversation, inbound.payload)
    return Receipt(seq, again=False)


def _again(session: Session, identity_id: int, inbound: Inbound) -> Receipt:
    """The receipt of the first time; what it was sent as decides whether it is the same."""
    known = history.find(session, identity_id=identity_id, external_id=inbound.external_id)
    same = known is not None and (
        known.meta.get("payload") == inbound.payload
        if inbound.payload is not None
        else known.kind == "text" and known.text == inbound.text
    )
    if known is None or not same:
        raise Conflict("this client_id was used for another message")
    return Receipt(known.id, again=True)


def _is_command(payload: str) -> bool:
    return payload.split("{", 1)[0] in COMMANDS


def _arguments(payload: str) -> tuple[str, dict[str, Any]]:
    name, brace, rest = payload.partition("{")
    return name, json.loads(brace + rest) if brace else {}


def _rated_conversation(session: Session, customer_id: uuid.UUID, payload: str) -> Conversation:
    """A rating belongs to the episode it rates, not to a new one."""
    name, arguments = _arguments(payload)
    if name == "/rate":
        survey = csat.get(session, str(arguments["survey"]), customer_id=customer_id)
        return conversations.get(session, survey.ticket.conversation_id)
    ticket = tickets.get(session, str(arguments["ticket"]))
    return conversations.get(session, ticket.conversation_id)


def _after_service(session: Session, conversation: Conversation, payload: str) -> None:
    name, arguments = _arguments(payload)
    if name == "/rate":
        survey = csat.get(session, str(arguments["survey"]), customer_id=conversation.customer_id)
        csat.rate(session, survey, score=int(arguments["score"]))
        _system(
            session,
            conversation,
            say("rated", conversation.locale),
            kind="rating",
            meta={"survey": str(survey.id), "score": survey.score},
        )
        outside.rated(session, survey)
    elif name == "/not_solved":
        ticket = tickets.get(session, str(arguments["ticket"]), for_update=True)
        if ticket.customer_id != conversation.customer_id:
            raise NotFound("there is no such ticket")
        if tickets.reopen(session, ticket):
            _system(session, conversation, say("reopened", conversation.locale, code=ticket.code))
            outside.reopened(session, ticket)


def comment(session: Session, *, customer_id: uuid.UUID, survey_id: str, text: str) -> None:
    """Keep the words a customer adds to a rating."""
    survey = csat.get(session, survey_id, customer_id=customer_id)
    csat.comment(session, survey, text=text)
    outside.rated(session, survey)


# --- the bot --------------------------------------------------------------------------------


def begin_turn(session: Session, work: Work) -> Turn:
    """What the job asks of the bot, and who holds the conversation at this moment."""
    row = session.execute(
        select(
            *(Message.id, Message.customer_id, Message.text, Message.kind, Message.meta),
            *(Message.conversation_id, Conversation.version, Conversation.state),
            Conversation.locale,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.identity_id == work.payload["identity"],
            Message.external_id == work.payload["external_id"],
        )
    ).one()
    typed = row.kind == "text"
    return Turn(
        conversation_id=row.conversation_id,
        customer_id=row.customer_id,
        version=row.version,
        holder=row.state,
        locale=language(row.text, row.locale) if typed else row.locale,
        seq=row.id,
        text=row.text,
        payload=row.meta.get("payload"),
    )


def end_turn(session: Session, turn: Turn, replies: list[Reply] | None) -> None:
    """Write what the bot said, if it still holds the conversation; ``None``: it failed to answer.

    A message to a conversation that a person holds is shown to that person instead.
    """
    conversation = conversations.get(session, turn.conversation_id, for_update=True)
    if conversation.state != "bot" or conversation.version != turn.version:
        _to_person(session, conversation, turn)
        return
    if turn.payload in ("/helpful", "/not_helpful"):
        history.vote(
            session,
            conversation_id=conversation.id,
            vote="up" if turn.payload == "/helpful" else "down",
        )
    if replies is None:
        text = say("bot_unavailable", turn.locale)
        replies = [
            Reply(kind="hand_off", text=text, reason="bot_unavailable", locale=turn.locale)  # type: ignore[arg-type]
        ]
    for reply in replies:
        _say(session, conversation, turn, reply)
        if reply.kind == "hand_off":
            conversation.locale = reply.locale
            _escalate(session, conversation, turn, reason=reply.reason or "customer_asked")
            return
    if conversation.locale != replies[-1].locale:
        conversation.locale = replies[-1].locale


def _say(session: Session, conversation: Conversation, turn: Turn, reply: Reply) -> None:
    if reply.vote is not None and turn.payload is None:
        history.vote(session, conversation_id=conversation.id, vote=reply.vote)
    meta: dict[str, Any] = {"question": turn.text, "tried": reply.tried}
    if reply.score is not None:
        meta["score"] = round(reply.score, 4)
    if reply.vote == "down":
        meta["rejected"] = True
    history.record(
        session,
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        author="bot",
        kind=reply.kind,
        text=reply.text,
        buttons=[button.model_dump() for button in reply.buttons],
        article=None if reply.article is None else reply.article.model_dump(),
        meta=meta,
    )


def _escalate(session: Session, conversation: Conversation, turn: Turn, *, reason: str) -> None:
    tried = tickets.tried(session, conversation_id=conversation.id)
    context = conversations.bot_context(session, conversation_id=conversation.id)
    question = context.last_question or (turn.text if turn.payload is None else "")
    ticket, new = tickets.open_ticket(
        session, conversation=conversation, reason=reason, question=question, tried=tried
    )
    phrase = "queued" if new else "queued_already"
    _system(session, conversation, say(phrase, conversation.locale, code=ticket.code))
    if new:
        outside.opened(session, ticket)


def _to_person(session: Session, conversation: Conversation, turn: Turn) -> None:
    ticket = session.scalar(
        select(Ticket).where(Ticket.customer_id == turn.customer_id, Ticket.state != "resolved")
    )
    if ticket is None:
        return
    if turn.payload == HUMAN:
        name = ticket.assignee.name if ticket.assignee else ""
        key = "with_agent" if ticket.state == "claimed" else "queued_already"
        _system(session, conversation, say(key, conversation.locale, code=ticket.code, agent=name))
    outside.customer_wrote(session, ticket, seq=turn.seq, text=turn.text)


def give_up_turn(session: Session, work: Work, error: str) -> None:
    """The bot broke on this message again and again: a person gets it, the next one goes on.

    Other dead letters are listed for agents by :func:`ticketing.lanes.dead_letters`.
    """
    if work.kind == "turn":
        end_turn(session, begin_turn(session, work), None)


# --- the agent ------------------------------------------------------------------------------


def claim(session: Session, *, code: str, agent: Agent) -> Ticket:
    """Give a waiting ticket to ``agent``. Raises :class:`Conflict` with the winner's name."""
    ticket = _locked(session, code)
    _claim(session, ticket, agent)
    return ticket


def _claim(session: Session, ticket: Ticket, agent: Agent) -> None:
    if tickets.claim(session, ticket, agent=agent):
        conversation = conversations.get(session, ticket.conversation_id)
        _system(session, conversation, say("claimed", conversation.locale, agent=agent.name))
        outside.changed(session, ticket)


def reply(
    session: Session,
    *,
    code: str,
    agent: Agent,
    text: str,
    external_id: str | None = None,
    client_id: str | None = None,
) -> tuple[Ticket, int]:
    """Answer the customer: ``(ticket, seq)``. A person's reply takes over at once.

    The same words under the same ``client_id`` again are the same reply: its answer was lost.
    Raises :class:`Conflict` when another agent holds the ticket or it is resolved.
    """
    ticket = _locked(session, code)
    said = history.said(session, ticket, agent_id=agent.id, client_id=client_id, text=text)
    if said is not None:
        return ticket, said
    _claim(session, ticket, agent)
    conversation = conversations.get(session, ticket.conversation_id)
    seq = history.record(
        session,
        conversation_id=conversation.id,
        customer_id=ticket.customer_id,
        author="agent",
        author_name=agent.name,
        agent_id=agent.id,
        text=text,
        meta=_origin(external_id, client_id),
    )
    if ticket.first_reply_at is None:
        ticket.first_reply_at = session.scalar(select(Message.at).where(Message.id == seq))
    if external_id is None:
        outside.agent_wrote(session, ticket, seq=seq or 0, agent=agent, text=text)
    return ticket, seq or 0


def note(
    session: Session,
    *,
    code: str,
    agent: Agent,
    text: str,
    external_id: str | None = None,
    client_id: str | None = None,
) -> tuple[Ticket, int]:
    """Keep words for colleagues only. No customer path selects internal lines."""
    ticket = _locked(session, code)
    said = history.said(
        session, ticket, agent_id=agent.id, client_id=client_id, text=text, kind="note"
    )
    if said is not None:
        return ticket, said
    seq = history.record(
        session,
        conversation_id=ticket.conversation_id,
        customer_id=ticket.customer_id,
        author="agent",
        author_name=agent.name,
        agent_id=agent.id,
        kind="note",
        internal=True,
        text=text,
        meta=_origin(external_id, client_id),
    )
    if external_id is None:
        outside.agent_noted(session, ticket, seq=seq or 0, agent=agent, text=text)
    return ticket, seq or 0


def _origin(external_id: str | None, client_id: str | None) -> dict[str, Any]:
    """Where an agent's line came from; what is not known is left out."""
    known = {"from": external_id, "client_id": client_id}
    return {name: value for name, value in known.items() if value is not None}


def resolve(session: Session, *, code: str, agent: Agent) -> Ticket:
    """End the ticket and ask the customer how it was, once per resolution."""
    ticket = _locked(session, code)
    if ticket.state == "claimed" and ticket.assignee_id != agent.id and agent.role == "agent":
        winner = ticket.assignee.name if ticket.assignee else ""
        raise Conflict(f"{winner} has claimed this ticket", winner=winner)
    if ticket.state == "open":
        _claim(session, ticket, agent)
    conversation = conversations.get(session, ticket.conversation_id)
    if not tickets.resolve(session, ticket):
        return ticket
    survey = csat.ask(session, ticket)
    locale = conversation.locale
    buttons = [
        {
            "title": say(f"score_{score}", locale),
            "payload": f'/rate{{"survey": "{survey.id}", "score": {score}}}',
        }
        for score in (5, 4, 3, 2, 1)
    ]
    buttons.append(
        {
            "title": say("not_solved", locale),
            "payload": f'/not_solved{{"ticket": "{ticket.code}", "n": {ticket.reopened}}}',
        }
    )
    _system(
        session,
        conversation,
        say("resolved", locale),
        kind="csat",
        buttons=buttons,
        meta={"survey": str(survey.id)},
    )
    outside.changed(session, ticket)
    return ticket


def _locked(session: Session, code: str) -> Ticket:
    """The ticket, with its customer's lane and its row held: everyone takes turns."""
    ticket = tickets.get(session, code)
    lanes.lock(session, customer_lane(ticket.customer_id))
    return tickets.get(session, code, for_update=True)


def _system(
    session: Session,
    conversation: Conversation,
    text: str,
    *,
    kind: str = "event",
    buttons: list[dict[str, Any]] | None = None,
    meta: dict[str, Any] | None = None,
) -> None:
    history.record(
        session,
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        author="system",
        kind=kind,
        text=text,
        buttons=buttons or [],
        meta=meta,
    )
