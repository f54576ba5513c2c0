"""What the doctor says of KakaoTalk."""

from __future__ import annotations

from connectors.kakao.doctor import examine
from connectors.settings import Settings
from tests.product import unused_port


def test_the_doctor_says_what_kakaotalk_lacks() -> None:
    (off,) = examine(Settings(), database_url="")
    assert not off["ok"] and "SANGDAM_KAKAO_SECRET" in off["says"]
    short = examine(Settings(kakao_secret="short", public_url="http://x"), database_url="")
    assert [one["ok"] for one in short] == [False, False] and "https://" in short[1]["says"]
    nobody = f"https://127.0.0.1:{unused_port()}"
    gone = examine(Settings(kakao_secret="k" * 20, public_url=nobody), database_url="")
    assert [one["ok"] for one in gone] == [True, True, False, False]
    assert "does not answer" in gone[2]["says"] and "k" * 20 not in str(gone)
