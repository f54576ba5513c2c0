"""``sangdam doctor telegram``: the token, how updates come, and what stands in their way."""

from __future__ import annotations

import asyncio
import datetime as dt

from telegram import WebhookInfo

from connectors.channel import DeliveryFailed
from connectors.doctor import Finding, finding
from connectors.settings import Settings
from connectors.telegram.api import BadToken, Telegram

# More than this many waiting updates say that nobody takes them.
PENDING_MAX = 100
PATH = "/telegram/webhook"


def examine(settings: Settings, *, database_url: str) -> list[Finding]:
    """Look at everything of Telegram; never raises for what it finds."""
    if not settings.telegram_bot_token:
        says = "SANGDAM_TELEGRAM_BOT_TOKEN is empty: docs/telegram.md says how to connect"
        return [finding("bot token", False, says)]
    return asyncio.run(_examine(settings))


async def _examine(settings: Settings) -> list[Finding]:
    telegram = Telegram(token=settings.telegram_bot_token, url=settings.telegram_api_url)
    findings: list[Finding] = []
    try:
        us = await telegram.me()
        findings.append(finding("bot token", True, f"signed in as @{us.username}"))
        info = await telegram.webhook()
        findings += [_mode(settings, info), _pending(info), _trouble(info)]
    except BadToken:
        says = "is not accepted: copy it again from @BotFather (/token)"
        findings.append(finding("bot token", False, says))
    except DeliveryFailed as error:
        findings.append(finding("Telegram", False, f"cannot be reached ({error})"))
    finally:
        await telegram.close()
    return findings


def _mode(settings: Settings, info: WebhookInfo) -> Finding:
    what = "updates"
    if settings.telegram_mode == "polling":
        if info.url:
            says = "a webhook is set, so polling gets nothing; Sangdam takes it away when it "
            return finding(what, False, f"{says}starts, another program may set it again")
        return finding(what, True, "polled by one of the gateways")
    wanted = settings.public_url.rstrip("/") + PATH
    if not wanted.startswith("https://"):
        return finding(what, False, f"Telegram brings updates to https:// only, not to {wanted}")
    if info.url != wanted:
        found = "elsewhere" if info.url else "nowhere yet"
        return finding(what, False, f"are brought {found}: start Sangdam, it sets {wanted}")
    return finding(what, True, f"are brought to {wanted}")


def _pending(info: WebhookInfo) -> Finding:
    count = info.pending_update_count
    if count > PENDING_MAX:
        return finding("waiting updates", False, f"{count} wait: is Sangdam running?")
    return finding("waiting updates", True, f"{count}")


def _trouble(info: WebhookInfo) -> Finding:
    what = "last error"
    if info.last_error_date is None:
        return finding(what, True, "none that Telegram tells of")
    ago = dt.datetime.now(dt.UTC) - info.last_error_date
    says = f"{info.last_error_message} ({int(ago.total_seconds() // 60)} minutes ago)"
    return finding(what, ago > dt.timedelta(hours=1), says, warning=True)
