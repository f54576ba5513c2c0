"""The Slack desk over the real API, slack-bolt and slack_sdk, against a server that is Slack."""

from __future__ import annotations

import json
import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import text as sql

from connectors.slack import sending
from tests.connectors.conftest import PAUSE_S, App
from tests.connectors.slack.conftest import AGENT, GUEST, OTHER, STRANGER, escalate, hint, state
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import (
    QUEUE,
    payload,
    shown,
)
from ticketing import agents

# In `make chaos`, Slack is down for five hundred.
ESCALATIONS = 200


def test_a_whole_service_in_slack(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    words = state(slack, card)
    for wanted in ("T-", "방문자", "웹 채팅", "한국어", "상담원을 요청", "주차 되나요?", "Waiting"):
        assert wanted in words, words

    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    customer.until(lambda line: "지원 상담원이 연결" in line["text"])

    other = slack.say(OTHER, "이분 지난주에도 오셨어요", card)
    slack.until(lambda: (other, "lock") in slack.reactions)
    mine = slack.say(AGENT, "네, &lt;2시간&gt; 무료예요 :car:", card, shape="thread_broadcast")
    answer = customer.until(by("agent"))
    assert (answer["text"], answer["author_name"]) == ("네, <2시간> 무료예요 🚗", "지원")
    slack.until(lambda: (mine, "white_check_mark") in slack.reactions)
    whispered = slack.say(AGENT, " 메모 : 환불 이력 확인", card)
    slack.until(lambda: (whispered, "lock") in slack.reactions)

    for number in range(4):
        customer.say(f"질문 {number}")
    slack.until(lambda: len(slack.thread(card)) == 4)
    assert [line.split("\n")[-1] for line in slack.thread(card)] == [
        f"질문 {number}" for number in range(4)
    ]

    slack.press(AGENT, "resolve", card)
    survey = customer.until(by("system", "csat"))
    slack.until(lambda: "Resolved by 지원" in state(slack, card))
    customer.press(survey["buttons"][1]["payload"])
    slack.until(lambda: any("★★★★☆ 4/5" in line for line in slack.thread(card)))
    customer.press(survey["buttons"][-1]["payload"])
    slack.until(lambda: any(f"not solved\n<@{AGENT}>" in line for line in slack.thread(card)))
    slack.until(lambda: "Claimed by 지원 · 다시 열림 reopened ×1" in state(slack, card))

    said = [line["text"] for line in customer.history()]
    assert "이분 지난주에도 오셨어요" not in said and "환불 이력 확인" not in said
    assert slack.thread(card).count("네, <2시간> 무료예요 🚗") == 0, "no echo into the thread"
    assert len(slack.cards()) == 1 and set(slack.answers) == {200}


def test_the_console_and_slack_share_a_ticket(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    console = app.agent("지원")
    code = console.get("/api/tickets").json()["tickets"][0]["code"]
    console.post(f"/api/tickets/{code}/reply", json={"text": "콘솔에서 답해요"})
    console.post(f"/api/tickets/{code}/note", json={"text": "콘솔 메모"})
    slack.until(lambda: len(slack.thread(card)) == 2)
    assert "콘솔에서 답해요" in slack.thread(card)[0]
    assert "Internal note · 지원" in slack.thread(card)[1]
    slack.say(AGENT, "이어서 Slack에서요", card)
    assert customer.until(lambda line: line["text"] == "이어서 Slack에서요")["author"] == "agent"
    slack.press(OTHER, "resolve", card)
    hint(slack, OTHER, "지원 상담원이 먼저")
    assert console.get(f"/api/tickets/{code}").json()["state"] == "claimed"


def test_two_agents_claim_in_the_same_second(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda user: slack.press(user, "claim", card), (AGENT, OTHER)))
    told = slack.until(lambda: slack.hints)[0]
    winner = "지원" if told["user"] == OTHER else "도움"
    assert winner in told["text"]
    slack.until(lambda: f"Claimed by {winner}" in state(slack, card))
    joined = [line for line in customer.history() if "상담원이 연결" in line["text"]]
    assert len(joined) == 1 and len(slack.hints) == 1


def test_s12_only_agents_we_know_reach_the_customer(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    unclaimed = slack.say(AGENT, "아직 담당 전이에요", card)
    slack.until(lambda: (unclaimed, "lock") in slack.reactions)
    hint(slack, AGENT, "press Claim")
    slack.press(STRANGER, "claim", card)
    hint(slack, STRANGER, "Only agents can claim")
    slack.press(GUEST, "claim", card)
    hint(slack, GUEST, "guests")
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    slack.hints.clear()
    for user, words, mark in (
        (STRANGER, "Kept as an internal note", "lock"),
        (GUEST, "guests", "warning"),
    ):
        ts = slack.say(user, "제가 답할게요", card)
        assert hint(slack, user, words)["thread_ts"] == card
        slack.until(lambda ts=ts, mark=mark: (ts, mark) in slack.reactions)
    for shape in ("bot_message", "own_message", "channel_join"):
        body = payload(shape)
        ts = f"1700000009.{len(shape):06}"
        body["event"] |= {"text": "봇이 한 말", "thread_ts": card, "ts": ts}
        assert slack.deliver(body) == 200
    assert slack.deliver(payload("reaction_added")) == 200
    slack.say(AGENT, "끝", card)
    customer.until(by("agent"))
    said = [line["text"] for line in customer.history()]
    assert not {"제가 답할게요", "봇이 한 말", "아직 담당 전이에요"} & set(said)


def test_f25_everything_agents_do_has_a_visible_result(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    ts = slack.say(AGENT, "첫 글 <https://ex.kr|약관> <@U0OTHER> <!here>", card)
    line = customer.until(by("agent"))
    assert line["text"] == "첫 글 약관 (https://ex.kr) @doum @here"
    slack.change(ts, "고친 글")
    customer.until(lambda line: line["kind"] == "edit" and line["text"] == "고친 글")
    slack.change(ts, None)
    customer.until(lambda line: line["kind"] == "edit" and "삭제" in line["text"])
    slack.say(AGENT, "여기는 스레드 밖")
    hint(slack, AGENT, "write in the thread of your ticket T-")
    slack.say(AGENT, "파일과 함께", card, shape="file_share")
    customer.until(lambda line: line["text"] == "파일과 함께")
    hint(slack, AGENT, "receipt.png (Slack에 저장된 파일이 아니에요")
    slack.press(AGENT, "resolve", card)
    customer.until(by("system", "csat"))
    late = slack.say(AGENT, "늦은 답", card)
    hint(slack, AGENT, "this ticket is resolved")
    slack.until(lambda: (late, "warning") in slack.reactions)
    assert "늦은 답" not in [line["text"] for line in customer.history()]


def test_connections_to_slack_are_kept(app: App, slack: FakeSlack) -> None:
    """A handshake for every call would be most of what a line takes."""
    _, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    for number in range(5):
        slack.say(AGENT, f"{number}번째 답", card)
    slack.until(lambda: len(slack.reactions) >= 5)
    assert len(slack.connections) < len(slack.calls) / 2


@pytest.mark.parametrize("change", ["고친 글", None], ids=["edit", "deletion"])
def test_b7_a_change_that_comes_before_its_message(
    app: App, slack: FakeSlack, change: str | None
) -> None:
    """It holds the whole message: what is sent is the newest, once, or nothing."""
    customer, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    late = {"user": AGENT, "text": "먼저 쓴 글", "ts": "1700000009.000100", "thread_ts": card}
    slack.messages[QUEUE].append(late)
    slack.change(late["ts"], change)
    body = payload("reaction_added")
    body["event"]["item"]["ts"] = "1700000009.000999"
    assert slack.deliver(body) == 200
    slack.deliver(slack.said(late | {"text": "먼저 쓴 글"}, "message"))
    slack.say(AGENT, "그다음 글", card)
    customer.until(lambda line: line["text"] == "그다음 글")
    said = [line["text"] for line in customer.history() if line["author"] == "agent"]
    assert said == [*([] if change is None else [change]), "그다음 글"]
    assert ((late["ts"], "white_check_mark") in slack.reactions) is (change is not None)
    assert set(slack.answers) == {200} and slack.hints == []


def test_f4_redelivered_three_times_at_once_is_one_effect(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    press = slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    ts = slack.say(AGENT, "한 번만", card)
    body = slack.said(slack.message(QUEUE, ts), "message")
    again = slack.said(slack.message(QUEUE, ts), "message")  # the same words, another event id
    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(slack.deliver, b, retry=n) for b in (body, again) for n in (1, 2, 3)]
        jobs += [pool.submit(slack.deliver, press, retry=n) for n in (1, 2)]
        assert [job.result() for job in jobs] == [200] * 8
    slack.say(AGENT, "다음", card)
    customer.until(lambda line: line["text"] == "다음")
    said = [line["text"] for line in customer.history() if line["author"] == "agent"]
    assert said == ["한 번만", "다음"]
    assert slack.hints == []


@pytest.mark.parametrize("lookup", ["works", "refused"])
def test_f5_a_dropped_reply_is_one_visible_post(app: App, slack: FakeSlack, lookup: str) -> None:
    slack.drop_reply("chat.postMessage")
    if lookup == "refused":
        slack.refuse("conversations.history", "missing_scope")
    customer, card = escalate(app, slack)
    slack.until(lambda: [m for m, _, _ in slack.calls if m == "conversations.history"])
    copies = 1
    if lookup == "refused":
        slack.until(lambda: len(slack.cards()) == 2)
        second = slack.cards()[1]
        assert second["metadata"]["event_payload"]["possible_duplicate"] is True
        assert "may repeat" in shown(second)
        card, copies = second["ts"], 2
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    slack.drop_reply("chat.postMessage")
    customer.say("스레드에 한 번")
    customer.say("그리고 이것")
    slack.until(lambda: len(slack.thread(card)) == 2)
    assert ["스레드에 한 번" in slack.thread(card)[0], len(slack.cards())] == [True, copies]


def test_f6_a_rate_limited_lane_waits_and_others_go_on(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    slack.limit("chat.postMessage", 3)
    before = time.monotonic()
    customer.say("하나")
    customer.say("둘")
    ts = slack.say(AGENT, "그동안", card)
    customer.until(lambda line: line["text"] == "그동안")
    slack.until(lambda: (ts, "white_check_mark") in slack.reactions)
    assert slack.thread(card) == [], time.monotonic() - before
    slack.until(lambda: len(slack.thread(card)) == 2)
    assert "하나" in slack.thread(card)[0]
    posts = [at for method, _, at in slack.calls if method == "chat.postMessage"]
    assert posts[-2] - posts[-3] >= 3
    with app.sessions() as session:
        posted = sql("SELECT attempts FROM job WHERE kind = 'slack.post' ORDER BY id")
        assert session.execute(posted).scalars().all() == [1, 1], "asked to wait is not failed"


def test_posts_into_the_channel_keep_a_second_apart(
    app: App, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SPACING_S", 1.0)
    slack.strict_rate = True
    customer, card = escalate(app, slack)
    customer.say("하나")
    customer.say("둘")
    slack.until(lambda: len(slack.thread(card)) == 2)
    assert len([1 for method, _, _ in slack.calls if method == "chat.postMessage"]) == 3


def test_f7_tickets_wait_for_slack_to_come_back(app: App, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", 503, times=100_000)
    with httpx.Client(base_url=app.url) as http:
        for number in range(ESCALATIONS):
            token = http.post("/chat/sessions", json={}).json()["token"]
            said = {"client_id": str(uuid.uuid4()), "text": f"장애 중 {number}"}
            sent = http.post(
                "/chat/messages", json=said, headers={"Authorization": f"Bearer {token}"}
            )
            assert sent.status_code == 202
    deadline = time.monotonic() + 60
    while len(order(app)) < ESCALATIONS:
        assert time.monotonic() < deadline
        time.sleep(PAUSE_S)
    app.rasa.mode = "echo"
    other = app.visitor()
    other.say("봇은 있나요?")
    assert other.until(by("bot"))["text"] == "봇은 있나요?"
    assert slack.cards() == [] and oldest_s(app) > 0
    slack.recover("chat.postMessage")
    slack.until(lambda: len(slack.cards()) == ESCALATIONS, timeout_s=120)
    app.settle()
    assert len(slack.cards()) == ESCALATIONS and oldest_s(app) == 0, "none is lost or there twice"
    asked = [re.search(r"장애 중 (\d+)", shown(card)) for card in slack.cards()]
    assert [int(found[1]) for found in asked if found] == order(app), "the oldest is first"


def order(app: App) -> list[int]:
    """The numbers of the questions, in the order in which their tickets were queued."""
    with app.sessions() as session:
        found = session.execute(
            sql(
                """SELECT ticket.question FROM job
                     JOIN ticket ON ticket.code = job.payload->>'ticket'
                    WHERE job.kind = 'slack.card' ORDER BY job.id"""
            )
        ).scalars()
        return [int(question.rpartition(" ")[2]) for question in found]


def oldest_s(app: App) -> float:
    """How long the oldest job waits, as the metrics say."""
    (line,) = (
        line
        for line in httpx.get(f"{app.url}/metrics").text.splitlines()
        if line.startswith("sangdam_oldest_pending_seconds ")
    )
    return float(line.split()[1])


def test_f7_changes_that_waited_for_slack_are_shown_by_one_update(
    app: App, slack: FakeSlack
) -> None:
    """Slack has a limit for updates; what the first one shows already is not sent again."""
    _, card = escalate(app, slack)
    app.settle()
    slack.fail("chat.update", 503, times=100_000)
    console = app.agent("지원")
    path = f"/api/tickets/{console.get('/api/tickets').json()['tickets'][0]['code']}"
    for priority in ("high", "low", "urgent"):
        assert console.post(f"{path}/priority", json={"priority": priority}).status_code == 200
    slack.until(lambda: updates(slack) > 0)
    slack.recover("chat.update")
    before = updates(slack)
    app.settle()
    assert updates(slack) - before <= 1 and "Urgent" in state(slack, card)
    before = updates(slack)
    console.post(f"{path}/priority", json={"priority": "high"})
    app.settle()
    assert updates(slack) - before == 1 and "High" in state(slack, card)


def updates(slack: FakeSlack) -> int:
    return sum(method == "chat.update" for method, _, _ in slack.calls)


def test_a_card_that_may_not_be_edited_any_more_is_shown_anew_in_its_thread(
    app: App, slack: FakeSlack
) -> None:
    customer, card = escalate(app, slack)
    for _ in range(9):
        slack.refuse("chat.update", "edit_window_closed")
    slack.press(AGENT, "claim", card)
    slack.until(lambda: any("Claimed by 지원" in line for line in slack.thread(card)))
    app.settle()
    (shown,) = slack.thread(card)
    assert "위의 카드를 더 고칠 수 없어요" in shown and len(slack.cards()) == 1
    # Its buttons work, and what is written is about the ticket as before.
    (fresh,) = [m["ts"] for m in slack.messages[QUEUE] if m.get("thread_ts") == card]
    slack.say(AGENT, "네, 확인했어요", card)
    customer.until(lambda line: line["text"] == "네, 확인했어요")
    app.settle()
    assert updates(slack) > 1 and len(slack.thread(card)) == 1, "an answer is no news"
    slack.press(AGENT, "resolve", fresh)
    slack.until(lambda: any("Resolved by 지원" in line for line in slack.thread(card)))
    app.settle()
    assert sum("더 고칠 수 없어요" in line for line in slack.thread(card)) == 2
    app.agent("지원").post(
        f"/api/tickets/{slack.message(QUEUE, card)['metadata']['event_payload']['ticket']}/resolve"
    )
    app.settle()
    assert sum("더 고칠 수 없어요" in line for line in slack.thread(card)) == 2, "once each"


def test_a_deleted_card_is_replaced(app: App, slack: FakeSlack) -> None:
    """P38: the ticket gets a new thread, and answers in it count."""
    customer, card = escalate(app, slack)
    slack.refuse("chat.update", "message_not_found")
    slack.press(AGENT, "claim", card)
    new = slack.until(lambda: slack.cards()[1:])[0]["ts"]
    slack.say(AGENT, "새 스레드에서", new)
    customer.until(lambda line: line["text"] == "새 스레드에서")
    slack.say(AGENT, "옛 스레드에서", card)
    customer.say("확인")
    slack.until(lambda: len(slack.thread(new)) == 1)
    assert "옛 스레드에서" not in [line["text"] for line in customer.history()]


def test_a_deleted_card_is_replaced_before_anything_else_happens(
    app: App, slack: FakeSlack
) -> None:
    customer, card = escalate(app, slack)
    body = payload("message_deleted")
    body["event"]["deleted_ts"] = card
    body["event"]["previous_message"] = slack.message(QUEUE, card)
    slack.messages[QUEUE].clear()
    assert slack.deliver(body) == 200
    new = slack.until(slack.cards)[0]["ts"]
    customer.say("아직 계세요?")
    slack.until(lambda: "아직 계세요?" in str(slack.thread(new)))
    slack.press(AGENT, "claim", new)
    slack.until(lambda: "Claimed by 지원" in state(slack, new))


def test_s5_nothing_a_customer_writes_becomes_slack_markup(app: App, slack: FakeSlack) -> None:
    evil = "<!channel> <@U1> <!here> <http://evil|bank> & *b*"
    with app.sessions.begin() as session:
        agents.add(session, name="<!channel>", slack_user="U0EVIL")
    slack.person("U0EVIL", "evil")
    customer, card = escalate(app, slack, evil)
    slack.press("U0EVIL", "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    slack.say("U0EVIL", "네", card)  # who is not mentioned then
    customer.until(by("agent"))
    customer.say(evil)
    customer.say("&" * 4000)
    slack.until(lambda: len(slack.thread(card)) == 2)
    for message in slack.messages[QUEUE]:
        if "sent" not in message:
            continue
        sent = message["sent"]
        raw = json.dumps([sent["text"], sent["blocks"]], ensure_ascii=False)
        for markup in ("<!channel", "<@", "<!here", "<http", "bank>"):
            assert markup not in raw
        assert (sent["mrkdwn"], sent["link_names"], sent["unfurl_links"]) == (False, False, False)
    expected = "&lt;!channel&gt; &lt;@U1&gt; &lt;!here&gt; &lt;http://evil|bank&gt; &amp; *b*"
    assert expected in slack.thread(card)[0] and expected in state(slack, card)
    assert slack.thread(card)[1].count("&amp;") == 4000
