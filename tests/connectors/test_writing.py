"""Whoever writes an article in a real browser: what they paste, and what they have not saved."""

from __future__ import annotations

import re
import uuid
from urllib.parse import quote

import httpx
from playwright.sync_api import Page, expect

from knowledge_base import articles
from tests.connectors.browser import PASSWORD, enter
from tests.connectors.conftest import App
from tests.connectors.test_curating import app, desk, written
from tests.pages import Window

__all__ = ["app", "desk"]  # fixtures


def test_what_is_pasted_keeps_its_layout_and_can_be_undone(app: App, desk: Page) -> None:
    body = (
        "먼저 **주문 번호**를 봐 주세요.\n\n## 순서\n\n1. 주문내역을 열어요\n2. 묶음을 골라요\n\n"
        "| 지역 | 요금 |\n|---|---|\n| 서울 | 3,000원 |"
    )
    id = written(app, "묶음 배송", publish=True, body=body)
    desk.goto(f"{app.url}/help/{id}?lang=ko")
    desk.locator(".prose").evaluate("one => getSelection().selectAllChildren(one)")
    desk.keyboard.press("Control+C")
    desk.goto(f"{app.url}/console/articles/new")
    field = desk.locator("#body")
    field.fill("안내예요.")
    field.press("Control+End")
    field.press("Control+V")
    expect(field).to_have_value(f"안내예요.\n\n{body}")
    field.press("Control+Z")
    expect(field).to_have_value(re.compile(r"^안내예요\.먼저 주문 번호를 봐 주세요\.\n"))
    field.press("Control+Z")
    expect(field).to_have_value("안내예요.")

    desk.get_by_role("button", name="표", exact=True).click()
    expect(field).to_have_value("안내예요.\n\n| 구분 | 내용 |\n| --- | --- |\n|  |  |\n|  |  |")
    expect(desk.locator("#preview th")).to_have_text(["구분", "내용"])
    field.press("Control+Z")
    expect(field).to_have_value("안내예요.")


def test_what_is_not_saved_outlives_a_reload_and_signing_in_again(app: App, desk: Page) -> None:
    id = written(app, "선물 포장", body="2,000원이에요.")
    page = f"{app.url}/console/articles/edit/{id}?locale=ko"
    desk.on("dialog", lambda asked: asked.accept())
    desk.goto(page)
    who = desk.locator(".side .me b, .side strong").first.inner_text()
    body, kept = desk.locator("#body"), desk.locator(".kept")
    expect(kept).to_be_hidden()
    body.fill("3,000원이에요.")
    desk.reload()
    expect(body).to_have_value("3,000원이에요.")
    expect(kept).to_contain_text("아직 저장하지 않은 글이 남아 있어서")
    expect(desk.locator("#preview")).to_contain_text("3,000원이에요.")
    expect(desk.locator(".unsaved")).to_be_visible()

    desk.context.clear_cookies()
    desk.reload()
    desk.locator("[name=name]").fill(who)
    desk.locator("[name=password]").fill(PASSWORD)
    desk.locator("form button").last.click()
    desk.wait_for_url(page)
    expect(body).to_have_value("3,000원이에요.")
    # It goes on from what it was begun with: nothing that was saved since is overwritten.
    with app.sessions.begin() as session:
        articles.update(session, id=id, locale="ko", body="2,500원이에요.", author="지수")
    desk.reload()
    desk.get_by_role("button", name="초안 저장").click()
    expect(desk.locator(".editor .conflict")).to_contain_text("지수 님이 먼저 저장했어요.")
    desk.get_by_role("button", name="이어서 고칠게요").click()
    desk.get_by_role("button", name="초안 저장").click()
    expect(desk.locator("#toast")).to_have_text("초안을 저장했어요(개정 3).")
    expect(kept).to_be_hidden()

    body.fill("잘못 썼어요.")
    desk.reload()
    desk.get_by_role("button", name="저장된 글로 되돌리기").click()
    expect(body).to_have_value("3,000원이에요.")
    expect(desk.locator(".unsaved")).to_be_hidden()
    expect(kept).to_be_hidden()
    desk.reload()
    expect(body).to_have_value("3,000원이에요.")
    expect(kept).to_be_hidden()


