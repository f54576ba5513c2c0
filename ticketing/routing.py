"""Who gets a ticket first, and why: the customer's own agent, then skill, then the least loaded.

Only those who are present are asked: who said that they are on duty, or is active in Slack and did
not say otherwise. What comes of it is an offer to one person, which everybody else may take all
the same, or an assignment: as the team has set it (``off``, ``offer``, ``assign``).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticketing import teams
from ticketing.errors import Refused
from ticketing.models import Agent, Duty, Team, Ticket

STATES = ("auto", "on", "off")
# What Slack showed longer ago than this says nothing about now.
SEEN_FOR = dt.timedelta(minutes=10)
TOPICS_MOST = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could take a ticket, with what speaks for them. ``held`` are their tickets."""

    agent: Agent
    owner: bool
    speaks: bool
    topics: tuple[str, ...]
    held: int


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """Who, and why: ``owner``, ``topic``, ``language`` or ``load``, with its detail."""

    agent: Agent
    why: str
    detail: str = ""

    @property
    def reason(self) -> str:
        """As it is kept with the ticket: ``topic:환불``."""
        return f"{self.why}:{self.detail}" if self.detail else self.why


def choose(
    session: Session,
    ticket: Ticket,
    *,
    owner_id: int | None = None,
    without: Sequence[int] = (),
) -> Choice | None:
    """Whom to give the ticket to; ``None`` when nobody is present.

    ``owner_id`` is the customer's own agent, who comes first. ``without`` are those who had it and
    did not answer.
    """
    found = candidates(session, ticket, owner_id=owner_id)
    return best([one for one in found if one.agent.id not in without], ticket.conversation.locale)


def best(found: Sequence[Candidate], locale: str) -> Choice | None:
    """The one for whom most speaks; of equals the one with the fewest tickets, then by name."""
    if not found:
        return None
    chosen = min(
        found,
        key=lambda one: (
            not one.owner, not one.speaks, -len(one.topics), one.held, one.agent.name
        ),
    )  # fmt: skip
    if chosen.owner:
        return Choice(chosen.agent, "owner")
    if chosen.topics:
        return Choice(chosen.agent, "topic", ", ".join(chosen.topics))
    if chosen.speaks and not all(one.speaks for one in found):
        return Choice(chosen.agent, "language", locale)
    return Choice(chosen.agent, "load", str(chosen.held))


def candidates(session: Session, ticket: Ticket, *, owner_id: int | None = None) -> list[Candidate]:
    """Everybody who is present and in the ticket's team."""
    held = (
        select(func.count())
        .where(
            Ticket.assignee_id == Agent.id,
            Ticket.state == "claimed",
            Ticket.snoozed_until.is_(None),
        )
        .correlate(Agent)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Agent, Duty, held)
        .join(Duty, Duty.agent_id == Agent.id)
        .where(Agent.active)
        .order_by(Agent.id)
    ).all()
    at = teams.now(session)
    home = _home(session)
    team = ticket.team_id or home
    about = _about(ticket)
    locale = ticket.conversation.locale
    return [
        Candidate(
            agent=agent,
            owner=agent.id == owner_id,
            speaks=not duty.languages or locale in duty.languages,
            topics=tuple(topic for topic in duty.topics if topic.casefold() in about),
            held=count,
        )
        for agent, duty, count in rows
        if present(duty, at) and ((duty.team_id or home) == team or agent.id == owner_id)
    ]


def present(duty: Duty | None, at: dt.datetime) -> bool:
    """Whether this agent takes tickets at this instant, as far as we know."""
    if duty is None or duty.state == "off":
        return False
    if duty.state == "on":
        return True
    return duty.seen and duty.seen_at is not None and at - duty.seen_at <= SEEN_FOR


def to_look_up(session: Session) -> list[tuple[int, str]]:
    """Agents whose presence only Slack knows: ``(agent id, Slack user)``."""
    rows = session.execute(
        select(Agent.id, Agent.slack_user)
        .outerjoin(Duty, Duty.agent_id == Agent.id)
        .where(
            Agent.active,
            Agent.slack_user.is_not(None),
            func.coalesce(Duty.state, "auto") == "auto",
            Duty.seen_at.is_(None) | (Duty.seen_at < func.now() - SEEN_FOR / 5),
        )
        .order_by(Agent.id)
    )
    return [(row[0], str(row[1])) for row in rows]


def seen(session: Session, agent_id: int, *, active: bool) -> None:
    """Keep what Slack shows of an agent now."""
    duty = of(session, agent_id)
    duty.seen, duty.seen_at = active, func.now()
    session.flush()


def of(session: Session, agent_id: int) -> Duty:
    """What is known of an agent's duty, made on the first asking."""
    session.execute(insert(Duty).values(agent_id=agent_id).on_conflict_do_nothing())
    return session.get_one(Duty, agent_id)


def state(session: Session, agent: Agent) -> str:
    """What an agent last said of their duty."""
    duty = session.get(Duty, agent.id)
    return "auto" if duty is None else duty.state


def set_state(session: Session, agent: Agent, word: str) -> Duty:
    """What an agent says of themselves. Raises :class:`Refused` for another word."""
    if word not in STATES:
        raise Refused(f"a duty is one of {', '.join(STATES)}")
    duty = of(session, agent.id)
    duty.state = word
    session.flush()
    return duty


def at_work(session: Session, agent: Agent) -> None:
    """Who takes a ticket and never said whether they are on duty is; who is away stays so."""
    if state(session, agent) == "auto":
        set_state(session, agent, "on")


def gone(session: Session, agent: Agent) -> None:
    """Who signs out takes nothing more, until they are back."""
    if state(session, agent) == "on":
        set_state(session, agent, "auto")


def set_skills(
    session: Session,
    agent: Agent,
    *,
    team_id: int | None,
    languages: Sequence[str],
    topics: Sequence[str],
) -> Duty:
    """Whose team an agent is in and what they take first. Raises :class:`Refused`."""
    if not set(languages) <= {"ko", "en"}:
        raise Refused("there is no such language here")
    topics = list(dict.fromkeys(topic.strip() for topic in topics if topic.strip()))
    if len(topics) > TOPICS_MOST or any(len(t) > 40 or not t.isprintable() for t in topics):
        raise Refused(f"an agent has at most {TOPICS_MOST} topics, of 40 characters each")
    if team_id is not None:
        teams.get(session, team_id)
    duty = of(session, agent.id)
    duty.team_id, duty.languages, duty.topics = team_id, sorted(set(languages)), topics
    session.flush()
    return duty


def _home(session: Session) -> int | None:
    return session.scalar(select(func.min(Team.id)))


def _about(ticket: Ticket) -> str:
    """The words in which topics are looked for: the question, and what the bot found for it."""
    words = [ticket.question]
    for entry in ticket.tried:
        words.append(str(entry.get("question") or ""))
        words += [str(article.get("title") or "") for article in entry.get("articles") or []]
    return "\n".join(words).casefold()
