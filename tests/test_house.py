"""What can drift has a test: import direction, documented settings and commands, front doors."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from connectors import cli, settings

ROOT = Path(__file__).parent.parent
OURS = ("ticketing", "knowledge_base", "connectors", "bot")
ALLOWED = {
    "ticketing": {"ticketing"},
    "knowledge_base": {"knowledge_base"},
    "connectors": {"connectors", "ticketing", "knowledge_base"},
    "bot": {"bot", "ticketing", "knowledge_base"},
}
MAY_READ_ENVIRONMENT = {
    "connectors/settings.py",
    "connectors/cli.py",
    "connectors/launch.py",
    "bot/actions/wiring.py",
    "bot/server.py",
    "bot/train.py",
    "knowledge_base/calibrate.py",
}


def sources(*packages: str) -> list[Path]:
    return [
        path
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
        if ".venv" not in path.parts
    ]


@pytest.mark.parametrize("package", OURS)
def test_imports_point_one_way(package: str) -> None:
    """connectors and bot.actions use ticketing and knowledge_base; nothing points back."""
    wrong = []
    for path in sources(package):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""] if node.level == 0 else [package]
            for name in names:
                top = name.split(".")[0]
                if top in (*OURS, "tests", "benchmarks") and top not in ALLOWED[package]:
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def test_only_composition_roots_read_the_environment() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources(*OURS)
        if re.search(r"os\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
        and str(path.relative_to(ROOT)) not in MAY_READ_ENVIRONMENT
    ]
    assert wrong == []


def test_every_setting_is_in_the_example_and_the_other_way_round() -> None:
    example = set(
        re.findall(r"^#? ?(SANGDAM_\w+)=", (ROOT / ".env.example").read_text("utf-8"), re.M)
    )
    assert example == settings.known()


def test_settings_named_in_the_docs_exist() -> None:
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for name in set(re.findall(r"\bSANGDAM_[A-Z_]+\b", path.read_text("utf-8"))):
            assert name in settings.known(), f"{path.name} names {name}"


def test_commands_in_the_docs_exist() -> None:
    """Every `make …` and `sangdam …` in the docs is one that the Makefile and the CLI know."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text("utf-8")
        if path.name == "CHANGELOG.md":
            continue
        for target in re.findall(r"(?:^|`)(?:[A-Z]+=\S+ )*make ([a-z]+)\b", text, re.M):
            assert target in targets, f"{path.name} names make {target}"
        for command in re.findall(r"(?:^|`|\$ |bin/)sangdam ([a-z][^`\n#|]*)", text, re.M):
            words = [word for word in shlex.split(command.replace("…", "X")) if word]
            with pytest.raises(SystemExit) as exit_code:
                cli.parser().parse_args([*_path(words), "--help"])
            assert exit_code.value.code == 0, f"{path.name} names sangdam {command}"


def _path(words: list[str]) -> list[str]:
    """The words that choose a command, without its arguments."""
    chosen = []
    for word in words:
        if not re.fullmatch(r"[a-z]+", word) or len(chosen) == 2:
            break
        chosen.append(word)
        if word not in ("kb", "token", "agent", "dead", "customers"):
            break
    return chosen


def test_importing_does_nothing() -> None:
    """No module of ours prints, opens or starts anything when it is imported."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sources("ticketing", "knowledge_base", "connectors")
        if path.name not in ("__init__.py", "env.py", "__main__.py")
        and "versions" not in path.parts
    ]
    code = (
        "import importlib, socket, threading\n"
        "def no(*a, **k): raise AssertionError('a socket was opened by an import')\n"
        "socket.socket.connect = no\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_files_stay_readable() -> None:
    """A file that outgrows 400 lines is split by noun."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*OURS, "tests", "benchmarks", "deploy")
        if (lines := len(path.read_text("utf-8").splitlines())) > 420
        and "versions" not in path.parts
    }
    assert long == {}
