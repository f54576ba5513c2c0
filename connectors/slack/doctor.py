"""``sangdam doctor slack``: looks at what the Slack desk needs, one line each, with what to do.

It asks Slack only what changes nothing there, and prints neither tokens nor secrets.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web import SlackResponse
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from connectors.doctor import Finding, finding
from connectors.settings import Settings
from ticketing.db import connect, session_factory
from ticketing.models import Agent

# What goes wrong is a finding; slack_sdk would print it a second time.
_SILENT = logging.Logger("slack_sdk of the doctor", logging.CRITICAL)
TIMEOUT_S = 5
NAMES = 8
# Every scope of the manifests in deploy/slack/, and what does not work without it.
SCOPES = {
    "channels:history": "threads in public channels",
    "channels:read": "this check of a public channel",
    "chat:write": "cards and threads",
    "commands": "/ticket, /reply, /note, /macro and the shortcuts",
    "files:read": "files from agents",
    "files:write": "files from customers",
    "groups:history": "threads in private channels",
    "groups:read": "this check of a private channel",
    "metadata.message:read": "finding a post whose answer was lost",
    "reactions:write": "receipts",
    "users:read": "telling members from guests",
}
_KINDS = {
    "xoxb-": "a bot token",
    "xoxp-": "a user token",
    "xapp-": "an app-level token",
    "xoxe": "a configuration or refresh token",
}
_BOT_PAGE = "OAuth & Permissions → Bot User OAuth Token (xoxb-…)"
_APP_PAGE = "Basic Information → App-Level Tokens (xapp-…, with connections:write)"
_REFUSALS = {
    "invalid_auth": "is not valid: copy it again",
    "not_authed": "is not valid: copy it again",
    "account_inactive": "belongs to an app that was removed: install the app again and copy it",
    "token_revoked": "was revoked: install the app again and copy the new one",
    "token_expired": "has expired: turn token rotation off in the app and install it again",
    "not_allowed_token_type": "is of the wrong kind",
    "missing_scope": "lacks a scope",
    "ekm_access_denied": "is refused by the workspace's administrators",
    "team_access_not_granted": "is not granted this workspace",
}


class _No(Exception):
    """Slack refused; ``code`` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Away(Exception):
    """Slack did not answer."""


def examine(settings: Settings, *, database_url: str) -> list[Finding]:
    """Look at everything of Slack; never raises for what it finds."""
    return list(_examine(settings, database_url))


def at_a_glance(settings: Settings) -> Iterator[Finding]:
    """For ``sangdam doctor``: whether the bot is signed in, and in its channel."""
    client = _client(settings)
    closer = "; `sangdam doctor slack` looks closer"
    try:
        us, found = _bot_token(client)
        says = found["says"] if us is not None else found["says"] + closer
        yield finding("Slack", found["ok"], says)
        if us is not None:
            channel = _channel(client, settings.slack_channel, bot=_name(us))
            yield {**channel, "what": "Slack channel"}
    except _Away as error:
        yield finding("Slack", False, f"cannot be reached ({error})")


def _client(settings: Settings) -> WebClient:
    return WebClient(
        token=settings.slack_bot_token,
        base_url=settings.slack_api_url,
        timeout=TIMEOUT_S,
        retry_handlers=[],
        logger=_SILENT,
    )


def _examine(settings: Settings, database_url: str) -> Iterator[Finding]:
    if not settings.slack_bot_token:
        says = "SANGDAM_SLACK_BOT_TOKEN is empty: docs/slack.md says how to connect Slack"
        yield finding("bot token", False, says)
        return
    client = _client(settings)
    us: SlackResponse | None = None
    try:
        wrong = _wrong_kind(settings.slack_bot_token, "xoxb-", _BOT_PAGE)
        if wrong:
            yield finding("bot token", False, f"SANGDAM_SLACK_BOT_TOKEN {wrong}")
        else:
            us, found = _bot_token(client)
            yield found
        if us is not None:
            yield _scopes(us)
        if settings.slack_app_token:
            yield _app_token(client, settings.slack_app_token)
        if us is not None:
            yield _channel(client, settings.slack_channel, bot=_name(us))
    except _Away as error:
        us = None
        says = f"cannot be reached ({error}); what only Slack knows was not looked at"
        yield finding("Slack", False, says)
    if settings.slack_app_token:
        yield finding("event URL", True, "Socket Mode: Slack needs no address of ours")
    else:
        yield _event_url(settings)
    yield from _agents(client if us is not None else None, database_url)


