"""Customers in Telegram, and one gateway for all tests of a module."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.telegram import polling, sending
from tests.conftest import fresh_database
from tests.connectors.conftest import App, running
from tests.fakes.telegram import TOKEN, FakeTelegram, Person

_numbers = itertools.count(7001)


@pytest.fixture(scope="module")
def telegram() -> Iterator[FakeTelegram]:
    made = FakeTelegram()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def telegram_settings(telegram: FakeTelegram) -> dict[str, Any]:
    return {"telegram_bot_token": TOKEN, "telegram_api_url": telegram.api_url}


@pytest.fixture(scope="module")
def gateway(
    postgres: str, tmp_path_factory: pytest.TempPathFactory, telegram_settings: dict[str, Any]
) -> Iterator[App]:
    """A gateway that polls, shared by the module."""
    with (
        pytest.MonkeyPatch.context() as patch,
        fresh_database(postgres) as url,
    ):
        patch.setattr(sending, "SPACING_S", 0.0)
        patch.setattr(polling, "RENEW_S", 0.2)
        patch.setattr(polling, "PAUSE_S", 0.1)
        folder = tmp_path_factory.mktemp("gateway")
        with running(url, folder, **telegram_settings) as app:
            yield app


@pytest.fixture
def app(gateway: App) -> App:
    gateway.rasa.mode = "echo"
    return gateway


@pytest.fixture
def customer(telegram: FakeTelegram) -> Person:
    """Somebody new."""
    return telegram.person(next(_numbers))
