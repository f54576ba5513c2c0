"""Runs the gateway under uvicorn, and stops it without losing anything."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import sys
import threading

import uvicorn
import uvloop

from connectors.app import build
from connectors.connection import Connection
from connectors.live import Hub
from connectors.settings import Settings

GRACE_S = 2
# Each open chat is one. Most systems let a program have 1,024 at first, and more if it asks.
MOST_FILES = 65_536


def serve(settings: Settings, *, database_url: str, exit_with_parent: bool = False) -> int:
    """Serve until SIGTERM or Ctrl-C; 0 after a clean stop."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    # Request lines hold tokens and addresses; the libraries say them at INFO.
    for noisy in ("httpx", "httpcore", "aiohttp.access", "slack_bolt", "slack_sdk", "telegram"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    _have_files()
    app = build(settings, database_url=database_url)
    server = _Server(
        app.state.gateway.hub,
        uvicorn.Config(
            app,
            http=Connection,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=65,
            backlog=2048,
        ),
    )
    if exit_with_parent:
        _watch_parent()
    # What was imported stays for good, and what a request makes is gone with it: looking for
    # garbage in all of it after every few hundred objects took a tenth of the processor's time.
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    # The threads that talk to the database mostly wait for it, and want to go on at once after.
    sys.setswitchinterval(0.0005)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve())
    return 0 if server.started else 1


def _have_files() -> None:
    """Take as many open files as the system lets us, up to :data:`MOST_FILES`."""
    had, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    if had != resource.RLIM_INFINITY and had < wanted:
        with contextlib.suppress(ValueError, OSError):  # macOS has a limit that it does not tell
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


class _Server(uvicorn.Server):
    """Ends the open streams first, so that stopping does not wait for their readers."""

    def __init__(self, hub: Hub, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._hub = hub

    def handle_exit(self, sig: int, frame: object) -> None:
        self._hub.close()
        self.should_exit = True


def _watch_parent() -> None:
    """Stop when the parent is gone: it holds the other end of our standard input."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="parent").start()
