"""One of the gateways asks Telegram for updates, and when its process dies another does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from connectors.telegram import polling
from tests.connectors.conftest import running
from tests.connectors.served import served
from tests.fakes.rasa import FakeRasa, Running
from tests.fakes.telegram import TOKEN, FakeTelegram

SOON = {"LEASE_S": 2.0, "RENEW_S": 0.25, "PAUSE_S": 0.1}
WITHIN_S = 30.0


def test_f23_the_lead_as_shipped_is_taken_over_within_half_a_minute() -> None:
    """It has run out, and the others have looked twice, before then."""
    assert polling.LEASE_S + 2 * polling.RENEW_S < WITHIN_S
    assert polling.RENEW_S < polling.LEASE_S / 2, "one late look loses no lead"


def test_f23_one_polls_and_another_goes_on_when_its_process_is_killed(
    database_url: str, tmp_path: Path, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = "from connectors.telegram import polling"
    for name, value in SOON.items():
        monkeypatch.setattr(polling, name, value)
        first += f"; polling.{name} = {value}"
    rasa = Running(FakeRasa().app())
    customer = telegram.person(9001)
    environment = {
        "SANGDAM_RASA_URL": rasa.url,
        "SANGDAM_TELEGRAM_BOT_TOKEN": TOKEN,
        "SANGDAM_TELEGRAM_API_URL": telegram.api_url,
    }
    settings = {"telegram_bot_token": TOKEN, "telegram_api_url": telegram.api_url}
    with served(database_url, tmp_path / "leads", first=first, **environment) as leads:
        customer.says("첫 번째")
        customer.until("첫 번째", timeout_s=20)
        with running(database_url, tmp_path / "waits", **settings) as waits:
            customer.says("둘이서")
            customer.until("둘이서")
            telegram.until(lambda: telegram.unconfirmed() == 0)
            assert telegram.conflicts == 0, "both asked for updates"
            waits.settle()
            leads.process.kill()
            killed = time.monotonic()
            customer.says("아직 계세요?")
            customer.until("아직 계세요?", timeout_s=WITHIN_S)
            assert time.monotonic() - killed < WITHIN_S
            waits.settle()
    said = [message["text"] for message in customer.sees()]
    assert said == ["첫 번째", "둘이서", "아직 계세요?"]
    rasa.stop()
