"""What a file is, by its first bytes; its name only chooses among what they allow. Pure.

Pictures are checked as far as their size in pixels, because a browser is going to decode them.
Whatever else is allowed is never shown by a browser, only saved, so its kind is enough.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Callable

from ticketing.errors import Refused

# A photo of the largest camera phones, and what a browser takes of memory for it: 256 MB.
MAX_PIXELS = 64_000_000
MAX_SIDE = 16_384
NAME_LIMIT = 150

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_ENDINGS = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
    # What messengers record: saved, as everything that is no picture.
    "audio/ogg": ("ogg", "oga"),
    "video/mp4": ("mp4", "m4a", "mov"),
}
_PICTURE_ENDINGS = {ending for kind in PICTURES for ending in _ENDINGS[kind]}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
# Office files of today are zip files, and those of before are all of one container.
_ZIPPED = {
    "zip": "application/zip",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": f"{_OPEN}text",
    "ods": f"{_OPEN}spreadsheet",
    "odp": f"{_OPEN}presentation",
    "hwpx": "application/hwp+zip",
}
_COMPOUND = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "hwp": "application/x-hwp",
}
_TEXT = {"txt": "text/plain", "csv": "text/csv"}
# What a picker of files should offer.
ENDINGS = (*_PICTURE_ENDINGS, "pdf", *_TEXT, *_ZIPPED, *_COMPOUND)

_MARKUP = re.compile(rb"\s*<(?:!|\?xml|html|head|body|script|svg|iframe)", re.IGNORECASE)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def detect(name: str, content: bytes) -> str:
    """The media type of a file. Raises :class:`Refused`, with a reason, for what is not allowed.

    An ending that does not fit the content is refused: outside of here it decides who opens it.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    for kind, signed, measure in _SIGNATURES:
        if signed(content):
            pictured = kind in PICTURES and ending in _PICTURE_ENDINGS
            if ending and ending not in _ENDINGS[kind] and not pictured:
                raise Refused("the file's name does not fit what is in it")
            if measure is not None:
                _check_size(measure(content))
            return kind
    known = _family(content)
    if ending not in known:
        raise Refused("files of this kind are not accepted")
    return known[ending]


def clean_name(name: str) -> str:
    """A name fit to be shown: no path, no invisible or reordering characters, not too long."""
    shown = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    shown = re.split(r"[/\\]", shown)[-1]
    shown = "".join(c if c.isprintable() or c == "\u200d" else " " for c in shown)
    shown = " ".join(re.sub(r'["<>|:*?]', " ", shown).split()).strip(". ")
    if len(shown) > NAME_LIMIT:
        stem, dot, ending = shown.rpartition(".")
        keep = ending if dot and len(ending) <= 10 else ""
        stem = (stem if keep else shown)[: NAME_LIMIT - len(keep) - 2].rstrip()
        shown = f"{stem}…{'.' if keep else ''}{keep}"
    return shown or "file"


def _family(content: bytes) -> dict[str, str]:
    """Of what is told apart by its ending alone: the endings that this content may have."""
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _ZIPPED
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _COMPOUND
    return _TEXT if _is_text(content) else {}


def _is_text(content: bytes) -> bool:
    """Words in one of the encodings that people here save them in, and no markup."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            return False
    content = content.removeprefix(b"\xef\xbb\xbf")
    if _CONTROLS.search(content) or _MARKUP.match(content):
        return False
    for encoding in ("utf-8", "cp949"):
        try:
            content.decode(encoding)
        except UnicodeError:
            continue
        return True
    return False


def _check_size(size: tuple[int, int] | None) -> None:
    if size is None:
        raise Refused("the picture is damaged")
    width, height = size
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE) or width * height > MAX_PIXELS:
        raise Refused("the picture has too many pixels")


Size = tuple[int, int] | None


def _png(content: bytes) -> Size:
    if len(content) < 33 or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _gif(content: bytes) -> Size:
    if len(content) < 14:
        return None
    width, height = struct.unpack("<HH", content[6:10])
    return width, height


def _jpeg(content: bytes) -> Size:
    """The size in the frame's header, behind segments that each say how long they are."""
    place = 2
    while place + 9 < len(content):
        if content[place] != 0xFF:
            return None
        marker = content[place + 1]
        if marker == 0xFF:  # filling
            place += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:
            place += 2
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        else:
            place += 2 + int(struct.unpack(">H", content[place + 2 : place + 4])[0])
    return None


def _webp(content: bytes) -> Size:
    if len(content) < 30:
        return None
    match content[12:16]:
        case b"VP8X":
            width = 1 + int.from_bytes(content[24:27], "little")
            return width, 1 + int.from_bytes(content[27:30], "little")
        case b"VP8L" if content[20] == 0x2F:
            bits = int.from_bytes(content[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 " if content[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack("<HH", content[26:30])
            return width & 0x3FFF, height & 0x3FFF
    return None


_SIGNATURES: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], Size] | None], ...] = (
    ("image/png", lambda c: c.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    ("image/jpeg", lambda c: c.startswith(b"\xff\xd8\xff"), _jpeg),
    ("image/gif", lambda c: c.startswith((b"GIF87a", b"GIF89a")), _gif),
    ("image/webp", lambda c: c[:4] == b"RIFF" and c[8:12] == b"WEBP", _webp),
    ("application/pdf", lambda c: c.startswith(b"%PDF-"), None),
    ("audio/ogg", lambda c: c.startswith(b"OggS"), None),
    ("video/mp4", lambda c: c[4:8] == b"ftyp", None),
)
