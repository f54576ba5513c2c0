"""The public help centre: what is published, safely, in the language that was asked for."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from connectors.web import help, knowledge
from knowledge_base import articles, votes
from knowledge_base.models import Revision
from tests.connectors.conftest import App
from tests.connectors.test_helped import desk_in
from tests.pages import OUTPUT, Window
from ticketing.db import Sessions


def publish(sessions: Sessions, id: str, locale: str = "ko", **content: object) -> None:
    """An article that customers see."""
    given = {"title": id, "questions": [], "body": id, "tags": [], **content}
    with sessions.begin() as session:
        articles.create(session, id=id, locale=locale, author="test", **given)  # type: ignore[arg-type]
        articles.publish(session, id=id, locale=locale, author="test")


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """A shop with a few articles."""
    publish(
        gateway.sessions,
        "refund-when",
        title="환불 처리 기간",
        questions=["환불은 언제 되나요?"],
        body="![001-chat](/help/pictures/00000000-0000-0000-0000-000000000001)\n\n"
        "**3~5일** 걸려요.\n\n<script>alert(1)</script>\n\n[x](javascript:alert(2))\n",
        tags=["환불", "기간"],
    )
    publish(
        gateway.sessions,
        "refund-when",
        "en",
        title="When you get your refund",
        questions=["How long does a refund take?"],
        body="Cards take 3 to 5 days.",
        tags=["refunds"],
    )
    publish(gateway.sessions, "refund-method", title="환불 수단", body="카드로요.", tags=["환불"])
    publish(gateway.sessions, "what?", title="물음표", body="주소에 있어요.\n\n## 관세\n\n3일.")
    with gateway.sessions.begin() as session:
        articles.create(
            session, id="secret", locale="ko", title="비밀 초안", body="쉿", author="test"
        )
        articles.update(session, id="refund-method", locale="ko", title="고치는 중", author="test")
    return gateway


@pytest.fixture
def http(app: App) -> Iterator[httpx.Client]:
    """Somebody who is not signed in to anything."""
    with httpx.Client(base_url=app.url, timeout=20) as client:
        yield client


def test_what_is_published_is_there_by_subject(http: httpx.Client) -> None:
    page = http.get("/help", params={"lang": "ko"})
    assert page.status_code == 200 and '<html lang="ko">' in page.text
    assert page.text.index("환불 <small>2</small>") < page.text.index("기타 <small>1</small>")
    assert "환불 처리 기간" in page.text and "환불 수단" in page.text
    assert "비밀 초안" not in page.text and "고치는 중" not in page.text
    assert 'src="/widget.js"' in page.text
    english = http.get("/help", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert '<html lang="en">' in english and "When you get your refund" in english
    assert "환불 수단" not in english


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", "en"),
        ("ja,en-US;q=0.5,ko;q=0.7", "ko"),
        ("KO-kr, en;q=0.9", "ko"),
        ("zh-CN", "ko"),
        ("en;q=0, ja", "ko"),
        ("en;q=broken, ,;;", "ko"),
        ("", "ko"),
    ],
)
def test_a_page_is_in_the_language_that_the_browser_likes_more(
    http: httpx.Client, accepted: str, shown: str
) -> None:
    page = http.get("/help", headers={"Accept-Language": accepted}).text
    assert f'<html lang="{shown}">' in page


@pytest.mark.parametrize(
    ("lang", "question", "first"),
    [
        ("ko", "환불은 언제 돼요", "환불 처리 기간"),
        ("ko", "수단", "환불 수단"),
        ("en", "refunds", "When you get your refund"),
    ],
)
def test_searching(http: httpx.Client, lang: str, question: str, first: str) -> None:
    page = http.get("/help", params={"q": question, "lang": lang}).text
    results = page[page.index('<section class="results"') :]
    assert results.index("<strong>") == results.index(f"<strong>{first}</strong>")


@pytest.mark.parametrize("question", ["잠수함", "%", "<b>잠수함</b>", "\x00", "?" * 200])
def test_a_search_that_finds_nothing_says_what_to_do(http: httpx.Client, question: str) -> None:
    page = http.get("/help", params={"q": question, "lang": "ko"})
    assert page.status_code == 200 and "<b>잠수함" not in page.text
    if question.strip("\x00"):
        assert "채팅으로 물어보세요" in page.text


def results(http: httpx.Client, question: str) -> str:
    page = http.get("/help", params={"q": question, "lang": "ko"}).text
    start = page.index('<section class="results"')
    return page[start : page.index("</section>", start)]


def until_loaded(http: httpx.Client) -> None:
    """Search until what decides is there; the first search begins to load it."""
    deadline = time.monotonic() + 120
    while "찾지 못했어요" not in results(http, "우주여행 상품 있어요?"):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_question_that_nothing_answers_finds_nothing(
    app: App, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(app.sessions, "alarm", title="품절 상품 재입고 알림", body="품절된 상품을 알려 드려요.")
    publish(
        app.sessions, "broken", title="파손된 상품", body="상품이 깨져 있어요? 사진을 보내세요."
    )
    asked = "우주여행 상품 있어요?"
    # Nobody waits: as long as nothing can be decided, what holds the words is found.
    monkeypatch.setattr(knowledge, "MOST_ASKING", 0)
    assert "파손된 상품" in results(http, asked)
    monkeypatch.undo()
    until_loaded(http)
    unfound = results(http, asked)
    assert "맞는 도움말을 찾지 못했어요" in unfound and "<strong>" not in unfound
    assert f'data-question="{asked}"' in unfound
    found = results(http, "품절된 상품 알림")
    assert "품절 상품 재입고 알림" in found and "찾지 못했어요" not in found
    assert found.index("<strong>") < found.index("data-question")
    assert "파손된 상품" in results(http, "상품"), "one word is looked up"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_chat_is_offered_at_once_where_nothing_is_found(
    app: App, http: httpx.Client, window: Window, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    until_loaded(http)
    monkeypatch.setattr(help, "NEAR", 0.0)
    page = window(width, 800)
    page.goto(f"{app.url}/help?lang=ko&q=잠수함 빌려주나요")
    expect(page.locator(".results .button")).to_be_in_viewport(ratio=1)
    expect(page.locator(".results h2").last).to_have_text("혹시 이런 도움말을 찾으셨나요?")
    expect(page.locator(".results strong")).to_have_count(3)
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"help-nothing-found-{width}.png")
    page.goto(f"{app.url}/help?lang=ko&q=환불 언제 되나요")
    expect(page.locator(".results strong").first).to_have_text("환불 처리 기간")
    page.screenshot(path=OUTPUT / f"help-found-{width}.png")


def test_headings_can_be_linked_to(http: httpx.Client) -> None:
    assert '<h2 id="s1">관세</h2>' in http.get("/help/what%3F", params={"lang": "ko"}).text


def test_only_the_title_is_a_heading_of_the_first_level(app: App, http: httpx.Client) -> None:
    publish(app.sessions, "headed", title="제목", body="# 큰 제목\n\n글\n\n작은\n===\n")
    page = http.get("/help/headed", params={"lang": "ko"}).text
    assert page.count("<h1") == 1 and '<h2 id="s1">큰 제목</h2>' in page and "s2" in page


def test_an_article_is_shown_safely(http: httpx.Client) -> None:
    page = http.get("/help/refund-when", params={"lang": "ko"})
    assert page.status_code == 200 and "<strong>3~5일</strong>" in page.text
    assert "<script>alert" not in page.text and "javascript:alert(2)" not in page.text.replace(
        "[x](javascript:alert(2))", ""
    )
    assert "환불 수단" in page.text, "what else is about refunds"
    assert "Content-Security-Policy" in page.headers
    assert http.get("/help/what%3F", params={"lang": "ko"}).status_code == 200


def test_the_other_language_is_better_than_none(http: httpx.Client) -> None:
    page = http.get("/help/refund-method", params={"lang": "en"}).text
    assert "not available in English yet" in page and '<article lang="ko">' in page
    both = http.get("/help/refund-when", params={"lang": "en"}).text
    assert "Cards take" in both and "not available" not in both


@pytest.mark.parametrize("path", ["/help/secret", "/help/nothing", "/help/%00", "/help/%E0%A4"])
def test_what_is_not_published_is_a_friendly_404(http: httpx.Client, path: str) -> None:
    page = http.get(path, params={"lang": "ko"})
    assert page.status_code == 404 and "이 도움말은 없거나" in page.text
    assert 'name="q"' in page.text


def test_of_a_question_too_long_the_beginning_is_looked_for(http: httpx.Client) -> None:
    page = http.get("/help", params={"q": "환불 기간 " + "x" * 5000})
    assert page.status_code == 200 and "x" * 194 in page.text and "x" * 195 not in page.text
    assert http.get("/help/suggest/ko", params={"q": "환" * 300}).json() == {"results": []}


def suggested(http: httpx.Client, typed: str, lang: str = "ko") -> list[str]:
    answer = http.get(f"/help/suggest/{lang}", params={"q": typed})
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()["results"]]


@pytest.mark.parametrize("typed", ["환불 처", "환불 철", "환부", "환ㅂ", "처리 기가", "환불은"])
def test_what_is_not_typed_to_its_end_finds_what_it_will_be(http: httpx.Client, typed: str) -> None:
    assert "환불 처리 기간" in suggested(http, typed)


def test_what_is_called_as_typed_is_suggested_first(app: App, http: httpx.Client) -> None:
    publish(
        app.sessions,
        "a-swap",
        title="사이즈 교환",
        questions=["교환할래요"],
        tags=["교환"],
        body="교환은 3일 걸려요.",
    )
    assert set(suggested(http, "환ㅂ")[:2]) == {"환불 수단", "환불 처리 기간"}
    assert suggested(http, "환불은 어")[0] == "환불 처리 기간", "its question begins so"


def test_what_only_mentions_a_word_is_not_listed_beside_what_is_about_it(
    app: App, http: httpx.Client
) -> None:
    content = {"title": "적립금", "questions": ["적립금?"], "tags": ["적립금"], "body": "적립금"}
    publish(app.sessions, "credit", **content)
    publish(app.sessions, "leave", title="탈퇴", body="적립금은 사라져요.")
    publish(app.sessions, "tagged", title="생일", tags=["적립금"])
    assert suggested(http, "적립금") == ["적립금", "생일"]


def test_korean_typed_on_an_english_keyboard_finds_the_same(http: httpx.Client) -> None:
    for typed, meant in (("ghks", "환"), ("ghksq", "환"), ("ghksqn", "환부"), ("GHKSQNF ", "환불")):
        found = suggested(http, meant)
        assert found and suggested(http, typed) == found, typed
    page = http.get("/help", params={"q": "ghksqnf", "lang": "ko"}).text
    assert "‘환불’에 대한 도움말" in page and 'value="환불"' in page and "ghksqnf" not in page
    # What makes no Korean, or nothing that is there, is what it is.
    for typed in ("zxcv", "wntlr", "when"):
        assert suggested(http, typed) == []
        assert typed in http.get("/help", params={"q": typed, "lang": "ko"}).text
    # An English word finds English articles, whatever its keys say in Korean.
    assert suggested(http, "refund", "en") == ["When you get your refund"]


def test_suggestions_are_of_the_language_and_take_anything(http: httpx.Client) -> None:
    assert suggested(http, "ref", "en") == ["When you get your refund"]
    for typed in ("", " ", "\x00", "%", "잠수함", "🙂", "x" * 200):
        assert suggested(http, typed) == []
    assert http.get("/help/suggest/xx").status_code == 422


def test_search_engines_find_both_languages(app: App, http: httpx.Client) -> None:
    page = http.get("/help/refund-when", params={"lang": "ko"}).text
    assert '<meta name="description" content="3~5일 걸려요.' in page
    assert f'<link rel="canonical" href="{app.url}/help/refund-when?lang=ko">' in page
    assert f'hreflang="en" href="{app.url}/help/refund-when?lang=en"' in page
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    question, crumbs = (json.loads(one) for one in found)
    assert question["mainEntity"][0]["name"] == "환불 처리 기간"
    assert [one["name"] for one in crumbs["itemListElement"]][1:] == ["환불", "환불 처리 기간"]
    # One that is shown in the other language points to where it belongs.
    other = http.get("/help/refund-method", params={"lang": "en"}).text
    assert f'rel="canonical" href="{app.url}/help/refund-method?lang=ko"' in other
    assert '<meta name="robots" content="noindex">' in http.get("/help?q=x").text
    sitemap = ElementTree.fromstring(http.get("/sitemap.xml").content)
    locations = {one.text for one in sitemap.iter() if one.tag.endswith("}loc")}
    assert f"{app.url}/help/what%3F?lang=ko" in locations
    assert f"{app.url}/help/refund-when?lang=en" in locations
    assert not any("secret" in str(one) for one in locations)
    robots = http.get("/robots.txt").text
    assert f"Sitemap: {app.url}/sitemap.xml" in robots
    # The form sends the language first.
    assert "Disallow: /help?*q=\n" in robots


def test_the_day_of_an_article_is_that_of_the_desk(app: App, http: httpx.Client) -> None:
    with app.sessions.begin() as session:
        at = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
        session.execute(update(Revision).where(Revision.article_id == "what?").values(at=at))
        articles.bump_version(session)
    for zone, day in (("Etc/GMT-14", "2026-03-02"), ("Etc/GMT+12", "2026-03-01")):
        with app.sessions.begin() as session:
            desk_in(session, zone)
        assert f"{day}에 고침" in http.get("/help/what%3F?lang=ko").text


def test_one_vote_a_visitor_and_only_by_post(app: App, http: httpx.Client) -> None:
    def cast(helpful: str, **options: Any) -> httpx.Response:
        fields = {"locale": "ko", "helpful": helpful}
        return http.post("/help/refund-when/vote", data=fields, **options)

    def counted() -> tuple[int, int]:
        with app.sessions() as session:
            return votes.count(session, id="refund-when", locale="ko")

    assert http.get("/help/refund-when/vote").status_code == 405
    http.get("/help/refund-when", params={"voted": "yes"})
    assert counted() == (0, 0)
    answer = cast("yes")
    assert answer.status_code == 303
    thanks = http.get(answer.headers["location"]).text
    assert "고마워요" in thanks and 'value="yes" aria-pressed="true"' in thanks
    assert cast("yes", headers={"Accept": "application/json"}).json() == {"helpful": True}
    assert counted() == (1, 0)
    cast("no")
    assert counted() == (0, 1), "they changed their mind"
    http.cookies.clear()
    cast("yes")
    assert counted() == (1, 1), "somebody else"
    assert cast("perhaps").status_code == 422
    assert cast("yes", headers={"Origin": "https://evil.example"}).status_code == 403
    fields = {"locale": "ko", "helpful": "yes"}
    assert http.post("/help/secret/vote", data=fields).status_code == 404
    assert http.post("/help/refund-when/vote", data={**fields, "locale": "xx"}).status_code == 422
    assert counted() == (1, 1)


def test_what_is_published_and_retired_shows_at_once(app: App, http: httpx.Client) -> None:
    publish(app.sessions, "brief", title="잠깐", body="곧 사라져요")
    assert "곧 사라져요" in http.get("/help/brief?lang=ko").text
    with app.sessions.begin() as session:
        articles.retire(session, id="brief", locale="ko", author="test")
    assert http.get("/help/brief?lang=ko").status_code == 404
