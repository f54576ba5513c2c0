"""Agents, whether they still work here, and what lets them in: tokens, sessions, login links."""

from __future__ import annotations

import datetime as dt
import re
import secrets

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session, joinedload

from ticketing.customers import token_hash
from ticketing.errors import Conflict, Invalid, NotFound, Refused
from ticketing.models import Agent, AgentChange, AgentToken, SlackLink

ROLES = ("agent", "lead", "admin")
LINK_LIFE = dt.timedelta(hours=24)
SESSION_LIFE = dt.timedelta(days=14)
# A session that nobody uses for so long is over.
SESSION_IDLE = dt.timedelta(hours=8)
# When a token was last used is written once in this time at most.
USED_AGAIN = dt.timedelta(minutes=1)
SLACK_CODE_LIFE = dt.timedelta(minutes=15)
# Without 0/O, 1/I/L: a code is copied from one window into another. Twelve of them are 59 bits.
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,}")


def add(
    session: Session, *, name: str, role: str = "agent", slack_user: str | None = None
) -> Agent:
    """A new agent. Raises :class:`Refused` for a bad name, role or Slack user, and
    :class:`Conflict` if one is taken."""
    name = _name(name)
    slack_user = (slack_user or "").strip() or None
    if slack_user is not None and not _SLACK_USER.fullmatch(slack_user):
        raise Refused("a Slack user is a member ID such as U0123456789, from their profile's menu")
    if role not in ROLES:
        raise Refused(f"a role is one of {', '.join(ROLES)}")
    same = Agent.name == name
    if slack_user:
        same = or_(same, Agent.slack_user == slack_user)
    taken = session.scalar(select(Agent).where(same))
    if taken is not None:
        raise Conflict(f"there is an agent {taken.name} already", winner=taken.name)
    agent = Agent(name=name, role=role, slack_user=slack_user, active=True)
    session.add(agent)
    session.flush()
    if agent.slack_user is not None:
        session.add(SlackLink(agent_id=agent.id, slack_user=agent.slack_user, evidence="installer"))
    return agent


def active(session: Session) -> list[Agent]:
    """Everybody who answers customers now, by name."""
    return list(session.scalars(select(Agent).where(Agent.active).order_by(Agent.name)))


def every(session: Session) -> list[Agent]:
    """Also those who left, who come last; by name."""
    return list(session.scalars(select(Agent).order_by(Agent.active.desc(), Agent.name)))


def get(session: Session, agent_id: int) -> Agent:
    """The agent with this id. Raises :class:`NotFound`."""
    agent = session.get(Agent, agent_id)
    if agent is None:
        raise NotFound("there is no such agent")
    return agent


def by_name(session: Session, name: str) -> Agent | None:
    """The agent with exactly this name."""
    return session.scalar(select(Agent).where(Agent.name == name.strip()))


def by_slack(session: Session, user: str) -> Agent | None:
    """The active agent linked to a Slack user id; nobody else may answer customers from Slack."""
    return session.scalar(select(Agent).where(Agent.slack_user == user, Agent.active))


def anyone_can_log_in(session: Session) -> bool:
    """Whether some agent has set a password: until then, the first start's link is renewed."""
    return (
        session.scalar(
            select(Agent.id).where(Agent.active, Agent.password_hash.is_not(None)).limit(1)
        )
        is not None
    )


# --- who they are, and whether they still work here -----------------------------------------------


def rename(session: Session, agent: Agent, name: str, *, by: str) -> bool:
    """Call an agent otherwise from now on; what was said before keeps the old name.

    Whether that is a change. Raises :class:`Refused` for a bad name, :class:`Conflict` for another
    agent's.
    """
    name = _name(name)
    if name == agent.name:
        return False
    if by_name(session, name) is not None:
        raise Conflict(f"there is an agent {name} already", winner=name)
    changed(session, agent, "name", old=agent.name, new=name, by=by)
    agent.name = name
    session.flush()
    return True


def set_role(session: Session, agent: Agent, role: str, *, by: str) -> bool:
    """Give an agent another role; it holds from their next request.

    Whether that is a change. Raises :class:`Refused` for a role that does not exist, and
    :class:`Invalid` (``last_admin``) when nobody would be left who can undo it.
    """
    if role not in ROLES:
        raise Refused(f"a role is one of {', '.join(ROLES)}")
    another = _hold(session, agent)
    if role == agent.role:
        return False
    if not another:
        raise Invalid("role", "last_admin", "somebody has to be administrator")
    changed(session, agent, "role", old=agent.role, new=role, by=by)
    agent.role = role
    session.flush()
    return True


