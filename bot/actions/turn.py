"""One message as the actions see it: what was said, in which language, and what came before."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from bot.actions import reply
from bot.actions.reply import Reply
from bot.actions.texts import Locale
from knowledge_base import dialogue, elliptical
from knowledge_base.answers import Answer, Outcome
from knowledge_base.search import Index
from ticketing.conversations import BotContext, bot_context
from ticketing.db import Sessions
from ticketing.errors import NotFound

_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
# "how r u", but neither "A/S" nor "XL L".
_BESIDE_A_LETTER = re.compile(
    r"\b(?:[A-Za-z]\s+[A-Za-z]?[a-z]{2,}|[A-Za-z]?[a-z]{2,}\s+[A-Za-z])\b"
)
# An address says nothing of the language of who gives it.
_ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+", re.IGNORECASE)

# From this confidence on, what Rasa understood outweighs what the knowledge base might find.
SURE = 0.6


@dataclasses.dataclass(frozen=True, slots=True)
class Turn:
    """A customer's message, and the way to what the product knows."""

    conversation_id: int | None
    text: str
    intent: str
    confidence: float
    locale: Locale
    article: str | None
    responses: Mapping[str, Any]
    name: str  # the shop's, in this language; empty if nobody told it
    index: Index
    sessions: Sessions

    def context(self) -> BotContext:
        """What happened in this conversation before; empty for one that does not exist."""
        if self.conversation_id is not None:
            try:
                with self.sessions() as session:
                    return bot_context(session, conversation_id=self.conversation_id)
            except NotFound:
                pass
        return BotContext(
            locale=self.locale, last_question=None, shown_articles=(), rejections=0, ticket=None
        )

    def look_up(self, question: str, *, exclude: Collection[str] = ()) -> Outcome:
        """What the knowledge base says to ``question``."""
        return dialogue.asked_alone(self.index, question, locale=self.locale, exclude=exclude)

    def continued(self, *, stated: bool = True) -> Reply | None:
        """The reply to what this message asks only beside what was asked before, if it does;
        unless ``stated``, only if it is a question itself."""
        if not dialogue.may_go_on(self.text, stated=stated):
            return None
        context = self.context()
        shown = next(reversed(context.shown_articles), None)
        found = dialogue.continued(
            self.index,
            self.text,
            context.topics,
            locale=self.locale,
            exclude=context.turned_down,
            unanswered=context.unanswered,
            shown=shown,
        )
        if found is None:
            return None
        question, result = found
        full = question if question != self.text else None
        same = (
            isinstance(result, Answer) and not result.sentence and result.article.article == shown
        )
        if same and elliptical.lasts(self.text):
            # "어제요": another section of what was told says nothing to that.
            return reply.noted(self.locale, question=full, candidates=result.candidates)
        return reply.found_beside(
            result, self.locale, question=full, told=context.told, asked=self.text
        )


def read(
    *,
    sender: str,
    message: Mapping[str, Any],
    responses: Mapping[str, Any],
    names: Mapping[str, str],
    index: Index,
    sessions: Sessions,
) -> Turn:
    """The turn in Rasa's action call; ``names`` are the shop's, by language."""
    # A Mac writes Hangul in pieces, which would look like single letters; history keeps them.
    text = unicodedata.normalize("NFC", str(message.get("text") or ""))
    metadata = message.get("metadata") or {}
    intent = message.get("intent") or {}
    locale = spoken_locale(text, str(metadata.get("locale") or ""))
    return Turn(
        conversation_id=int(sender) if sender.isascii() and sender.isdigit() else None,
        text=text,
        intent=str(intent.get("name") or ""),
        confidence=float(intent.get("confidence") or 0.0),
        locale=locale,
        article=_article(message.get("entities") or ()),
        responses=responses,
        name=names.get(locale, ""),
        index=index,
        sessions=sessions,
    )


def spoken_locale(text: str, asked: str) -> Locale:
    """The language to answer in: that of the words, else the one the customer set.

    One Latin word ("AS?", "ok") with no other beside it is no English; a pressed button says
    nothing about language.
    """
    if not text.startswith("/"):
        if _HANGUL.search(text):
            return "ko"
        said = _ADDRESS.sub(" ", text)
        if len(_LATIN_WORD.findall(said)) >= 2 or _BESIDE_A_LETTER.search(said):
            return "en"
    return "en" if asked == "en" else "ko"


def _article(entities: Collection[Mapping[str, Any]]) -> str | None:
    for entity in entities:
        if entity.get("entity") == "article" and isinstance(entity.get("value"), str):
            return str(entity["value"])
    return None
