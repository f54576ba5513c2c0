"""Files both ways: an agent's from the thread to the customer, a customer's into the thread."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text as sql

from tests import files
from tests.connectors.conftest import App, Visitor
from tests.connectors.slack.conftest import AGENT, GUEST, OTHER, escalate, hint, state
from tests.connectors.test_files import send, sent
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE


def claimed(app: App, slack: FakeSlack) -> tuple[Visitor, str]:
    """A customer whom an agent answers, and the card."""
    customer, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    return customer, card


def shared(slack: FakeSlack, card: str) -> list[str]:
    """Words and files that our app put into the thread, in order."""
    found = []
    for message in slack.messages[QUEUE]:
        if "bot_id" in message and message.get("thread_ts") == card:
            named = [file["title"] for file in message.get("files", [])]
            found.append(named[0] if named else message["text"].rpartition(": ")[2])
    return found


def test_an_agents_file_reaches_the_customer_with_its_words(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    picture = files.png(4, 4)
    attached = [
        slack.files.add("약도.png", picture),
        slack.files.add("안내.pdf", files.PDF, mimetype="application/pdf"),
    ]
    ts = slack.say(AGENT, "여기로 오세요", card, files=attached)
    line = customer.until(by("agent"))
    assert (line["text"], line["kind"]) == ("여기로 오세요", "text")
    assert [(f["name"], f["type"]) for f in line["attachments"]] == [
        ("약도.png", "image/png"),
        ("안내.pdf", "application/pdf"),
    ]
    answer = customer.http.get(f"/chat/files/{line['attachments'][0]['id']}")
    assert answer.content == picture
    slack.until(lambda: (ts, "white_check_mark") in slack.reactions)
    other = app.visitor()
    assert other.http.get(f"/chat/files/{line['attachments'][0]['id']}").status_code == 404
    slack.say(AGENT, "", card, files=[slack.files.add("사진만.png", picture)])
    alone = customer.until(lambda line: line["kind"] == "file")
    assert (alone["text"], len(alone["attachments"])) == ("사진만.png", 1)
    assert slack.hints == []


def test_what_cannot_be_passed_on_is_said_and_the_words_go(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    attached = [
        slack.files.add("a.svg", files.SVG, mimetype="image/svg+xml"),
        slack.files.add("b.png", files.HTML),
        slack.files.add("c.zip", b"x", size=11 * 1024 * 1024),
        slack.files.add("d.png", files.png(), url_private="", url_private_download=""),
        slack.files.add("e.png", files.png()),
        slack.files.add("<!channel>.png", files.png()),
    ]
    ts = slack.say(AGENT, "글은 가요", card, files=attached)
    line = customer.until(by("agent"))
    assert (line["text"], [f["name"] for f in line["attachments"]]) == ("글은 가요", ["e.png"])
    slack.until(lambda: (ts, "warning") in slack.reactions)
    said = hint(slack, AGENT, "Not passed on")["text"]
    for wanted in (
        "a.svg (받을 수 없는",
        "b.png (받을 수 없는",
        "c.zip (10 MiB",
        "d.png (Slack에 저장된 파일이 아니",
        "!channel .png (한 번에 5개",
    ):
        assert wanted in said, said
    assert "e.png" not in said and "<!channel>" not in said


def test_s17_a_file_elsewhere_never_sees_the_token(app: App, slack: FakeSlack) -> None:
    stranger = FakeSlack()
    try:
        customer, card = claimed(app, slack)
        elsewhere = stranger.files.add("a.png", files.png())
        slack.say(AGENT, "다른 곳의 파일", card, files=[elsewhere])
        assert customer.until(by("agent"))["attachments"] == []
        hint(slack, AGENT, "not stored in Slack")
        slack.files.faults = [f"redirect:{elsewhere['url_private']}"]
        slack.say(AGENT, "돌려보낸 파일", card, files=[slack.files.add("b.png", files.png())])
        customer.until(lambda line: line["text"] == "돌려보낸 파일")
        slack.until(lambda: sum("not stored" in h["text"] for h in slack.hints) == 2)
        assert stranger.files.asked == []
    finally:
        stranger.stop()


def test_a_login_page_is_not_sent_to_the_customer(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    slack.files.faults = ["login"]
    slack.say(
        AGENT, "보세요", card, files=[slack.files.add("a.txt", b"words", mimetype="text/plain")]
    )
    assert customer.until(by("agent"))["attachments"] == []
    hint(slack, AGENT, "did not let us fetch it")


def test_a_download_that_fails_is_tried_again(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    slack.files.faults = ["500", "500"]
    slack.say(AGENT, "세 번째에", card, files=[slack.files.add("a.png", files.png())])
    line = customer.until(by("agent"), timeout_s=20)
    assert len(line["attachments"]) == 1 and slack.hints == []
    assert len(slack.files.asked) == 3
    slack.files.faults = ["500"] * 9
    slack.say(AGENT, "글만", card, files=[slack.files.add("b.png", files.png())])
    line = customer.until(lambda line: line["text"] == "글만", timeout_s=30)
    assert line["attachments"] == []
    hint(slack, AGENT, "b.png (Slack에서 내려받지")


@pytest.mark.parametrize(("user", "words"), [(OTHER, "본 사람"), (AGENT, "메모: 내부")])
def test_a_whispered_file_stays_internal(app: App, slack: FakeSlack, user: str, words: str) -> None:
    customer, card = claimed(app, slack)
    ts = slack.say(user, words, card, files=[slack.files.add("비밀.png", files.png())])
    slack.until(lambda: (ts, "lock") in slack.reactions)
    agent = app.agent("지원")
    lines = agent.get(f"/api/customers/{customer.id}/timeline").json()["timeline"]
    (note,) = (line for line in lines if line["kind"] == "note")
    (file,) = note["attachments"]
    assert note["internal"] and file["name"] == "비밀.png"
    assert agent.get(f"/api/files/{file['id']}").content == files.png()
    assert customer.http.get(f"/chat/files/{file['id']}").status_code == 404
    assert "비밀" not in str(customer.history())


def test_a_guests_files_are_not_even_fetched(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    ts = slack.say(GUEST, "저도요", card, files=[slack.files.add("a.png", files.png())])
    slack.until(lambda: (ts, "warning") in slack.reactions)
    assert slack.files.asked == [] and customer.history()[-1]["author"] != "agent"


def test_a_customers_files_come_in_order_among_the_words(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    customer.say("하나")
    sent(customer, "둘 <!channel>.png", files.png())
    customer.say("셋")
    sent(customer, "넷.pdf", files.PDF)
    slack.until(lambda: len(shared(slack, card)) == 4)
    assert shared(slack, card) == ["하나", "둘 !channel .png", "셋", "넷.pdf"]
    kept = [stored.content for stored in slack.files.stored.values()]
    assert kept == [files.png(), files.PDF]
    assert [token for _, token in slack.files.uploads] == [None, None]
    for method, given, _ in slack.calls:
        if method == "files.completeUploadExternal":
            assert given["thread_ts"] == card and given["channel_id"] == QUEUE
            assert given["initial_comment"].startswith("고객 Customer · 방문자")


def test_files_from_before_a_person_came_are_in_the_thread(app: App, slack: FakeSlack) -> None:
    app.rasa.mode = "echo"
    customer = app.visitor()
    sent(customer, "먼저.png", files.png())
    customer.until(by("bot"))
    customer.press("/human")
    card = str(slack.until(slack.cards)[0]["ts"])
    slack.until(lambda: shared(slack, card) == ["먼저.png"])
    send(customer, "나중.png", files.png(shade=3))
    slack.until(lambda: shared(slack, card) == ["먼저.png", "나중.png"])


def attempts(app: App) -> list[int]:
    with app.sessions() as session:
        found = session.execute(sql("SELECT attempts FROM job WHERE kind = 'slack.file'"))
        return list(found.scalars())


@pytest.mark.parametrize(
    "method", ["files.getUploadURLExternal", "files.completeUploadExternal", "upload"]
)
def test_f5_a_file_is_shown_once_whatever_is_lost(app: App, slack: FakeSlack, method: str) -> None:
    customer, card = claimed(app, slack)
    if method == "upload":
        slack.files.faults = ["500"]
    else:
        slack.drop_reply(method)
    sent(customer, "한 번.png", files.png())
    customer.say("그리고 이것")
    slack.until(lambda: len(shared(slack, card)) == 2, timeout_s=20)
    app.settle()
    assert shared(slack, card) == ["한 번.png", "그리고 이것"] and attempts(app) == [2]
    looked = [1 for called, _, _ in slack.calls if called == "files.info"]
    assert len(looked) == (method == "files.completeUploadExternal")


def test_f6_slack_asks_to_wait(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    slack.limit("files.completeUploadExternal", 1)
    sent(customer, "기다려요.png", files.png())
    slack.until(lambda: shared(slack, card) == ["기다려요.png"])
    assert len(slack.files.stored) == 1, "what was uploaded is not uploaded again"


def test_without_the_scope_agents_are_told(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    slack.refuse("files.getUploadURLExternal", "missing_scope")
    sent(customer, "막힌.png", files.png())
    customer.say("다음 글")
    slack.until(lambda: shared(slack, card) == ["다음 글"])
    agent = app.agent("지원")

    def undelivered() -> list[dict[str, Any]]:
        lines = agent.get(f"/api/customers/{customer.id}/timeline").json()["timeline"]
        return [line for line in lines if line["kind"] == "undelivered"]

    app.settle()
    (line,) = undelivered()
    assert "missing_scope" in line["text"] and line["internal"]
