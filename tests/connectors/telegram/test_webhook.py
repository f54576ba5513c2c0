"""Updates brought to the webhook: refused unless they bring the secret, and never a 500."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.connectors.conftest import App
from tests.fakes.telegram import SECRET, TOKEN, FakeTelegram, Person, payload

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture(scope="module")
def telegram_settings(telegram: FakeTelegram) -> dict[str, Any]:
    from tests.product import unused_port

    port = unused_port()
    return {
        "telegram_bot_token": TOKEN,
        "telegram_api_url": telegram.api_url,
        "telegram_mode": "webhook",
        "telegram_webhook_secret": SECRET,
        "public_url": f"http://127.0.0.1:{port}",
        "port": port,
    }


def test_words_come_by_webhook_once(app: App, customer: Person, telegram: FakeTelegram) -> None:
    telegram.until(lambda: telegram.webhook["url"])
    customer.says("웹훅으로", copies=3)
    customer.until("웹훅으로")
    telegram.until(lambda: len(telegram.answers) == 3)
    app.settle()
    assert len(customer.sees()) == 1
    assert telegram.answers == [200, 200, 200]


@pytest.mark.parametrize("secret", ["", "wrong", "비밀", None])
def test_b2_without_the_secret_nothing_is_taken(app: App, secret: str | None) -> None:
    headers = {} if secret is None else {HEADER: secret.encode()}
    answer = httpx.post(f"{app.url}/telegram/webhook", json=payload("message"), headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b"[" * 10_000, 200),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 200),
        (b"{}", 200),
        (b'{"update_id": "7", "message": {}}', 200),
        (b'{"update_id": -1, "message": {}}', 200),
        (b'{"update_id": 9223372036854775808, "message": {}}', 200),
        (b'{"update_id": 7, "message": {"chat": 5}}', 200),
        (b'{"update_id": 7, "message": {"message_id": 1, "chat": {"id": true}}}', 200),
        (b'{"update_id": 7, "callback_query": {"id": "x", "data": []}}', 200),
        (b'{"update_id": 7, "from_the_future": {"chat": {"id": 1}}}', 200),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
def test_b2_whatever_is_brought_is_never_a_500(app: App, body: bytes, status: int) -> None:
    headers = {HEADER: SECRET}
    answer = httpx.post(f"{app.url}/telegram/webhook", content=body, headers=headers)
    assert answer.status_code == status
