"""The Bot API as this channel uses it: few verbs, errors sorted, no retry of its own."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import httpx
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    User,
    WebhookInfo,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from connectors.channel import DeliveryFailed
from connectors.telegram.inbound import ALLOWED

T = TypeVar("T")
TIMEOUT_S = 6.0
UPLOAD_S = 40.0
# How long Telegram holds a request for updates open when there are none.
POLL_S = 20
# Errors before anything was written: the request cannot have arrived.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
Buttons = Sequence[tuple[str, str]]
# Titles of one or two characters fit beside each other.
BESIDE = 6


class TelegramSaysNo(DeliveryFailed):
    """Telegram refused for good; ``why`` is what it says. ``blocked``: the customer wants that."""

    def __init__(self, method: str, why: str, *, blocked: bool = False) -> None:
        super().__init__(f"{method}: {why}", permanent=True)
        self.why = why.lower()
        self.blocked = blocked


class BadToken(DeliveryFailed):
    """The token is wrong: waiting helps only if somebody corrects it."""


class AnotherPoller(DeliveryFailed):
    """Somebody else asks for this bot's updates, or a webhook is set."""


class Migrated(DeliveryFailed):
    """The chat has another id now."""

    def __init__(self, chat: int) -> None:
        super().__init__("the chat has another id now")
        self.chat = chat


@dataclasses.dataclass(frozen=True, slots=True)
class Upload:
    """A file for a customer; ``picture`` if it may be shown as one."""

    name: str
    content: bytes = dataclasses.field(repr=False)
    picture: bool


class _Bot(Bot):
    """Python-telegram-bot's, and updates as they came.

    It reads all updates of an answer or none: one that it cannot read would come first for ever.
    """

    __slots__ = ()

    async def raw_updates(self, offset: int | None, limit: int) -> list[dict[str, Any]]:
        asked = {"timeout": POLL_S, "offset": offset, "limit": limit, "allowed_updates": ALLOWED}
        found = await self._post("getUpdates", asked, read_timeout=POLL_S + TIMEOUT_S)
        if not isinstance(found, list):
            raise TelegramError("no list of updates")
        return [update for update in found if isinstance(update, dict)]


