"""What the doctor and the settings say of mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from connectors.mail.doctor import examine
from connectors.settings import Settings, SettingsError, load
from tests.fakes.mail import FakeMail
from tests.product import unused_port

FROM = "상담 <help@example.kr>"


@pytest.fixture(scope="module")
def mail() -> Iterator[FakeMail]:
    made = FakeMail()
    yield made
    made.stop()


def test_the_doctor_and_the_settings_say_what_is_wrong(mail: FakeMail) -> None:
    (off,) = examine(Settings(), database_url="")
    assert not off["ok"] and "SANGDAM_SMTP_URL" in off["says"]
    fine = examine(Settings(smtp_url=mail.url, smtp_from=FROM), database_url="")
    assert [one["ok"] for one in fine] == [True, True] and "help@example.kr" in fine[1]["says"]
    (wrong,) = examine(Settings(smtp_url=mail.without_password, smtp_from=FROM), database_url="")
    assert not wrong["ok"] and "refused user or password" in wrong["says"]
    nobody = f"smtp://127.0.0.1:{unused_port()}"
    (gone,) = examine(Settings(smtp_url=nobody, smtp_from=FROM), database_url="")
    assert not gone["ok"] and re.search(r"127.0.0.1:\d+: the mail server: ", gone["says"])
    for odd in (
        {"SANGDAM_SMTP_URL": "http://mail.kr:secret@x", "SANGDAM_SMTP_FROM": "a@b.kr"},
        {"SANGDAM_SMTP_URL": "smtp://mail.kr"},
        {"SANGDAM_SMTP_URL": "smtp://mail.kr", "SANGDAM_SMTP_FROM": "nobody"},
    ):
        with pytest.raises(SettingsError, match="SMTP") as caught:
            load(odd, env_file=None)
        assert "secret" not in str(caught.value)
