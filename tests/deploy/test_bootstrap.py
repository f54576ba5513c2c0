"""Setting up: which Python is taken, what is said without one, and when nothing is to be done."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"


def bootstrap(*arguments: str, at: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(at / "deploy" / "bootstrap.py"), *arguments],
        cwd=at,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def find(version: str, **env: str) -> subprocess.CompletedProcess[str]:
    code = (
        f"import interpreters as i\ntry: print(i.find_python({version!r}, 'a test'))\n"
        "except i.Failed as e: print(e)"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=DEPLOY,
        env={"HOME": "/nonexistent", **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def fake_python(path: Path, prints: str, status: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{prints}'\nexit {status}\n")
    path.chmod(0o755)


def test_a_shim_with_nothing_behind_it_is_passed_over(tmp_path: Path) -> None:
    """pyenv puts a python3.10 on PATH that fails while that version is not active."""
    fake_python(tmp_path / "shims" / "python3.10", "not found", status=127)
    fake_python(tmp_path / "versions" / "3.10.9" / "bin" / "python", "3.10")
    fake_python(tmp_path / "versions" / "3.10.13" / "bin" / "python", "3.10")
    found = find("3.10", PATH=str(tmp_path / "shims"), PYENV_ROOT=str(tmp_path))
    assert found.stdout.strip() == str(tmp_path / "versions" / "3.10.13" / "bin" / "python")


def test_another_version_is_no_answer(tmp_path: Path) -> None:
    fake_python(tmp_path / "python3.10", "3.11")
    fake_python(tmp_path / "mine", "3.10")
    found = find("3.10", PATH=str(tmp_path), PYTHON310=str(tmp_path / "mine"))
    assert found.stdout.strip() == str(tmp_path / "mine")


def test_without_one_it_says_what_it_looked_at_and_what_to_do(tmp_path: Path) -> None:
    fake_python(tmp_path / "python3.10", "not found", status=127)
    said = find("3.10", PATH=str(tmp_path), PYENV_ROOT=str(tmp_path)).stdout
    assert "No usable Python 3.10 was found" in said
    assert f"python3.10 on PATH: {tmp_path / 'python3.10'}" in said
    for way in ("uv python install 3.10", "pyenv install 3.10", "PYTHON310="):
        assert way in said


def test_with_everything_in_place_it_takes_no_time() -> None:
    bootstrap("--test")
    began = time.monotonic()
    done = bootstrap("--test", "--", "sh", "-c", "echo became the command; exit 3")
    assert (done.returncode, done.stdout) == (3, "became the command\n"), done.stderr
    assert time.monotonic() - began < 2, "0.2 s on a machine with nothing else to do"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_version_is_exact(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", pin) for pin in pins)
    assert "torch" not in name and (name != "requirements.txt" or pins[0].startswith("torch=="))


def test_torch_is_without_cuda() -> None:
    version = next(Path(sys.prefix).glob("lib/python*/site-packages/torch/version.py")).read_text()
    assert re.search(r"(?m)^cuda\b.*= None$", version)
