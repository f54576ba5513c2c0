"""An answer for a customer whose messenger cannot be told: waiting, then fetched, seen in Slack."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.phrases import say
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, hint
from tests.fakes import kakao
from tests.fakes.slack import FakeSlack


@pytest.fixture
def app_settings(app_settings: dict[str, Any]) -> dict[str, Any]:
    return {**app_settings, "kakao_secret": kakao.SECRET}


def test_an_agent_sees_that_an_answer_waits_and_that_it_was_fetched(
    app: App, slack: FakeSlack
) -> None:
    phone = kakao.Phone(app.url)
    app.rasa.mode = "hand_off"
    phone.say("사람과 얘기할래요")
    card = slack.until(slack.cards)[-1]["ts"]
    slack.press(AGENT, "claim", card)
    ts = slack.say(AGENT, "내일 도차캐요", card)
    hint(slack, AGENT, "카카오톡은 먼저")
    slack.until(lambda: (ts, "incoming_envelope") in slack.reactions)
    slack.change(ts, "내일 도착해요")  # nobody has it yet, so nobody gets a correction
    slack.until(lambda: (ts, "pencil2") in slack.reactions)
    for _ in range(4):  # on a busy machine one is told to press again
        if (said := kakao.words(phone.say("답변 확인"))) != say("slow", "ko"):
            break
    assert "지원: 내일 도착해요" in said and "도차캐요" not in said and "정정" not in said
    slack.until(lambda: (ts, "white_check_mark") in slack.reactions)
    slack.until(lambda: (ts, "incoming_envelope") not in slack.reactions)
    slack.say(AGENT, "또 물어보세요", card)
    app.settle()
    assert len(slack.hints) == 1, "how it is with KakaoTalk is said once in a thread"
    phone.close()
