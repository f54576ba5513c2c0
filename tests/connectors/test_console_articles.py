"""The curators' side of the console: articles are written, published, retired and tried."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import fresh_database
from tests.connectors.browser import close_all, name, signed_in
from tests.connectors.conftest import App, running


@pytest.fixture(scope="module")
def app(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One gateway for all tests here: each brings its own people."""
    with (
        fresh_database(postgres) as url,
        running(url, tmp_path_factory.mktemp("gateway")) as made,
    ):
        yield made


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """No browser outlives its test."""
    yield
    close_all()


def article(**changes: Any) -> dict[str, Any]:
    return {
        "locale": "ko",
        "title": "선물 포장",
        "questions": "포장되나요?\n선물 포장 얼마예요?\n",
        "tags": "주문, 선물",
        "body": "**2,000원**이에요.",
        **changes,
    }


def test_the_life_of_an_article(app: App) -> None:
    curator = signed_in(app, name(), role="lead")
    id = f"gift-{uuid.uuid4().hex[:6]}"
    made = curator.post("/console/articles/new", **article(id=id))
    page = f"/console/articles/edit/{id}?locale=ko"
    assert (made.status_code, made.headers["location"]) == (303, page)
    assert curator.post("/console/articles/new", **article(id=id)).status_code == 409
    assert app.visitor().http.get(f"/help/{id}").status_code == 404
    edit = f"/console/articles/edit/{id}"
    saved = curator.post(
        edit, script=True, **article(revision=1, body="**3,000원**이에요.", do="publish")
    )
    assert saved.json()["fields"] == {"revision": "2"}
    assert "<strong>3,000원</strong>" in app.visitor().http.get(f"/help/{id}").text
    state = curator.parts(page)
    assert "게시됨" in state["article_state"] and "게시" in state["article_history"]
    assert id in curator.parts("/console/articles?state=published&q=선물")["articles"]
    curator.post(edit, **article(revision=2, body="아직 아무도 못 봐요"))
    assert "아직 아무도" not in app.visitor().http.get(f"/help/{id}").text
    assert curator.post(f"{edit}/retire", locale="ko").status_code == 303
    assert app.visitor().http.get(f"/help/{id}").status_code == 404


def test_who_saves_second_overwrites_nothing(app: App) -> None:
    first = name()
    one, two = signed_in(app, first, role="admin"), signed_in(app, name(), role="lead")
    id = f"gift-{uuid.uuid4().hex[:6]}"
    one.post("/console/articles/new", **article(id=id))
    edit = f"/console/articles/edit/{id}"
    assert one.post(edit, **article(revision=1, title="먼저")).status_code == 303
    late = two.post(edit, script=True, **article(revision=1, title="나중"))
    assert late.status_code == 409
    assert first in late.json()["detail"] and late.json()["current_revision"] == 2
    assert 'value="먼저"' in two.get(f"{edit}?locale=ko").text
    page = two.post(edit, **article(revision=1, title="나중"))
    assert page.status_code == 409 and first in page.text and f"{edit}?locale=ko" in page.text


def test_agents_read_articles_and_change_none(app: App) -> None:
    curator, agent = signed_in(app, name(), role="lead"), signed_in(app, name())
    id = f"gift-{uuid.uuid4().hex[:6]}"
    curator.post("/console/articles/new", **article(id=id))
    edit = f"/console/articles/edit/{id}"
    page = agent.get(f"{edit}?locale=ko")
    assert page.status_code == 200 and "fieldset disabled" in page.text
    for path, fields in (
        ("/console/articles/new", article(id=id + "-b")),
        (edit, article(revision=1)),
        (f"{edit}/retire", {"locale": "ko"}),
    ):
        assert agent.post(path, script=True, **fields).status_code == 403
    preview = agent.post(
        "/console/articles/preview",
        script=True,
        title="<b>",
        body="# 안녕\n<script>x</script>\n[a](javascript:alert(1))",
    )
    assert preview.status_code == 200 and "안녕</h1>" in preview.text
    assert "<script" not in preview.text and 'href="javascript' not in preview.text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("id", "a/b", "아이디"),
        ("id", "", "아이디: 비어 있어요"),
        ("title", " ", "제목: 비어 있어요"),
        ("body", "가" * 100_001, "본문: 너무 길어요(최대 100,000자)"),
        ("tags", ",".join(f"t{n}" for n in range(31)), "태그: 너무 많아요(최대 30개)"),
        ("questions", "a\x00b", "고객이 묻는 말: 쓸 수 없는 글자가 있어요"),
    ],
)
def test_what_an_article_cannot_be(app: App, field: str, value: str, says: str) -> None:
    curator = signed_in(app, name(), role="lead")
    fields = {"id": f"x-{uuid.uuid4().hex[:6]}", **article(), field: value}
    answer = curator.post("/console/articles/new", script=True, **fields)
    assert answer.status_code == 422 and says in answer.json()["detail"]


def test_trying_a_question(app: App) -> None:
    curator = signed_in(app, name(), role="lead")
    id = f"submarine-{uuid.uuid4().hex[:6]}"
    curator.post(
        "/console/articles/new",
        **article(
            id=id,
            title="잠수함 대여 안내",
            questions="잠수함 빌릴 수 있나요?\n잠수함 대여료가 얼마예요?",
            body="잠수함은 하루 **9,000원**이에요.",
            do="publish",
        ),
    )
    page = signed_in(app, name()).get("/console/articles/try", params={"q": "잠수함 대여료 얼마?"})
    assert page.status_code == 200
    assert "이 문서로 답해요" in page.text and "9,000원" in page.text and id in page.text