def leave(session: Session, agent: Agent, *, by: str) -> bool:
    """An agent does not work here any more: nothing lets them in, in the console, the API or Slack.

    What they said and did stays theirs. ``False`` if they had left. Raises :class:`Invalid`
    (``last_admin``). Their tickets are :func:`connectors.desk.leaving.leave`'s.
    """
    another = _hold(session, agent)
    if not agent.active:
        return False
    if not another:
        raise Invalid("role", "last_admin", "somebody has to be administrator")
    agent.active = False
    agent.password_hash = agent.slack_user = None
    session.execute(delete(AgentToken).where(AgentToken.agent_id == agent.id))
    changed(session, agent, "left", by=by)
    session.flush()
    return True


def come_back(session: Session, agent: Agent, *, by: str) -> bool:
    """An agent who had left works here again, with a new link, as somebody new would."""
    session.refresh(agent, with_for_update=True)
    if agent.active:
        return False
    agent.active = True
    changed(session, agent, "returned", by=by)
    session.flush()
    return True


def changes(session: Session, *, limit: int = 30) -> list[AgentChange]:
    """What changed of agents, newest first."""
    query = select(AgentChange).options(joinedload(AgentChange.agent))
    return list(session.scalars(query.order_by(AgentChange.id.desc()).limit(limit)))


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 80 or any(ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in name):
        raise Refused("an agent's name has 1 to 80 characters, without line breaks")
    return name


def _hold(session: Session, agent: Agent) -> bool:
    """Lock the agent's row; whether somebody else would still be administrator.

    All administrators' rows come first, so that two who dismiss each other take turns.
    """
    admins = session.scalars(
        select(Agent.id)
        .where(Agent.active, Agent.role == "admin")
        .order_by(Agent.id)
        .with_for_update()
    ).all()
    session.refresh(agent, with_for_update=True)
    return agent.role != "admin" or not {*admins} <= {agent.id}


def changed(
    session: Session, agent: Agent, kind: str, *, by: str, old: str = "", new: str = ""
) -> None:
    """Keep what changed of an agent, see :class:`AgentChange`."""
    session.add(AgentChange(agent_id=agent.id, kind=kind, old=old, new=new, by=by))


# --- what lets them in ----------------------------------------------------------------------------


def issue(
    session: Session,
    agent: Agent,
    *,
    kind: str,
    label: str = "",
    life: dt.timedelta | None = None,
) -> str:
    """A new token of this kind (``api``, ``session``, ``link``); it is shown this once."""
    prefix = {"api": "sgd_", "session": "", "link": ""}[kind]
    token = prefix + secrets.token_urlsafe(32)
    expires = None if life is None else func.now() + life
    session.add(
        AgentToken(
            token_hash=token_hash(token),
            agent_id=agent.id,
            kind=kind,
            label=label,
            expires_at=expires,
        )
    )
    session.flush()
    return token


def authenticate(session: Session, token: str, *, kind: str, used: bool = True) -> Agent | None:
    """The active agent this token lets in, or ``None``. Checked anew on every request.

    ``used``: somebody asks for something, and not an open page by itself.
    """
    this = AgentToken.token_hash == token_hash(token)
    long_ago = or_(AgentToken.used_at.is_(None), AgentToken.used_at <= func.now() - USED_AGAIN)
    found = session.execute(
        select(Agent, long_ago)
        .join(AgentToken, AgentToken.agent_id == Agent.id)
        .where(this, AgentToken.kind == kind, _holds(), Agent.active)
    ).first()
    if found is None:
        return None
    if used and found[1] and kind in ("api", "session"):
        session.execute(
            update(AgentToken).where(this, long_ago).values(used_at=func.now()),
            execution_options={"synchronize_session": False},
        )
    return found[0]


def sweep(session: Session) -> None:
    """Delete sessions, links and codes that are over. API tokens stay in the list until somebody
    revokes them."""
    session.execute(
        delete(AgentToken).where(AgentToken.kind != "api", not_(_holds())),
        execution_options={"synchronize_session": False},
    )


