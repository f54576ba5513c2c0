"""What uv is told of pip's settings, and when it is told nothing and pip does it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def said(**variables: str) -> tuple[list[str], dict[str, str]] | None:
    """What uv is told with only these settings, as the pip beside us prints them."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    ask = [sys.executable, "-m", "pip", "config", "list"]
    done = subprocess.run(
        ask, env={**plain, "PIP_CONFIG_FILE": os.devnull, **variables}, capture_output=True
    )
    spec = importlib.util.spec_from_file_location("deploy_uv", ROOT / "deploy" / "uv.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told: tuple[list[str], dict[str, str]] | None = module.translated(done.stdout.decode())
    return told


def test_a_mirror_with_its_own_certificate_is_used_alone() -> None:
    told = said(
        PIP_INDEX_URL="https://mirror.example/simple",
        PIP_EXTRA_INDEX_URL="file:///a/simple file:///b/simple",
        PIP_FIND_LINKS="/wheels",
        PIP_CERT="/etc/ca.pem",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
    )
    assert told is not None
    options, variables = told
    words = " ".join(options)
    assert "--default-index https://mirror.example/simple" in words
    assert "--index file:///a/simple --index file:///b/simple" in words
    assert "--find-links /wheels" in words
    assert variables == {"SSL_CERT_FILE": "/etc/ca.pem"}


def test_without_settings_nothing_is_said_but_to_choose_as_pip_does() -> None:
    assert said() == (["--index-strategy", "unsafe-best-match"], {})


@pytest.mark.parametrize("name", ["PIP_NO_INDEX", "PIP_ONLY_BINARY", "PIP_CLIENT_CERT"])
def test_what_uv_cannot_be_told_is_left_to_pip(name: str) -> None:
    assert said(**{name: "1"}) is None


def test_a_variable_wins_over_the_settings_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://old.example/simple\n")
    told = said(PIP_CONFIG_FILE=str(file), PIP_INDEX_URL="https://new.example/simple")
    assert told is not None
    assert told[0][-2:] == ["--default-index", "https://new.example/simple"]
    assert "https://old.example/simple" not in told[0]
