"""Episodes, and the lines and files of the one history."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
    func,
    true,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.models.base import Base
from ticketing.models.customer import Customer


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
    # Where the customer is now: what is said to them goes there.
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    # The episode that goes on for both since their customers were linked; this one is at rest.
    joined_to: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    # Split off from the one the customer talks in: it is open beside it. See `ticketing.splits`.
    aside: Mapped[bool] = mapped_column(server_default=false())
    # Until when all that was said in it is gone, because it was kept long enough: its last line or
    # its end then. What is said later, if it is reopened, is not. See `ticketing.purging`.
    purged_to: Mapped[dt.datetime | None]

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
            postgresql_where=sql("state <> 'closed' AND joined_to IS NULL AND NOT aside"),
        ),
        Index("conversation_idle", "last_message_at", postgresql_where=sql("state = 'bot'")),
        # What the figures of a period are about.
        Index("conversation_opened", "opened_at"),
        # Those whose words are still there, the oldest first.
        Index(
            "conversation_kept",
            "last_message_at",
            postgresql_where=sql(
                "purged_to IS NULL OR purged_to < last_message_at OR purged_to < closed_at"
            ),
        ),
    )


class Message(Base):
    """A line of the one history. ``id`` is its place (``seq``): it only grows within a customer.

    ``identity_id`` is the address it came from, or was said to: ``customer_id`` is whose that is.

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
        Index("message_address", "identity_id", "id"),
        Index("message_episode", "conversation_id", "id"),
        # What curators look at: answers with their votes, and what was not answered.
        Index("message_at", "at", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
        # What customers said in a period is counted without reading what it was.
        Index(
            "message_said",
            "at",
            "identity_id",
            postgresql_where=sql("author = 'customer' AND kind <> 'edit'"),
        ),
        Index("message_helped", "conversation_id", postgresql_where=sql("vote = 'up'")),
        Index(
            "message_sent_article",
            "conversation_id",
            "id",
            postgresql_where=sql("author = 'agent' AND article IS NOT NULL"),
        ),
        Index("message_answer", "at", postgresql_where=sql("kind = 'answer'")),
        Index(
            "message_gap",
            "id",
            postgresql_where=sql(
                "author = 'bot' AND (kind = 'unknown' OR vote = 'down' OR meta ? 'rejected')"
            ),
        ),
    )


class Delivery(Base):
    """A line that a platform took, and what it is called there."""

    __tablename__ = "delivery"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True
    )
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    # A long line is several messages there.
    external_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    # An earlier try may have arrived, too, and there is no way to ask.
    possible_duplicate: Mapped[bool] = mapped_column(server_default=false())
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    # Where customers fetch their lines: whether the answer that holds this one went out.
    confirmed: Mapped[bool] = mapped_column(server_default=true())
    # How many characters of a long line they have; NULL: all of it.
    shown: Mapped[int | None]

    __table_args__ = (
        # Presses and edits name the platform's message.
        Index("delivery_external", "external_ids", postgresql_using="gin"),
        # What a customer who fetches their lines got, and of what that is not certain.
        Index("delivery_given", "identity_id", "message_id"),
        Index("delivery_given_at", "identity_id", "at"),
        Index(
            "delivery_open",
            "identity_id",
            "message_id",
            postgresql_where=sql("confirmed IS false OR shown IS NOT NULL"),
        ),
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
        # A message has at most ten files (an album of Telegram's), each of at most 10 MiB.
        CheckConstraint("place BETWEEN 0 AND 9", name="place"),
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