def _holds() -> ColumnElement[bool]:
    """What has neither expired nor, of sessions, been unused for too long."""
    last = func.coalesce(AgentToken.used_at, AgentToken.created_at)
    return and_(
        or_(AgentToken.expires_at.is_(None), AgentToken.expires_at > func.now()),
        or_(AgentToken.kind != "session", last > func.now() - SESSION_IDLE),
    )


def in_console(session: Session, agent: Agent) -> bool:
    """Whether a browser is signed in for this agent."""
    return (
        session.scalar(
            select(AgentToken.agent_id)
            .where(
                AgentToken.agent_id == agent.id,
                AgentToken.kind == "session",
                _holds(),
            )
            .limit(1)
        )
        is not None
    )


def redeem_link(session: Session, token: str) -> Agent:
    """Use up a one-time login link. Raises :class:`NotFound` for a used, old or unknown one."""
    agent_id = session.execute(
        delete(AgentToken)
        .where(
            AgentToken.token_hash == token_hash(token),
            AgentToken.kind == "link",
            AgentToken.expires_at > func.now(),
        )
        .returning(AgentToken.agent_id)
    ).scalar()
    agent = session.get(Agent, agent_id) if agent_id is not None else None
    if agent is None or not agent.active:
        raise NotFound("this login link was used already or is too old")
    return agent


def slack_code(session: Session, agent: Agent, *, by: str) -> str:
    """A one-time code with which a Slack account becomes this agent's, good for 15 minutes.

    It takes the place of an earlier one. ``by`` says where it was made: ``console`` or ``cli``.
    """
    session.execute(
        delete(AgentToken).where(AgentToken.agent_id == agent.id, AgentToken.kind == "slack")
    )
    code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(12))
    session.add(
        AgentToken(
            token_hash=token_hash(code),
            agent_id=agent.id,
            kind="slack",
            label=by,
            expires_at=func.now() + SLACK_CODE_LIFE,
        )
    )
    session.flush()
    return "-".join((code[:4], code[4:8], code[8:]))


def link_slack(session: Session, *, code: str, user: str) -> tuple[Agent, str | None]:
    """Use a code up: ``(agent, the Slack user id that was theirs until now, if any)``.

    Raises :class:`NotFound` for a used, old or unknown code, :class:`Conflict` with the name of
    the agent whose account it is already; the code stays good then, if the caller rolls back.
    """
    plain = "".join(character for character in code.upper() if character.isalnum())
    used = session.execute(
        delete(AgentToken)
        .where(
            AgentToken.token_hash == token_hash(plain),
            AgentToken.kind == "slack",
            AgentToken.expires_at > func.now(),
        )
        .returning(AgentToken.agent_id, AgentToken.label)
    ).first()
    agent = session.get(Agent, used.agent_id, with_for_update=True) if used is not None else None
    if used is None or agent is None or not agent.active:
        raise NotFound("this code was used already or is too old")
    holder = session.scalar(select(Agent).where(Agent.slack_user == user))
    if holder is not None and holder.id != agent.id:
        raise Conflict(f"this Slack account is {holder.name}'s already", winner=holder.name)
    replaced = agent.slack_user if agent.slack_user != user else None
    agent.slack_user = user
    session.add(
        SlackLink(agent_id=agent.id, slack_user=user, replaced=replaced, evidence=used.label)
    )
    session.flush()
    return agent, replaced


def slack_link(session: Session, agent: Agent) -> SlackLink | None:
    """Since when, and on what evidence, the agent's Slack account is theirs."""
    return session.scalar(
        select(SlackLink)
        .where(SlackLink.agent_id == agent.id, SlackLink.slack_user == agent.slack_user)
        .order_by(SlackLink.id.desc())
        .limit(1)
    )


def revoke(session: Session, token: str) -> None:
    """Forget one token: signing out."""
    session.execute(delete(AgentToken).where(AgentToken.token_hash == token_hash(token)))


def set_password_hash(session: Session, agent: Agent, password_hash: str) -> None:
    """Keep a new password's hash and end every console session that the old one opened.

    Links that were made before are over, too: whoever finds one would set the next password.
    """
    agent.password_hash = password_hash
    session.execute(
        delete(AgentToken).where(
            AgentToken.agent_id == agent.id, AgentToken.kind.in_(("session", "link"))
        )
    )
    session.flush()
