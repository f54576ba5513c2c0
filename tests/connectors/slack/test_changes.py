"""What agents change in the thread afterwards: edits, deletions, and notes sent after all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text as sql

from tests import files
from tests.connectors.conftest import App, Visitor
from tests.connectors.slack.conftest import AGENT, OTHER, escalate, hint, state
from tests.connectors.slack.test_files import claimed
from tests.connectors.slack.test_planning import code_of
from tests.connectors.test_planning import wait_for
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE, payload


def seen(customer: Visitor, after: int = 0) -> list[str]:
    """The agents' lines as the widget shows them: changes applied, in order."""
    lines = customer.history(after)
    changes = {line["of"]: line for line in lines if line["kind"] == "edit"}
    return [
        changes.get(line["id"], line)["text"]
        for line in lines
        if line["author"] == "agent" and line["kind"] != "edit"
    ]


def timeline(app: App) -> list[dict[str, Any]]:
    """The agents' lines with their earlier words, as the API tells agents."""
    ticket = app.agent("지원").get(f"/api/tickets/{code_of(app)}").json()
    return [line for line in ticket["timeline"] if line["author"] == "agent"]


def test_an_edit_reaches_those_who_have_the_line_and_those_who_load_it(
    app: App, slack: FakeSlack
) -> None:
    customer, card = claimed(app, slack)
    ts = slack.say(AGENT, "두 시까지 열어요", card)
    first = customer.until(by("agent"))
    slack.say(AGENT, "또 있나요?", card)
    last = customer.until(lambda line: line["text"] == "또 있나요?")["seq"]

    slack.change(ts, "세 시까지 열어요")
    change = customer.until(lambda line: line["kind"] == "edit", after=last)
    assert (change["of"], change["text"], change["changed"]) == (
        first["id"],
        "세 시까지 열어요",
        "edited",
    )
    slack.change(ts, "네 시까지 열어요")
    customer.until(lambda line: line["text"] == "네 시까지 열어요", after=last)
    slack.until(lambda: (ts, "pencil2") in slack.reactions)
    app.settle()
    loaded = customer.history()
    assert [
        (line["text"], line.get("changed")) for line in loaded if line["author"] == "agent"
    ] == [
        ("네 시까지 열어요", "edited"),
        ("또 있나요?", None),
        ("네 시까지 열어요", "edited"),
    ], "one line that changes another is enough, whatever came before it"
    assert seen(customer) == ["네 시까지 열어요", "또 있나요?"]
    line = timeline(app)[0]
    assert [before["text"] for before in line["revisions"]] == [
        "두 시까지 열어요",
        "세 시까지 열어요",
    ]
    assert len(timeline(app)) == 2 and slack.hints == []


def test_a_deleted_answer_is_gone_from_every_route_but_the_agents(
    app: App, slack: FakeSlack
) -> None:
    customer, card = claimed(app, slack)
    attached = slack.files.add("내부.pdf", files.PDF, mimetype="application/pdf")
    ts = slack.say(AGENT, "비밀번호 1234", card, files=[attached])
    line = customer.until(by("agent"))
    slack.change(ts, "비밀번호 5678")
    customer.until(lambda line: line["kind"] == "edit")
    slack.change(ts, None)
    customer.until(lambda line: line["kind"] == "edit" and line["changed"] == "deleted")
    raw = json.dumps(customer.history(), ensure_ascii=False)
    assert "1234" not in raw and "5678" not in raw
    assert seen(customer) == ["상담원이 삭제한 메시지예요"]
    file = line["attachments"][0]["id"]
    assert customer.http.get(f"/chat/files/{file}").status_code == 404
    assert app.agent("지원").get(f"/api/files/{file}").status_code == 200
    (kept,) = timeline(app)
    assert [before["text"] for before in kept["revisions"]] == ["비밀번호 1234", "비밀번호 5678"]
    assert kept["changed"] == "deleted"
    slack.change(ts, "늦게 온 고친 글")
    app.settle()
    assert seen(customer) == ["상담원이 삭제한 메시지예요"] and slack.hints == []


