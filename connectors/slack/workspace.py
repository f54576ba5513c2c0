"""What everything of the Slack desk works with, and who somebody in Slack is to us."""

from __future__ import annotations

import dataclasses
import logging
from typing import TypeGuard

from sqlalchemy.orm import Session

from connectors.channel import DeliveryFailed
from connectors.slack.api import Person, Slack
from connectors.store import Store
from connectors.worker import last_try
from ticketing import agents
from ticketing.lanes import Work
from ticketing.models import Agent
from ticketing.record import Author

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Workspace:
    """One Slack workspace and our side of it.

    ``queue`` is the channel in which tickets are shown, ``console`` the address of our own pages,
    empty where nobody could reach it. ``internal``: what is written in threads stays there unless
    it is sent by a button or a command.
    """

    store: Store
    slack: Slack
    queue: str
    console: str = ""
    internal: bool = False


async def account(workspace: Workspace, work: Work, user: str) -> Person | None:
    """What Slack says of the account; ``None`` if it does not, at the last try.

    Raises :class:`DeliveryFailed` before, so that the job is done again a little later.
    """
    try:
        return await workspace.slack.person(user)
    except DeliveryFailed as error:
        if error.retry_after is not None or not (last_try(work) or error.permanent):
            raise
        log.warning("a Slack account could not be checked: %s", error)
        return None


def refusal(agent: Agent | None, person: Person | None) -> str | None:
    """Why this account may not act for an agent, as the name of a hint; ``None`` if it may."""
    if person is not None and not person.member:
        return "not_member"
    if agent is None:
        return "not_linked"
    return None if person is not None else "not_verified"


def known_member(person: Person | None) -> TypeGuard[Person]:
    """Whether Slack itself said that this is a full member, and how they are called."""
    return person is not None and person.member and bool(person.name)


def acting(session: Session, user: str, person: Person | None) -> tuple[Agent | None, str | None]:
    """The agent that this account is, and why it may not act, if so."""
    agent = agents.by_slack(session, user)
    return agent, refusal(agent, person)


def author(agent: Agent) -> Author:
    """The agent, as the one who looks at or changes something in Slack, which does not tell from
    which address."""
    return Author(name=agent.name, agent_id=agent.id, source="slack")


def nothing(session: Session) -> None:
    """What a handler returns when there is nothing to write."""
