"""Agents' looks at customers' data: who, when, from where, whose, and what was done."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.models.base import Base


class Access(Base):
    """Somebody was opened, some were found, or some left as a file. A trigger refuses to rewrite
    it, and to delete it before its retention says so.

    ``customer_id`` is who was asked for, if it was one; ``people`` all whose data it showed, those
    linked with them included. No keys, because they may be erased: their random ids stay.
    """

    __tablename__ = "access"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    what: Mapped[str]
    customer_id: Mapped[uuid.UUID | None]
    people: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default=sql("'{}'"))
    # How many: lines of a file, customers of a list, or the one.
    rows: Mapped[int]
    # Of a file: what is in it, its kind, and what it was for.
    file: Mapped[str] = mapped_column(server_default="")
    form: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    # Who, as they were called then: agents are renamed and leave.
    by_name: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    source: Mapped[str]
    # The network address they asked from; empty for the command line, and for Slack, which does
    # not tell it.
    place: Mapped[str] = mapped_column(server_default="")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    # Which people, as a hash, and in which ten minutes: the same again is the same look. Every
    # file is one of its own.
    whom: Mapped[uuid.UUID | None]
    span: Mapped[dt.datetime | None]

    __table_args__ = (
        UniqueConstraint("agent_id", "what", "whom", "span", "source", "place"),
        CheckConstraint("what IN ('opened', 'listed', 'searched', 'downloaded')", name="what"),
        CheckConstraint(
            "CASE what WHEN 'downloaded' "
            "THEN file IN ('customers', 'purchases', 'person', 'figures') "
            "ELSE file = '' AND form = '' AND reason = '' END",
            name="file",
        ),
        CheckConstraint(
            "(what = 'opened' OR file = 'person') = (customer_id IS NOT NULL)", name="whose"
        ),
        CheckConstraint(
            "CASE what WHEN 'downloaded' THEN whom IS NULL AND span IS NULL "
            "ELSE whom IS NOT NULL AND span IS NOT NULL AND agent_id IS NOT NULL END",
            name="once",
        ),
        CheckConstraint("source IN ('console', 'api', 'slack', 'cli')", name="source"),
        CheckConstraint("source <> 'slack' OR place = ''", name="place"),
        CheckConstraint("char_length(reason) <= 200", name="reason"),
        Index(None, "at", "id"),
        Index("access_people", "people", postgresql_using="gin"),
    )
