"""What `sangdam up` tells the processes that it starts."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from connectors.launch import Launch
from connectors.settings import load
from connectors.steps import Console


def test_the_action_server_is_told_what_only_the_settings_file_says(tmp_path: Path) -> None:
    said = "SANGDAM_NAME=바다상회\nSANGDAM_NAME_EN=Bada\nSANGDAM_EMBEDDING_MODEL=./a-model\n"
    (tmp_path / ".env").write_text(said, encoding="utf-8")
    settings = load({}, env_file=tmp_path / ".env")
    with contextlib.ExitStack() as stack:
        launch = Launch(settings, tmp_path, 8000, Console(threading.Event()), stack, lock=-1)
    for line in said.splitlines():
        name, _, value = line.partition("=")
        assert launch.environment[name] == value
