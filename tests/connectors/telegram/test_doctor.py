"""What the doctor says of Telegram."""

from __future__ import annotations

import time
from typing import Any

import pytest

from connectors.settings import Settings
from connectors.telegram.doctor import examine
from tests.fakes.telegram import TOKEN, FakeTelegram

PUBLIC = "https://help.example.kr"


def findings(telegram: FakeTelegram, **settings: Any) -> dict[str, tuple[bool, str]]:
    known = {"telegram_bot_token": TOKEN, "telegram_api_url": telegram.api_url} | settings
    found = examine(Settings(**known), database_url="")
    return {one["what"]: (one["ok"], one["says"]) for one in found}


@pytest.fixture(autouse=True)
def tidy(telegram: FakeTelegram) -> None:
    telegram.webhook = {"url": "", "secret_token": ""}
    telegram.webhook_trouble = {}


def test_all_is_well(telegram: FakeTelegram) -> None:
    found = findings(telegram)
    assert all(ok for ok, _ in found.values())
    assert "@sangdam_bot" in found["bot token"][1] and "polled" in found["updates"][1]


def test_a_token_that_is_missing_or_wrong_is_named_and_never_shown(
    telegram: FakeTelegram,
) -> None:
    missing = findings(telegram, telegram_bot_token="")
    assert "SANGDAM_TELEGRAM_BOT_TOKEN" in missing["bot token"][1]
    wrong = findings(telegram, telegram_bot_token="1:wrong_token_wrong_token_wrong_token0")
    assert not wrong["bot token"][0] and "@BotFather" in wrong["bot token"][1]
    assert "wrong_token" not in str(wrong)


def test_who_else_takes_the_updates_is_said(telegram: FakeTelegram) -> None:
    telegram.webhook = {"url": "https://elsewhere.example/hook", "secret_token": ""}
    polling = findings(telegram)["updates"]
    assert not polling[0] and "a webhook is set" in polling[1]
    by_webhook = {"telegram_mode": "webhook", "telegram_webhook_secret": "s" * 20}
    elsewhere = findings(telegram, public_url=PUBLIC, **by_webhook)["updates"]
    assert not elsewhere[0] and "elsewhere" in elsewhere[1]
    plain = findings(telegram, public_url="http://help.example.kr", **by_webhook)["updates"]
    assert not plain[0] and "https:// only" in plain[1]
    telegram.webhook["url"] = f"{PUBLIC}/telegram/webhook"
    assert findings(telegram, public_url=PUBLIC, **by_webhook)["updates"][0]


def test_what_waits_and_what_failed_is_said(telegram: FakeTelegram) -> None:
    telegram.webhook_trouble = {
        "pending_update_count": 101,
        "last_error_date": int(time.time()) - 300,
        "last_error_message": "Connection refused",
    }
    found = findings(telegram)
    assert not found["waiting updates"][0] and "101 wait" in found["waiting updates"][1]
    assert not found["last error"][0]
    assert "Connection refused (5 minutes ago)" in found["last error"][1]


def test_telegram_cannot_be_reached() -> None:
    gone = FakeTelegram()
    gone.stop()
    found = findings(gone)
    assert found.keys() == {"Telegram"} and "cannot be reached" in found["Telegram"][1]
