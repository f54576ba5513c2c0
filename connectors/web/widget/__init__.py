"""The chat widget: three plain scripts, served as one."""

import hashlib
import re
from functools import cache
from importlib.resources import files

PARTS = ("line.js", "look.js", "chat.js")
_COMMENT = re.compile(r"^\s*(?:/\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^ +", re.MULTILINE)


@cache
def script() -> tuple[bytes, str]:
    """The widget as one script, and its ETag.

    The parts share one function scope, so that the page's own names and the widget's cannot meet.
    Comments that stand alone and indentation stay behind, because every visitor of every page
    downloads this; the first comment, how to embed the widget, goes along.
    """
    parts = [files(__name__).joinpath(name).read_text(encoding="utf-8") for name in PARTS]
    end = parts[0].index("*/") + 3
    code = _INDENT.sub("", _COMMENT.sub("", "\n".join([parts[0][end:], *parts[1:]])))
    body = f"{parts[0][:end]}(() => {{\n'use strict';\n{code}}})();\n".encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:16]}"'