def test_a_deletion_after_the_ticket_was_resolved_is_told(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    ts = slack.say(AGENT, "다 됐어요", card)
    customer.until(by("agent"))
    slack.press(AGENT, "resolve", card)
    customer.until(by("system", "csat"))
    slack.until(lambda: "Resolved by" in state(slack, card))
    slack.press(AGENT, "reopen", card)
    slack.until(lambda: "다시 열림" in state(slack, card))
    slack.change(ts, None)
    assert hint(slack, AGENT, "may have read it")["thread_ts"] == card
    assert seen(customer) == ["상담원이 삭제한 메시지예요"]


def test_edits_of_notes_change_notes_alone(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    mine = slack.say(AGENT, "note: 환불 이력", card)
    theirs = slack.say(OTHER, "지난주에도 왔어요", card)
    slack.until(lambda: {(mine, "lock"), (theirs, "lock")} <= set(slack.reactions))
    slack.change(theirs, "지난달에도 왔어요")
    slack.change(mine, "환불 이력 없음")
    hint(slack, AGENT, "still an internal note")
    slack.change(mine, "note: ")
    hint(slack, AGENT, "no words were left")
    slack.change(theirs, None)
    app.settle()
    assert seen(customer) == [] and len(slack.hints) == 2
    assert [(line["internal"], line["text"], line["changed"]) for line in timeline(app)] == [
        (True, "환불 이력 없음", "edited"),
        (True, "상담원이 삭제한 메시지예요", "deleted"),
    ]
    texts = [[before["text"] for before in line["revisions"]] for line in timeline(app)]
    assert texts == [["환불 이력"], ["지난주에도 왔어요", "지난달에도 왔어요"]]


def test_an_answer_does_not_become_a_note_by_an_edit(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    ts = slack.say(AGENT, "환불해 드릴게요", card)
    customer.until(by("agent"))
    slack.change(ts, "note: 환불 안 됨")
    hint(slack, AGENT, "cannot become a note")
    assert seen(customer) == ["환불해 드릴게요"]
    assert timeline(app)[0]["revisions"] == []


def test_s12_who_may_not_answer_any_more_changes_nothing(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    kept = slack.say(AGENT, "그대로 남을 글", card)
    customer.until(by("agent"))
    with app.sessions.begin() as session:
        session.execute(sql("UPDATE agent SET active = false WHERE slack_user = :u"), {"u": AGENT})
    slack.change(kept, "바뀌면 안 되는 글")
    assert hint(slack, AGENT, "not linked")["thread_ts"] == card
    slack.change(kept, None)
    app.settle()
    assert seen(customer) == ["그대로 남을 글"]


def test_where_the_channel_cannot_change_a_line_a_correction_follows(
    app: App, slack: FakeSlack
) -> None:
    customer, card = claimed(app, slack)
    with app.sessions.begin() as session:
        session.execute(sql("UPDATE identity SET channel = 'webhook'"))
    ts = slack.say(AGENT, "두 시요", card)
    customer.until(by("agent"))
    slack.change(ts, "세 시요")
    customer.until(lambda line: line["text"] == "정정: 세 시요")
    slack.change(ts, None)
    hint(slack, AGENT, "cannot take back")
    assert seen(customer) == ["두 시요", "정정: 세 시요"]


def test_an_edit_of_what_was_never_sent_says_so(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack)
    ts = slack.say(AGENT, "!", card)
    hint(slack, AGENT, "no words in it")
    slack.change(ts, "이제 글이 있어요")
    hint(slack, AGENT, "the message itself never was")
    assert seen(customer) == []


@pytest.mark.parametrize("writer", [AGENT, OTHER])
def test_f25_a_message_after_the_end_is_sent_by_reopening(
    app: App, slack: FakeSlack, writer: str
) -> None:
    customer, card = claimed(app, slack)
    slack.press(AGENT, "resolve", card)
    customer.until(by("system", "csat"))
    late = slack.say(writer, "하나 더 있어요", card)
    offered = hint(slack, writer, "this ticket is resolved")
    slack.until(lambda: (late, "warning" if writer == AGENT else "lock") in slack.reactions)
    assert seen(customer) == [] and offered["thread_ts"] == card
    slack.change(late, "하나 더 있어요!")
    slack.until(lambda: (late, "pencil2") in slack.reactions)
    slack.press_hint(writer, "reopen_send", offered)
    slack.press_hint(writer, "reopen_send", offered)
    customer.until(lambda line: line["text"] == "하나 더 있어요!")
    slack.until(lambda: (late, "white_check_mark") in slack.reactions)
    name = "지원" if writer == AGENT else "도움"
    slack.until(lambda: f"Claimed by {name} · 다시 열림 reopened ×1" in state(slack, card))
    slack.change(late, "하나 더 있었어요")
    customer.until(lambda line: line["kind"] == "edit")
    app.settle()
    assert seen(customer) == ["하나 더 있었어요"]
    shown = {name for ts, name in slack.reactions if ts == late}
    assert shown == {"white_check_mark", "pencil2"}


def test_what_was_written_before_the_claim_is_sent_by_claiming(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    picture = slack.files.add("약도.png", files.png(), mimetype="image/png")
    ts = slack.say(AGENT, "", card, files=[picture])
    other = slack.say(OTHER, "제가 볼까요?", card)
    offered, theirs = hint(slack, AGENT, "press Claim"), hint(slack, OTHER, "press Claim")
    slack.until(lambda: {(ts, "lock"), (other, "lock")} <= set(slack.reactions))
    assert seen(customer) == []
    slack.press_hint(AGENT, "claim_send", offered)
    line = customer.until(by("agent"))
    assert (line["kind"], line["text"]) == ("file", "약도.png"), "there were no words to send"
    assert len(line["attachments"]) == 1
    slack.until(lambda: (ts, "white_check_mark") in slack.reactions)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    slack.press_hint(OTHER, "claim_send", theirs)
    hint(slack, OTHER, "지원 has claimed")
    assert seen(customer) == ["약도.png"]


def test_a_waiting_answer_shows_the_envelope_until_it_is_there(app: App, slack: FakeSlack) -> None:
    """F6: while Slack makes us wait to ask who wrote it."""
    customer, card = escalate(app, slack)
    with app.sessions.begin() as session:
        session.execute(
            sql(
                "UPDATE ticket SET state = 'claimed', claimed_at = now(),"
                " assignee_id = (SELECT id FROM agent WHERE slack_user = :user)"
            ),
            {"user": AGENT},
        )
        session.execute(sql("UPDATE conversation SET state = 'agent'"))
    slack.limit("users.info", 2)
    first = slack.say(AGENT, "첫째", card)
    slack.until(lambda: (first, "incoming_envelope") in slack.reactions)
    assert seen(customer) == []
    customer.until(lambda line: line["text"] == "첫째")
    slack.until(lambda: (first, "white_check_mark") in slack.reactions)
    slack.until(lambda: (first, "incoming_envelope") not in slack.reactions)
    second = slack.say(AGENT, "둘째", card)
    slack.until(lambda: (second, "white_check_mark") in slack.reactions)
    given = [
        sent["name"]
        for method, sent, _ in slack.calls
        if method.startswith("reactions.") and sent["timestamp"] == second
    ]
    assert given == ["white_check_mark"], "what is sent at once costs one reaction"
    order = [
        (method, sent["name"])
        for method, sent, _ in slack.calls
        if method.startswith("reactions.") and sent["timestamp"] == first
    ]
    assert order == [
        ("reactions.add", "incoming_envelope"),
        ("reactions.remove", "incoming_envelope"),
        ("reactions.add", "white_check_mark"),
    ]


class TestInternalWorkspace:
    """``SANGDAM_SLACK_INTERNAL``: threads are for colleagues, answers are sent on purpose."""

    @pytest.fixture
    def app_settings(self, app_settings: dict[str, Any]) -> dict[str, Any]:
        return app_settings | {"slack_internal": True}

    def test_nothing_is_sent_before_the_button(self, app: App, slack: FakeSlack) -> None:
        customer, card = claimed(app, slack)
        ts = slack.say(AGENT, "이렇게 답할까요?", card)
        slack.until(lambda: (ts, "lock") in slack.reactions)
        offered = hint(slack, AGENT, "when you press Send")
        other = slack.say(OTHER, "좋아요", card)
        whispered = slack.say(AGENT, "메모: 확인", card)
        slack.until(lambda: {(other, "lock"), (whispered, "lock")} <= set(slack.reactions))
        assert seen(customer) == [] and len(slack.hints) == 1
        slack.press_hint(AGENT, "send", offered)
        customer.until(lambda line: line["text"] == "이렇게 답할까요?")
        slack.until(lambda: (ts, "white_check_mark") in slack.reactions)
        slack.press_hint(AGENT, "send", offered)
        app.settle()
        assert seen(customer) == ["이렇게 답할까요?"]
        assert slack.message(QUEUE, card)["ts"] == card

    def test_the_button_does_not_reopen_unasked(self, app: App, slack: FakeSlack) -> None:
        customer, card = claimed(app, slack)
        slack.say(AGENT, "늦게 보낼 글", card)
        offered = hint(slack, AGENT, "when you press Send")
        slack.press(AGENT, "resolve", card)
        customer.until(by("system", "csat"))
        slack.press_hint(AGENT, "send", offered)
        again = hint(slack, AGENT, "this ticket is resolved")
        assert seen(customer) == []
        slack.press_hint(AGENT, "reopen_send", again)
        customer.until(lambda line: line["text"] == "늦게 보낼 글")


def test_a_card_that_is_deleted_before_we_heard_of_its_posting_is_replaced(
    app: App, slack: FakeSlack
) -> None:
    with app.sessions.begin() as slow:
        slow.execute(sql("LOCK TABLE ticket_thread IN EXCLUSIVE MODE"))  # read, but not written
        customer, card = escalate(app, slack)
        body = payload("message_deleted")
        body["event"] |= {
            "deleted_ts": card,
            "previous_message": slack.message(QUEUE, card),
        }
        slack.messages[QUEUE].clear()
        assert slack.deliver(body) == 200
        wait_for(app, "SELECT count(*) = 1 FROM job WHERE error LIKE '%is not settled yet'")
    new = slack.until(slack.cards)[0]["ts"]
    customer.say("아직 계세요?")
    slack.until(lambda: "아직 계세요?" in str(slack.thread(new)))
