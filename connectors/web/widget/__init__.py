"""The chat widget: five plain scripts, served as one, and modules that come when wanted."""

import hashlib
import re
from functools import cache
from importlib.resources import files

PARTS = ("kept.js", "line.js", "look.js", "talk.js", "chat.js")
_COMMENT = re.compile(r"^\s*(?:/\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^\s+", re.MULTILINE)  # and empty lines
# Behind a statement; what has no space before it is an address.
_BEHIND = re.compile(r"(?<=[;{,]) // [^\n]*$", re.MULTILINE)


@cache
def script() -> tuple[bytes, str]:
    """The widget as one script, and its ETag.

    The parts share one function scope, so that the page's own names and the widget's cannot meet.
    Comments and indentation stay behind, because every visitor of every page downloads this; the
    first comment, how to embed the widget, goes along.
    """
    parts = [files(__name__).joinpath(name).read_text(encoding="utf-8") for name in PARTS]
    end = parts[0].index("*/") + 3
    code = _COMMENT.sub("", "\n".join([parts[0][end:], *parts[1:]]))
    code = _INDENT.sub("", _BEHIND.sub("", code))
    return _tagged(f"{parts[0][:end]}(() => {{\n'use strict';\n{code}}})();\n".encode())


@cache
def files_script() -> tuple[bytes, str]:
    """The module for files, and its ETag; imported when there is one to send or to show."""
    text = files(__name__).joinpath("files.js").read_text(encoding="utf-8")
    return _tagged(_INDENT.sub("", _COMMENT.sub("", text)).encode())


@cache
def elsewhere_script() -> tuple[bytes, str]:
    """The module for going on elsewhere, and its ETag."""
    text = files(__name__).joinpath("elsewhere.js").read_text(encoding="utf-8")
    return _tagged(_INDENT.sub("", _COMMENT.sub("", text)).encode())


def _tagged(body: bytes) -> tuple[bytes, str]:
    return body, f'"{hashlib.sha256(body).hexdigest()[:16]}"'
