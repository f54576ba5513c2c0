"""The action server: ``python -m bot.actions.server --port N [--host H] [--exit-with-parent]``.

rasa-sdk's own webhook (``POST /webhook``, ``GET /health``) around our actions. It listens when
the index is warm. SIGTERM stops it.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from knowledge_base.search import Index

STOP_WITHIN_S = 3.0
LONGEST_REQUEST = 1024 * 1024  # bytes; stock Rasa sends its whole domain with every call


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.actions.server", description="Sangdam's action server for Rasa."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--exit-with-parent",
        action="store_true",
        help="stop at once when standard input closes, as it does when the parent dies",
    )
    return parser.parse_args(argv)


def exit_with_parent() -> None:
    """End this process as soon as standard input is closed."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()


def create_app(executor: Any, index: Index) -> Any:
    """rasa-sdk's web application around ``executor``.

    ``GET /state`` says whether answers are as good as they could be: ``{"degraded": reason}``.
    """
    from rasa_sdk import endpoint
    from sanic.response import json

    app = endpoint.create_app(executor, cors_origins=[])
    app.config.update(
        ACCESS_LOG=False,
        GRACEFUL_SHUTDOWN_TIMEOUT=STOP_WITHIN_S,
        KEEP_ALIVE_TIMEOUT=75,
        REQUEST_MAX_SIZE=LONGEST_REQUEST,
    )

    async def state(request: Any) -> Any:
        return json({"degraded": index.degraded})

    app.add_route(state, "/state")
    return app


def main() -> int:
    """Serve until told to stop; the exit status."""
    options = arguments()
    if options.exit_with_parent:
        exit_with_parent()
    logging.basicConfig(level=logging.WARNING, format="actions: %(levelname)s %(message)s")
    warnings.simplefilter("ignore", DeprecationWarning)

    from threadpoolctl import threadpool_limits

    from bot.actions import wiring

    try:
        executor, index = wiring.from_environment()
    except wiring.NotConfigured as error:
        print(error, file=sys.stderr)
        return 1
    # One search is one thread's work; several threads a search only get in each other's way.
    threadpool_limits(1)
    app = create_app(executor, index)
    # rasa-sdk compares its version with Rasa's on every call; ours are known to work together.
    warnings.filterwarnings("ignore", module="rasa_sdk")
    index.start()
    index.search("준비", locale="ko")
    index.search("warm up", locale="en")
    try:
        app.run(
            host=options.host,
            port=options.port,
            single_process=True,
            access_log=False,
            debug=False,
            motd=False,
        )
    finally:
        index.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
