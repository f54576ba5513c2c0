"""The agent: claim, reply, note, resolve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import outside
from connectors.desk import queue, surveying
from connectors.desk.lines import note_line, reach, system_line
from connectors.phrases import say
from ticketing import attachments, conversations, csat, customers, history, tickets
from ticketing.attachments import File
from ticketing.errors import Conflict, Refused
from ticketing.models import Agent, Message, Ticket


def claim(session: Session, *, code: str, agent: Agent) -> Ticket:
    """Give a waiting ticket to ``agent``. Raises :class:`Conflict` with the winner's name."""
    ticket = locked(session, code)
    _claim(session, ticket, agent)
    return ticket


def _claim(session: Session, ticket: Ticket, agent: Agent) -> None:
    if tickets.claim(session, ticket, agent=agent):
        conversation = conversations.get(session, ticket.conversation_id)
        system_line(session, conversation, say("claimed", conversation.locale, agent=agent.name))
        outside.changed(session, ticket)
        queue.attend(session, ticket)


def reply(
    session: Session,
    *,
    code: str,
    agent: Agent,
    text: str,
    external_id: str | None = None,
    client_id: str | None = None,
    files: Sequence[File] = (),
    article: dict[str, Any] | None = None,
    to: int | None = None,
) -> tuple[Ticket, int]:
    """Answer the customer: ``(ticket, seq)``. A person's reply takes over at once.

    ``article``, with its ``id``, ``locale`` and ``title``, is what the answer is from. ``to`` is
    one of their addresses; without it the answer goes to where they wrote last.

    The same words under the same ``client_id`` again are the same reply: its answer was lost.
    Raises :class:`Conflict` when another agent holds the ticket or it is resolved, and
    :class:`Refused` for an address that is not theirs or cannot be written to.
    """
    ticket = locked(session, code)
    words = _words(text, files)
    said = history.said(session, ticket, agent_id=agent.id, client_id=client_id, **words)
    if said is not None:
        return ticket, said
    _claim(session, ticket, agent)
    conversation = conversations.get(session, ticket.conversation_id)
    if to is not None:
        conversation.identity_id = customers.reachable(session, ticket.customer_id, to)
        session.flush()
    else:
        if ticket.aside:  # where they are now, the talk in front knows
            ahead = conversations.ongoing(session, customer_id=ticket.customer_id)
            conversation.identity_id = ahead.identity_id if ahead else conversation.identity_id
            session.flush()
        if not reach(session, conversation):
            raise Refused(
                "there is no channel to answer this customer on yet; a note can be kept",
                reason="unreachable",
            )
    seq = history.record(
        session,
        conversation_id=conversation.id,
        customer_id=ticket.customer_id,
        author="agent",
        author_name=agent.name,
        agent_id=agent.id,
        **words,
        article=article,
        meta=_origin(external_id, client_id) | attachments.kept(files),
    )
    _keep(session, ticket, seq, files)
    if ticket.first_reply_at is None:
        ticket.first_reply_at = session.scalar(select(Message.at).where(Message.id == seq))
    queue.answered(session, ticket)
    if external_id is None:
        title = "" if article is None else str(article["title"])
        outside.agent_wrote(session, ticket, seq=seq or 0, agent=agent, text=text, article=title)
        outside.agent_sent(session, ticket, agent=agent, files=files)
    return ticket, seq or 0


def answer_at(session: Session, *, code: str, to: int, agent: Agent) -> None:
    """Have what is said go to this address of the customer, until they write from another.

    Raises :class:`Conflict` when another agent holds the ticket, and :class:`Refused` for an
    address that is not theirs or cannot be written to.
    """
    ticket = locked(session, code)
    mine(ticket, agent)
    conversation = conversations.get(session, ticket.conversation_id)
    conversation.identity_id = customers.reachable(session, ticket.customer_id, to)
    session.flush()
    outside.changed(session, ticket)


