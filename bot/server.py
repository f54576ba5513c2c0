"""The Rasa server: one model, the REST channel, nothing else.

    python server.py --port N --model FILE --actions-url URL [--host H] [--exit-with-parent]

Run by the Rasa environment, in this folder. It answers ``GET /`` and
``POST /webhooks/rest/webhook``; Rasa's HTTP API (which can load models and so run code) does
not exist here. The port opens when the model is loaded. SIGTERM stops it.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import warnings
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

# One process has one event loop: threads beyond one only take turns (and the second core).
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
# The gateway gives up after 3.5 s; an answer after that is nobody's.
ACTION_TIMEOUT_S = 4.0
LONGEST_REQUEST = 256 * 1024  # bytes; the gateway passes at most 4,000 characters
STOP_WITHIN_S = 3.0


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="server.py", description=__doc__.split("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument(
        "--actions-url", required=True, help="such as http://127.0.0.1:5055/webhook"
    )
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


def without_personal_data(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep of a log entry what happened, not what the customer wrote."""
    return {key: event[key] for key in ("event", "exc_info", "exception") if key in event}


def quiet_console() -> None:
    """Errors only, on standard error, without customers' words."""
    import structlog

    warnings.simplefilter("ignore")
    logging.basicConfig(level=logging.ERROR, format="rasa: %(levelname)s %(message)s")
    structlog.configure(
        processors=[without_personal_data, structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def load_agent(model: Path, actions_url: str) -> Any:
    """The model, ready to answer. Raises ``OSError`` or a Rasa exception when it cannot be."""
    import levers

    if not levers.components(model) & set(levers.NEEDS_TENSORFLOW):
        levers.leave_out_tensorflow()
    # Sanic turns deprecation warnings on when it is imported, and the next line off again.
    import sanic.app  # noqa: F401  # imported for what it does

    warnings.simplefilter("ignore")
    from rasa.core.agent import Agent

    levers.check_action_results_quickly()
    levers.send_actions_what_they_read()
    return Agent.load(
        model,
        tracker_store=levers.forgetful_tracker_store(),
        lock_store=levers.quick_lock_store(),
        action_endpoint=levers.action_endpoint(actions_url, timeout_s=ACTION_TIMEOUT_S),
    )


def create_app(agent: Any) -> Any:
    """A Sanic application that answers ``GET /`` and the REST channel."""
    from rasa.core.channels.channel import register
    from rasa.core.channels.rest import RestInput
    from sanic import Sanic
    from sanic.request import Request
    from sanic.response import HTTPResponse, json

    app = Sanic("sangdam_rasa", configure_logging=False)
    app.config.update(
        ACCESS_LOG=False,
        GRACEFUL_SHUTDOWN_TIMEOUT=STOP_WITHIN_S,
        KEEP_ALIVE_TIMEOUT=75,
        REQUEST_MAX_SIZE=LONGEST_REQUEST,
    )
    app.ctx.agent = agent

    @app.get("/")
    async def alive(request: Request) -> HTTPResponse:
        return json({"status": "ok", "model": agent.processor.model_filename})

    register([RestInput()], app, route="/webhooks/")
    return app


def main() -> int:
    options = arguments()
    if options.exit_with_parent:
        exit_with_parent()
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    sys.path.insert(0, str(Path(__file__).parent))
    if not options.model.is_file():
        print(f"There is no model at {options.model}; train.py makes one.", file=sys.stderr)
        return 1
    quiet_console()
    app = create_app(load_agent(options.model, options.actions_url))
    app.run(host=options.host, port=options.port, access_log=False, debug=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
