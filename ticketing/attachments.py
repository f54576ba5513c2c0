"""Files of a message: their facts, and their bytes in a table of their own.

What a line shows of its files is kept with the line (``meta["attachments"]``), because every open
chat reads lines all the time; :func:`kept` is what to put there.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing import file_types
from ticketing.customers import members
from ticketing.errors import NotFound, Refused
from ticketing.models import Attachment, AttachmentContent, Message

# In bytes.
LIMIT = 10 * 1024 * 1024
A_MESSAGE = 5
# What one customer may leave here in a day, in bytes: enough for twenty of the largest.
A_DAY = 200 * 1024 * 1024
PIECE = 256 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """A file that was looked at and may be kept; only :func:`examine` makes one."""

    name: str
    media_type: str
    content: bytes = dataclasses.field(repr=False)
    sha256: bytes = dataclasses.field(repr=False)
    id: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)


def examine(name: str, content: bytes) -> File:
    """Decide whether a file may be kept. Raises :class:`Refused` with the reason.

    ``name`` is what somebody called it; it is cleaned, and only ever shown.
    """
    if not content:
        raise Refused("the file is empty")
    if len(content) > LIMIT:
        raise Refused(f"a file has at most {LIMIT // 1024 // 1024} MiB")
    shown = file_types.clean_name(name)
    media_type = file_types.detect(shown, content)
    return File(shown, media_type, content, hashlib.sha256(content).digest())


def kept(files: Sequence[File]) -> dict[str, Any]:
    """What a line's ``meta`` holds of its files."""
    if not files:
        return {}
    return {
        "attachments": [
            {
                "id": str(file.id),
                "name": file.name,
                "type": file.media_type,
                "size": len(file.content),
            }
            for file in files
        ]
    }


def add(
    session: Session, *, message_id: int, customer_id: uuid.UUID, files: Sequence[File]
) -> None:
    """Keep the files of a line that was just recorded with what :func:`kept` says of them."""
    for place, file in enumerate(files):
        session.add(
            Attachment(
                id=file.id,
                message_id=message_id,
                place=place,
                customer_id=customer_id,
                name=file.name,
                media_type=file.media_type,
                size=len(file.content),
                sha256=file.sha256,
            )
        )
    session.flush()
    for file in files:
        session.add(AttachmentContent(attachment_id=file.id, content=file.content))
    session.flush()


def check_room(session: Session, *, customer_id: uuid.UUID, size: int) -> None:
    """Raise :class:`Refused` when this customer sent too much today to send ``size`` bytes more."""
    used = session.scalar(
        select(func.coalesce(func.sum(Attachment.size), 0))
        .join(Message, Message.id == Attachment.message_id)
        .where(
            Attachment.customer_id == customer_id,
            Message.author == "customer",
            Attachment.created_at > func.now() - dt.timedelta(days=1),
        )
    )
    if (used or 0) + size > A_DAY:
        raise Refused("too many files were sent today; try again tomorrow")


def same(session: Session, *, message_id: int, files: Sequence[File]) -> bool:
    """Whether a line has exactly these files, by their content."""
    found = session.scalars(
        select(Attachment.sha256)
        .where(Attachment.message_id == message_id)
        .order_by(Attachment.place)
    ).all()
    return list(found) == [file.sha256 for file in files]


def get(
    session: Session, attachment_id: str, *, customer_id: uuid.UUID | None = None
) -> Attachment:
    """One file's facts. Raises :class:`NotFound`, also for what is no id at all.

    With ``customer_id``: only what that customer may see, which is nothing of an internal
    line or of one that was deleted.
    """
    query = select(Attachment).join(Message, Message.id == Attachment.message_id)
    if customer_id is not None:
        query = query.where(
            Attachment.customer_id.in_(members(customer_id)),
            Message.internal.is_(False),
            Message.meta["changed"].astext.is_distinct_from("deleted"),
        )
    try:
        found = session.scalar(query.where(Attachment.id == uuid.UUID(attachment_id)))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("there is no such file")
    return found


def piece(session: Session, attachment_id: uuid.UUID, *, start: int, size: int = PIECE) -> bytes:
    """At most ``size`` bytes of a file from ``start`` on; it is stored so that this is cheap."""
    found = session.scalar(
        select(func.substring(AttachmentContent.content, start + 1, size)).where(
            AttachmentContent.attachment_id == attachment_id
        )
    )
    return bytes(found or b"")


def content(session: Session, attachment_id: uuid.UUID) -> bytes:
    """All bytes of a file, for a caller that needs them at once."""
    return b"".join(_pieces(session, attachment_id))


def _pieces(session: Session, attachment_id: uuid.UUID) -> Iterator[bytes]:
    start = 0
    while found := piece(session, attachment_id, start=start, size=4 * PIECE):
        yield found
        start += len(found)
