"""What an agent did for a customer who rated badly: the task ends, and colleagues read of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from connectors.desk import agent as desk
from connectors.phrases import say
from ticketing import history, recovery
from ticketing.models import Agent, Recovery


def done(session: Session, recovery_id: int, *, agent: Agent, outcome: str) -> Recovery:
    """End the task with what was done. Raises what :func:`ticketing.recovery.finish` does."""
    task = recovery.finish(session, recovery_id, outcome=outcome, by=agent.name)
    ticket = task.csat.ticket
    if ticket is not None:
        locale = ticket.customer.locale
        words = say("recovered", locale, outcome=task.outcome or "")
        desk.note(session, code=ticket.code, agent=agent, text=words)
    history.touch(session, task.csat.customer_id, "state")
    return task
