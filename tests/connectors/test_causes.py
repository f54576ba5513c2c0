"""Why work was given up, in words of people."""

from __future__ import annotations

import httpx
import pytest
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, TimedOut

from connectors import agent_lines, causes
from connectors.cause_words import WORDS
from connectors.channel import DeliveryFailed
from connectors.rasa import RasaFailed
from connectors.slack.api import SlackSaysNo
from connectors.telegram import api as telegram
from ticketing.errors import Conflict


def unreachable() -> NetworkError:
    error = NetworkError("no")
    error.__cause__ = httpx.ConnectError("no")
    return error


# Each as the platform's part raises it, and as the worker keeps it.
@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (SlackSaysNo("chat.postMessage", "not_in_channel"), "slack_channel"),
        (SlackSaysNo("chat.postMessage", "token_revoked"), "slack_token"),
        (SlackSaysNo("users.info", "missing_scope"), "slack_scope"),
        (SlackSaysNo("chat.postMessage", "restricted_action_read_only_channel"), "slack_closed"),
        (SlackSaysNo("chat.postMessage", "invalid_blocks"), "slack_other"),
        (DeliveryFailed("chat.postMessage: TimeoutError"), "slack_away"),
        (DeliveryFailed("files.getUploadURLExternal: 503"), "slack_away"),
        (DeliveryFailed("a file of Slack: ClientError"), "slack_away"),
        (telegram._sorted("sendMessage", Forbidden("bot was blocked by the user")), "tg_blocked"),
        (telegram._sorted("sendMessage", BadRequest("Chat not found")), "tg_chat"),
        (telegram._sorted("sendMessage", BadRequest("Text is empty")), "tg_other"),
        (telegram._sorted("sendMessage", InvalidToken()), "tg_token"),
        (telegram._sorted("sendMessage", TimedOut()), "tg_away"),
        (telegram._sorted("sendMessage", unreachable()), "tg_away"),
        (DeliveryFailed("the bridge: 500"), "bridge"),
        (DeliveryFailed("the mail server: TimeoutError"), "mail"),
        (RasaFailed("Rasa was silent"), "rasa"),
        (DeliveryFailed("5 workers ended while they did this"), "ended"),
        (DeliveryFailed("nothing here handles pigeon.post"), "unknown_work"),
        (Conflict("지원 has claimed this ticket"), "refused"),
        (KeyError("text"), "inside"),
    ],
)
def test_what_platforms_say_is_said_in_words_of_people(error: Exception, cause: str) -> None:
    kept = f"{type(error).__name__}: {error}"
    assert causes.cause(kept) == cause
    for lang in ("ko", "en"):
        said = causes.what(kept, lang)
        assert type(error).__name__ not in said and causes.remedy(kept, lang)
        if isinstance(error, SlackSaysNo):
            assert said.endswith(f" ({error.code})")
    assert agent_lines.say(f"cause_{cause}", "ko", {"word": ""}) == WORDS[cause][0]
