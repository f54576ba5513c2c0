"""`sangdam up`: everything on this machine, started in the right order, kept alive and stopped.

The order is made for a short second start: Rasa, which takes longest and needs no database, is
started first. The database is the embedded one unless ``SANGDAM_DATABASE_URL`` names a server;
Rasa and the action server are ours unless their addresses are set.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

import psutil

from connectors.claims import free_port, only_one, unused_port
from connectors.processes import Process, answers, stop_after_make, stop_strays, why_not
from connectors.settings import PREFIX, Settings
from connectors.steps import CannotStart, Console, Stopped, Task
from ticketing.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parent.parent
RASA_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
# Long, for a knowledge base of thousands of articles that are encoded with a new model.
START_WITHIN_S = 600.0
# Ten seconds in all: the gateway ends its turns while Rasa and the actions can still answer.
GATEWAY_STOPS_WITHIN_S = 6.5
OTHERS_STOP_WITHIN_S = 1.5
# When we are killed without a word, this ends the database: SIGINT is PostgreSQL's fast shutdown.
GUARD = 'trap "" HUP INT TERM; read -r _; pid=$(head -n 1 "$1") && kill -INT "$pid"'


def up(settings: Settings) -> int:
    """Run everything until Ctrl-C or SIGTERM; 0 after a clean stop, 1 when it could not start."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    if "MAKELEVEL" in os.environ:
        threading.Thread(target=stop_after_make, args=[stop], daemon=True).start()
    console = Console(stop)
    try:
        data_dir = settings.data_dir.resolve()
        (data_dir / "logs").mkdir(parents=True, exist_ok=True)
        with only_one(data_dir) as lock:
            port = free_port(settings)
            stop_strays(data_dir)
            with contextlib.ExitStack() as stack:
                Launch(settings, data_dir, port, console, stack, lock).run()
        console.say("Stopped.")
        return 0
    except Stopped:
        console.say("Stopped.")
        return 0
    except CannotStart as error:
        print(f"\nsangdam: {error}", file=sys.stderr, flush=True)
        return 1


