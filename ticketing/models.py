"""The tables, with their constraints and the reason for each."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        dt.datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        uuid.UUID: Uuid,
        bytes: LargeBinary,
    }


class Customer(Base):
    """A person. What is known of them comes from their identities; linking moves nothing."""

    __tablename__ = "customer"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    locale: Mapped[str] = mapped_column(server_default="ko")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("locale IN ('ko', 'en')", name="locale"),)


class ChannelIdentity(Base):
    """An address of a customer on one channel: a browser, a Telegram chat, a KakaoTalk user."""

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    channel: Mapped[str]
    account: Mapped[str] = mapped_column(server_default="")
    external_id: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    customer: Mapped[Customer] = relationship()

    # One address belongs to exactly one customer; the insert settles a race.
    __table_args__ = (UniqueConstraint("channel", "account", "external_id"),)


class ChatSession(Base):
    """A web visitor's bearer token, stored only as its SHA-256."""

    __tablename__ = "chat_session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


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
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    kind: Mapped[str]
    label: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime | None]

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


class Conversation(Base):
    """One episode with a customer. ``state`` says who holds it; ``version`` counts its changes."""

    __tablename__ = "conversation"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    state: Mapped[str] = mapped_column(server_default="bot")
    version: Mapped[int] = mapped_column(server_default="0")
    locale: Mapped[str] = mapped_column(server_default="ko")
    outcome: Mapped[str | None]
    opened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_message_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[dt.datetime | None]

    customer: Mapped[Customer] = relationship()

    __table_args__ = (
        CheckConstraint("state IN ('bot', 'queued', 'agent', 'closed')", name="state"),
        CheckConstraint(
            "outcome IS NULL OR outcome IN ('answered', 'handed_off', 'abandoned')", name="outcome"
        ),
        # Every ended episode has exactly one outcome, so the rates add up to 100 %.
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="outcome_when_closed"),
        # A customer talks in one episode at a time, whatever channel they use.
        Index(
            "conversation_one_open",
            "customer_id",
            unique=True,
            postgresql_where=sql("state <> 'closed'"),
        ),
        Index("conversation_idle", "last_message_at", postgresql_where=sql("state = 'bot'")),
    )


class Message(Base):
    """A line of the one history. ``id`` is its place (``seq``): it only grows within a customer.

    Rows of one customer are inserted under that customer's lane lock, so the order of ids is the
    order of commits and a reader that asks for "after N" never misses one.
    """

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    author: Mapped[str]
    author_name: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str] = mapped_column(server_default="text")
    # Internal lines (notes, who claimed) are for agents; no customer path selects them.
    internal: Mapped[bool] = mapped_column(server_default=false())
    text: Mapped[str]
    buttons: Mapped[list[dict[str, Any]]] = mapped_column(server_default=sql("'[]'::jsonb"))
    article: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    meta: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    vote: Mapped[str | None]
    external_id: Mapped[str | None]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("author IN ('customer', 'bot', 'agent', 'system')", name="author"),
        CheckConstraint("kind <> 'note' OR internal", name="note_is_internal"),
        CheckConstraint("vote IS NULL OR vote IN ('up', 'down')", name="vote"),
        # The insert is the de-duplication: a redelivered message finds its first copy.
        UniqueConstraint("identity_id", "external_id"),
        Index("message_timeline", "customer_id", "id"),
        Index("message_episode", "conversation_id", "id"),
    )


class Attachment(Base):
    """A file of a message. Its name is what somebody called it, and is only shown."""

    __tablename__ = "attachment"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    place: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        # A message has at most five files, each of at most 10 MiB.
        CheckConstraint("place BETWEEN 0 AND 4", name="place"),
        CheckConstraint("size BETWEEN 1 AND 10485760", name="size"),
        UniqueConstraint("message_id", "place"),
        Index("attachment_of_customer", "customer_id", "created_at"),
    )


class AttachmentContent(Base):
    """The bytes of a file, apart from its facts, which are read far more often."""

    __tablename__ = "attachment_content"

    attachment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes]


