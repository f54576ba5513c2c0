"""Find a Python of an exact version, wherever its owner has put it."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"


class Failed(Exception):
    """Setting up cannot go on; the text tells the reader what to do about it."""


def say(text: str) -> None:
    print(text, flush=True)


def candidates(version: str) -> list[tuple[str, str]]:
    """Return (where, path) of every place a Python of this version may be, best first."""
    found = []
    named = os.environ.get("PYTHON" + version.replace(".", ""))
    if named:
        found.append(("$PYTHON" + version.replace(".", ""), named))
    for name in ("python" + version, "python3", "python"):
        path = shutil.which(name)
        if path:
            found.append((name + " on PATH", path))
    found.append(("the Python running this", sys.executable))
    home = Path.home()
    folders = [
        ("pyenv", Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"),
        ("asdf", home / ".asdf" / "installs" / "python"),
        ("mise", home / ".local" / "share" / "mise" / "installs" / "python"),
    ]
    for tool, folder in folders:
        builds = glob.glob(str(folder / (version + ".*")))
        # Newest first, by number: 3.10.9 is older than 3.10.13.
        numbers = {b: [int(n) for n in re.findall(r"\d+", Path(b).name)] for b in builds}
        for build in sorted(builds, key=lambda b: numbers[b], reverse=True):
            found.append((tool, str(Path(build) / "bin" / "python")))
    return found


def works(path: str, version: str) -> bool:
    """Run the interpreter: a shim of pyenv can exist on PATH and still have nothing behind it."""
    try:
        probe = subprocess.run([path, "-c", PROBE], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return probe.returncode == 0 and probe.stdout.decode().strip() == version


def uv_python(version: str, *, install: bool) -> str | None:
    uv = shutil.which("uv")
    if not uv:
        return None
    if install:
        say(f"No Python {version} here; asking uv for one: uv python install {version}")
        if subprocess.run([uv, "python", "install", version]).returncode:
            return None
    find = subprocess.run([uv, "python", "find", version], capture_output=True)
    path = find.stdout.decode().strip()
    return path if find.returncode == 0 and works(path, version) else None


def find_python(version: str, purpose: str) -> str:
    """Return a working interpreter of exactly this version, or raise Failed with the way out."""
    looked: list[str] = []
    for where, path in candidates(version):
        if works(path, version):
            return path
        looked.append(f"  - {where}: {path}")
    found = uv_python(version, install=False) or uv_python(version, install=True)
    if found:
        return found
    uv_state = "it could not provide one" if shutil.which("uv") else "uv is not installed"
    looked.append(f"  - uv python find {version}: {uv_state}")
    raise Failed(
        f"No usable Python {version} was found. It is needed for {purpose}.\n"
        f"Looked at (each was run; it must be {version} and have the venv module):\n"
        + "\n".join(dict.fromkeys(looked))
        + f"\n\nGet one in any of these ways, then run the same command again:\n"
        f"  uv:             uv python install {version}"
        "        (uv: https://docs.astral.sh/uv/)\n"
        f"  pyenv:          pyenv install {version}\n"
        f"  Debian, Ubuntu: apt-get install python{version} python{version}-venv  (where offered)\n"
        f"  Homebrew:       brew install python@{version}\n"
        f"One that is somewhere else: PYTHON{version.replace('.', '')}=/path/to/python make ..."
    )
