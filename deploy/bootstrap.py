"""Make the two Python environments of Sangdam, then become the command behind `--`.

`.venv` (Python 3.11) holds the gateway, the action server and the tests; `bot/.venv` (Python 3.10)
holds Rasa, which has not followed newer Pythons. Both come from pinned requirements, through uv,
or through pip where uv is not to be had.
Only the standard library is used, so that any Python from 3.8 on can run this file.

    python3 deploy/bootstrap.py [--test] [-- COMMAND ARG ...]

A stamp in each environment holds the digests of what it was made from; with both current this
takes a few milliseconds. An environment whose installation was cut short is made anew.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType

from interpreters import Failed, find_python, say, works
from uv import UV, as_pip

ROOT = Path(__file__).resolve().parent.parent
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Plain .pth file: a package added later is importable without installing again.
AS_IS = ["--no-deps", "--no-build-isolation"]
EDITABLE = [*AS_IS, "--config-settings=editable_mode=compat", "-e", "."]


# ---------------------------------------------------------------- one environment


class Environment(threading.Thread):
    """One virtual environment being brought up to date, and how far that has come."""

    def __init__(self, label: str, folder: str, version: str, purpose: str) -> None:
        super().__init__(name=label, daemon=True)
        self.label, self.version, self.purpose = label, version, purpose
        self.path = ROOT / folder
        self.steps: list[tuple[str, list[str], list[str]]] = []
        self.status = "waiting"
        self.interpreter: str | None = None
        self.error: str | None = None
        self.notes: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    @property
    def python(self) -> str:
        return str(self.path / "bin" / "python")

    @property
    def log(self) -> Path:
        return self.path / "install.log"

    def add(self, name: str, inputs: list[str], arguments: list[str]) -> None:
        """Add `pip install ARGUMENTS`, to be repeated when one of the input files changes."""
        self.steps.append((name, inputs, arguments))

    def digest(self, inputs: list[str]) -> str:
        # The place belongs to it: scripts in an environment name its interpreter by full path.
        total = hashlib.sha256(f"{self.path} {self.version} 1".encode())
        for name in inputs:
            total.update((ROOT / name).read_bytes())
        return total.hexdigest()

    def stamps(self) -> dict[str, str]:
        if (self.path / ".installing").exists() or not os.path.exists(self.python):
            return {}
        try:
            stamps = json.loads((self.path / ".stamps").read_text())
        except (OSError, ValueError):
            return {}
        return {str(k): str(v) for k, v in stamps.items()}

    def outdated(self) -> list[tuple[str, list[str], list[str]]]:
        stamps = self.stamps()
        return [step for step in self.steps if stamps.get(step[0]) != self.digest(step[1])]

    def find_interpreter(self) -> None:
        """Look for a Python if the environment must be made; raise Failed if there is none."""
        if not self.stamps() or not works(self.python, self.version):
            self.interpreter = find_python(self.version, self.purpose)

    def run(self) -> None:
        try:
            self.update()
            self.status = "ready"
        except (Failed, OSError) as error:
            self.error = str(error)
            self.status = "failed"

    def update(self) -> None:
        stamps = self.stamps()
        pending = self.outdated()
        if self.interpreter:
            stamps, pending = {}, self.steps
            self.status = "creating the environment"
            shutil.rmtree(str(self.path), ignore_errors=True)
            self.command([self.interpreter, "-m", "venv", str(self.path)])
        (self.path / ".installing").touch()
        for name, inputs, arguments in pending:
            if "requirements.txt" in inputs:
                self.torch()
            if "-r" not in arguments or not self.uv(name, arguments):
                self.pip(name, arguments)
            stamps[name] = self.digest(inputs)
        (self.path / ".stamps").write_text(json.dumps(stamps))
        (self.path / ".installing").unlink()

    def command(
        self, command: list[str], total: int = 0, variables: dict[str, str] | None = None
    ) -> None:
        """Run one command, its output in the log; with a total, follow pip's progress."""
        self.path.mkdir(parents=True, exist_ok=True)
        environment = dict(os.environ, PYTHONUNBUFFERED="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
        environment.update(variables or {})
        environment.pop("PYTHONPATH", None)
        with self.log.open("a") as log:
            log.write("$ " + " ".join(command) + "\n")
            self.process = subprocess.Popen(
                command,
                cwd=str(ROOT),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                universal_newlines=True,
                errors="replace",
                start_new_session=True,
            )
            assert self.process.stdout is not None
            seen = 0
            for line in self.process.stdout:
                log.write(line)
                log.flush()
                if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                    seen += 1
                    if line.startswith("Collecting "):
                        name = re.split(r"[=<>;\[( \n]", line[len("Collecting ") :])[0]
                        self.status = f"fetching {min(seen, total) or seen}/{total or seen} {name}"
                elif line.lstrip().startswith("Downloading ") and "MB" in line:
                    self.status = f"{self.status.split(' (')[0]} ({line.rsplit('(', 1)[-1].strip()}"
                elif line.lstrip().startswith(("Resolved ", "Downloaded ", "Built ", "Prepared ")):
                    self.status = line.strip().lower()
                elif line.startswith("Installing collected packages: "):
                    self.count_installed(line.count(",") + 1)
            code = self.process.wait()
        if code:
            raise Failed(
                f"{' '.join(command[:4])} ... failed with status {code}. The end of {self.log}:\n"
                + "".join(self.log.read_text(errors="replace").splitlines(True)[-25:])
            )

    def count_installed(self, total: int) -> None:
        # pip says nothing while it unpacks; the folders it leaves behind tell how far it is.
        pattern = str(self.path / "lib" / "python*" / "site-packages" / "*.dist-info")
        before = len(glob.glob(pattern))
        process = self.process
        assert process is not None

        def watch() -> None:
            while True:
                done = min(total, len(glob.glob(pattern)) - before)
                self.status = f"installing {max(0, done)}/{total}"
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.5)
                    return

        threading.Thread(target=watch, daemon=True).start()

    def pip(self, name: str, arguments: list[str]) -> None:
        self.status = f"{name}: starting pip"
        total = 0
        for argument in arguments:
            if argument.endswith(".txt"):
                total += len(re.findall(r"(?m)^\w", (ROOT / argument).read_text()))
        # Without compiling: what is imported is compiled then, and most of it never is.
        quiet = ["--no-input", "--progress-bar=off", "--no-compile"]
        self.command([self.python, "-m", "pip", "install", *quiet, *arguments], total)

    def uv(self, name: str, arguments: list[str]) -> bool:
        """Do what :meth:`pip` does, faster; False where that cannot be, and pip has to do it."""
        uv, like_pip = self.path / "bin" / "uv", as_pip(self.python)
        if like_pip is None:
            return False
        options, variables = like_pip
        with contextlib.suppress(Failed):
            if not uv.exists():
                self.pip("uv", ["--no-deps", UV])
            self.status = f"{name}: starting uv"
            install = [str(uv), "pip", "install", "--python", self.python]
            self.command([*install, *options, *arguments], variables=variables)
            return True
        return False

    # ------------------------------------------------------------ torch, without CUDA

    def torch(self) -> None:
        """Install torch before everything else, and see to it that nobody gets CUDA unasked."""
        pinned = re.search(r"(?m)^torch==\S+", (ROOT / "requirements.txt").read_text())
        if not pinned or glob.glob(
            str(self.path / "lib/python*/site-packages" / (pinned[0].replace("==", "-") + "*"))
        ):
            return
        index = setting("SANGDAM_TORCH_INDEX")
        if not index and self.offers_cuda(pinned[0]):
            index = TORCH_CPU_INDEX
            self.notes.append(
                "pip would fetch torch with CUDA (gigabytes, for GPUs of NVIDIA); taking the CPU"
                f" build from {index} instead. SANGDAM_TORCH_INDEX names another index."
            )
        source = ["--index-url", index] if index else []
        try:
            self.pip("torch", ["--no-deps", *source, pinned[0]])
        except Failed as error:
            raise Failed(
                f"{pinned[0]} could not be installed"
                f" from {index or 'the index that pip uses'}.\n{error}\n"
                "SANGDAM_TORCH_INDEX names another package index with a CPU build of it;\n"
                "SANGDAM_TORCH_INDEX with pip's usual index accepts CUDA, gigabytes of it."
            ) from None
        for file in glob.glob(str(self.path / "lib/python*/site-packages/torch/version.py")):
            cuda = re.search(r"(?m)^cuda\b[^=]*= *(\S+)", Path(file).read_text())
            if cuda and cuda[1] != "None":
                self.notes.append(
                    f"Warning: this torch is built for CUDA {cuda[1]}, and its libraries take"
                    " gigabytes. Sangdam does not need them. To avoid that: remove .venv, set"
                    f" SANGDAM_TORCH_INDEX={TORCH_CPU_INDEX} and run this again."
                )

    def offers_cuda(self, requirement: str) -> bool:
        """Ask pip what it would install; no index answering this is no reason to stop here."""
        self.status = "asking for a torch without CUDA"
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            ask = ["--quiet", "--dry-run", "--no-deps", "--ignore-installed", requirement]
            pip = [self.python, "-m", "pip", "install", "--report", str(report)]
            try:
                self.command([*pip, *ask])
                needs = json.loads(report.read_text())["install"][0]["metadata"]["requires_dist"]
            except (Failed, OSError, ValueError, LookupError):
                return False
        return sys.platform == "linux" and any(n.startswith(("nvidia-", "cuda-")) for n in needs)


