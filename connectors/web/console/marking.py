"""Words that were looked for, marked in what they were found in."""

from __future__ import annotations

import re

from markupsafe import Markup

from ticketing.models import Message

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


def count(text: str, wanted: str) -> int:
    """How many of the words occur in the text."""
    return sum(word.lower() in text.lower() for word in set(wanted.split()))


def author(line: Message) -> str:
    """Whose line it is, for who reads only this one of it."""
    return "note" if line.kind == "note" else line.author


def _words(wanted: str) -> re.Pattern[str]:
    longest = sorted(set(wanted.split()), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, longest))})", re.IGNORECASE)
