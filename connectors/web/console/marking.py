"""Words that were looked for, marked in what they were found in."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from markupsafe import Markup

from ticketing.models import Message, Ticket

# So many characters are shown before the first word that was found.
BEFORE = 20
_MARK = Markup("<mark>{}</mark>")


def marked(text: str, wanted: str) -> Markup:
    """The text, escaped, with each of the words marked wherever it occurs."""
    if not wanted.split():
        return Markup.escape(text)
    parts = _words(wanted).split(text)  # every other one is a word
    return Markup("").join(_MARK.format(one) if n % 2 else one for n, one in enumerate(parts))


def excerpt(text: str, wanted: str) -> str:
    """The text from a little before the first of the words."""
    first = _words(wanted).search(text)
    start = 0 if first is None else first.start()
    return text if start <= BEFORE else f"…{text[start - BEFORE :].lstrip()}"


def _count(text: str, wanted: str) -> int:
    """How many of the words occur in the text."""
    return sum(word.lower() in text.lower() for word in set(wanted.split()))


def _author(line: Message) -> str:
    """Whose line it is, for who reads only this one of it."""
    return "note" if line.kind == "note" else line.author


def found(ticket: Ticket, said: Message | None, wanted: str) -> dict[str, Any]:
    """What a search shows instead: the question, or the line that has more of the words."""
    question = unicodedata.normalize("NFC", ticket.question)
    asked = _count(question, wanted)
    line = unicodedata.normalize("NFC", said.text) if said is not None else ""
    if said is not None and _count(line, wanted) > asked:
        return {"words": excerpt(line, wanted), "by": _author(said), "line": said.id}
    return {"words": excerpt(question, wanted), "by": ""} if asked else {}


def _words(wanted: str) -> re.Pattern[str]:
    longest = sorted(set(wanted.split()), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, longest))})", re.IGNORECASE)
