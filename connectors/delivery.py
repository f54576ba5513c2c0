"""What is said to customers on a messenger, sent there: one line, one job of the address's lane.

The lane keeps the order, and one try at a time. A line whose delivery is known is not sent again.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from connectors.channel import Address, Channel, DeliveryFailed, Outgoing
from connectors.store import Store
from connectors.web.chat import article_link
from connectors.worker import Handler, Settle
from ticketing import history
from ticketing.lanes import Work
from ticketing.models import ChannelIdentity, Conversation, Delivery, Message

DELIVER = "deliver"


def deliveries(store: Store, channels: Mapping[str, Channel], *, public_url: str) -> Handler:
    """The handler of :data:`DELIVER` jobs; ``channels`` by the name their identities have."""

    async def handle(work: Work) -> Settle:
        found = await store.read(_read, work, public_url)
        if found is None:
            return _nothing
        address, line = found
        channel = channels.get(address.channel)
        if channel is None:
            raise DeliveryFailed(f"{address.channel} is not set up here", permanent=True)
        external_ids = await channel.send(address, line)

        def settle(session: Session) -> None:
            done = {"message_id": line.seq, "external_ids": [*external_ids]}
            identity = session.get_one(Message, line.seq).identity_id
            session.execute(
                insert(Delivery).values(identity_id=identity, **done).on_conflict_do_nothing()
            )

        return settle

    return handle


def _nothing(session: Session) -> None:
    """It was sent before, or is no more to be sent."""


def _read(session: Session, work: Work, public_url: str) -> tuple[Address, Outgoing] | None:
    """The line as it is now and where it goes; ``None`` if there is nothing to send any more."""
    row = session.execute(
        select(Message, ChannelIdentity, Conversation.locale)
        .join(ChannelIdentity, ChannelIdentity.id == Message.identity_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id == work.payload["message"], Message.internal.is_(False))
    ).first()
    if row is None or session.get(Delivery, row[0].id) is not None:
        return None
    line, identity, locale = row
    changes: list[str] = []
    if line.kind == history.EDIT:
        earlier = session.get(Delivery, line.meta["of"])
        if earlier is None:  # what it changes was not sent yet, and will go out as it is now
            return None
        changes = earlier.external_ids
    return (
        Address(identity.channel, identity.account, identity.external_id),
        Outgoing(
            seq=line.id,
            author=line.author,
            author_name=line.author_name,
            kind=line.kind,
            locale=locale,
            text=line.text,
            buttons=line.buttons,
            article=article_link(line.article, public_url),
            attachments=line.meta.get("attachments", []),
            changes=changes,
            again=work.attempts > 1,
        ),
    )
