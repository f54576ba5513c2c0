"""What sending a macro's answer does beside sending it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from connectors.desk import planning
from connectors.desk.agent import reply, resolve
from ticketing import macros, tags
from ticketing.attachments import File
from ticketing.models import Agent, Ticket


def send(
    session: Session,
    *,
    code: str,
    agent: Agent,
    macro_id: int,
    text: str,
    client_id: str | None = None,
    to: int | None = None,
    files: Sequence[File] = (),
) -> Ticket:
    """Answer with the words that the agent made of a macro, then do what the macro does.

    The same words under the same ``client_id`` again change nothing. Raises what
    :func:`connectors.desk.reply` raises, and :class:`NotFound` for a macro that is gone.
    """
    macro = macros.get(session, macro_id)
    ticket, _ = reply(
        session, code=code, agent=agent, text=text, client_id=client_id, to=to, files=files
    )
    for tag in macro.tags:
        tags.add(session, ticket, tag, why=f"macro:{macro.name}")
    if macro.priority is not None and ticket.state != "resolved":
        planning.prioritise(session, code=ticket.code, priority=macro.priority, by=agent)
    if macro.resolves:
        resolve(session, code=ticket.code, agent=agent)
    return ticket
