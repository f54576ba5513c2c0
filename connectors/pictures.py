"""What may be a picture in an article: told by its content, as for files in a chat."""

from __future__ import annotations

from knowledge_base import pictures
from ticketing.errors import Refused
from ticketing.file_types import PICTURES, clean_name, detect


def media_type(name: str, content: bytes) -> str:
    """The media type of a picture. Raises ``ValueError`` with why it is not taken."""
    if not content:
        raise ValueError("the file is empty")
    if len(content) > pictures.LIMIT:
        raise ValueError(f"a picture has at most {pictures.LIMIT // 1024 // 1024} MiB")
    try:
        kind = detect(clean_name(name), content)
    except Refused as error:
        raise ValueError(str(error)) from None
    if kind not in PICTURES:
        raise ValueError("is no PNG, JPEG, GIF or WebP picture")
    return kind
