"""``sangdam doctor kakao``: is our side of the skill complete, and does it answer as it should?

It asks the skill like the open builder, without the secret and with it, with a body that is no
message: nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from connectors.doctor import Finding, finding
from connectors.kakao.skill import HEADER
from connectors.settings import Settings

SHORTEST = 16


def examine(settings: Settings, *, database_url: str) -> list[Finding]:
    """One finding for each thing that KakaoTalk needs."""
    return list(_look(settings))


def _look(settings: Settings) -> Iterator[Finding]:
    secret, public = settings.kakao_secret, settings.public_url.rstrip("/")
    if not secret:
        yield finding("secret", False, "SANGDAM_KAKAO_SECRET is empty: KakaoTalk is off")
        return
    long_enough = len(secret) >= SHORTEST
    says = f"set; the skill sends it in the header {HEADER}"
    yield finding(
        "secret", long_enough, says if long_enough else f"needs {SHORTEST} characters or more"
    )
    if not public.startswith("https://"):
        says = "SANGDAM_PUBLIC_URL is no https:// address: KakaoTalk cannot ask the skill"
        yield finding("address", False, says)
        return
    yield finding("address", True, f"the skill's URL is {public}/kakao/skill")
    yield _asked("without the secret", public, {}, 401)
    yield _asked("with the secret", public, {HEADER: secret}, 400)


def _asked(what: str, public: str, headers: dict[str, str], wanted: int) -> Finding:
    try:
        got = httpx.post(f"{public}/kakao/skill", headers=headers, content=b"{}", timeout=5)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return finding(what, False, f"the skill does not answer ({type(error).__name__})")
    if got.status_code == wanted:
        return finding(what, True, "answers as it should")
    hint = {404: "is the gateway running with this secret?", 401: "it has another secret"}
    says = hint.get(got.status_code, "is it Sangdam that answers there?")
    return finding(what, False, f"the skill answered {got.status_code}: {says}")
