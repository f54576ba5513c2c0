"""``/ticket link``: a Slack account becomes an agent's, on the evidence of a one-time code."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from connectors.slack.api import Person
from connectors.slack.hints import words
from connectors.slack.workspace import known_member
from ticketing import agents
from ticketing.errors import Conflict, NotFound

log = logging.getLogger(__name__)


def link(session: Session, *, user: str, person: Person | None, code: str) -> str:
    """Link the account to the agent who made ``code``; what to say, in both languages."""
    if person is not None and not person.member:
        log.warning("a guest, stranger or bot tried to become an agent's account")
        return words("no_guests")
    if not known_member(person):
        return words("not_verified")
    if not code.strip():
        agent = agents.by_slack(session, user)
        return words("link_how") if agent is None else words("linked", agent=agent.name)
    try:
        with session.begin_nested():
            agent, replaced = agents.link_slack(session, code=code, user=user)
    except Conflict as error:
        return words("link_taken", agent=error.winner or "")
    except NotFound:
        log.warning("a code to link a Slack account was wrong, used or too old")
        return words("link_wrong")
    log.info("a Slack account was linked to agent %d", agent.id)
    if replaced is None:
        return words("linked", agent=agent.name)
    return words("relinked", agent=agent.name, old=replaced)