class Launch:
    """One run of the product."""

    def __init__(
        self,
        settings: Settings,
        data_dir: Path,
        port: int,
        console: Console,
        stack: contextlib.ExitStack,
        lock: int,
    ) -> None:
        self.settings = settings.model_copy(update={"port": port, "data_dir": data_dir})
        self.data_dir = data_dir
        self.console = console
        self.stack = stack
        self.lock = lock
        self.postgres: EmbeddedPostgres | None = None
        self.processes: list[Process] = []
        self.tasks: list[Task] = []
        self.environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PORT": str(port)}
        self.environment["SANGDAM_DATA_DIR"] = str(data_dir)
        # The action server reads no .env.
        for name in ("name", "name_en", "embedding_model"):
            self.environment[f"{PREFIX}{name.upper()}"] = getattr(settings, name)

    def run(self) -> None:
        """Start all of it, then look after it until it shall stop."""
        began = time.monotonic()
        console = self.console
        actions_port = 0 if self.settings.actions_url else unused_port()
        actions_url = self.settings.actions_url or f"http://127.0.0.1:{actions_port}/webhook"
        rasa_port = 0 if self.settings.rasa_url else unused_port()
        rasa_url = self.settings.rasa_url or f"http://127.0.0.1:{rasa_port}"
        self.environment |= {"SANGDAM_RASA_URL": rasa_url, "SANGDAM_ACTIONS_URL": actions_url}
        # From here on, in reverse: the processes stop before the database does.
        database = self.stack.enter_context(contextlib.ExitStack())
        self.stack.callback(self._stop_processes)

        training = None if self.settings.rasa_url else self._train()
        # A trained bot's model is found at once, and Rasa can begin to load it.
        trained = training is not None and training.finished(within_s=1.5)
        if training is not None and trained:
            self._start_rasa(training.result(), rasa_port, actions_url)

        console.begin(1, "Database")
        url = self._open_database(database)
        self.environment["SANGDAM_DATABASE_URL"] = url
        console.done("embedded PostgreSQL" if self.postgres else "the configured server")
        console.begin(2, "Database schema")
        used = self._migrate(url)
        console.done()
        console.begin(3, "Knowledge base")
        if used:
            console.done("already there")
        elif self.settings.production:
            console.done("empty, and no sample in production")
        else:
            self._task([sys.executable, "-m", "connectors.cli", "kb", "sample"], ROOT).result()
            console.done("imported the sample shop's articles")
        if actions_port:
            self._start_actions(actions_port)
        self._start_gateway()
        training_now = training is not None and not trained
        console.begin(4, "Training the bot (about half a minute)" if training_now else "Bot")
        if training is None:
            console.done("the configured Rasa")
        elif trained:
            console.done("trained before")
        else:
            self._start_rasa(training.result(), rasa_port, actions_url)
            console.done("trained")
        console.begin(5, "Processes")
        self._wait_until_ready()
        console.done(f"ready, {time.monotonic() - began:.0f} s after the start")
        self._print_addresses(url)
        while not console.stop.wait(0.25):
            self._watch()

    # ------------------------------------------------------------ the database

    def _open_database(self, stack: contextlib.ExitStack) -> str:
        if self.settings.database_url:
            return self.settings.database_url
        postgres = EmbeddedPostgres(self.data_dir)
        try:
            url = postgres.start()
        except OSError as error:
            raise CannotStart(str(error)) from error
        stack.callback(postgres.stop)
        guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", str(postgres.folder / "postmaster.pid")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # It keeps the lock, so that the next start waits until the database is down.
            pass_fds=[self.lock],
        )
        stack.callback(guard.wait)
        stack.callback(guard.kill)
        self.postgres = postgres
        return url

    def _migrate(self, url: str) -> bool:
        """Bring the schema up to date; whether the knowledge base was ever used."""
        from sqlalchemy.exc import OperationalError

        from knowledge_base import articles
        from ticketing import migrate
        from ticketing.db import connect, session_factory

        engine = connect(url, pool_size=1)
        deadline = time.monotonic() + 30
        try:
            while True:
                self.console.progress()
                try:
                    migrate.upgrade(engine)
                    break
                except OperationalError as error:
                    # A server somewhere else may be starting just now, as ours is.
                    if time.monotonic() > deadline:
                        reason = str(error.orig).strip().split("\n")[0]
                        raise CannotStart(f"the database cannot be used: {reason}") from error
                    self.console.stop.wait(1)
            with session_factory(engine)() as session:
                return articles.ever_used(session)
        finally:
            engine.dispose()

    # ------------------------------------------------------------ the bot

    def _train(self) -> Task:
        if not RASA_PYTHON.exists():
            raise CannotStart(
                f"Rasa's environment is missing: {RASA_PYTHON}. `make run` in a checkout makes it; "
                "without it, SANGDAM_RASA_URL names a Rasa that runs elsewhere."
            )
        command = [str(RASA_PYTHON), "train.py", "--models", str(self.data_dir / "models")]
        return self._task(command, ROOT / "bot")

    def _start_rasa(self, model: str, port: int, actions_url: str) -> None:
        self._start(
            "rasa",
            [
                *[str(RASA_PYTHON), "server.py", "--port", str(port), "--model", model],
                *["--actions-url", actions_url, "--exit-with-parent"],
            ],
            cwd=ROOT / "bot",
            health=f"http://127.0.0.1:{port}/",
        )

    # ------------------------------------------------------------ the processes

    def _task(self, command: list[str], cwd: Path) -> Task:
        task = Task(command, cwd=cwd, env=self.environment, console=self.console)
        self.stack.callback(task.kill)
        self.tasks.append(task)
        self._note_processes()
        return task

    def _start_actions(self, port: int) -> None:
        self._start(
            "actions",
            [sys.executable, "-m", "bot.actions.server", "--port", str(port), "--exit-with-parent"],
            cwd=ROOT,
            health=f"http://127.0.0.1:{port}/health",
        )

    def _start_gateway(self) -> None:
        self._start(
            "gateway",
            [sys.executable, "-m", "connectors.cli", "serve", "--exit-with-parent"],
            cwd=Path.cwd(),
            health=f"{self.address()}/healthz",
        )

    def _start(self, name: str, command: list[str], *, cwd: Path, health: str) -> None:
        log = self.data_dir / "logs" / f"{name}.log"
        process = Process(
            name,
            command,
            cwd=cwd,
            env=self.environment,
            log=log,
            health=health,
            say=self.console.say,
        )
        self.processes.append(process)
        process.start()
        self._note_processes()

    def _note_processes(self) -> None:
        """Write down who runs, for :func:`stop_strays` of the next start."""
        pids = [process.pid() for process in self.processes] + [task.pid for task in self.tasks]
        running = {}
        for pid in filter(None, pids):
            with contextlib.suppress(psutil.Error):
                running[pid] = psutil.Process(pid).create_time()
        noted = self.data_dir / "processes.json"
        noted.with_suffix(".new").write_text(json.dumps(running))
        noted.with_suffix(".new").replace(noted)

    def _watch(self) -> None:
        before = [process.pid() for process in self.processes]
        if self.postgres is not None and not self.postgres.alive():
            self.console.say("PostgreSQL ended; starting it again")
            try:
                self.postgres.restart()
            except OSError as error:
                self.console.say(str(error))
        for process in self.processes:
            process.watch()
        if before != [process.pid() for process in self.processes]:
            self._note_processes()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        ready = f"{self.address()}/readyz"
        while True:
            states = {process.name: process.healthy() for process in self.processes}
            if all(states.values()) and answers(ready):
                return
            shown = "  ".join(f"{name} {'ok' if ok else '…'}" for name, ok in states.items())
            self.console.progress(shown)
            for process in self.processes:
                if process.falls >= 3 or time.monotonic() > deadline:
                    if process.falls < 3 and states[process.name]:
                        continue
                    raise CannotStart(
                        f"{process.name} does not start. The end of {process.log}:\n"
                        + process.tail()
                    )
            if time.monotonic() > deadline:
                raise CannotStart(f"the gateway does not become ready: {why_not(ready)}")
            self._watch()
            self.console.stop.wait(0.2)

    def _stop_processes(self) -> None:
        self.console.say("Stopping …")
        gateway = [process for process in self.processes if process.name == "gateway"]
        others = [process for process in self.processes if process.name != "gateway"]
        for process in gateway:
            process.stop(within_s=GATEWAY_STOPS_WITHIN_S)
        for process in others:
            process.ask_to_stop()
        deadline = time.monotonic() + OTHERS_STOP_WITHIN_S
        for process in others:
            process.stop(within_s=deadline - time.monotonic())
        (self.data_dir / "processes.json").unlink(missing_ok=True)

    # ------------------------------------------------------------ what the reader needs

    def address(self) -> str:
        """The gateway's address on this machine."""
        host = self.settings.host
        name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "localhost": "127.0.0.1"}.get(host, host)
        return f"http://{name}:{self.settings.port}"

    def _print_addresses(self, url: str) -> None:
        base = self.settings.public_url.rstrip("/") or self.address()
        lines = [
            "",
            f"  Demo shop    {base}/",
            f"  Help centre  {base}/help",
            f"  Console      {base}/console",
            f"  API          {base}/docs",
            f"  Logs         {self.data_dir / 'logs'}",
        ]
        link = self._first_login(url)
        if link:
            lines += [
                "",
                "  Nobody can log in to the console yet. This link works once:",
                "  " + link,
            ]
        self.console.say("\n".join([*lines, "", "Ctrl-C stops everything.", ""]))

    def _first_login(self, url: str) -> str | None:
        from connectors.cli import first_login
        from ticketing.db import connect, session_factory

        engine = connect(url, pool_size=1)
        try:
            with session_factory(engine).begin() as session:
                return first_login(session, self.settings)
        finally:
            engine.dispose()
