"""Files that an agent sends from the console: to the customer's chat, and the Slack thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests import files
from tests.connectors.browser import PASSWORD, link_for, signed_in
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import escalate
from tests.connectors.slack.test_commands import code_of
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE, shown
from tests.pages import OUTPUT, Window
from ticketing import attachments

MAP = files.png(240, 180, 60)


def test_an_agent_sends_files_from_the_console(
    app: App, slack: FakeSlack, window: Window, tmp_path: Path
) -> None:
    customer, card = escalate(app, slack, "어디로 가면 되나요?")
    code = code_of(app, customer)
    desk = window(1280, 800)
    desk.goto(app.url + link_for(app, "콘솔 상담원"))
    for field in ("password", "again"):
        desk.locator(f"[name={field}]").fill(PASSWORD)
    desk.locator("form button").last.click()
    desk.goto(f"{app.url}/console/tickets/{code}")
    paths = [tmp_path / "약도.png", tmp_path / "오시는 길.txt", tmp_path / "틀린 것.exe"]
    for path, content in zip(
        paths, (MAP, "지하철 2번 출구".encode(), b"MZ\x90\x00" * 99), strict=True
    ):
        path.write_bytes(content)
    # Chosen one after the other; what is not accepted is said, and nothing is lost by it.
    for chosen in (paths[:1], paths[1:]):
        with desk.expect_file_chooser() as chooser:
            desk.locator("[name=files]").click()
        chooser.value.set_files(chosen)
    expect(desk.locator(".chosen li")).to_have_count(3)
    desk.locator("#text").fill("여기로 오시면 돼요")
    desk.locator("button.for-reply").click()
    expect(desk.locator(".composer .wrong")).to_contain_text("받을 수 없는 형식")
    desk.locator(".chosen button").last.click()
    expect(desk.locator(".chosen li")).to_have_count(2)
    OUTPUT.mkdir(exist_ok=True)
    desk.screenshot(path=OUTPUT / "console-files-1280.png")
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.screenshot(path=OUTPUT / "console-files-390.png")
    desk.locator("button.for-reply").click()
    line = desk.locator(".msg.agent").last
    expect(line.locator(".picture img")).to_be_visible()
    expect(line.locator(".attached b")).to_have_text("오시는 길.txt")
    expect(desk.locator(".chosen")).to_be_hidden()
    desk.screenshot(path=OUTPUT / "console-files-sent-390.png")
    desk.set_viewport_size({"width": 1280, "height": 800})
    desk.screenshot(path=OUTPUT / "console-files-sent-1280.png")

    got = customer.until(by("agent"))
    assert got["text"] == "여기로 오시면 돼요"
    names = [one["name"] for one in got["attachments"]]
    assert names == ["약도.png", "오시는 길.txt"]
    first = customer.http.get(f"/chat/files/{got['attachments'][0]['id']}")
    assert (first.status_code, first.content) == (200, MAP)
    slack.until(lambda: len(slack.files.stored) == 2)
    slack.until(lambda: len(posts(slack, card)) >= 3)
    said = posts(slack, card)
    assert said.index("상담원 Agent · 콘솔 상담원\n여기로 오시면 돼요") < len(said) - 2
    assert said[-2:] == [
        "상담원 Agent · 콘솔 상담원 📎 약도.png",
        "상담원 Agent · 콘솔 상담원 📎 오시는 길.txt",
    ]


def posts(slack: FakeSlack, card: str) -> list[str]:
    """The lines of a thread with words, and the comments of files with their names."""
    found = []
    for one in slack.messages[QUEUE]:
        if one.get("thread_ts") != card:
            continue
        if one.get("files"):
            found.append(f"{one['text']} 📎 {one['files'][0]['title']}")
        elif one.get("blocks"):
            found.append(shown(one))
    return found


def test_what_the_console_sends_is_checked_and_kept_once(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    code = code_of(app, customer)
    agent = signed_in(app, "콘솔 상담원")
    page = f"/console/tickets/{code}"
    fields = {"csrf": agent.csrf(page), "mode": "reply", "key": "k1", "text": ""}

    def send(*chosen: tuple[str, bytes], **more: str) -> Any:
        parts = [("files", one) for one in chosen]
        return agent.http.post(
            f"{page}/say", data=fields | more, files=parts, headers={"X-Console": "1"}
        )

    def code_and_status(answer: Any) -> tuple[int, str]:
        return answer.status_code, answer.json()["code"]

    large = b"x" * (attachments.LIMIT + 1)
    assert code_and_status(send(("a.txt", large))) == (422, "file_too_large")
    assert code_and_status(send(("a.png", b"<svg onload=alert(1)>"))) == (422, "file_not_accepted")
    assert code_and_status(send(("a.txt", b""))) == (422, "file_not_accepted")
    assert code_and_status(send(*[("a.txt", b"a")] * 6)) == (422, "too_many_files")
    assert send(("a.txt", b"a"), csrf="0").status_code == 403
    assert send(("a.txt", b"a"), mode="whatever").status_code == 422
    assert send(("a.txt", b"a"), to="-1").status_code == 422
    assert send().status_code == 422  # neither words nor a file
    for _ in range(2):  # an answer that was lost on the way: sent again
        assert send(("안내.txt", "안내".encode())).status_code == 200
        assert send(("비밀.txt", "속닥".encode()), mode="note", key="k2").status_code == 200
    lines = [one for one in customer.history() if one["author"] == "agent"]
    assert [(one["kind"], one["text"]) for one in lines] == [("file", "안내.txt")]
    slack.until(lambda: len(slack.files.stored) == 2)
    slack.until(lambda: len(posts(slack, card)) >= 2)
    assert posts(slack, card)[-2:] == [
        "상담원 Agent · 콘솔 상담원 📎 안내.txt",
        "내부 메모 Internal note · 콘솔 상담원 📎 비밀.txt",
    ]
    app.settle()
    with app.sessions() as session:
        secret = session.connection().exec_driver_sql(
            "SELECT id FROM attachment WHERE name = '비밀.txt'"
        )
        (found,) = secret.scalars()
    assert customer.http.get(f"/chat/files/{found}").status_code == 404
