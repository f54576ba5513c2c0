"""All settings, from ``SANGDAM_*`` variables and ``.env``; wrong ones are reported together."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from connectors.identity import Signer
from connectors.mail.smtp import Server

PREFIX = "SANGDAM_"
# Read by the set-up script, before there is a program that could read them.
SETUP_ONLY = {"SANGDAM_TORCH_INDEX"}

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]
Name = Annotated[str, StringConstraints(max_length=60)]


class SettingsError(Exception):
    """One line per wrong setting, for the person who installs."""


class Settings(BaseModel):
    """What the installer can choose. A field ``x_y`` is the variable ``SANGDAM_X_Y``."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Name = Field(default="", description="What customers know you as")
    name_en: Name = Field(default="", description="The same for those who write English")
    port: int = Field(default=8000, ge=0, le=65535, description="The gateway's port (PORT)")
    host: str = Field(default="127.0.0.1", description="The address the gateway listens on")
    data_dir: Path = Field(default=Path("var"), description="Where everything of ours is kept")
    database_url: str = Field(default="", description="A PostgreSQL server; empty: embedded")
    rasa_url: str = Field(default="", description="A running Rasa; empty: started by `make run`")
    actions_url: str = Field(default="", description="A running action server; empty: started")
    public_url: str = Field(default="", description="The address customers reach; for links")
    secret_key: str = Field(default="", description="Signs forms; made on the first start if empty")
    production: bool = Field(default=False, description="Refuse defaults that are not safe")
    allowed_origins: str = Field(
        default="", description="Sites that may embed the widget, separated by commas"
    )
    messages_per_minute: int = Field(
        default=0, ge=0, le=65535, description="Taken from one visitor of the web; 0: all"
    )
    identity_secret: str = Field(
        default="", description="The shop signs who is logged in with it (HS256)"
    )
    identity_public_key: str = Field(
        default="", description="Or the public half of the key it signs with (ES256, PEM)"
    )
    identity_audience: str = Field(default="sangdam", description="The aud of those signatures")
    embedding_model: str = Field(default="", description="A sentence-transformers model")
    slack_bot_token: str = Field(default="", description="xoxb-…")
    slack_signing_secret: str = Field(default="", description="For requests from Slack")
    slack_app_token: str = Field(default="", description="xapp-…, for Socket Mode")
    slack_channel: str = Field(default="", description="The queue channel's id, C…")
    slack_internal: bool = Field(
        default=False, description="Threads are internal; answers are sent by button or /reply"
    )
    slack_api_url: Url = Field(default="https://slack.com/api/", description="Slack's Web API")
    telegram_bot_token: str = Field(default="", description="From BotFather")
    telegram_api_url: Url = Field(default="https://api.telegram.org", description="The Bot API")
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: str = ""
    webhook_url: str = Field(
        default="", description="Another messenger's bridge, which is told what is said"
    )
    webhook_secret: str = Field(default="", description="Signs what goes there and comes from it")
    smtp_url: str = Field(default="", description="A mail server: smtp://user:password@host:587")
    smtp_from: str = Field(default="", description="Whom mail comes from: Name <help@example.com>")
    kakao_secret: str = Field(default="", description="A header KakaoTalk's skill server sends")

    def names(self) -> dict[str, str]:
        """What customers of each language know the shop as; empty where nobody said so."""
        return {"ko": self.name or self.name_en, "en": self.name_en or self.name}

    def origins(self) -> tuple[str, ...]:
        """The exact origins that may call the chat API from another site."""
        return tuple(o.strip().rstrip("/") for o in self.allowed_origins.split(",") if o.strip())

    def signer(self) -> Signer | None:
        """Whose signed identities are believed, if anybody's."""
        if self.identity_secret:
            return Signer(self.identity_secret, "HS256", self.identity_audience)
        if self.identity_public_key:
            # In an environment a key is often one line.
            key = self.identity_public_key.replace("\\n", "\n")
            return Signer(key, "ES256", self.identity_audience)
        return None

    def slack(self) -> bool:
        """Whether tickets are shown in Slack."""
        return bool(self.slack_bot_token and self.slack_channel)


def known() -> set[str]:
    """Every variable's full name."""
    return {PREFIX + name.upper() for name in Settings.model_fields if name != "port"} | SETUP_ONLY


def load(
    environ: Mapping[str, str] | None = None, *, env_file: Path | None = Path(".env")
) -> Settings:
    """Settings from the environment, over those of ``.env``. Raises :class:`SettingsError`."""
    merged: dict[str, str] = {}
    if env_file is not None and env_file.is_file():
        merged.update({k: v for k, v in dotenv_values(env_file).items() if v is not None})
    merged.update(os.environ if environ is None else environ)

    problems: list[str] = []
    names = known()
    values: dict[str, str] = {}
    for name, value in merged.items():
        if name == "PORT":
            if value:
                values["port"] = value
        elif name in SETUP_ONLY or not name.startswith(PREFIX):
            continue
        elif name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0)
            problems.append(f"{name} is not a setting; did you mean {near[0]}?")
        elif value != "":
            values[name.removeprefix(PREFIX).lower()] = value
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        for item in error.errors():
            field = str(item["loc"][0])
            name = "PORT" if field == "port" else PREFIX + field.upper()
            problems.append(f"{name}: {_in_words(item)}")
            values.pop(field, None)
    problems += _contradictions(settings or Settings.model_validate(values))
    if problems or settings is None:
        raise SettingsError("\n".join(sorted(problems)))
    return settings