def note(
    session: Session,
    *,
    code: str,
    agent: Agent,
    text: str,
    external_id: str | None = None,
    client_id: str | None = None,
    files: Sequence[File] = (),
) -> tuple[Ticket, int]:
    """Keep words for colleagues only. No customer path selects internal lines."""
    ticket = locked(session, code)
    words = text or _names(files)
    said = history.said(
        session, ticket, agent_id=agent.id, client_id=client_id, text=words, kind="note"
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
        text=words,
        meta=_origin(external_id, client_id) | attachments.kept(files),
    )
    _keep(session, ticket, seq, files)
    if external_id is None:
        outside.agent_noted(session, ticket, seq=seq or 0, agent=agent, text=text)
        outside.agent_sent(session, ticket, agent=agent, files=files, internal=True)
    return ticket, seq or 0


def _words(text: str, files: Sequence[File]) -> dict[str, Any]:
    """Without words a line has the names of its files, for those who do not show files."""
    if text.strip() or not files:
        return {"kind": "text", "text": text}
    return {"kind": "file", "text": _names(files)}


def _names(files: Sequence[File]) -> str:
    return ", ".join(file.name for file in files)


def _keep(session: Session, ticket: Ticket, seq: int | None, files: Sequence[File]) -> None:
    if seq is not None and files:
        attachments.add(session, message_id=seq, customer_id=ticket.customer_id, files=files)


def whisper(
    session: Session, *, code: str, name: str, text: str, external_id: str, files: Sequence[File]
) -> tuple[Ticket, int]:
    """A note of a colleague who is no agent, under the name they have where they wrote it."""
    ticket = locked(session, code)
    seq = history.record(
        session,
        conversation_id=ticket.conversation_id,
        customer_id=ticket.customer_id,
        author="agent",
        author_name=name,
        kind="note",
        internal=True,
        text=text or _names(files),
        meta=_origin(external_id, None) | attachments.kept(files),
    )
    _keep(session, ticket, seq, files)
    return ticket, seq or 0


def _origin(external_id: str | None, client_id: str | None) -> dict[str, Any]:
    """Where an agent's line came from; what is not known is left out."""
    known = {"from": external_id, "client_id": client_id}
    return {name: value for name, value in known.items() if value is not None}


def resolve(session: Session, *, code: str, agent: Agent) -> Ticket:
    """End the ticket and ask the customer how it was, once per resolution."""
    ticket = locked(session, code)
    mine(ticket, agent)
    unanswered = ticket.state == "open" and ticket.first_reply_at is None
    if ticket.state == "open":  # theirs without a word to the customer: nobody comes any more
        tickets.claim(session, ticket, agent=agent)
    if not tickets.resolve(session, ticket):
        return ticket
    conversation = conversations.get(session, ticket.conversation_id)
    note_line(session, conversation, "solved", {"agent": agent.name})
    ask_rating(session, ticket, unanswered=unanswered)
    outside.changed(session, ticket)
    return ticket


def ask_rating(session: Session, ticket: Ticket, *, unanswered: bool = False) -> None:
    """Tell the customer that their ticket is resolved, and ask how it was, if that is possible.

    ``unanswered``: no agent had come.
    """
    conversation = conversations.get(session, ticket.conversation_id)
    if not reach(session, conversation):
        return
    survey = csat.ask(session, ticket)
    locale = conversation.locale
    not_solved = {
        "title": say("not_solved", locale),
        "payload": f'/not_solved{{"ticket": "{ticket.code}", "n": {ticket.reopened}}}',
    }
    if survey.skipped is not None:
        system_line(session, conversation, say("resolved_only", locale), buttons=[not_solved])
        return
    system_line(
        session,
        conversation,
        say("resolved_unanswered" if unanswered else "resolved", locale),
        kind="csat",
        buttons=[*surveying.score_buttons(survey, locale), not_solved],
        meta={"survey": str(survey.id)},
    )


def locked(session: Session, code: str) -> Ticket:
    """The ticket, with its person's lane and its row held: everyone takes turns.

    For one that rests since customers were linked it is the one that goes on.
    """
    ticket = tickets.get(session, code)
    customers.hold(session, ticket.customer_id)
    session.refresh(ticket)
    return tickets.get(session, tickets.standing(session, ticket).code, for_update=True)


def mine(ticket: Ticket, agent: Agent) -> None:
    """Raises :class:`Conflict` when a colleague holds it, unless ``agent`` is a lead."""
    if ticket.state == "claimed" and ticket.assignee_id != agent.id and agent.role == "agent":
        winner = ticket.assignee.name if ticket.assignee else ""
        raise Conflict(f"{winner} has claimed this ticket", winner=winner, reason="claimed")
