"""The Rasa project's files and environment, for tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.product import MODELS, ROOT

BOT = ROOT / "bot"
PYTHON = BOT / ".venv" / "bin" / "python"
HANGUL = re.compile(r"[\uac00-\ud7a3\u3131-\u318e]")


def load(name: str) -> Any:
    """A YAML file of the project."""
    return yaml.safe_load((BOT / name).read_text(encoding="utf-8"))


def examples(name: str) -> dict[str, list[str]]:
    """Sentences by intent of an NLU file."""
    return {
        entry["intent"]: [line.removeprefix("- ") for line in entry["examples"].splitlines()]
        for entry in load(name)["nlu"]
    }


def model() -> Path:
    """The trained model; trained now if the bot's files changed."""
    done = subprocess.run(
        [str(PYTHON), "train.py", "--models", str(MODELS)],
        cwd=BOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1])