def setting(name: str) -> str:
    """Return a setting from the environment, else from .env, else an empty string."""
    if name in os.environ:
        return os.environ[name].strip()
    with contextlib.suppress(OSError):
        for line in (ROOT / ".env").read_text().splitlines():
            key, _, value = line.partition("=")
            if key.strip() == name:
                return value.strip().strip("\"'")
    return ""


# ---------------------------------------------------------------- the browser of the tests


def own_browser() -> bool:
    """Whether Playwright has fetched a Chromium of its own."""
    default = "Library/Caches" if sys.platform == "darwin" else ".cache"
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / default / "ms-playwright"
    return bool(glob.glob(str(Path(folder) / "chromium*" / "INSTALLATION_COMPLETE")))


def browser_there() -> bool:
    return any(map(shutil.which, BROWSERS)) or own_browser()


def provide_browser() -> None:
    """Find or install a Chromium for the journey tests; raise Failed where neither works."""
    if browser_there():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Chromium and a Korean font with apt-get (about 300 MB)")
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
        for command in (["apt-get", "update", "-q"], [*install, "chromium", "fonts-noto-cjk"]):
            subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL)
    if not browser_there():
        say("Installing Chromium with Playwright")
        subprocess.run([str(ROOT / ".venv/bin/python"), "-m", "playwright", "install", "chromium"])
    if not browser_there():
        raise Failed(
            "The tests drive a real browser, and no Chromium could be found or installed.\n"
            f"Looked for {', '.join(BROWSERS)} on PATH and for Playwright's own.\n"
            "Get one:  apt-get install chromium fonts-noto-cjk   (as root, Debian or Ubuntu)\n"
            "     or:  .venv/bin/python -m playwright install --with-deps chromium"
        )


