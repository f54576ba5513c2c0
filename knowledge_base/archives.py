"""Zip files of Markdown and pictures, as people and other programs pack them."""

from __future__ import annotations

import contextlib
import re
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from knowledge_base.errors import Invalid
from knowledge_base.tables import MAX_FILE

MAX_FILES = 20_000
_UNPACKED = (".md", ".markdown", ".png", ".jpg", ".jpeg", ".gif", ".webp")
_DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError)


@contextlib.contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The folder of a .zip while the block runs; any other path as it is.

    Only Markdown files and pictures are unpacked. Raises :class:`Invalid` for what is no zip file
    or unpacks to too much.
    """
    if path.suffix.lower() != ".zip":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="sangdam-import-") as made:
        _unpack(path, Path(made))
        yield Path(made)


def _unpack(path: Path, folder: Path, *, left: int = 4 * MAX_FILE, inner: bool = False) -> int:
    """Unpack what is wanted; how many bytes more there may be. Notion packs its zip once more."""
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [one for one in archive.infolist() if _is_wanted(one, packed=not inner)]
            # Sizes are claims, so the bytes that really come are counted, too.
            if len(wanted) > MAX_FILES or sum(one.file_size for one in wanted) > left:
                raise Invalid("path", f"{path.name} unpacks to too much")
            for one in wanted:
                file = folder.joinpath(*_parts(one))
                file.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(one) as packed, file.open("wb") as out:
                    while piece := packed.read(256 * 1024):
                        left -= len(piece)
                        if left < 0:
                            raise Invalid("path", f"{path.name} unpacks to too much")
                        out.write(piece)
                if file.suffix.lower() == ".zip":
                    left = _unpack(file, file.parent, left=left, inner=True)
                    file.unlink()
    except _DAMAGED as error:  # or it has a password
        raise Invalid("path", f"{path.name} is not a zip file that can be read") from error
    return left


def _is_wanted(one: zipfile.ZipInfo, *, packed: bool) -> bool:
    parts = _parts(one)
    hidden = not parts or any(part in ("..", "__MACOSX") or part[0] == "." for part in parts)
    kinds = (*_UNPACKED, ".zip") if packed else _UNPACKED
    return not (one.is_dir() or hidden) and Path(parts[-1]).suffix.lower() in kinds


def _parts(one: zipfile.ZipInfo) -> list[str]:
    """The path inside the archive, without anything that leads out of it."""
    name = one.filename
    if not one.flag_bits & 0x800:
        # A Mac packs names as UTF-8 and Windows in Korea as CP949, and neither says so.
        for encoding in ("utf-8", "cp949"):
            with contextlib.suppress(UnicodeError):
                name = name.encode("cp437").decode(encoding)
                break
    name = unicodedata.normalize("NFC", name).replace(":", "_")
    return [part for part in re.split(r"[/\\]", name) if part not in ("", ".")]
