"""What the channel reads at once when the bot served somebody badly."""

from __future__ import annotations

from sqlalchemy import select

from connectors.desk import surveying
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE
from ticketing import history, survey_rules
from ticketing.models import Conversation


def test_a_low_rating_of_the_bot_is_a_post_with_a_mention(app: App, slack: FakeSlack) -> None:
    app.rasa.mode = "echo"
    customer = app.visitor()
    seq = customer.say("환불 되나요?").json()["seq"]
    customer.until(lambda line: line["author"] == "bot", after=seq)
    with app.sessions.begin() as session:
        survey_rules.set_policy(session, "bot", sample=100, quiet_days=30)
        talk = session.scalars(select(Conversation)).one()
        article = {"id": "refund", "locale": "ko", "title": "환불 <안내>", "url": "/help/refund"}
        history.record(
            session, conversation_id=talk.id, customer_id=talk.customer_id, author="bot",
            kind="answer", text="7일 안에 돼요", article=article,
        )  # fmt: skip
        surveying.after_answer(session, talk.id)
    survey = [line for line in customer.history() if line["kind"] == "csat"][-1]
    assert customer.press(survey["buttons"][4]["payload"]).status_code == 202
    post = slack.until(
        lambda: next((one for one in slack.messages[QUEUE] if "1/5" in one.get("text", "")), None)
    )
    assert "thread_ts" not in post and "환불 &lt;안내&gt;" in post["text"]
    assert f"<@{AGENT}>" in post["text"]
    app.settle()
    slack.say(AGENT, "제가 볼게요", post["ts"])
    app.settle()
    assert slack.hints == [], "under it colleagues talk; there is no customer to be answered"