# ---------------------------------------------------------------- all of it


def show_progress(environments: list[Environment]) -> None:
    """Print how far each environment is until all are done: one line that changes, or many."""
    started = time.monotonic()
    live = sys.stdout.isatty()
    shown, width, last = "", 0, 0.0
    while any(e.is_alive() for e in environments):
        text = "  |  ".join(f"{e.label}: {e.status}" for e in environments)
        now = time.monotonic()
        if live:
            line = f"  {now - started:4.0f} s  {text}"[: shutil.get_terminal_size().columns - 1]
            print("\r" + line.ljust(width), end="", flush=True)
            width = len(line)
        elif (text != shown and now - last > 5) or now - last > 30:
            say(f"  {now - started:4.0f} s  {text}")
            shown, last = text, now
        for environment in environments:
            environment.join(0.2)
    if live:
        print("\r" + " " * width + "\r", end="")
    for environment in environments:
        for note in environment.notes:
            say(note)
    say(f"  {time.monotonic() - started:4.0f} s  environments done")


def lock() -> object:
    """Wait until no other make in this folder is setting up."""
    import fcntl

    handle = (ROOT / ".bootstrap.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        say("Another make is setting up in this folder; waiting for it")
        fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def prepare(*, test: bool) -> None:
    """Bring both environments up to date, side by side."""
    modern = Environment("Python packages", ".venv", "3.11", "the gateway and the action server")
    modern.add("packages", ["requirements.txt"], ["-r", "requirements.txt"])
    if test:
        with_tests = ["-r", "requirements.txt", "-r", "requirements-dev.txt"]
        modern.add("test packages", ["requirements-dev.txt"], with_tests)
    modern.add("project", ["pyproject.toml"], EDITABLE)
    rasa = Environment("Rasa", "bot/.venv", "3.10", "Rasa, which has no release for newer ones")
    rasa.add("packages", ["bot/requirements.txt"], ["-r", "bot/requirements.txt"])
    environments = [modern, rasa]
    if not any(e.outdated() for e in environments):
        return
    held = lock()
    waiting = [e for e in environments if e.outdated()]
    if not waiting:
        return
    for environment in waiting:
        environment.find_interpreter()
    if any(e.interpreter for e in waiting):
        say("Setting up the Python environments (once; one to five minutes, about 4 GB of disk)")
    else:
        say("Bringing the Python environments up to date")

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    try:
        for environment in waiting:
            environment.start()
        show_progress(waiting)
    finally:
        for environment in waiting:
            process = environment.process
            if process and process.poll() is None:
                with contextlib.suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    del held
    errors = [f"{e.label}: {e.error}" for e in waiting if e.error]
    if errors:
        raise Failed("\n\n".join(errors))


def main(arguments: list[str]) -> int:
    command: list[str] = []
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, command = arguments[:cut], arguments[cut + 1 :]
    test = arguments == ["--test"]
    if arguments and not test:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        prepare(test=test)
        if test:
            provide_browser()
    except Failed as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if command:
        # Become the command: a signal sent to make must reach it, not a parent that waits for it.
        os.execvp(command[0], command)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
