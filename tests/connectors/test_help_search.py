"""The help centre's search: slips, sentences in one word, and the other language."""

from __future__ import annotations

import re

import httpx
import pytest

from connectors.web import help
from tests.connectors.conftest import App
from tests.connectors.test_help import app, http, publish, results, until_loaded

__all__ = ["app", "http"]  # fixtures


@pytest.fixture(scope="module", autouse=True)
def words_alone_find_it(app: App) -> None:
    """What is found as long as nothing decides, see :func:`until_loaded`."""
    publish(
        app.sessions, "broken", title="파손된 상품", body="상품이 깨져 있어요? 사진을 보내세요."
    )


@pytest.mark.parametrize(
    ("lang", "typed", "says", "first"),
    [
        ("ko", "refund", "영어 도움말 1개 보기", "When you get your refund"),
        ("en", "수단", "Show what there is in Korean (1)", "환불 수단"),
    ],
)
def test_what_only_the_other_language_has_is_one_click_away(
    http: httpx.Client, lang: str, typed: str, says: str, first: str
) -> None:
    page = http.get("/help", params={"lang": lang, "q": typed}).text
    link = re.search(rf'<a href="([^"]+)">{re.escape(says)}</a>', page)
    assert link is not None
    assert f"<strong>{first}</strong>" in http.get(link[1].replace("&amp;", "&")).text
    assert says[:6] not in http.get("/help", params={"lang": lang, "q": "잠수함"}).text


@pytest.mark.parametrize(
    ("lang", "typed", "meant", "first"),
    [
        ("ko", "환뷸", "환불", "환불 처리 기간"),
        ("ko", "쑤단", "수단", "환불 수단"),
        ("en", "refnd", "refund", "When you get your refund"),
    ],
)
def test_a_slip_of_the_finger_finds_what_was_meant(
    http: httpx.Client, lang: str, typed: str, meant: str, first: str
) -> None:
    until_loaded(http)
    found = http.get(f"/help/suggest/{lang}", params={"q": typed}).json()["results"]
    assert first in [one["title"] for one in found]
    page = http.get("/help", params={"lang": lang, "q": typed}).text
    assert f"<strong>{first}</strong>" in page and f'name="q" type="search" value="{meant}"' in page


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ㅎㅂ", ["환불 처리 기간", "환불 수단"]),
        ("ㅎㅂㅅㄷ", ["환불 수단"]),
        ("ㅎㅂ ㅅㄷ", ["환불 수단"]),
        ("ㅎㅄㄷ", ["환불 수단"]),  # as keyboards put two consonants together
        ("ㅍㅅㄷ ", ["파손된 상품"]),
        ("ㅅㅍ", ["파손된 상품"]),
        ("ㅍㅌㅋ", []),
        ("ㅋㅋㅋ", []),
    ],
)
def test_initials_find_words_that_begin_so(
    http: httpx.Client, typed: str, found: list[str]
) -> None:
    until_loaded(http)
    suggested = http.get("/help/suggest/ko", params={"q": typed}).json()["results"]
    assert sorted(one["title"] for one in suggested) == sorted(found)
    assert sorted(re.findall("<strong>(.*?)</strong>", results(http, typed))) == sorted(found)


def test_one_word_that_nothing_holds_is_asked_of_the_bot(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    until_loaded(http)
    monkeypatch.setattr(help, "NEAR", 0.0)
    unfound = results(http, "잠수함")
    assert "찾지 못했어요" in unfound and "혹시 이런 도움말을 찾으셨나요?" in unfound


def test_a_question_written_as_one_word_is_a_question(app: App, http: httpx.Client) -> None:
    publish(app.sessions, "talk", title="상담하고 싶은데요", body="채팅으로 말씀하세요.")
    publish(
        app.sessions,
        "return",
        title="반품 신청",
        questions=["반품하려면 어떻게 하나요?", "반품하고 싶어요"],
        body="주문 내역에서 신청하세요.",
    )
    until_loaded(http)
    found = results(http, "반품하고싶은데요")
    assert found.index("<strong>반품 신청") == found.index("<strong>")


def test_a_few_latin_letters_are_looked_for_where_words_begin(app: App, http: httpx.Client) -> None:
    publish(app.sessions, "activate", "en", title="Activate a card", body="Sign in.")

    def found(typed: str) -> list[str]:
        answer = http.get("/help/suggest/en", params={"q": typed}).json()
        return [one["title"] for one in answer["results"]]

    assert found("vat") == [] and found("act") == found("tivate") == ["Activate a card"]
