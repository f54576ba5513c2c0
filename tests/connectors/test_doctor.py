"""``sangdam doctor`` looks at all that is connected, not only at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.doctor import examine
from connectors.settings import Settings
from tests.fakes.mail import FakeMail
from tests.fakes.rasa import Running
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.product import unused_port


async def _well(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@pytest.fixture(scope="module")
def outside() -> Iterator[dict[str, Any]]:
    """Settings of a Telegram, a mail server and an action server that are there."""
    telegram, mail, app = FakeTelegram(), FakeMail(), web.Application()
    app.router.add_get("/health", _well)
    actions = Running(app)
    yield {
        "telegram_bot_token": TOKEN,
        "telegram_api_url": telegram.api_url,
        "smtp_url": mail.url,
        "smtp_from": "help@example.kr",
        "actions_url": f"{actions.url}/webhook",
        "wrong_smtp_url": mail.without_password,
    }
    for one in (telegram, mail, actions):
        one.stop()


def looked_at(database_url: str, folder: Path, **settings: Any) -> dict[str, tuple[bool, str]]:
    """What was found, without waiting for the model."""
    known = Settings(data_dir=folder, embedding_model=str(folder / "no-model"), **settings)
    found = examine(known, database_url=database_url)
    return {one["what"]: (one["ok"], one["says"]) for one in found}


def test_a_short_secret_for_kakaotalk_is_worth_a_look(database_url: str, tmp_path: Path) -> None:
    def said(secret: str) -> list[tuple[bool, bool, str]]:
        known = Settings(
            data_dir=tmp_path, embedding_model=str(tmp_path / "no-model"), kakao_secret=secret
        )
        found = examine(known, database_url=database_url)
        return [
            (one["ok"], one.get("warning", False), one["says"])
            for one in found
            if one["what"] == "KakaoTalk"
        ]

    assert said("") == []
    assert said("x" * 16) == [(True, False, "its secret is set")]
    ((ok, warning, says),) = said("x" * 15)
    assert (ok, warning) == (True, True) and "fewer than 16 characters" in says


def test_what_is_connected_is_looked_at(
    database_url: str, tmp_path: Path, outside: dict[str, Any]
) -> None:
    wrong_mail = outside.pop("wrong_smtp_url")
    parts = ("Telegram", "mail server", "action server")
    found = looked_at(database_url, tmp_path, **outside)
    assert [found[one][0] for one in parts] == [True, True, True]
    broken = outside | {
        "telegram_bot_token": "1:wrong_token_wrong_token_wrong_token0",
        "smtp_url": wrong_mail,
        "actions_url": f"http://127.0.0.1:{unused_port()}/webhook",
    }
    found = looked_at(database_url, tmp_path, **broken)
    assert [found[one][0] for one in parts] == [False, False, False]
    assert "@BotFather" in found["Telegram"][1] and "doctor telegram" in found["Telegram"][1]
    assert "refused user or password" in found["mail server"][1]
    assert "does not answer" in found["action server"][1]
    assert "wrong" not in str(found)


def test_what_is_not_connected_is_left_out(database_url: str, tmp_path: Path) -> None:
    found = looked_at(database_url, tmp_path)
    assert not {"Telegram", "mail server", "action server"} & set(found)