class Ticket(Base):
    """What a person has to answer. It belongs to an episode and carries what the bot tried."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    state: Mapped[str] = mapped_column(server_default="open")
    reason: Mapped[str]
    question: Mapped[str] = mapped_column(server_default="")
    tried: Mapped[list[dict[str, Any]]] = mapped_column(server_default=sql("'[]'::jsonb"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    opened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    claimed_at: Mapped[dt.datetime | None]
    first_reply_at: Mapped[dt.datetime | None]
    resolved_at: Mapped[dt.datetime | None]
    reopened: Mapped[int] = mapped_column(server_default="0")
    priority: Mapped[str] = mapped_column(server_default="normal")
    # Nobody needs to look at it before; it comes back by itself, or when the customer writes.
    snoozed_until: Mapped[dt.datetime | None]
    # Counts what is shown of it outside, so that every change is shown once.
    version: Mapped[int] = mapped_column(server_default="0")

    customer: Mapped[Customer] = relationship()
    conversation: Mapped[Conversation] = relationship()
    assignee: Mapped[Agent | None] = relationship()

    __table_args__ = (
        CheckConstraint("state IN ('open', 'claimed', 'resolved')", name="state"),
        CheckConstraint("state <> 'claimed' OR assignee_id IS NOT NULL", name="claimed_by"),
        CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name="resolved"),
        CheckConstraint("priority IN ('low', 'normal', 'high', 'urgent')", name="priority"),
        CheckConstraint("snoozed_until IS NULL OR state <> 'resolved'", name="snoozed"),
        # One open ticket per customer across channels: asking twice does not queue twice.
        Index(
            "ticket_one_open",
            "customer_id",
            unique=True,
            postgresql_where=sql("state <> 'resolved'"),
        ),
        Index("ticket_queue", "state", "opened_at"),
    )


class TicketThread(Base):
    """Where a ticket is shown outside: the Slack channel and the card whose thread it is."""

    __tablename__ = "ticket_thread"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    place: Mapped[str]
    thread: Mapped[str]

    ticket: Mapped[Ticket] = relationship()

    __table_args__ = (UniqueConstraint("place", "thread"),)


class Csat(Base):
    """One question "how was it?" for one resolution, and its answer once there is one."""

    __tablename__ = "csat"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    # Which resolution of the ticket: 0, then one more for every time it was reopened.
    resolution: Mapped[int] = mapped_column(server_default="0")
    # Who answered, as it was then: agents are renamed and leave (pitfall P36).
    answered_by: Mapped[dict[str, Any]]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    comment: Mapped[str | None]
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    rated_at: Mapped[dt.datetime | None]

    ticket: Mapped[Ticket] = relationship()

    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("(score IS NULL) = (rated_at IS NULL)", name="rated"),
        CheckConstraint("comment IS NULL OR score IS NOT NULL", name="comment_after_score"),
        UniqueConstraint("ticket_id", "resolution"),
    )


class Lane(Base):
    """An ordered queue: one conversation coming in, or one address going out. See ``lanes``."""

    __tablename__ = "lane"

    key: Mapped[str] = mapped_column(primary_key=True)
    ready_at: Mapped[dt.datetime | None]
    owner: Mapped[str | None]
    until: Mapped[dt.datetime | None]
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")

    __table_args__ = (
        Index("lane_ready", "ready_at", postgresql_where=sql("ready_at IS NOT NULL")),
    )


class Job(Base):
    """A piece of work in a lane. ``UNIQUE(kind, dedup)`` makes every redelivery a no-op."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    lane: Mapped[str]
    kind: Mapped[str]
    dedup: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="pending")
    # How often it was begun, and how often that ended in an error. The rest ended with its worker.
    attempts: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    # When it was given up, retried by a person, or discarded; most jobs never are.
    changed_at: Mapped[dt.datetime | None]
    # Who discarded it, as they were called then: agents are renamed and leave (pitfall P36).
    discarded_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done', 'dead', 'discarded')", name="state"),
        # Nothing that was accepted disappears without a name beside it.
        CheckConstraint("(state = 'discarded') = (discarded_by IS NOT NULL)", name="discarded_by"),
        UniqueConstraint("kind", "dedup"),
        Index("job_pending", "lane", "id", postgresql_where=sql("state = 'pending'")),
        Index("job_dead", "id", postgresql_where=sql("state = 'dead'")),
        Index("job_done", "created_at", postgresql_where=sql("state = 'done'")),
        Index("job_discarded", "changed_at", postgresql_where=sql("state = 'discarded'")),
    )