def _ask(call: Callable[[], SlackResponse]) -> SlackResponse:
    """One request. Raises :class:`_No` or :class:`_Away`, which hold nothing that was sent."""
    try:
        return call()
    except SlackApiError as error:
        answer = error.response
        data = answer.data if isinstance(answer, SlackResponse) else answer
        code = str(data.get("error") or "") if isinstance(data, dict) else ""
        if not re.fullmatch(r"[a-z_]{1,60}", code):  # slack_sdk puts a page of HTML there, too
            raise _Away("no answer as Slack makes it") from None
        if code in ("ratelimited", "rate_limited"):
            raise _Away("too many requests: try again in a minute") from None
        raise _No(code) from None
    except Exception as error:
        # urllib, ssl and json errors pass through slack_sdk unwrapped.
        raise _Away(type(error).__name__) from None


def _wrong_kind(token: str, wanted: str, page: str) -> str:
    """Why this cannot be the token that is wanted, or nothing."""
    if token.startswith(wanted):
        return ""
    kind = next((kind for start, kind in _KINDS.items() if token.startswith(start)), "no token")
    return f"holds {kind}; wanted is {_KINDS[wanted]}: {page}"


def _refused(code: str, page: str) -> str:
    return f"{_REFUSALS.get(code, 'is refused')} (Slack says {code}): {page}"


def _bot_token(client: WebClient) -> tuple[SlackResponse | None, Finding]:
    """Slack's answer about the token, if it is one of a bot."""
    try:
        us = _ask(client.auth_test)
    except _No as error:
        return None, finding("bot token", False, _refused(error.code, _BOT_PAGE))
    if not us.get("bot_id"):
        return None, finding("bot token", False, f"belongs to a person, not to a bot: {_BOT_PAGE}")
    return us, finding("bot token", True, f"signed in as {us.get('user')} in {us.get('team')}")


def _name(us: SlackResponse) -> str:
    return str(us.get("user") or "sangdam")


def _scopes(us: SlackResponse) -> Finding:
    headers = {name.lower(): value for name, value in us.headers.items()}
    granted = {scope.strip() for scope in str(headers.get("x-oauth-scopes") or "").split(",")}
    if granted == {""}:
        return finding("scopes", True, "Slack does not say which were granted", warning=True)
    missing = [f"{scope} ({why})" for scope, why in SCOPES.items() if scope not in granted]
    if missing:
        says = "; add them (OAuth & Permissions → Bot Token Scopes), then install the app again"
        return finding("scopes", False, f"missing: {', '.join(missing)}{says}")
    return finding("scopes", True, f"all {len(SCOPES)} are granted")


def _app_token(client: WebClient, token: str) -> Finding:
    what = "app-level token"
    wrong = _wrong_kind(token, "xapp-", _APP_PAGE)
    if wrong:
        return finding(what, False, f"SANGDAM_SLACK_APP_TOKEN {wrong}")
    try:
        _ask(lambda: client.apps_connections_open(app_token=token))
    except _No as error:
        says = _refused(error.code, _APP_PAGE)
        return finding(what, False, f"{says}; is Socket Mode on in the app?")
    return finding(what, True, "Slack opens a connection for it")


def _channel(client: WebClient, channel: str, *, bot: str) -> Finding:
    what = "queue channel"
    where = "the id (C…) is at the bottom of View channel details"
    if not re.fullmatch(r"[CG][A-Z0-9]{2,}", channel):
        return finding(what, False, f"SANGDAM_SLACK_CHANNEL holds no channel id: {where}")
    try:
        answer = _ask(lambda: client.conversations_info(channel=channel))
    except _No as error:
        if error.code == "channel_not_found":
            says = f"{channel} is not there for the bot: {where}; if it is private, first invite "
            return finding(what, False, f"{says}the bot there: /invite @{bot}")
        if error.code == "missing_scope":
            says = "not looked at: channels:read or, for a private channel, groups:read is missing"
            return finding(what, False, says)
        return finding(what, False, f"Slack says {error.code} about {channel}")
    found = answer.get("channel") or {}
    name = f"#{found.get('name') or channel}"
    if found.get("is_archived"):
        return finding(what, False, f"{name} is archived: bring it back, or choose another")
    if not found.get("is_member"):
        return finding(what, False, f"the bot is not in {name}: write /invite @{bot} there")
    if found.get("is_ext_shared") or found.get("is_pending_ext_shared"):
        says = f"{name} is shared with another company, which can read what customers write"
        return finding(what, True, says, warning=True)
    reach = "private" if found.get("is_private") else "public: the whole workspace can read it"
    return finding(what, True, f"the bot is in {name} ({reach})")


