"""The help centre's subjects: each a list of its own, as long as it may be."""

from __future__ import annotations

import html
import re
import unicodedata

import httpx
import pytest

from connectors.web import help
from tests.connectors.conftest import App
from tests.connectors.test_help import app, http, publish, suggested

__all__ = ["app", "http"]  # fixtures


def test_a_subject_is_a_page_of_its_own(http: httpx.Client) -> None:
    page = http.get("/help", params={"lang": "ko", "category": "환불"})
    assert page.status_code == 200 and "<h1>환불</h1>" in page.text
    assert "환불 수단" in page.text and "물음표" not in page.text
    assert http.get("/help", params={"lang": "ko", "category": "없음"}).status_code == 404


def test_a_subject_is_the_same_however_its_hangul_is_written(app: App, http: httpx.Client) -> None:
    pieces = unicodedata.normalize("NFD", "환불")
    publish(app.sessions, "from-a-mac", title=f"맥에서 쓴 {pieces}", tags=[pieces])
    page = http.get("/help", params={"lang": "ko", "category": "환불"})
    assert "맥에서 쓴 환불" in page.text and "환불 수단" in page.text
    assert "맥에서 쓴 환불" in suggested(http, "쓴 환불")


def test_a_large_subject_shows_its_first_articles_and_leads_to_all(
    app: App, http: httpx.Client
) -> None:
    for number in range(13):
        publish(app.sessions, f"large-{number:02}", title=f"큰 주제 {number:02}", tags=["큰"])
    home = http.get("/help", params={"lang": "ko"}).text
    assert "큰 주제 11" in home and "큰 주제 12" not in home and "13개 모두 보기" in home
    assert "큰 주제 12" in http.get("/help", params={"lang": "ko", "category": "큰"}).text


def test_a_subject_has_pages_that_search_engines_can_go_through(
    app: App, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(help, "A_PAGE", 2)
    for number in range(11):
        publish(app.sessions, f"paged-{number:02}", title=f"쪽 {number:02}", tags=["쪽수 & 쪽"])
    asked = {"lang": "ko", "category": "쪽수 & 쪽"}
    found: list[str] = []
    titles, following = set(), httpx.QueryParams(asked)
    while following:
        page = http.get("/help", params=following).text
        assert "도움말 11개" in page and page.count("쪽 0") + page.count("쪽 1") <= 6
        found += re.findall(r"<strong>(쪽 \d\d)</strong>", page)
        titles.add(re.findall("<title>(.*?)</title>", page)[0])
        canonical = html.unescape(re.findall('rel="canonical" href="(.*?)"', page)[0])
        assert httpx.URL(canonical).params == following
        onward = re.findall('href="([^"]*)" rel="next"', page)
        following = httpx.URL(html.unescape(onward[0])).params if onward else httpx.QueryParams()
    assert found == [f"쪽 {number:02}" for number in range(11)] and len(titles) == 6
    middle = http.get("/help", params={**asked, "page": "3"}).text
    near = [html.unescape(one) for one in re.findall('aria-label="([^"]*?쪽)"', middle)]
    assert near == ["쪽", "1쪽", "2쪽", "3쪽", "4쪽", "6쪽"] and "(3쪽)" in middle
    assert '"position": 5' in middle and '"position": 7' not in middle
    for wrong in ("0", "7", "x", "9" * 12):
        assert http.get("/help", params={**asked, "page": wrong}).status_code in (404, 422)


def test_articles_without_a_subject_are_one(app: App, http: httpx.Client) -> None:
    for number in range(13):
        publish(app.sessions, f"none-{number:02}", title=f"주제 없음 {number:02}")
    publish(app.sessions, "some", title="기타 주제", tags=["기타"])
    home = http.get("/help", params={"lang": "ko"}).text
    assert home.count(">기타 <small>") == 1 and "주제 없음 12" not in home
    page = http.get("/help", params={"lang": "ko", "category": "기타"}).text
    assert "주제 없음 12" in page and "기타 주제" in page