def _in_words(problem: ErrorDetails) -> str:
    """What a value has to be, for somebody who does not program."""
    kind, context = problem["type"], problem.get("ctx") or {}
    if kind == "string_pattern_mismatch":
        return "this is an address that begins with http:// or https://"
    if kind.startswith("int_") or kind in ("greater_than_equal", "less_than_equal"):
        return "this is a number from 0 to 65535"
    if kind == "string_too_long":
        return f"this has at most {context.get('max_length')} characters"
    if kind.startswith("bool_"):
        return "this is true or false"
    if kind == "literal_error":
        return f"this is {context.get('expected')}"
    return problem["msg"]


def _addresses(settings: Settings) -> list[str]:
    """What is wrong with addresses, which otherwise would show when somebody needs them."""
    problems = []
    for field in ("rasa_url", "actions_url", "public_url", "webhook_url"):
        value = getattr(settings, field)
        if value and not re.fullmatch(r"https?://[^\s]+", value):
            problems.append(
                f"{PREFIX}{field.upper()}: this is an address that begins with http:// or https://"
            )
    database = settings.database_url
    if database and not re.fullmatch(r"postgres(?:ql)?(?:\+\w+)?://[^\s]+", database):
        problems.append(
            "SANGDAM_DATABASE_URL: this is postgresql://user:password@host:5432/database"
        )
    for origin in settings.origins():
        if origin != "*" and not re.fullmatch(r"https?://[^\s/?#]+", origin):
            problems.append(
                "SANGDAM_ALLOWED_ORIGINS: a site is https://shop.example.com, without a path"
            )
            break
    return problems


def _contradictions(settings: Settings) -> list[str]:
    problems = _addresses(settings)
    if settings.production:
        if len(settings.secret_key) < 32:
            problems.append("SANGDAM_SECRET_KEY needs at least 32 characters in production")
        if "*" in settings.allowed_origins:
            problems.append("SANGDAM_ALLOWED_ORIGINS must name sites exactly in production")
    if settings.identity_secret and settings.identity_public_key:
        problems.append(
            "SANGDAM_IDENTITY_SECRET and SANGDAM_IDENTITY_PUBLIC_KEY: choose one, HS256 or ES256"
        )
    if settings.identity_secret and len(settings.identity_secret) < 32:
        problems.append("SANGDAM_IDENTITY_SECRET needs at least 32 characters")
    if settings.identity_public_key and "BEGIN PUBLIC KEY" not in settings.identity_public_key:
        problems.append("SANGDAM_IDENTITY_PUBLIC_KEY is a PEM block: -----BEGIN PUBLIC KEY-----…")
    problems += _of_telegram(settings)
    problems += _of_mail(settings)
    if not settings.slack_bot_token:
        if settings.slack_channel or settings.slack_app_token or settings.slack_signing_secret:
            problems.append("SANGDAM_SLACK_BOT_TOKEN is missing: the rest of Slack needs it")
    else:
        if not settings.slack_channel:
            problems.append("SANGDAM_SLACK_CHANNEL is missing: which channel shows the tickets?")
        if not (settings.slack_signing_secret or settings.slack_app_token):
            problems.append(
                "SANGDAM_SLACK_SIGNING_SECRET (requests from Slack) or SANGDAM_SLACK_APP_TOKEN "
                "(Socket Mode) is missing"
            )
    if bool(settings.webhook_url) != bool(settings.webhook_secret):
        problems.append("SANGDAM_WEBHOOK_URL and SANGDAM_WEBHOOK_SECRET need each other")
    elif settings.webhook_secret and len(settings.webhook_secret) < 16:
        problems.append("SANGDAM_WEBHOOK_SECRET needs at least 16 characters")
    return problems


def _of_mail(settings: Settings) -> list[str]:
    problems = []
    if bool(settings.smtp_url) != bool(settings.smtp_from):
        problems.append("SANGDAM_SMTP_URL and SANGDAM_SMTP_FROM need each other")
    if settings.smtp_url:
        try:
            Server.of(settings.smtp_url)
        except ValueError as error:
            problems.append(f"SANGDAM_SMTP_URL: {error}")
    address = parseaddr(settings.smtp_from)[1]
    if settings.smtp_from and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        problems.append("SANGDAM_SMTP_FROM is an address, with a name or without: Name <a@b.kr>")
    return problems


def _of_telegram(settings: Settings) -> list[str]:
    if not settings.telegram_bot_token:
        return []
    problems = []
    if not re.fullmatch(r"[0-9]{1,16}:[\w-]{10,100}", settings.telegram_bot_token, re.ASCII):
        problems.append("SANGDAM_TELEGRAM_BOT_TOKEN is not a token of BotFather's (123456:ABC…)")
    if settings.telegram_mode == "webhook":
        if not re.fullmatch(r"[\w-]{1,256}", settings.telegram_webhook_secret, re.ASCII):
            problems.append(
                "SANGDAM_TELEGRAM_WEBHOOK_SECRET: webhooks need 1 to 256 letters, digits, _ or -"
            )
        if not settings.public_url:
            problems.append("SANGDAM_PUBLIC_URL is missing: where does Telegram bring updates?")
    return problems


def secret_key(settings: Settings) -> str:
    """The configured secret, or one kept under the data folder since the first start."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / "secret_key"
    if not path.exists() or path.stat().st_size == 0:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        made = settings.data_dir / f"secret_key.{secrets.token_hex(4)}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        if path.exists() and path.stat().st_size == 0:
            path.unlink()
        # Whole or not at all, and the first of two gateways wins.
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_text(encoding="utf-8")
