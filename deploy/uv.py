"""Install pinned packages with uv, which takes a third of pip's time, where it can do the same.

uv has an environment's packages from where pip would have them: what pip's settings say about that
is said to uv in its own words. Where they say more than that, pip does it.
"""

from __future__ import annotations

import ast
import subprocess

UV = "uv==0.13.9"
# pip may take a release from any of its indexes, the newest wins; uv by itself stops at the first.
LIKE_PIP = ["--index-strategy", "unsafe-best-match"]
OPTIONS = {
    "constraint": "--constraint",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "index-url": "--default-index",
    "trusted-host": "--allow-insecure-host",
}
VARIABLES = {
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}
# These have no part in what is installed, or only in what pip does outside an environment.
OF_NO_PART = {
    "break-system-packages",
    "cache-dir",
    "config-file",
    "disable-pip-version-check",
    "no-cache-dir",
    "no-color",
    "no-input",
    "no-warn-script-location",
    "progress-bar",
    "require-virtualenv",
    "root-user-action",
}


def as_pip(python: str) -> tuple[list[str], dict[str, str]] | None:
    """Return the options and variables with which uv does what this Python's pip would."""
    ask = [python, "-m", "pip", "config", "list"]
    listing = subprocess.run(ask, capture_output=True, text=True)
    return None if listing.returncode else translated(listing.stdout)


def translated(listing: str) -> tuple[list[str], dict[str, str]] | None:
    """Return what ``pip config list`` printed as options and variables of uv; None if it can't be.

    The variables ``PIP_...`` are among what it prints, and win, as with pip.
    """
    told = {}
    for section in ("global", "install", ":env:"):
        for line in listing.splitlines():
            key, _, value = line.partition("=")
            where, _, name = key.rpartition(".")
            if where == section:
                told[name] = str(ast.literal_eval(value))
    options, variables = [*LIKE_PIP], {}
    for name, value in told.items():
        if name in OPTIONS:
            options += [word for one in value.split() for word in (OPTIONS[name], one)]
        elif name in VARIABLES:
            variables[VARIABLES[name]] = value
        elif name not in OF_NO_PART:
            return None
    return options, variables
