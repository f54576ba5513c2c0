"""A customer in Telegram and an agent in Slack: what each sees, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.slack import sending as slack_sending
from tests import files
from tests.connectors.browser import signed_in
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, state
from tests.connectors.slack.test_commands import said
from tests.connectors.telegram.test_desk import waiting
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import BOT_TOKEN, QUEUE, SECRET
from tests.fakes.telegram import TOKEN, FakeTelegram, Person
from ticketing import agents


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    made = FakeSlack()
    made.person(AGENT, "jiwon")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def telegram_settings(telegram: FakeTelegram, slack: FakeSlack) -> dict[str, Any]:
    return {
        "telegram_bot_token": TOKEN,
        "telegram_api_url": telegram.api_url,
        "slack_bot_token": BOT_TOKEN,
        "slack_channel": QUEUE,
        "slack_signing_secret": SECRET,
        "slack_api_url": slack.api_url,
    }


@pytest.fixture
def card(
    app: App, slack: FakeSlack, customer: Person, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The card of the customer's ticket, which the agent has claimed."""
    monkeypatch.setattr(slack_sending, "SPACING_S", 0.0)
    slack.events_url = f"{app.url}/slack/events"
    with app.sessions.begin() as session:
        if agents.by_slack(session, AGENT) is None:
            agents.add(session, name="지원", slack_user=AGENT)
    known = len(slack.cards())
    waiting(app, customer)
    made = str(slack.until(lambda: slack.cards()[known:])[0]["ts"])
    slack.press(AGENT, "claim", made)
    slack.until(lambda: "Claimed by 지원" in state(slack, made))
    yield made


def given(slack: FakeSlack, ts: str) -> list[str]:
    """The reactions under a message, as they stand."""
    return [name for one, name in slack.reactions if one == ts]


def test_a_receipt_waits_until_telegram_has_it(
    slack: FakeSlack, customer: Person, telegram: FakeTelegram, card: str
) -> None:
    assert "텔레그램" in state(slack, card)
    telegram.limit("sendMessage", 1, chat=customer.number)
    ts = slack.say(AGENT, "확인해 드릴게요", card)
    slack.until(lambda: given(slack, ts) == ["incoming_envelope"])
    customer.until("지원: 확인해 드릴게요")
    slack.until(lambda: given(slack, ts) == ["white_check_mark"])


def test_a_receipt_says_that_it_did_not_arrive(
    slack: FakeSlack, customer: Person, telegram: FakeTelegram, card: str
) -> None:
    telegram.blocked.add(customer.number)
    ts = slack.say(AGENT, "계세요?", card)
    slack.until(lambda: given(slack, ts) == ["warning"])
    slack.until(lambda: any("Not delivered" in one for one in slack.thread(card)))


def test_an_agents_edit_changes_the_message_and_a_deletion_takes_it_away(
    slack: FakeSlack, customer: Person, card: str
) -> None:
    ts = slack.say(AGENT, "내일 도차캐요", card)
    message = customer.until("내일 도차캐요")
    slack.change(ts, "내일 도착해요")
    slack.until(lambda: "pencil2" in given(slack, ts))
    customer.telegram.until(lambda: message.get("text") == "지원: 내일 도착해요")
    assert "edit_date" in message
    slack.change(ts, None)
    customer.telegram.until(lambda: not any("내일" in m.get("text", "") for m in customer.sees()))


def test_an_agent_reads_all_channels_and_chooses_where_to_answer(
    app: App, slack: FakeSlack, customer: Person, card: str
) -> None:
    assert "답할 곳" not in state(slack, card), "there is no choice yet"
    visitor = app.visitor()
    visitor.say("웹에서 <먼저> 물었어요")
    made = visitor.http.post("/chat/link-codes").json()["code"]
    customer.says(f"이어하기 {made}")
    customer.until("하나의 상담으로 이어져요")
    slack.until(lambda: "답할 곳 Answer on: 웹 채팅" in state(slack, card))
    code = slack.message(QUEUE, card)["text"].split()[0]
    record = app.agent("지원").get(f"/api/customers/{visitor.id}").json()
    address = next(one["id"] for one in record["identities"] if one["channel"] == "web")
    seen = len(customer.sees())
    slack.press(AGENT, "answer_at", card, choose=f"{code}:{address}")
    slack.until(lambda: "채널 Channel\n웹 채팅" in state(slack, card))
    slack.say(AGENT, "웹으로 답해요", card)
    visitor.until(lambda line: line["text"] == "웹으로 답해요")
    customer.says("저는 여기 있어요")
    slack.until(lambda: any("저는 여기 있어요" in one for one in slack.thread(card)))
    (title,) = [one for one in slack.thread(card) if "저는 여기 있어요" in one]
    assert title.split("\n")[0].endswith("텔레그램 · Telegram")
    slack.until(lambda: "채널 Channel\n텔레그램" in state(slack, card))
    slack.say(AGENT, "텔레그램으로 답해요", card)
    customer.until("텔레그램으로 답해요")
    assert not any("웹으로" in one["text"] for one in customer.sees()[seen:])

    told = said(slack, AGENT, "/ticket", f"history {code}")
    for where, words in (("웹 채팅", "웹에서 &lt;먼저&gt;"), ("텔레그램", "저는 여기 있어요")):
        above = told[: told.index(words)].rstrip().split("\n")[-1]
        assert where in above and "<!date^" in above, told


def test_files_of_agents_arrive_from_slack_and_from_the_console(
    app: App, slack: FakeSlack, customer: Person, card: str
) -> None:
    picture, terms = files.png(240, 180, 60), "환불 약관".encode()
    attached = [
        slack.files.add("약도.png", picture),
        slack.files.add("약관.txt", terms, mimetype="text/plain"),
    ]
    ts = slack.say(AGENT, "여기로 오세요", card, files=attached)
    customer.telegram.until(lambda: any("document" in m for m in customer.sees()))
    words, photo, document = customer.sees()[-3:]
    assert words["text"] == "지원: 여기로 오세요"
    assert "photo" in photo and photo["content"] == picture
    assert (document["document"]["file_name"], document["content"]) == ("약관.txt", terms)
    slack.until(lambda: given(slack, ts) == ["white_check_mark"])
    code = slack.message(QUEUE, card)["text"].split()[0]
    desk = signed_in(app, "콘솔 지원", role="lead")
    page = f"/console/tickets/{code}"
    with app.sessions.begin() as session:
        assert agents.by_name(session, "콘솔 지원") is not None
    desk.post(f"{page}/assign", page=page, agent=_number(app, "콘솔 지원"))
    answer = desk.http.post(
        f"{page}/say",
        data={"csrf": desk.csrf(page), "mode": "reply", "key": "k"},
        files=[("files", ("영수증.pdf", files.PDF))],
        headers={"X-Console": "1"},
    )
    assert answer.status_code == 200, answer.text
    customer.telegram.until(
        lambda: customer.sees()[-1].get("document", {}).get("file_name") == "영수증.pdf"
    )
    assert customer.sees()[-1]["content"] == files.PDF
    slack.until(lambda: [s.title for s in slack.files.stored.values()][-1] == "영수증.pdf")


def _number(app: App, name: str) -> int:
    with app.sessions() as session:
        found = agents.by_name(session, name)
        assert found is not None
        return found.id
