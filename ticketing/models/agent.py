"""The people of the shop, and what lets them in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.models.base import Base


class Agent(Base):
    """A person of the shop: answers customers, leads, or curates and administers."""

    __tablename__ = "agent"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(server_default="agent")
    password_hash: Mapped[str | None]
    slack_user: Mapped[str | None] = mapped_column(unique=True)
    active: Mapped[bool] = mapped_column(server_default=sql("true"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("role IN ('agent', 'lead', 'admin')", name="role"),)


class AgentToken(Base):
    """What lets an agent in: an API token, a console session, a one-time login link or code."""

    __tablename__ = "agent_token"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    # What it is named by; nobody has the token itself.
    id: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    kind: Mapped[str]
    label: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime | None]
    # To the minute. Kept of API tokens and sessions.
    used_at: Mapped[dt.datetime | None]

    agent: Mapped[Agent] = relationship()

    __table_args__ = (CheckConstraint("kind IN ('api', 'session', 'link', 'slack')", name="kind"),)


class SlackLink(Base):
    """Which Slack account became an agent's, when, and on what evidence; never changed."""

    __tablename__ = "slack_link"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    slack_user: Mapped[str]
    # The account that was theirs until then.
    replaced: Mapped[str | None]
    evidence: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        # The installer named it, or it gave the code that the agent, or the installer, had made.
        CheckConstraint("evidence IN ('installer', 'console', 'cli')", name="evidence"),
    )


class AgentChange(Base):
    """What changed of an agent, when, and by whom; never changed itself."""

    __tablename__ = "agent_change"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    kind: Mapped[str]
    old: Mapped[str] = mapped_column(server_default="")
    new: Mapped[str] = mapped_column(server_default="")
    # An administrator, as they were called then, or the command line.
    by: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    agent: Mapped[Agent] = relationship()

    __table_args__ = (
        CheckConstraint(
            "kind IN ('role', 'name', 'left', 'returned', 'token', 'revoked')", name="kind"
        ),
        CheckConstraint("by <> ''", name="by"),
    )
