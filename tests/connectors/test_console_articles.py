"""The curators' side of the console: articles are written, published, retired and tried."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any
from urllib.parse import unquote, urlencode

import httpx
import pytest

from connectors.web.console import article_list
from knowledge_base import articles as kb
from tests.connectors.browser import Browser, name, signed_in
from tests.connectors.conftest import App
from tests.files import png

PNG = png()


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """One gateway for all tests here: each brings its own people."""
    return gateway


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


def test_without_an_id_the_title_becomes_one(app: App) -> None:
    curator = signed_in(app, name(), role="lead")
    word = uuid.uuid4().hex[:6]
    places = [
        curator.post("/console/articles/new", **article(id=" ", title=f"선물 {word}!", do=do))
        for do in ("publish", "save")
    ]
    ids = [unquote(one.headers["location"]).split("/")[-1].split("?")[0] for one in places]
    assert ids[0] == f"선물-{word}" and ids[1].startswith(f"선물-{word}-")
    assert app.visitor().http.get(f"/help/{ids[0]}").status_code == 200


def test_who_saves_second_overwrites_nothing_and_sees_both(app: App) -> None:
    first = name()
    one, two = signed_in(app, first, role="admin"), signed_in(app, name(), role="lead")
    id = f"gift-{uuid.uuid4().hex[:6]}"
    one.post("/console/articles/new", **article(id=id))
    edit = f"/console/articles/edit/{id}"
    assert one.post(edit, **article(revision=1, title="먼저")).status_code == 303
    late = two.post(edit, script=True, **article(revision=1, title="나중"))
    assert late.status_code == 409
    assert first in late.json()["detail"] and late.json()["current_revision"] == 2
    assert "먼저</del>" in late.json()["html"] and "나중</ins>" in late.json()["html"]
    assert 'value="먼저"' in two.get(f"{edit}?locale=ko").text
    page = two.post(edit, **article(revision=1, title="나중"))  # a browser without our script
    assert page.status_code == 409 and first in page.text and f"{edit}?locale=ko" in page.text
    assert 'value="나중"' in page.text and 'name="revision" value="2"' in page.text
    assert two.post(edit, **article(revision=2, title="나중")).status_code == 303


def test_who_types_is_told_to_others_who_have_it_open(app: App) -> None:
    writer = name()
    one, two = signed_in(app, writer), signed_in(app, name())
    id = f"gift-{uuid.uuid4().hex[:6]}"
    one.post("/console/articles/new", **article(id=id))
    edit = f"/console/articles/edit/{id}"
    assert f"/console/stream?article={id}&amp;locale=ko" in two.get(f"{edit}?locale=ko").text
    stream = {"article": id, "locale": "ko"}
    with two.http.stream("GET", "/console/stream", params=stream) as news:
        lines = news.iter_lines()
        assert next(line for line in lines if line) == "retry: 2000"
        other = one.post(f"{edit}/editing", locale="en", tab="a1", script=True)
        told = one.post(f"{edit}/editing", locale="ko", tab="b2", script=True)
        assert (other.status_code, told.status_code) == (204, 204)
        assert next(line for line in lines if line == "event: editing")
        said = json.loads(next(lines).removeprefix("data: "))
    assert said == {"tab": "b2", "said": f"{writer} 님도 지금 이 글을 고치고 있어요."}
    wrong = one.post(f"{edit}/editing", locale="ko", tab="<b>", script=True)
    assert wrong.status_code == 422
    answer = one.post(f"{edit}/editing", locale="ko", tab="b2", csrf="0" * 64)
    assert answer.status_code == 403


def test_a_long_list_has_pages_and_its_count_is_of_all(app: App) -> None:
    curator = signed_in(app, name())
    word = f"쪽{uuid.uuid4().hex[:6]}"
    with app.sessions.begin() as session:
        for number in range(article_list.SHOWN + 1):
            kb.create(
                session, id=f"{word}-{number:03}", locale="ko", title=word, body="글", author="a"
            )
        kb.create(session, id=f"{word}-000", locale="en", title=word, body="x", author="a")

    def rows(page: int) -> str:
        found: str = curator.parts(f"/console/articles?q={word}&state=draft&page={page}")[
            "articles"
        ]
        return found

    first, last = rows(1), rows(2)
    assert (
        f"문서 {article_list.SHOWN + 1}개" in first and f"문서 {article_list.SHOWN + 1}개" in last
    )
    assert f'id="a-{word}-049"' in first and f'id="a-{word}-050"' not in first
    assert "영어" in first.partition(f'id="a-{word}-001"')[0], "both languages are one line"
    assert f'id="a-{word}-050"' in last and f'id="a-{word}-049"' not in last
    assert "2쪽 중 1쪽" in first and "page=2" in first and "state=draft" in first
    assert rows(99) == last


def test_everybody_writes_and_leads_approve(app: App) -> None:
    lead, agent = signed_in(app, name(), role="lead"), signed_in(app, name())
    id = f"gift-{uuid.uuid4().hex[:6]}"
    edit = f"/console/articles/edit/{id}"
    page = f"{edit}?locale=ko"
    assert agent.post("/console/articles/new", **article(id=id, do="publish")).status_code == 403
    assert agent.post("/console/articles/new", **article(id=id)).status_code == 303
    assert agent.post(edit, script=True, **article(revision=1, do="publish")).status_code == 403
    for path in ("publish", "return", "retire", "discard"):
        answer = agent.post(f"{edit}/{path}", script=True, locale="ko", revision=1)
        assert answer.status_code == 403, path
    asked = agent.post(edit, script=True, **article(revision=1, body="새 글", do="review"))
    assert asked.json()["said"] == "검토를 요청했어요."
    assert id in lead.parts("/console/articles?state=review")["articles"]
    waits = "검토를 기다려요"
    assert waits in lead.parts("/console/articles")["articles"]
    assert waits not in lead.parts("/console/articles?state=review")["articles"]
    assert waits not in agent.parts("/console/articles")["articles"], "they cannot approve it"
    state = lead.parts(page)["article_state"]
    assert "승인하고 게시" in state and "승인하고 게시" not in agent.parts(page)["article_state"]
    back = lead.post(f"{edit}/return", script=True, locale="ko", revision=2, note="금액은요?")
    assert back.status_code == 200 and "금액은요?" in agent.parts(page)["article_history"]
    assert "금액은요?" in agent.parts(page)["article_state"], "without looking into the history"
    agent.post(edit, **article(revision=2, body="2,000원이에요.", do="review"))
    assert "금액은요?" not in agent.parts(page)["article_state"]
    stale = lead.post(f"{edit}/publish", script=True, locale="ko", revision=2)
    assert stale.status_code == 409, "that is not what was looked at"
    assert "그사이 바뀌어서" in stale.json()["detail"]
    assert lead.post(f"{edit}/publish", script=True, locale="ko", revision=3).status_code == 200
    assert "2,000원이에요." in app.visitor().http.get(f"/help/{id}").text
    assert waits not in lead.parts("/console/articles")["articles"]


def test_who_asked_for_a_review_finds_what_was_sent_back(app: App) -> None:
    lead, agent = signed_in(app, name(), role="lead"), signed_in(app, name())
    id, other = (f"gift-{uuid.uuid4().hex[:6]}" for _ in range(2))
    edit, back = f"/console/articles/edit/{id}", "/console/articles?state=back"
    for one in (id, other):
        agent.post("/console/articles/new", **article(id=one, do="review"))
    lead.post(f"{edit}/return", script=True, locale="ko", revision=1, note="금액은요?")
    said = "검토를 요청한 문서 1개를 돌려받았어요"
    assert said in agent.parts("/console/articles")["articles"]
    assert said not in lead.parts("/console/articles")["articles"], "nobody sent them anything"
    listed = agent.parts(back)["articles"]
    assert f'id="a-{id}"' in listed and f'id="a-{other}"' not in listed and said not in listed
    assert "초안 · 돌려보냄" in agent.parts(f"/console/articles?q={id}")["articles"]
    agent.post(edit, **article(revision=1, body="2,000원이에요."))
    assert said not in agent.parts("/console/articles")["articles"]
    assert f'id="a-{id}"' not in agent.parts(back)["articles"]


def test_revisions_are_compared_and_come_back(app: App) -> None:
    curator = signed_in(app, name(), role="lead")
    id = f"gift-{uuid.uuid4().hex[:6]}"
    edit = f"/console/articles/edit/{id}"
    curator.post("/console/articles/new", **article(id=id))
    curator.post(edit, **article(revision=1, body="**3,000원**이에요.", tags="주문"))
    page = curator.get(f"{edit}/compare?locale=ko&before=1&after=2")
    assert page.status_code == 200 and "2</del>" in page.text and "3</ins>" in page.text
    assert curator.get(f"{edit}/compare?locale=ko&before=1&after=9").status_code == 404
    assert curator.post(f"{edit}/restore", locale="ko", to=1, on=1).status_code == 409
    assert curator.post(f"{edit}/restore", locale="ko", to=1, on=2).status_code == 303
    assert "**2,000원**이에요." in curator.get(f"{edit}?locale=ko").text


def test_a_language_that_fell_behind_is_marked(app: App) -> None:
    curator = signed_in(app, name(), role="lead")
    id = f"gift-{uuid.uuid4().hex[:6]}"
    edit = f"/console/articles/edit/{id}"
    curator.post("/console/articles/new", **article(id=id))
    curator.post("/console/articles/new", **article(id=id, locale="en", title="Wrapping"))
    curator.post(edit, **article(revision=1, body="**3,000원**이에요."))
    assert "오래됨" in curator.parts(f"/console/articles?q={id}")["articles"]
    behind = curator.parts(f"{edit}?locale=en")["article_state"]
    assert "바뀐 뒤로" in behind and f"{edit}/compare?locale=ko&amp;before=1&amp;after=2" in behind
    curator.post(edit, **article(revision=2, body="**4,000원**이에요."))
    behind = curator.parts(f"{edit}?locale=en")["article_state"]
    assert "before=1&amp;after=3" in behind, "all that changed since"
    assert "바뀐 뒤로" not in curator.parts(f"{edit}?locale=ko")["article_state"]
    assert curator.post(f"{edit}/current", locale="en").status_code == 303
    assert "오래됨" not in curator.parts(f"/console/articles?q={id}")["articles"]


def test_what_is_to_be_done_is_found_and_the_last_change_comes_first(app: App) -> None:
    curator, mark = signed_in(app, name(), role="lead"), f"문서{uuid.uuid4().hex[:6]}"
    ids = [f"list-{mark[2:]}-{n}" for n in (1, 2)]
    for id in ids:
        curator.post("/console/articles/new", **article(id=id, title=mark, do="publish"))
    curator.post("/console/articles/new", **article(id=ids[0], locale="en", title=mark))

    def listed(**asked: str) -> list[str]:
        page = curator.parts(f"/console/articles?{urlencode({'q': mark, **asked})}")["articles"]
        return re.findall(r'id="a-(list[^"]+)"', page)

    assert (listed(), listed(order="recent")) == (ids, ids), "its English was written last"
    assert (listed(state="changed"), listed(state="outdated")) == ([], [])
    changed = article(title=mark, body="**3,000원**이에요.")
    curator.post(f"/console/articles/edit/{ids[1]}", revision=1, **changed)
    assert (listed(), listed(order="recent")) == (ids, ids[::-1])
    assert (listed(state="changed"), listed(state="outdated")) == ([ids[1]], [])
    curator.post(f"/console/articles/edit/{ids[0]}", revision=1, do="publish", **changed)
    assert (listed(state="changed"), listed(state="outdated")) == ([ids[1]], [ids[0]])
    assert listed(order="recent") == ids
    empty = curator.parts("/console/articles?q=없는문서없는문서")["articles"]
    assert 'href="/console/articles"' in empty, "a way back to all of them"


def send_picture(
    browser: Browser, content: bytes, name: str = "화면 [1].png", **fields: str
) -> Any:
    return browser.http.post(
        "/console/articles/pictures",
        data={"csrf": browser.csrf(), **fields},
        files={"file": (name, content)},
        headers={"X-Console": "1"},
    )


def test_pictures_are_checked_by_their_content_and_served_safely(app: App) -> None:
    agent = signed_in(app, name())
    sent = send_picture(agent, PNG)
    assert sent.status_code == 200, sent.text
    made = sent.json()
    assert made["markdown"] == f"![화면  1]({made['address']})"
    assert send_picture(agent, PNG, "다른 이름.png").json()["address"] == made["address"]
    got = app.visitor().http.get(made["address"])
    assert (got.content, got.headers["content-type"]) == (PNG, "image/png")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    again = httpx.get(app.url + made["address"], headers={"If-None-Match": got.headers["etag"]})
    assert again.status_code == 304
    for content, called in (
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.png"),
        (b"<html><script>alert(1)</script>", "a.gif"),
        (b"%PDF-1.7", "a.pdf"),
        (b"", "a.png"),
    ):
        assert send_picture(agent, content, called).status_code == 422, called
    assert send_picture(agent, PNG, csrf="0" * 64).status_code == 403
    assert (
        httpx.post(f"{app.url}/console/articles/pictures", files={"file": PNG}).status_code == 303
    )
    assert app.visitor().http.get(f"/help/pictures/{uuid.uuid4()}").status_code == 404
    assert app.visitor().http.get("/help/pictures/x").status_code == 404


def test_a_preview_runs_nothing(app: App) -> None:
    preview = signed_in(app, name()).post(
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
    assert "이 문서로 답해요" in page.text and "잠수함 대여 안내" in page.text and id in page.text
    assert "이렇게 알아듣고" not in page.text
    around = "왜 몇 번을 전화해도 안 받으시나요? 잠수함 대여료가 얼마예요?"
    page = signed_in(app, name()).get("/console/articles/try", params={"q": around})
    assert "이 문서로 답해요" in page.text
    assert "이렇게 알아듣고 찾았어요: <q>잠수함 대여료가 얼마예요?</q>" in page.text
    keyed = "wkatngka eodufy djfakdPdy"  # on an English keyboard
    page = signed_in(app, name()).get("/console/articles/try", params={"q": keyed})
    assert "이 문서로 답해요" in page.text and "<q>잠수함 대여료 얼마예요</q>" in page.text
    assert "이 질문으로 영어 글 쓰기" not in page.text
