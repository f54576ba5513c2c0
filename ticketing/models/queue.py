"""What makes the queue keep its word: teams and their hours, service levels, who is on duty."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.models.base import Base

_PRIORITY = "priority IN ('low', 'normal', 'high', 'urgent')"


class Team(Base):
    """People who answer at the same hours. The first one is everybody's who is in no other."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    zone: Mapped[str] = mapped_column(server_default="Asia/Seoul")
    # Whose public holidays are days off: ISO 3166, empty for none.
    country: Mapped[str] = mapped_column(server_default="KR")
    # Whose tickets are theirs, by language; empty: everybody's.
    locale: Mapped[str] = mapped_column(server_default="")
    # In business time: until a ticket nobody took is offered again (and, once more, until a lead
    # and the customer are told), and until a silent agent's ticket is everybody's again.
    pickup_minutes: Mapped[int] = mapped_column(server_default="10")
    silent_minutes: Mapped[int] = mapped_column(server_default="60")
    routing: Mapped[str] = mapped_column(server_default="offer")
    # How long "not solved" reopens a resolved ticket; after it there is a new one that follows it.
    reopen_days: Mapped[int] = mapped_column(server_default="7")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("locale IN ('', 'ko', 'en')", name="locale"),
        CheckConstraint("pickup_minutes BETWEEN 1 AND 1440", name="pickup"),
        # 0: never.
        CheckConstraint("silent_minutes BETWEEN 0 AND 10080", name="silent"),
        CheckConstraint("reopen_days BETWEEN 0 AND 365", name="reopen"),
        CheckConstraint("routing IN ('off', 'offer', 'assign')", name="routing"),
    )


class Opening(Base):
    """A span of a weekday in which a team answers, in minutes of its day. See ``hours.Span``."""

    __tablename__ = "opening"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    weekday: Mapped[int] = mapped_column(SmallInteger)
    opens: Mapped[int] = mapped_column(SmallInteger)
    closes: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens BETWEEN 0 AND 1439", name="opens"),
        CheckConstraint("closes > opens AND closes <= opens + 1440", name="closes"),
        UniqueConstraint("team_id", "weekday", "opens"),
    )


class DayOff(Base):
    """A day on which a team does not begin to answer, beside public holidays."""

    __tablename__ = "day_off"

    team_id: Mapped[int] = mapped_column(
        ForeignKey("team.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[dt.date] = mapped_column(primary_key=True)


class Policy(Base):
    """How fast tickets of a priority (and a tier of customers) are answered, in business minutes.

    Where there is no row, the defaults of ``ticketing.sla`` hold. ``tier`` is empty for all.
    """

    __tablename__ = "sla_policy"

    priority: Mapped[str] = mapped_column(primary_key=True)
    tier: Mapped[str] = mapped_column(primary_key=True, server_default="")
    first_minutes: Mapped[int]
    next_minutes: Mapped[int]
    resolution_minutes: Mapped[int]

    __table_args__ = (
        CheckConstraint(_PRIORITY, name="priority"),
        CheckConstraint("first_minutes BETWEEN 1 AND 100000", name="first"),
        CheckConstraint("next_minutes BETWEEN 1 AND 100000", name="next"),
        CheckConstraint("resolution_minutes BETWEEN 1 AND 100000", name="resolution"),
    )


class ValuePolicy(Base):
    """From which value on a customer's tickets begin with a higher priority; one row, or none."""

    __tablename__ = "value_policy"

    one: Mapped[bool] = mapped_column(primary_key=True, server_default=sql("true"))
    # Minor units of the currency, as purchases are.
    least: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    priority: Mapped[str]

    __table_args__ = (
        CheckConstraint("one", name="one"),
        CheckConstraint("least > 0", name="least"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("priority IN ('high', 'urgent')", name="priority"),
    )


class Target(Base):
    """A promise about a ticket: the first answer, the next one, or the end, and how it stands.

    While it runs (``since``), ``warn_at`` and ``due_at`` are instants; while it is paused they are
    ``NULL`` and ``spent_s`` is the business time that was used up before.
    """

    __tablename__ = "service_target"

    ticket_id: Mapped[int] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    goal_s: Mapped[int]
    spent_s: Mapped[float] = mapped_column(server_default="0")
    since: Mapped[dt.datetime | None]
    warn_at: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime | None]
    met_at: Mapped[dt.datetime | None]
    # What was said of it: nothing, that it is about to be broken, that it is.
    told: Mapped[int] = mapped_column(SmallInteger, server_default="0")

    __table_args__ = (
        CheckConstraint("kind IN ('first', 'next', 'resolution')", name="kind"),
        CheckConstraint("told BETWEEN 0 AND 2", name="told"),
        CheckConstraint("since IS NULL OR met_at IS NULL", name="met"),
        # A team that never opens promises nothing: both may be missing while it runs.
        CheckConstraint("since IS NOT NULL OR due_at IS NULL", name="paused"),
        CheckConstraint("(due_at IS NULL) = (warn_at IS NULL)", name="warned_before"),
    )


class Duty(Base):
    """Whether an agent takes tickets now, of which team they are, and what they are good at."""

    __tablename__ = "duty"

    agent_id: Mapped[int] = mapped_column(
        ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True
    )
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    # What they said themselves; ``auto``: as Slack shows them.
    state: Mapped[str] = mapped_column(server_default="auto")
    # What Slack showed of them, and when we looked.
    seen: Mapped[bool] = mapped_column(server_default=sql("false"))
    seen_at: Mapped[dt.datetime | None]
    # Languages and topics they take first; without any, they take what comes.
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"))
    topics: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"))

    __table_args__ = (
        CheckConstraint("state IN ('auto', 'on', 'off')", name="state"),
        CheckConstraint("languages <@ ARRAY['ko', 'en']", name="languages"),
    )


class Contact(Base):
    """An address that a customer typed. Nobody checked it: it identifies and links nobody."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[str]
    value: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("kind IN ('email', 'phone')", name="kind"),
        UniqueConstraint("customer_id", "kind", "value"),
    )
