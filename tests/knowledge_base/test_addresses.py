from __future__ import annotations

import time

import pytest

from knowledge_base.addresses import split


def found(text: str) -> list[str]:
    assert "".join(said for said, _ in split(text)) == text
    return [address for _, address in split(text) if address]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("https://example.com에서 보세요", ["https://example.com"]),
        ("주소는https://a.kr/b?c=d#e이고", ["https://a.kr/b?c=d#e"]),
        ("(https://a.kr/w_(b)).", ["https://a.kr/w_(b)"]),
        ("「https://a.kr」, “http://b.kr/”…", ["https://a.kr", "http://b.kr/"]),
        ("https://a.kr, https://b.kr/x. 끝!", ["https://a.kr", "https://b.kr/x"]),
        ("[https://a.kr]", ["https://a.kr"]),
        ("www.naver.com으로 WWW.daum.net!", ["https://www.naver.com", "https://WWW.daum.net"]),
        ("help@shop.co.kr로, a.b+c@d.kr.", ["mailto:help@shop.co.kr", "mailto:a.b+c@d.kr"]),
        ("HTTPS://A.KR/x", ["HTTPS://A.KR/x"]),
        ("https://a.kr/?mail=a@b.kr", ["https://a.kr/?mail=a@b.kr"]),
        ("www. www.a www.. @a.kr a@b a@b.k https:// http://에서", []),
        ("javascript:alert(1) data:text/html,x file:///x xhttps://a.kr", []),
        ("https://a.kr:port https://a.kr:99999 http://:80 https://a.kr:0", []),
        ("a@b.c0m shop@@a.kr .www.a.kr", []),
    ],
)
def test_addresses_end_where_people_end_them(text: str, addresses: list[str]) -> None:
    assert found(text) == addresses


@pytest.mark.parametrize(
    "text",
    [
        "https://a" + ")" * 100_000,
        "www." * 50_000,
        "a@" * 50_000,
        "a" * 100_000 + "@" + "b." * 50_000,
    ],
)
def test_a_long_text_takes_no_time(text: str) -> None:
    began = time.monotonic()
    found(text)
    assert time.monotonic() - began < 2
