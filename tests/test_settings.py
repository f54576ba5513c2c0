"""Settings: all wrong ones at once, each with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.settings import SettingsError, load, secret_key


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        load(
            {
                "PORT": "eighty",
                "SANGDAM_SLACK_BOTTOKEN": "x",
                "SANGDAM_TELEGRAM_MODE": "pigeon",
                "SANGDAM_SLACK_API_URL": "slack.com",
                "SANGDAM_PRODUCTION": "true",
            },
            env_file=None,
        )
    lines = str(error.value).splitlines()
    assert [line.split(":")[0].split(" ")[0] for line in lines] == [
        "PORT",
        "SANGDAM_SECRET_KEY",
        "SANGDAM_SLACK_API_URL",
        "SANGDAM_SLACK_BOTTOKEN",
        "SANGDAM_TELEGRAM_MODE",
    ]
    assert "did you mean SANGDAM_SLACK_BOT_TOKEN?" in lines[3]


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"SANGDAM_PRODUCTION": "1"}, "SANGDAM_SECRET_KEY"),
        ({"SANGDAM_PRODUCTION": "1", "SANGDAM_SECRET_KEY": "short"}, "SANGDAM_SECRET_KEY"),
        (
            {
                "SANGDAM_PRODUCTION": "1",
                "SANGDAM_SECRET_KEY": "x" * 40,
                "SANGDAM_ALLOWED_ORIGINS": "*",
            },
            "SANGDAM_ALLOWED_ORIGINS",
        ),
        ({"SANGDAM_SLACK_BOT_TOKEN": "xoxb-1"}, "SANGDAM_SLACK_CHANNEL"),
        ({"SANGDAM_SLACK_CHANNEL": "C1"}, "SANGDAM_SLACK_BOT_TOKEN is missing"),
        ({"SANGDAM_DATABASE_URL": "nonsense"}, "SANGDAM_DATABASE_URL: .*postgresql://"),
        ({"SANGDAM_DATABASE_URL": "mysql://u@h/d"}, "SANGDAM_DATABASE_URL: .*postgresql://"),
        ({"SANGDAM_RASA_URL": "rasa:5005"}, "SANGDAM_RASA_URL: .*http"),
        ({"SANGDAM_PUBLIC_URL": "help.example.com"}, "SANGDAM_PUBLIC_URL: .*http"),
        ({"SANGDAM_WEBHOOK_URL": "x", "SANGDAM_WEBHOOK_SECRET": "s" * 16}, "WEBHOOK_URL: .*http"),
        ({"SANGDAM_ALLOWED_ORIGINS": "shop.example.com"}, "SANGDAM_ALLOWED_ORIGINS: .*https://"),
        ({"SANGDAM_ALLOWED_ORIGINS": "https://a.kr/shop"}, "SANGDAM_ALLOWED_ORIGINS: .*path"),
        ({"PORT": "99999"}, "PORT: .*from 0 to 65535"),
        ({"SANGDAM_PRODUCTION": "maybe"}, "SANGDAM_PRODUCTION: .*true or false"),
    ],
)
def test_s13_what_is_not_safe_or_not_whole_is_refused(environ: dict[str, str], names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        load(environ, env_file=None)


def test_right_addresses_are_taken() -> None:
    right = {
        "SANGDAM_DATABASE_URL": "postgresql+psycopg://u:p%40@db:5432/sangdam?sslmode=require",
        "SANGDAM_RASA_URL": "http://rasa:5005",
        "SANGDAM_PUBLIC_URL": "https://help.example.com/",
        "SANGDAM_ALLOWED_ORIGINS": "https://a.kr/, http://127.0.0.1:8000",
    }
    assert load(right, env_file=None).origins() == ("https://a.kr", "http://127.0.0.1:8000")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("SANGDAM_PUBLIC_URL=https://a.example\nPORT=1\n", encoding="utf-8")
    found = load({"PORT": "2"}, env_file=file)
    assert (found.port, found.public_url) == (2, "https://a.example")


def test_a_made_secret_is_kept_for_the_owner_only(tmp_path: Path) -> None:
    settings = load({"SANGDAM_DATA_DIR": str(tmp_path / "var")}, env_file=None)
    first = secret_key(settings)
    assert len(first) >= 32 and secret_key(settings) == first
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0
