"""Nobody wants to read the same apology twice: the second time a person is asked for outright."""

from __future__ import annotations

from bot.actions.reply import Reply
from bot.actions.texts import TEXTS
from bot.actions.turn import Turn

_SORRY = ("unknown_sorry", "upset", "serious")
_AT_A_LOSS = ("unknown", "nothing_else", "say_it_again", "noted")


def not_again(turn: Turn, decided: Reply | list[Reply]) -> Reply | list[Reply]:
    """The same, in other words where the bot said just that last."""
    if isinstance(decided, list) or decided["kind"] not in ("say", "unknown"):
        return decided
    text, locale = decided["text"], decided["locale"]
    complains = turn.responses.get(f"utter_complain_{locale}") or ()
    sorry = {TEXTS[key][locale] for key in _SORRY} | {str(one["text"]) for one in complains}
    key = "sorry_again" if text in sorry else "unknown_again"
    at_a_loss = text in sorry or text in {TEXTS[key][locale] for key in _AT_A_LOSS}
    if not at_a_loss:
        return decided
    said = turn.context().said
    if said == text:
        decided["text"] = TEXTS[key][locale]
    elif text == TEXTS["unknown"][locale] and said == TEXTS["unknown_again"][locale]:
        decided["text"] = TEXTS["unknown_still"][locale]  # to ask for other words is no use
    elif text == TEXTS["unknown"][locale] and said == TEXTS["unknown_still"][locale]:
        decided["text"] = TEXTS["unknown_again"][locale]
    return decided
