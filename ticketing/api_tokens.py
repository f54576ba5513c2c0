"""API tokens: which there are, when each was last used, and revoking them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ticketing import agents
from ticketing.customers import token_hash
from ticketing.errors import NotFound, Refused
from ticketing.models import Agent, AgentToken

LONGEST_LIFE = dt.timedelta(days=3650)


def create(
    session: Session, agent: Agent, *, by: str, label: str = "", life: dt.timedelta | None = None
) -> tuple[str, AgentToken]:
    """A new API token, shown this once, and what is kept of it; it never expires without ``life``.

    Raises :class:`Refused` for a bad label or life, and for an agent who has left.
    """
    label = label.strip()
    if len(label) > 80 or not label.isprintable():
        raise Refused("a token's label has at most 80 characters, without line breaks")
    if life is not None and not dt.timedelta(0) < life <= LONGEST_LIFE:
        raise Refused(f"a token expires after 1 to {LONGEST_LIFE.days} days")
    if not agent.active:
        raise Refused(f"{agent.name} has left")
    token = agents.issue(session, agent, kind="api", label=label, life=life)
    kept = session.get_one(AgentToken, token_hash(token))
    agents.changed(session, agent, "token", by=by, new=_named(kept))
    return token, kept


def every(session: Session) -> list[AgentToken]:
    """All API tokens with whose they are, also expired ones; by agent, the oldest first."""
    return list(
        session.scalars(
            select(AgentToken)
            .join(AgentToken.agent)
            .options(joinedload(AgentToken.agent))
            .where(AgentToken.kind == "api")
            .order_by(Agent.name, AgentToken.created_at, AgentToken.id)
        )
    )


def revoke(session: Session, number: int, *, by: str, agent_id: int | None = None) -> AgentToken:
    """The token of this number lets nobody in any more; what was kept of it.

    Raises :class:`NotFound` when there is none, or it is not this agent's.
    """
    query = select(AgentToken).where(AgentToken.id == number, AgentToken.kind == "api")
    if agent_id is not None:
        query = query.where(AgentToken.agent_id == agent_id)
    found = session.scalar(query.options(joinedload(AgentToken.agent)))
    if found is None:
        raise NotFound("there is no such API token")
    _revoke(session, found, by=by)
    return found


def revoke_all(session: Session, agent: Agent, *, by: str) -> None:
    """No API token of this agent lets anybody in any more."""
    query = select(AgentToken).where(AgentToken.agent_id == agent.id, AgentToken.kind == "api")
    for one in session.scalars(query.order_by(AgentToken.id)).all():
        _revoke(session, one, by=by)


def _revoke(session: Session, token: AgentToken, *, by: str) -> None:
    agents.changed(session, token.agent, "revoked", by=by, old=_named(token))
    session.delete(token)
    session.flush()


def _named(token: AgentToken) -> str:
    return f"{token.id} · {token.label}" if token.label else str(token.id)
