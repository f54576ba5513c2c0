"""The Rasa project's files and environment, for tests."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.product import ROOT

BOT = ROOT / "bot"
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