def _event_url(settings: Settings) -> Finding:
    """Slack's own check of the address, made by us: signed, and the challenge has to come back."""
    what = "event URL"
    if not settings.slack_signing_secret or settings.slack_signing_secret.startswith("xo"):
        says = "SANGDAM_SLACK_SIGNING_SECRET is not set: Basic Information → Signing Secret"
        return finding(what, False, says)
    if not settings.public_url.startswith("https://"):
        says = "SANGDAM_PUBLIC_URL has to be the https:// address that Slack reaches"
        return finding(what, False, f"{says}; without one, use Socket Mode")
    url = settings.public_url.rstrip("/") + "/slack/events"
    challenge = secrets.token_urlsafe(16)
    body = json.dumps({"type": "url_verification", "token": "", "challenge": challenge})
    stamp = str(int(time.time()))
    signature = SignatureVerifier(settings.slack_signing_secret).generate_signature(
        timestamp=stamp, body=body
    )
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature)}
    headers["Content-Type"] = "application/json"
    try:
        with httpx.stream("POST", url, content=body, headers=headers, timeout=TIMEOUT_S) as answer:
            said = answer.read()[:1000].decode("utf-8", "replace")
            peer = answer.extensions["network_stream"].get_extra_info("server_addr")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        why = type(error).__name__
        if "CERTIFICATE" in str(error).upper():
            why = "its certificate is not accepted"
        return finding(what, False, f"{url} cannot be reached from here ({why})")
    if answer.status_code == 401:
        says = "knows another signing secret, or its clock is wrong: was it started again since?"
        return finding(what, False, f"{url} {says}")
    if answer.status_code != 200 or challenge not in said:
        says = "does not answer as Sangdam does: is it running with these settings, and does the"
        return finding(what, False, f"{url} {says} address lead to it? (HTTP {answer.status_code})")
    if not _public(peer):
        says = "answers, but at an address of this network: can Slack reach it from outside?"
        return finding(what, True, f"{url} {says}", warning=True)
    return finding(what, True, f"{url} answers, asked from this machine")


def _public(peer: object) -> bool:
    try:
        address = peer[0] if isinstance(peer, tuple) else ""
        return ipaddress.ip_address(str(address).partition("%")[0]).is_global
    except ValueError:
        return True


def _agents(client: WebClient | None, database_url: str) -> Iterator[Finding]:
    """Who may answer from Slack; ``client`` is ``None`` when Slack cannot be asked."""
    try:
        known = _active(database_url)
    except (SQLAlchemyError, OSError, ValueError):
        yield finding("agents", False, "the database cannot be asked: run `sangdam doctor`")
        return
    linked = [(name, user) for name, user in known if user]
    if not linked:
        says = "nobody is linked to a Slack account, so nobody can answer from Slack: "
        says += "`sangdam agent add --name … --slack-user U…`, or /ticket link in Slack"
        yield finding("agents", False, says)
        return
    if client is not None:
        yield _accounts(client, linked)
    without = [name for name, user in known if not user]
    if without:
        says = f"without a Slack account, in the console only: {_some(without)}"
        yield finding("agents", True, says, warning=True)


def _active(database_url: str) -> list[tuple[str, str | None]]:
    """Name and Slack user of everybody who may answer."""
    engine = connect(database_url, pool_size=1)
    try:
        with session_factory(engine)() as session:
            rows = session.execute(
                select(Agent.name, Agent.slack_user).where(Agent.active).order_by(Agent.name)
            )
            return [(name, user) for name, user in rows]
    finally:
        engine.dispose()


def _accounts(client: WebClient, linked: Sequence[tuple[str, str]]) -> Finding:
    wrong = []
    try:
        for name, user in linked:
            reason = _outsider(client, user)
            if reason:
                wrong.append(f"{name} ({user}) {reason}")
    except _No as error:
        return finding("Slack accounts", False, f"not looked at: Slack says {error.code}")
    except _Away as error:
        return finding("Slack accounts", False, f"not all looked at: no answer ({error})")
    if wrong:
        says = "only full members of the workspace may answer"
        return finding("Slack accounts", False, f"{says}: {_some(wrong)}")
    return finding("Slack accounts", True, f"{len(linked)} linked, all full members")


def _outsider(client: WebClient, user: str) -> str:
    """Why a linked account may not answer, or nothing."""
    try:
        found = _ask(lambda: client.users_info(user=user)).get("user") or {}
    except _No as error:
        if error.code in ("user_not_found", "user_not_visible", "users_not_found"):
            return "is not in this workspace"
        raise
    for flag, reason in (
        ("deleted", "is deactivated"),
        ("is_bot", "is a bot"),
        ("is_ultra_restricted", "is a guest"),
        ("is_restricted", "is a guest"),
        ("is_stranger", "is of another company"),
    ):
        if found.get(flag):
            return reason
    return ""


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMES
    return ", ".join(names[:NAMES]) + (f" and {more} more" if more > 0 else "")
