"""The named points at which a gateway can be killed or stopped, and a clock that can be stepped.

The product has no hooks for this. Functions at stable seams are wrapped after they were imported,
in the process of the fault suite's gateways only; this is the one file that knows the seams.

A point is armed by a file of its name that holds the number of a signal. The first gateway that
comes by takes the file away and sends itself the signal, so that each arming strikes once.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors import app, desk, server
from connectors.rasa import Rasa
from connectors.slack import sending
from connectors.slack.api import Slack
from connectors.telegram import sending as telegram_sending

RECEIVED = "after_receive_before_commit"
ACCEPTED = "after_commit_before_ack"
ANSWERED = "after_bot_before_commit"
# The same point as seen from the database: the answer is written, and not committed.
WRITTEN = "after_writing_before_commit"
TURN = (ANSWERED, WRITTEN)
SENDING = "after_commit_before_send"
SENT = "after_send_before_mark"

# Where an acceptance is what the sender was waiting for.
ACCEPTING = ("/chat/messages", "/slack/events", "/telegram/webhook", "/kakao/skill")
# One message a second in a channel would be the only thing that is measured; the fakes do not mind.
SPACING_S = 0.02
_real_time = time.time


def arm(folder: Path, point: str, number: int = signal.SIGKILL) -> None:
    """Let the next gateway that reaches ``point`` send itself the signal ``number``."""
    made = folder / f"{point}.new"
    made.write_text(str(int(number)))
    made.replace(folder / point)


def disarm(folder: Path, point: str) -> bool:
    """Take an arming back; ``False`` when it struck already."""
    with contextlib.suppress(FileNotFoundError):
        (folder / point).unlink()
        return True
    return False


def step_clock(folder: Path, pid: int, seconds: float) -> None:
    """Set the wall clock of one gateway's Python off by ``seconds``."""
    (folder / f"clock.{pid}").write_text(str(seconds))
    os.kill(pid, signal.SIGUSR1)


def install(folder: Path) -> None:
    """Wrap the seams of this process, which is going to be a gateway."""

    def reached(point: str) -> None:
        armed = f"{folder}/{point}"  # many times a second, so no Path is made of it
        taken = f"{armed}.{os.getpid()}"
        try:
            os.rename(armed, taken)
        except FileNotFoundError:
            return
        number = int(Path(taken).read_text())
        os.unlink(taken)
        os.kill(os.getpid(), number)

    def then(function: Callable[..., Any], point: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            reached(point)
            return result

        return wrapped

    def around(
        function: Callable[..., Awaitable[Any]], *, before: str | None = None, after: str
    ) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(function)
        async def wrapped(*args: Any, **kwargs: Any) -> Any:
            if before is not None:
                reached(before)
            result = await function(*args, **kwargs)
            reached(after)
            return result

        return wrapped

    desk.receive = then(desk.receive, RECEIVED)
    desk.receive_words = then(desk.receive_words, RECEIVED)
    desk.receive_together = then(desk.receive_together, RECEIVED)
    desk.end_turn = then(desk.end_turn, WRITTEN)
    desk.end_turns = then(desk.end_turns, WRITTEN)
    Rasa.ask = around(Rasa.ask, after=ANSWERED)  # type: ignore[method-assign, assignment]  # that is the point
    Slack.post = around(Slack.post, before=SENDING, after=SENT)  # type: ignore[method-assign, assignment]  # as above
    sending.SPACING_S = SPACING_S
    telegram_sending.SPACING_S = SPACING_S

    def build(*args: Any, **kwargs: Any) -> FastAPI:
        made = app.build(*args, **kwargs)
        made.add_middleware(_BeforeAck, reached=reached)
        return made

    server.build = build  # type: ignore[attr-defined]  # the name under which serve() calls it


def follow_clock(folder: Path) -> None:
    """Step ``time.time`` of this process whenever :func:`step_clock` says so.

    Only Python's wall clock, as the gateway reads it; the database keeps its own time.
    """

    def stepped(number: int, frame: object) -> None:
        off = float((folder / f"clock.{os.getpid()}").read_text())
        time.time = lambda: _real_time() + off

    signal.signal(signal.SIGUSR1, stepped)


class _BeforeAck:
    """The seam between the commit and the answer: an acceptance is about to go out."""

    def __init__(self, inner: ASGIApp, reached: Callable[[str], None]) -> None:
        self._inner = inner
        self._reached = reached

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepts = scope["type"] == "http" and (
            (scope["method"], scope["path"]) in (("POST", path) for path in ACCEPTING)
        )

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 202):
                self._reached(ACCEPTED)
            await send(message)

        await self._inner(scope, receive, sending if accepts else send)
