"""Slack's payloads, signatures and names, as the fake and its tests use them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

QUEUE = "C0QUEUE"
TEAM = "T0SANGDAM"
BOT_USER = "U0SANGDAM"
BOT_TOKEN = "xoxb-of-the-fake"
APP_TOKEN = "xapp-of-the-fake"
SECRET = "signing-secret-of-the-fake"
PAYLOADS = Path(__file__).parent.parent / "payloads" / "slack"

Json = dict[str, Any]


def payload(name: str) -> Json:
    """A payload as Slack makes it."""
    found: Json = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    return found


def sign(content: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """Slack's headers for a request."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + content, hashlib.sha256)
    signature = f"v0={digest.hexdigest()}"
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


def shown(message: Json) -> str:
    """All words of a message's blocks, as received."""

    def walk(node: Any) -> list[str]:
        if isinstance(node, list):
            return [words for item in node for words in walk(item)]
        if not isinstance(node, dict):
            return []
        text = node.get("text")
        own = [text] if isinstance(text, str) else []
        return own + [words for value in node.values() for words in walk(value)]

    return "\n".join(walk(message["blocks"]))
