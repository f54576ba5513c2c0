"""Curators in front of a real browser: what they write, try, and hand to each other."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from knowledge_base import articles, gaps, pictures, regressions, reviews
from knowledge_base.models import GapQuestion
from tests.conftest import fresh_database
from tests.connectors.browser import enter, name, signed_in
from tests.connectors.conftest import App, running
from tests.files import png
from tests.pages import Window


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """One gateway for all tests here: each brings its own people and articles."""
    return gateway


@pytest.fixture
def desk(app: App, window: Window) -> Page:
    """A lead in front of the console."""
    page = window(1280, 800)
    page.set_default_navigation_timeout(60_000)  # the first question of a process loads much
    enter(app, page, "lead")
    return page


def written(app: App, title: str, *, publish: bool = False, body: str = "2,000원이에요.") -> str:
    """A new article in Korean; its id."""
    id = f"curated-{uuid.uuid4().hex[:8]}"
    with app.sessions.begin() as session:
        articles.create(session, id=id, locale="ko", title=title, body=body, author="지수")
        if publish:
            articles.publish(session, id=id, locale="ko", author="지수")
    return id


def test_what_was_saved_since_the_page_was_opened_is_sent_back(app: App, desk: Page) -> None:
    id = written(app, "선물 포장")
    desk.goto(f"{app.url}/console/articles/edit/{id}?locale=ko")
    desk.locator("#title").fill("선물 포장 요금")
    desk.get_by_role("button", name="검토 요청").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("선물 포장 요금")
    desk.get_by_role("button", name="돌려보내기").first.click()
    desk.locator("#note").fill("금액은요?")
    desk.locator("#send-back").get_by_role("button", name="돌려보내기").click()
    expect(desk.locator(".asks.warn")).to_contain_text("금액은요?")

    # So is what a colleague saved while the lead has the page open.
    with app.sessions.begin() as session:
        articles.update(session, id=id, locale="ko", body="3,000원이에요.", author="지수")
        reviews.ask(session, id=id, locale="ko", author="지수")
    desk.evaluate("refresh()")
    expect(desk.locator("#body")).to_have_value("3,000원이에요.")
    desk.get_by_role("button", name="돌려보내기").first.click()
    expect(desk.locator("#note")).to_have_value("")
    desk.locator("#note").fill("부가세 포함인가요?")
    desk.locator("#send-back").get_by_role("button", name="돌려보내기").click()
    expect(desk.locator(".asks.warn")).to_contain_text("부가세 포함인가요?")


def test_who_approves_sees_all_that_changes_for_customers(app: App, desk: Page) -> None:
    id = written(app, "리본 포장", publish=True, body="2,000원이에요.\n\n색은 고를 수 없어요.")
    see = desk.get_by_role("link", name="게시된 글과 비교")
    desk.goto(f"{app.url}/console/articles/edit/{id}?locale=ko")
    expect(see).to_have_count(0)
    with app.sessions.begin() as session:
        for body in (
            "3,000원이에요.\n\n색은 고를 수 없어요.",
            "3,000원이에요.\n\n세 가지 색이 있어요.",
        ):
            articles.update(session, id=id, locale="ko", body=body, author="하늘")
        reviews.ask(session, id=id, locale="ko", author="하늘")
    desk.reload()
    see.click()
    compared = desk.locator(".compared")
    expect(compared.locator("ins").first).to_contain_text("3")
    expect(compared.locator("ins").last).to_contain_text("있어요")


def test_only_the_button_publishes_what_saved_questions_lose_by(app: App, desk: Page) -> None:
    id, question = written(app, "카약 강습 예약", publish=True), "카약 강습 예약"
    with app.sessions.begin() as session:
        regressions.save(session, question=question, locale="ko", article=id, author="지수")
    desk.goto(f"{app.url}/console/articles/edit/{id}?locale=ko")
    desk.locator("#title").fill("펜션 소개")
    publish = desk.get_by_role("button", name="저장하고 게시")
    publish.click()
    shown = desk.locator(".editor .conflict")
    # The first question of a process waits until everything is loaded.
    expect(shown).to_contain_text("점검 질문 1개의 답이 나빠져요", timeout=60_000)
    # Whoever goes on typing has not decided: neither the Enter key nor the same button publishes.
    desk.locator("#tags").fill("펜션")
    with desk.expect_response(lambda one: one.request.method == "POST" and "/edit/" in one.url):
        publish.click()
    expect(desk.locator("form[data-preview]")).not_to_have_attribute("aria-busy", "true")
    expect(shown.get_by_role("button", name="그래도 게시")).to_be_visible()
    desk.locator("#tags").press("Enter")
    expect(desk.locator("#toast")).to_have_text("초안을 저장했어요(개정 2).")
    with app.sessions() as session:
        assert articles.get(session, id=id, locale="ko").published_revision == 1

    desk.get_by_role("button", name="내리기").first.click()
    desk.locator("#retire").get_by_role("button", name="내리기", exact=True).click()
    expect(desk.locator("#retire")).to_contain_text("내리면 점검 질문 1개의 답이 나빠져요")
    desk.locator("#retire").get_by_role("button", name="그래도 내리기").click()
    expect(desk.locator(".state")).to_have_text("내림")


def test_a_question_that_came_along_is_not_saved_yet(app: App, desk: Page) -> None:
    id = written(app, "반려 거북이 동반")
    desk.goto(f"{app.url}/console/articles/edit/{id}?locale=ko&ask=거북이도 되나요?")
    expect(desk.locator("#questions")).to_have_value("거북이도 되나요?")
    expect(desk.locator(".unsaved")).to_be_visible()
    # What a colleague saves meanwhile does not take its place.
    with app.sessions.begin() as session:
        articles.update(session, id=id, locale="ko", body="3,000원이에요.", author="지수")
    desk.evaluate("refresh()")
    expect(desk.locator(".editor .wrong")).to_contain_text("지수 님이 그사이 저장했어요")
    expect(desk.locator("#questions")).to_have_value("거북이도 되나요?")

    desk.goto(f"{app.url}/console/articles/edit/{id}?locale=ko&ask=거북이도 되나요?")
    desk.get_by_role("button", name="초안 저장").click()
    expect(desk.locator(".unsaved")).to_be_hidden()
    expect(desk.locator("#asked")).to_have_count(0)
    desk.reload()
    expect(desk.locator(".unsaved")).to_be_hidden()


def test_from_a_question_nobody_answers_to_an_article(app: App, desk: Page) -> None:
    app.rasa.mode = "unknown"
    desk.goto(f"{app.url}/console/articles/try?q=잠수교에서 낚시해도 되나요?")
    expect(desk.locator(".outcome")).to_have_text("모른다고 말하고 상담원을 권해요")
    desk.get_by_role("link", name="이 질문으로 새 문서 쓰기").click()
    expect(desk.locator("#questions")).to_have_value("잠수교에서 낚시해도 되나요?")
    desk.locator("#title").fill("낚시")
    desk.locator("#body").fill("안 돼요.")
    desk.get_by_role("button", name="초안 저장").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("낚시")
    expect(desk.locator("#questions")).to_have_value("잠수교에서 낚시해도 되나요?")


def test_an_article_that_is_there_gets_all_questions_of_a_gap(app: App, desk: Page) -> None:
    id = written(app, "잠수함 승선", body="여권을 가져오세요.", publish=True)
    texts = (
        *("잠수함 승선할 때 여권 가져가나요?", "잠수함 승선할 때 여권 가져가야 하나요?"),
        "잠수함 승선할 때 여권 가져가나요? 010-1234-5678",
    )
    at = dt.datetime.now(dt.UTC)
    rows = [gaps.Asked(uuid.uuid4().hex, "unknown", one, uuid.uuid4(), at, line=1) for one in texts]
    gaps.prepare(rows)
    with app.sessions.begin() as session:
        gaps.sort_in(session, rows)
        (gap,) = session.scalars(
            select(GapQuestion.gap_id).where(GapQuestion.text.in_(texts)).distinct()
        )
    app.rasa.mode = "unknown"
    desk.goto(f"{app.url}/console/gaps/{gap}")
    desk.get_by_role("link", name="물어보기").last.click()
    desk.get_by_role("link", name="이 문서에 빈틈의 질문 2개 더하기").first.click()
    expect(desk.locator("#asked")).to_contain_text("질문 2개를 더해 두었어요.")
    expect(desk.locator("#questions")).to_have_value("\n".join(sorted(texts[:2])))
    with desk.expect_response(lambda one: one.request.method == "POST" and "/edit/" in one.url):
        desk.get_by_role("button", name="저장하고 게시").click()
    expect(desk.locator(".unsaved")).to_be_hidden()
    with app.sessions() as session:
        assert gaps.get(session, gap).article_id == id


def test_what_is_tried_is_called_what_the_customer_gets(app: App, desk: Page) -> None:
    for mode, called in (
        ("hand_off", "상담원에게 연결해요"),
        ("echo", "문서 없이 스스로 말해요"),
        ("unknown", "모른다고 말하고 상담원을 권해요"),
    ):
        app.rasa.mode = mode
        desk.goto(f"{app.url}/console/articles/try?q=사람 바꿔 주세요")
        expect(desk.locator(".outcome")).to_have_text(called)


def test_a_list_is_gone_back_to_as_it_was_left(app: App, desk: Page) -> None:
    title = f"목록 {uuid.uuid4().hex[:8]}"
    written(app, title)
    # Of two drafts the one that is searched for: with a single one the list would look as if it
    # had been searched before it was.
    written(app, f"다른 {uuid.uuid4().hex[:8]}")
    desk.goto(f"{app.url}/console/articles?state=draft&order=recent")
    desk.locator("#q").fill(title)
    desk.locator("#q").press("Enter")
    expect(desk.locator(".shelf .row")).to_have_count(1)
    desk.locator(".shelf .cover").click()
    desk.locator("#body").fill("3,000원이에요.")
    desk.get_by_role("button", name="초안 저장").click()
    expect(desk.locator(".unsaved")).to_be_hidden()
    desk.locator("a.back").click()
    expect(desk.locator("#q")).to_have_value(title)
    expect(desk.locator("#state")).to_have_value("draft")
    expect(desk.locator(".picks [aria-current]")).to_have_text("최근에 고친 순")


def test_an_address_that_is_pasted_is_the_links(app: App, desk: Page) -> None:
    desk.goto(f"{app.url}/console/articles/new")
    body, link = desk.locator("#body"), desk.get_by_role("button", name="링크")
    link.click()
    desk.keyboard.insert_text("https://shop.example/fee")
    expect(body).to_have_value("[링크](https://shop.example/fee)")
    body.fill("https://shop.example/fee")
    body.select_text()
    link.click()
    desk.keyboard.insert_text("배송비")
    expect(body).to_have_value("[배송비](https://shop.example/fee)")


def test_who_translates_has_the_other_language_beside_it(app: App, desk: Page) -> None:
    id = written(app, "리본 색", body="빨간색만 있어요.", publish=True)
    beside, preview = desk.locator("#tab-beside"), desk.locator("#tab-preview")
    desk.goto(f"{app.url}/console/articles/new?id={id}&locale=en")
    expect(beside).to_contain_text("빨간색만 있어요.")
    expect(beside).to_be_visible()
    expect(preview).to_be_hidden()
    desk.get_by_role("tab", name="미리보기").click()
    expect(preview).to_be_visible()
    with app.sessions.begin() as session:
        said = {"title": "Ribbons", "body": "Red only."}
        articles.create(session, id=id, locale="en", author="지수", **said)
    desk.goto(f"{app.url}/console/articles/edit/{id}?locale=en")
    expect(beside).to_be_hidden()
    with app.sessions.begin() as session:
        articles.update(session, id=id, locale="ko", body="파란색도 있어요.", author="지수")
        articles.publish(session, id=id, locale="ko", author="지수")
    desk.reload()
    expect(beside).to_contain_text("파란색도 있어요.")
    expect(beside).to_be_visible()


def test_a_draft_that_nobody_has_seen_is_thrown_away(app: App, desk: Page) -> None:
    id, seen = written(app, "잘못 만든 초안"), written(app, "게시한 글", publish=True)
    discard = desk.get_by_role("button", name="초안 버리기")
    desk.goto(f"{app.url}/console/articles/edit/{seen}?locale=ko")
    expect(desk.locator(".state")).to_have_text("게시됨")
    expect(discard).to_have_count(0)

    desk.goto(f"{app.url}/console/articles/edit/{id}?locale=ko")
    desk.locator("#body").fill("쓰다 만 글")
    discard.click()
    desk.locator("#discard").get_by_role("button", name="취소").click()
    expect(desk.locator("#discard")).to_be_hidden()
    discard.click()
    # Without being asked once more whether what was typed may be lost.
    desk.locator("#discard").get_by_role("button", name="초안 버리기").click()
    desk.wait_for_url(f"{app.url}/console/articles")
    expect(desk.locator("#toast")).to_have_text("초안을 버렸어요.")
    with app.sessions() as session:
        assert not articles.versions(session, id=id)


def test_a_picture_that_is_not_taken_says_why_and_the_others_come(app: App, desk: Page) -> None:
    desk.goto(f"{app.url}/console/articles/new")
    large, said = b"\x89PNG" + b"0" * pictures.LIMIT, desk.locator("#toast")
    chooser = desk.locator(".tools [type=file]")
    chooser.set_input_files([{"name": "큰.png", "mimeType": "image/png", "buffer": large}])
    expect(said).to_have_text("그림이 너무 커요. 10 MiB까지 올릴 수 있어요.")
    drawn, photo = (
        {"name": "그림.png", "mimeType": "image/png", "buffer": b"<svg/>"},
        {"name": "사진.png", "mimeType": "image/png", "buffer": png()},
    )
    chooser.set_input_files([drawn])
    expect(said).to_have_text("그림을 올리지 못했어요: PNG, JPEG, GIF, WebP 그림이 아니에요")
    chooser.set_input_files([drawn, photo])
    expect(desk.locator("#body")).to_have_value(re.compile(r"!\[사진\]"))
    expect(said).to_have_class("bad show")
    expect(desk.locator("#preview img")).to_be_visible()


def test_a_file_that_is_dropped_or_a_cell_that_is_pasted(app: App, desk: Page) -> None:
    desk.goto(f"{app.url}/console/articles/new")
    given = """([event, kind, more]) => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "견적." + kind.split("/")[1], { type: kind }));
      if (more) data.setData("text/plain", more);
      const made = event === "paste" ? { clipboardData: data } : { dataTransfer: data };
      const Kind = event === "paste" ? ClipboardEvent : DragEvent;
      const sent = new Kind(event, { bubbles: true, cancelable: true, ...made });
      return !document.querySelector("#body").dispatchEvent(sent);
    }"""
    assert desk.evaluate(given, ["drop", "application/pdf", ""]), "the page would be left for it"
    expect(desk.locator("#toast")).to_contain_text("그림을 올리지 못했어요")
    assert desk.evaluate(given, ["paste", "image/png", ""])
    assert not desk.evaluate(given, ["paste", "image/png", "3,000원"]), "its words are pasted"


def test_a_question_in_a_language_that_an_article_lacks_begins_it(app: App, desk: Page) -> None:
    app.rasa.mode = "unknown"
    id = written(app, "Zeppelin 비행선 대여", publish=True)
    desk.goto(f"{app.url}/console/articles/try?q=Can I rent a zeppelin?")
    reason = desk.locator(".reasons li", has_text=id)
    reason.get_by_role("link", name="이 질문으로 영어 글 쓰기").click()
    expect(desk.locator("#questions")).to_have_value("Can I rent a zeppelin?")
    expect(desk.locator(".head .langs [aria-current]")).to_have_text("영어")
    desk.locator("#title").fill("Renting a zeppelin")
    desk.locator("#body").fill("You can.")
    desk.get_by_role("button", name="초안 저장").click()
    expect(desk.locator(".state")).to_have_text("초안")
    # Once it is there it is opened, and not begun once more to be refused in the end.
    desk.goto(f"{app.url}/console/articles/new?id={id}&locale=en&ask=What is the rent?")
    expect(desk.locator("#title")).to_have_value("Renting a zeppelin")
    expect(desk.locator("#questions")).to_have_value("Can I rent a zeppelin?\nWhat is the rent?")


def test_who_may_publish_finds_everything_loaded(postgres: str, tmp_path: Path) -> None:
    """What asks the saved questions begins to load when an article is opened, not when it is
    published; an agent who only reads does without."""

    def loading() -> int:
        return sum(one.name.startswith("knowledge_") for one in threading.enumerate())

    with fresh_database(postgres) as url, running(url, tmp_path) as app:
        id, before = written(app, "선물 포장"), loading()
        agent, lead = signed_in(app, name()), signed_in(app, name(), role="lead")
        assert agent.get(f"/console/articles/edit/{id}").status_code == 200
        assert loading() == before
        assert lead.get(f"/console/articles/edit/{id}").status_code == 200
        assert loading() == before + 1


def test_going_back_from_a_new_article_begins_no_second_one(app: App, desk: Page) -> None:
    desk.goto(f"{app.url}/console/articles")
    desk.goto(f"{app.url}/console/articles/new")
    desk.locator("#title").fill("뒤로 가기")
    desk.locator("#body").fill("본문")
    desk.get_by_role("button", name="초안 저장").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("뒤로 가기")
    expect(desk.locator("#toast")).to_have_text("초안을 저장했어요(개정 1).")
    desk.go_back()
    expect(desk).to_have_url(f"{app.url}/console/articles")


def test_what_a_colleague_saves_is_seen_at_once(app: App, desk: Page, window: Window) -> None:
    id, theirs = written(app, "선물 포장"), window(1280, 800)
    enter(app, theirs, "lead")
    for page in (desk, theirs):
        with page.expect_response("**/console/stream?*"):
            page.goto(f"{app.url}/console/articles/edit/{id}?locale=ko")
    desk.locator("#title").fill("선물 포장 요금")
    desk.get_by_role("button", name="검토 요청").click()
    expect(theirs.locator("#title")).to_have_value("선물 포장 요금")
    theirs.locator("#body").fill("쓰는 중")
    desk.get_by_role("button", name="승인하고 게시").click()
    expect(theirs.locator(".state")).to_have_text("게시됨")
    desk.locator("#body").fill("3,000원이에요.")
    desk.get_by_role("button", name="초안 저장").click()
    expect(theirs.locator(".editor .wrong")).to_contain_text("그사이 저장했어요(개정 3)")
    expect(theirs.locator("#body")).to_have_value("쓰는 중")


def test_a_saved_question_is_asked_for_before_it_goes(app: App, desk: Page) -> None:
    id, question = written(app, "수상 스키 강습", publish=True), "수상 스키는 어디서 배워요?"
    with app.sessions.begin() as session:
        kept = regressions.save(session, question=question, locale="ko", article=id, author="지수")
        row = desk.locator(f"#saved-{kept.id}")
    desk.goto(f"{app.url}/console/saved")
    ask = row.get_by_role("button", name="지우기")
    sure = desk.locator(f"#saved-remove-{kept.id}")
    for width in (1280, 390):
        desk.set_viewport_size({"width": width, "height": 800})
        ask.click()
        expect(sure).to_contain_text(question)
        expect(sure).to_contain_text("더는 확인하지 않아요")
        desk.evaluate("refresh()")  # whatever happens at the desk meanwhile
        expect(sure).to_be_visible()
        desk.screenshot(path=f"tests/output/saved-remove-{width}.png")
        assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sure.get_by_role("button", name="취소").click()
        expect(sure).to_be_hidden()
    with app.sessions() as session:
        assert question in [one.question for one in regressions.listing(session)]
    ask.click()
    sure.get_by_role("button", name="지우기").click()
    expect(desk.locator("#toast")).to_have_text("지웠어요.")
    expect(row).to_have_count(0)


def test_before_an_article_is_retired_it_is_said_what_leads_there(app: App, desk: Page) -> None:
    id = written(app, "등산화 수선", publish=True)
    title = f"수선 안내 {uuid.uuid4().hex[:8]}"
    written(app, title, publish=True, body=f"[자세히](/help/{id})")
    desk.goto(f"{app.url}/console/articles/edit/{id}?locale=ko")
    desk.get_by_role("button", name="내리기").first.click()
    asked = desk.locator("#retire")
    asked.get_by_role("button", name="내리기", exact=True).click()
    expect(asked.locator(".conflict h2")).to_have_text(
        "다른 문서 1개에 이 문서로 가는 링크가 있어요."
    )
    expect(asked.get_by_role("link", name=title)).to_be_visible()
    # One button decides, until it is asked for anew.
    expect(asked.get_by_role("button", name="내리기", exact=True)).to_be_hidden()
    asked.get_by_role("button", name="취소").click()
    desk.get_by_role("button", name="내리기").first.click()
    asked.get_by_role("button", name="내리기", exact=True).click()
    expect(desk.locator(".state")).to_have_text("게시됨")
    asked.get_by_role("button", name="그래도 내리기").click()
    expect(desk.locator(".state")).to_have_text("내림")
