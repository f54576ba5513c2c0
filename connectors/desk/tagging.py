"""Tags that agents put on tickets and take off."""

from __future__ import annotations

from sqlalchemy.orm import Session

from connectors import outside
from connectors.desk.agent import locked
from ticketing import tags
from ticketing.models import Agent


def tag(session: Session, *, code: str, tag: str, agent: Agent) -> None:
    """Put a tag on a ticket. Any agent may."""
    ticket = locked(session, code)
    if tags.add(session, ticket, tag, why=f"agent:{agent.name}"):
        outside.changed(session, ticket)


def untag(session: Session, *, code: str, tag: str) -> None:
    """Take a tag off a ticket. Any agent may."""
    ticket = locked(session, code)
    if tags.remove(session, ticket, tag):
        outside.changed(session, ticket)