class Telegram:
    """The calls, with the bot's token, to the configured address and to no other."""

    def __init__(self, *, token: str, url: str) -> None:
        base = url.rstrip("/")
        self._requests = [
            HTTPXRequest(
                connection_pool_size=size,
                connect_timeout=TIMEOUT_S,
                read_timeout=TIMEOUT_S,
                write_timeout=TIMEOUT_S,
                media_write_timeout=UPLOAD_S,
                pool_timeout=TIMEOUT_S,
            )
            for size in (64, 1)
        ]
        self._bot = _Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
        )

    async def close(self) -> None:
        """Close the connections."""
        for request in self._requests:
            await request.shutdown()

    async def me(self) -> User:
        """Who we are."""
        return await self._call("getMe", lambda: self._bot.get_me())

    async def updates(self, offset: int | None, *, limit: int = 100) -> list[dict[str, Any]]:
        """The updates from ``offset`` on, after at most :data:`POLL_S` seconds; confirms older."""
        return await self._call("getUpdates", lambda: self._bot.raw_updates(offset, limit))

    async def set_webhook(self, *, url: str, secret: str) -> None:
        """Have updates brought to ``url``; those that wait are kept."""
        await self._call(
            "setWebhook",
            lambda: self._bot.set_webhook(url=url, secret_token=secret, allowed_updates=ALLOWED),
        )

    async def delete_webhook(self) -> None:
        """Have updates kept until they are asked for."""
        await self._call("deleteWebhook", lambda: self._bot.delete_webhook())

    async def webhook(self) -> WebhookInfo:
        """Where updates are brought to, and how that goes."""
        return await self._call("getWebhookInfo", lambda: self._bot.get_webhook_info())

    async def send(self, chat: str, text: str, buttons: Buttons = ()) -> int:
        """Say something in a chat; the message's id. No text is markup."""
        sent = await self._call(
            "sendMessage",
            lambda: self._bot.send_message(
                chat_id=chat,
                text=text,
                reply_markup=_keyboard(buttons),
                link_preview_options=_NO_PREVIEW,
            ),
        )
        return int(sent.message_id)

    async def edit(self, chat: str, message: int, text: str) -> None:
        """Put other words in the place of a message's; saying it twice changes nothing."""
        await self._unless_same(
            "editMessageText",
            lambda: self._bot.edit_message_text(
                chat_id=chat, message_id=message, text=text, link_preview_options=_NO_PREVIEW
            ),
        )

    async def show_buttons(self, chat: str, message: int, buttons: Buttons) -> None:
        """Put other buttons under a message."""
        await self._unless_same(
            "editMessageReplyMarkup",
            lambda: self._bot.edit_message_reply_markup(
                chat_id=chat, message_id=message, reply_markup=_keyboard(buttons)
            ),
        )

    async def delete(self, chat: str, message: int) -> None:
        """Take a message away."""
        await self._call(
            "deleteMessage", lambda: self._bot.delete_message(chat_id=chat, message_id=message)
        )

    async def upload(self, chat: str, file: Upload) -> int:
        """Send a file, as a picture where Telegram takes it for one; the message's id."""
        if file.picture:
            try:
                sent = await self._call(
                    "sendPhoto",
                    lambda: self._bot.send_photo(
                        chat_id=chat, photo=InputFile(file.content, filename=file.name)
                    ),
                )
                return int(sent.message_id)
            except TelegramSaysNo as error:
                if error.blocked:
                    raise
        sent = await self._call(
            "sendDocument",
            lambda: self._bot.send_document(
                chat_id=chat,
                document=InputFile(file.content, filename=file.name),
                disable_content_type_detection=True,
            ),
        )
        return int(sent.message_id)

    async def download(self, file: str) -> bytes:
        """The content of a file that a customer sent; Telegram gives us at most 20 MB."""
        found = await self._call("getFile", lambda: self._bot.get_file(file))
        return bytes(await self._call("download", lambda: found.download_as_bytearray()))

    async def answer(self, query: str) -> None:
        """Say that a press was seen, so that the button stops waiting."""
        await self._call("answerCallbackQuery", lambda: self._bot.answer_callback_query(query))

    async def typing(self, chat: str) -> None:
        """Show for some seconds that an answer is being written."""
        await self._call("sendChatAction", lambda: self._bot.send_chat_action(chat, "typing"))

    async def leave(self, chat: str) -> None:
        """Leave a group."""
        await self._call("leaveChat", lambda: self._bot.leave_chat(chat))

    async def _unless_same(self, method: str, call: Callable[[], Awaitable[Any]]) -> None:
        try:
            await self._call(method, call)
        except TelegramSaysNo as error:
            if "not modified" not in error.why:
                raise

    async def _call(self, method: str, call: Callable[[], Awaitable[T]]) -> T:
        """One request. Raises :class:`DeliveryFailed`, which never holds what was sent."""
        try:
            return await call()
        except Exception as error:
            raise _sorted(method, error) from None


def _sorted(method: str, error: Exception) -> DeliveryFailed:
    match error:
        case RetryAfter():
            wait = error.retry_after
            seconds = wait if isinstance(wait, int | float) else wait.total_seconds()
            return DeliveryFailed(f"{method}: rate limited", retry_after=max(1.0, float(seconds)))
        case ChatMigrated():
            return Migrated(error.new_chat_id)
        case Forbidden():
            return TelegramSaysNo(method, error.message, blocked=True)
        case InvalidToken():  # its own words hold the token
            return BadToken(f"{method}: the bot's token is not accepted")
        case Conflict():
            return AnotherPoller(f"{method}: another one asks for updates, or a webhook is set")
        case BadRequest():
            return TelegramSaysNo(method, error.message)
        case NetworkError() if isinstance(error.__cause__, httpx.HTTPError):
            cause = error.__cause__
            doubtful = not isinstance(cause, _NOT_SENT)
            return DeliveryFailed(f"{method}: {type(cause).__name__}", doubtful=doubtful)
        case NetworkError() | TelegramError():  # Telegram's own troubles
            return DeliveryFailed(f"{method}: {type(error).__name__}")
    return DeliveryFailed(f"{method}: {type(error).__name__}", doubtful=True)


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    """One button under the other, as their titles need the width; numbers beside each other."""
    if not buttons:
        return None
    rows: list[list[InlineKeyboardButton]] = []
    for short, group in itertools.groupby(buttons, key=lambda one: len(one[0]) <= 2):
        made = [InlineKeyboardButton(title, callback_data=data) for title, data in group]
        beside = BESIDE if short else 1
        rows += [made[at : at + beside] for at in range(0, len(made), beside)]
    return InlineKeyboardMarkup(rows)
