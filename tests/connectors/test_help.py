"""The public help centre: what is published, safely, in the language that was asked for."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from knowledge_base import articles
from tests.conftest import fresh_database
from tests.connectors.conftest import App, running
from ticketing.db import Sessions


def publish(sessions: Sessions, id: str, locale: str = "ko", **content: object) -> None:
    """An article that customers see."""
    given = {"title": id, "questions": [], "body": id, "tags": [], **content}
    with sessions.begin() as session:
        articles.create(session, id=id, locale=locale, author="test", **given)  # type: ignore[arg-type]
        articles.publish(session, id=id, locale=locale, author="test")


@pytest.fixture(scope="module")
def app(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A shop with a few articles."""
    with (
        fresh_database(postgres) as url,
        running(url, tmp_path_factory.mktemp("gateway")) as made,
    ):
        publish(
            made.sessions,
            "refund-when",
            title="환불 처리 기간",
            questions=["환불은 언제 되나요?"],
            body="**3~5일** 걸려요.\n\n<script>alert(1)</script>\n\n[x](javascript:alert(2))\n",
            tags=["환불", "기간"],
        )
        publish(
            made.sessions,
            "refund-when",
            "en",
            title="When you get your refund",
            questions=["How long does a refund take?"],
            body="Cards take 3 to 5 days.",
            tags=["refunds"],
        )
        publish(made.sessions, "refund-method", title="환불 수단", body="카드로요.", tags=["환불"])
        publish(made.sessions, "what?", title="물음표", body="주소에 물음표가 있어요.")
        with made.sessions.begin() as session:
            articles.create(
                session, id="secret", locale="ko", title="비밀 초안", body="쉿", author="test"
            )
            articles.update(
                session, id="refund-method", locale="ko", title="고치는 중", author="test"
            )
        yield made


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


def test_a_question_too_long_is_refused(http: httpx.Client) -> None:
    assert http.get("/help", params={"q": "x" * 201}).status_code == 422
