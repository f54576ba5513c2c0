"""Pictures in articles: kept in the database, once each, and given to everybody who asks.

What a picture is, the caller checks by its content before it comes here.
"""

from __future__ import annotations

import hashlib
import re
import uuid

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from knowledge_base.errors import NotFound
from knowledge_base.models import Picture, PictureContent

LIMIT = 10 * 1024 * 1024
PIECE = 256 * 1024
# Where the help centre serves them; articles show them by this address.
ADDRESS = "/help/pictures/"
USED = re.compile(re.escape(ADDRESS) + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


def add(session: Session, *, name: str, media_type: str, content: bytes, author: str) -> Picture:
    """Keep a picture, or find the same one that is kept already."""
    found = digest(content)
    made = session.execute(
        insert(Picture)
        .values(
            id=uuid.uuid4(),
            name=name,
            media_type=media_type,
            size=len(content),
            sha256=found,
            author=author,
        )
        .on_conflict_do_nothing(index_elements=[Picture.sha256])
        .returning(Picture.id)
    ).scalar_one_or_none()
    if made is not None:
        session.execute(insert(PictureContent).values(picture_id=made, content=content))
    return session.scalars(select(Picture).where(Picture.sha256 == found)).one()


def digest(content: bytes) -> bytes:
    """What makes two pictures the same one."""
    return hashlib.sha256(content).digest()


def address(picture: Picture) -> str:
    """What an article shows it by."""
    return f"{ADDRESS}{picture.id}"


def get(session: Session, id: str) -> Picture:
    """One picture's facts. Raises :class:`NotFound`, also for what is no id."""
    try:
        found = session.get(Picture, uuid.UUID(id))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("there is no such picture")
    return found


def piece(session: Session, id: uuid.UUID, *, start: int, size: int = PIECE) -> bytes:
    """At most ``size`` bytes of a picture from ``start`` on."""
    found = session.scalar(
        select(func.substring(PictureContent.content, start + 1, size)).where(
            PictureContent.picture_id == id
        )
    )
    return bytes(found or b"")


def content(session: Session, id: uuid.UUID) -> bytes:
    """All bytes of a picture."""
    found = session.get(PictureContent, id)
    return found.content if found is not None else b""