def test_a_draft_gets_another_address_and_what_is_not_saved_goes_along(
    app: App, desk: Page
) -> None:
    desk.on("dialog", lambda asked: asked.accept())
    id, other = (f"{one}-{uuid.uuid4().hex[:8]}" for one in ("초안", "배송비"))
    for one in (id, f"{other}-taken"):
        with app.sessions.begin() as session:
            articles.create(
                session, id=one, locale="ko", title="글", body="글이에요.", author="지수"
            )
    desk.goto(f"{app.url}/console/articles/edit/{quote(id)}?locale=ko")
    desk.locator("#body").fill("아직 저장하지 않은 글이에요.")
    desk.get_by_role("button", name="주소 바꾸기").click()
    moving = desk.locator("#move")
    expect(moving.locator("#to")).to_have_value(id)
    for wrong, said in ((f"{other}-taken", "이미 있어요"), ("배송 비", "글자, 숫자와")):
        moving.locator("#to").fill(wrong)
        moving.get_by_role("button", name="주소 바꾸기").click()
        expect(moving.locator(".wrong")).to_contain_text(said)
    moving.locator("#to").fill(f" {other} ")
    moving.get_by_role("button", name="주소 바꾸기").click()
    desk.wait_for_url(f"**/edit/{quote(other)}?locale=ko")
    expect(desk.locator("#toast")).to_have_text("주소를 바꿨어요.")
    expect(desk.locator("#body")).to_have_value("아직 저장하지 않은 글이에요.")
    desk.get_by_role("button", name="저장하고 게시").click()
    expect(desk.locator(".article-state")).to_contain_text("고객 화면에서 보기")
    expect(desk.get_by_role("button", name="주소 바꾸기")).to_have_count(0)


def test_whoever_has_the_address_that_a_draft_had_is_led_to_it(
    app: App, desk: Page, window: Window
) -> None:
    id, other = (f"{one}-{uuid.uuid4().hex[:8]}" for one in ("초안", "택배비"))
    with app.sessions.begin() as session:
        articles.create(session, id=id, locale="ko", title="글", body="글이에요.", author="지수")
    theirs = window(1280, 800)
    enter(app, theirs, "agent")
    with theirs.expect_response("**/console/stream?*"):
        theirs.goto(f"{app.url}/console/articles/edit/{quote(id)}?locale=ko")
    theirs.locator("#body").fill("3,000원이에요.")
    desk.goto(f"{app.url}/console/articles/edit/{quote(id)}?locale=ko")
    desk.get_by_role("button", name="주소 바꾸기").click()
    desk.locator("#move #to").fill(other)
    desk.locator("#move").get_by_role("button", name="주소 바꾸기").click()
    desk.wait_for_url(f"**/edit/{quote(other)}?locale=ko")
    # Who had it open writes on, and a link to it in Slack or elsewhere is as good as before.
    theirs.get_by_role("button", name="초안 저장").click()
    expect(theirs.locator("#toast")).to_contain_text("저장")
    theirs.goto(f"{app.url}/console/articles/edit/{quote(id)}?locale=ko&lang=ko")
    expect(theirs).to_have_url(f"{app.url}/console/articles/edit/{quote(other)}?locale=ko&lang=ko")
    expect(theirs.locator("#body")).to_have_value("3,000원이에요.")
    # What other articles say of it leads there once there is something to read.
    link = f"{app.url}/help/{quote(id)}?lang=ko"
    assert httpx.get(link).status_code == 404
    with app.sessions.begin() as session:
        articles.publish(session, id=other, locale="ko", author="지수")
    read = httpx.get(link, follow_redirects=True)
    assert str(read.url) == f"{app.url}/help/{quote(other)}?lang=ko"
    assert "3,000원이에요." in read.text


def test_a_new_article_outlives_a_reload_until_it_is_made(app: App, desk: Page) -> None:
    desk.on("dialog", lambda asked: asked.accept())
    desk.goto(f"{app.url}/console/articles/new")
    title = f"새 글 {uuid.uuid4().hex[:8]}"
    desk.locator("#title").fill(title)
    desk.locator("#body").fill("본문이에요.")
    desk.reload()
    expect(desk.locator("#title")).to_have_value(title)
    desk.get_by_role("button", name="초안 저장").click()
    desk.wait_for_url("**/edit/**")
    desk.goto(f"{app.url}/console/articles/new")
    expect(desk.locator("#title")).to_have_value("")
    expect(desk.locator(".kept")).to_be_hidden()
