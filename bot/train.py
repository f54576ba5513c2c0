"""Train the bot, unless this very bot was trained already.

    python train.py --models DIR

Run by the Rasa environment, in this folder. The model's name is a digest of everything that
decides about it, so a model that is there is the right one. The last line printed is its path.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import logging
import os
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

BOT = Path(__file__).resolve().parent
INPUTS = ("config.yml", "domain.yml", "requirements.txt", "data/*.yml", "components/*.py")
STEPS = {
    "KiwiTokenizer": "splitting Korean into morphemes",
    "TfidfIntentClassifier": "learning what customers mean",
    "DIETClassifier": "learning what customers mean (the slow one)",
    "RulePolicy": "learning the rules",
}


def digest(bot: Path = BOT) -> str:
    """What decides about the model, in 16 hexadecimal digits."""
    total = hashlib.sha256()
    for pattern in INPUTS:
        for path in sorted(bot.glob(pattern)):
            total.update(f"{path.relative_to(bot)}\0{path.stat().st_size}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


class Progress(logging.Handler):
    """Says in people's words which part of the training has begun, and that it goes on."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(logging.INFO)
        self._out = out
        self._began = time.monotonic()
        self._said = self._began
        self._step = ""
        self._over = threading.Event()

    def say(self, text: str) -> None:
        self._said = time.monotonic()
        print(f"  bot: {self._said - self._began:4.0f} s  {text}", file=self._out, flush=True)

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        for name, words in STEPS.items():
            if f"'{name}'" in message and words != self._step:
                self._step = words
                self.say(words)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """A sign of life every ten seconds in which nothing else was said."""

        def watch() -> None:
            while not self._over.wait(1):
                if time.monotonic() - self._said > 10:
                    self.say(f"still {self._step or 'reading the examples'}")

        threading.Thread(target=watch, daemon=True).start()
        try:
            yield
        finally:
            self._over.set()


@contextlib.contextmanager
def output_into(log: Path) -> Iterator[TextIO]:
    """Send what libraries print, native code included, to ``log``; yields the real stdout."""
    sys.stdout.flush()
    sys.stderr.flush()
    out, err = os.dup(1), os.dup(2)
    with log.open("w", encoding="utf-8") as target:
        os.dup2(target.fileno(), 1)
        os.dup2(target.fileno(), 2)
        try:
            with os.fdopen(os.dup(out), "w", encoding="utf-8") as console:
                yield console
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(out, 1)
            os.dup2(err, 2)
            os.close(out)
            os.close(err)


def train(folder: Path, name: str) -> Path:
    """A model file in ``folder``. Raises ``RuntimeError`` when Rasa made none."""
    import rasa.model_training

    result = rasa.model_training.train(
        domain=str(BOT / "domain.yml"),
        config=str(BOT / "config.yml"),
        training_files=[str(BOT / "data")],
        output=str(folder),
        fixed_model_name=name,
        force_training=True,
    )
    if result.code or not result.model:
        raise RuntimeError("Rasa made no model")
    return Path(result.model)


def main() -> int:
    parser = argparse.ArgumentParser(prog="train.py", description="Train the bot.")
    parser.add_argument("--models", type=Path, required=True, help="folder for the model")
    models: Path = parser.parse_args().models.resolve()
    models.mkdir(parents=True, exist_ok=True)
    model = models / f"{digest()}.tar.gz"
    if not model.exists():
        os.environ.update(
            RASA_TELEMETRY_ENABLED="false",
            # Whether there is anything to train is decided above, by the model's name.
            RASA_MAX_CACHE_SIZE="0",
            RASA_CACHE_DIRECTORY=tempfile.gettempdir(),
            SQLALCHEMY_SILENCE_UBER_WARNING="1",
            TF_CPP_MIN_LOG_LEVEL="3",
        )
        sys.path.insert(0, str(BOT))
        os.chdir(BOT)
        warnings.simplefilter("ignore")
        log = models / "training.log"
        failure: Any = None
        with output_into(log) as console:
            progress = Progress(console)
            progress.say("training (half a minute; only when its examples or rules changed)")
            steps = logging.getLogger("rasa.engine.training.hooks")
            steps.addHandler(progress)
            steps.setLevel(logging.INFO)
            try:
                # Into a folder of its own first: a half-written model must not look like one.
                with progress.running(), tempfile.TemporaryDirectory(dir=models) as folder:
                    os.replace(train(Path(folder), model.stem.split(".")[0]), model)
                progress.say("trained")
            except Exception as error:
                traceback.print_exc()
                failure = error
        if failure is not None:
            print(f"The bot could not be trained: {failure}\nDetails: {log}", file=sys.stderr)
            return 1
    print(model)
    return 0


if __name__ == "__main__":
    sys.exit(main())
