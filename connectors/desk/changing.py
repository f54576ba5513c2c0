"""What an agent wrote, changed afterwards: other words, taken back, or sent after all."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from connectors.channel import CHANGEABLE
from connectors.desk.agent import reply
from connectors.phrases import say
from ticketing import conversations, history
from ticketing.errors import Conflict
from ticketing.models import Agent, Attachment, Csat, Message, Ticket


def change(session: Session, ticket: Ticket, line: Message, *, text: str) -> None:
    """Give a line other words. The caller holds the customer's lane, as in all functions here.

    Where the channel cannot change what the customer has got, a correction follows it.
    """
    if line.internal or _changeable(session, line):
        history.revise(session, line, text=text)
        return
    locale = conversations.get(session, line.conversation_id).locale
    history.record(
        session,
        conversation_id=line.conversation_id,
        customer_id=line.customer_id,
        author="agent",
        author_name=line.author_name,
        agent_id=line.agent_id,
        text=say("correction", locale, text=text),
        meta={"corrects": line.id},
    )


def delete(session: Session, line: Message) -> bool:
    """Take a line's words back; whether the customer does not have them any more."""
    if not (line.internal or _changeable(session, line)):
        return False
    locale = conversations.get(session, line.conversation_id).locale
    history.revise(session, line, text=say("deleted", locale), deleted=True)
    return True


def was_resolved_since(session: Session, ticket: Ticket, line: Message) -> bool:
    """Whether the ticket was resolved after this line, so that the customer may have gone."""
    asked = session.scalar(select(func.max(Csat.asked_at)).where(Csat.ticket_id == ticket.id))
    return asked is not None and line.at < asked


def send(session: Session, ticket: Ticket, line: Message, *, agent: Agent) -> int | None:
    """Send the words and files of a note to the customer; ``None`` if they were sent before.

    The note stays where it was. Its files are the answer's from now on. Raises
    :class:`Conflict` as :func:`connectors.desk.reply` does, and for a note that was deleted.
    """
    if "sent" in line.meta:
        return None
    if line.meta.get("changed") == "deleted":
        raise Conflict("its words were deleted", reason="deleted")
    kept = dict(line.meta)
    _, seq = reply(
        session, code=ticket.code, agent=agent, text=line.text, external_id=kept.pop("from")
    )
    files = kept.pop("attachments", None)
    if files:
        session.execute(
            update(Attachment).where(Attachment.message_id == line.id).values(message_id=seq)
        )
        answer = session.get_one(Message, seq)
        answer.meta = answer.meta | {"attachments": files}
        if answer.text == ", ".join(file["name"] for file in files):
            answer.kind = "file"  # there were no words
    line.meta = kept | {"sent": seq}
    return seq


def _changeable(session: Session, line: Message) -> bool:
    return history.channel(session, line) in CHANGEABLE or history.unfetched(session, line)
