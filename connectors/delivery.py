"""What is said to customers on a messenger, sent there: one line, one job of the address's lane.

The lane keeps the order, and one try at a time. A line whose delivery is known is not sent again.
Where a try may have arrived unknown to us, the line is sent once more and counted as possibly
there twice; after a second such try it is given up, and agents are told.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from prometheus_client import Counter
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from connectors import outside
from connectors.channel import Address, Channel, DeliveryFailed, Outgoing
from connectors.store import Store
from connectors.web.chat import article_link
from connectors.worker import Handler, Settle
from ticketing import history, lanes
from ticketing.lanes import Work
from ticketing.models import ChannelIdentity, Conversation, Delivery, Message

DELIVER = "deliver"
# How many tries may end without our knowing what became of them.
DOUBTS = 2
REPEATS = Counter(
    "sangdam_possible_duplicates_total",
    "Lines that may have been shown to a customer twice",
    ["channel"],
)


def deliveries(store: Store, channels: Mapping[str, Channel], *, public_url: str) -> Handler:
    """The handler of :data:`DELIVER` jobs; ``channels`` by the name their identities have."""

    async def handle(work: Work) -> Settle:
        async def keep(sent: Sequence[str]) -> None:
            await store.run(lanes.remember, work, {"sent": list(sent)})

        found = await store.read(_read, work, public_url)
        if found is None:
            return _nothing
        address, line = found
        line = dataclasses.replace(line, keep=keep)
        channel = channels.get(address.channel)
        if channel is None:
            raise DeliveryFailed(f"{address.channel} is not set up here", permanent=True)
        if line.again:
            REPEATS.labels(address.channel).inc()
        try:
            external_ids = await channel.send(address, line)
        except DeliveryFailed as error:
            if not error.doubtful:
                raise
            doubts = int(work.payload.get("doubts", 0)) + 1
            await store.run(lanes.remember, work, {"doubts": doubts})
            raise DeliveryFailed(
                f"{error}; it may have arrived", permanent=doubts >= DOUBTS
            ) from error

        def settle(session: Session) -> None:
            message = session.get_one(Message, line.seq)
            done = {"message_id": line.seq, "external_ids": [*external_ids]}
            session.execute(
                insert(Delivery)
                .values(identity_id=message.identity_id, possible_duplicate=line.again, **done)
                .on_conflict_do_nothing()
            )
            if line.kind == history.EDIT:  # the next change is about what is there now
                session.execute(
                    update(Delivery)
                    .where(Delivery.message_id == message.meta["of"])
                    .values(external_ids=[*external_ids])
                    .execution_options(synchronize_session=False)
                )
            else:
                outside.arrived(session, message)

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
            deleted=line.meta.get("changed") == "deleted",
            again=_may_be_there(work),
            sent=work.payload.get("sent", []),
        ),
    )


def _may_be_there(work: Work) -> bool:
    """Whether an earlier try ended without our knowing: it was killed, or had no answer."""
    killed = work.attempts - 1 - work.failures > 0
    return killed or bool(work.payload.get("doubts"))
