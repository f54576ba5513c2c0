"""The message shortcut that makes an agent's answer a draft of the knowledge base."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text as sql

from knowledge_base import articles, catalogue
from tests.connectors.browser import signed_in
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, GUEST, STRANGER, escalate, hint, state
from tests.connectors.slack.test_planning import code_of
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE


def filled(slack: FakeSlack, user: str = AGENT) -> dict[str, str]:
    """What stands in the fields of the form that opened."""
    view: dict[str, Any] = slack.until(lambda: slack.views.get(user))
    elements = [block["element"] for block in view["blocks"] if block["type"] == "input"]
    found = {one["action_id"]: str(one.get("initial_value", "")) for one in elements}
    (chosen,) = [one["initial_option"]["value"] for one in elements if "initial_option" in one]
    return found | {"locale": chosen}


def answered(app: App, slack: FakeSlack) -> tuple[str, str]:
    """A card, and the agent's answer in its thread."""
    customer, card = escalate(app, slack, "차 가져가도 되나요?")
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    customer.say("주차비 얼마예요? 제 번호는 010-1234-5678이에요")
    slack.until(lambda: len(slack.thread(card)) == 1)
    said = "네, <@U0OTHER> 확인했고 &lt;2시간&gt; 무료예요. 문의는 <mailto:a@b.kr|a@b.kr>"
    mine = slack.say(AGENT, said, card)
    customer.until(by("agent"))
    customer.say("네 감사합니다")
    slack.until(lambda: len(slack.thread(card)) == 2)
    return card, mine


def test_an_answer_becomes_a_draft_that_curators_find(app: App, slack: FakeSlack) -> None:
    card, mine = answered(app, slack)
    slack.shortcut(AGENT, "kb_draft", mine)
    fields = filled(slack)
    assert fields["question"] == "주차비 얼마예요? 제 번호는 [전화번호]이에요"
    assert fields["reply"] == "네, @[이름] 확인했고 <2시간> 무료예요. 문의는 [이메일]"
    assert (fields["title"], fields["locale"]) == ("", "ko")
    sent = slack.submit(
        AGENT,
        title="매장 주차 안내",
        question="주차비 얼마예요?",
        reply="2시간 무료예요.",
        other="차 가져가도 되나요?",
    )
    told = hint(slack, AGENT, "매장 주차 안내")
    assert told["thread_ts"] == card, "where the agent looks"
    assert slack.deliver(sent, retry=1) == 200
    app.settle()
    with app.sessions() as session:
        (draft,) = catalogue.listing(session, state="draft")
        assert (draft.id, draft.locale, draft.body) == ("매장-주차-안내", "ko", "2시간 무료예요.")
        assert [*draft.questions] == ["주차비 얼마예요?", "차 가져가도 되나요?"]
        (created,) = articles.revisions(session, id=draft.id, locale="ko")
        assert created.author == "지원"
    curator = signed_in(app, "큐레이터", role="lead")
    code = code_of(app)
    for page in ("/console/articles?state=draft", f"/console/articles/edit/{draft.id}?locale=ko"):
        shown = curator.get(page).text
        assert f'href="/console/tickets/{code}"' in shown and "매장 주차 안내" in shown
    with app.sessions() as session:
        public = session.execute(sql("SELECT count(*) FROM kb_article WHERE state <> 'draft'"))
        assert public.scalar() == 0


def test_on_the_customers_words_the_answer_is_to_be_written(app: App, slack: FakeSlack) -> None:
    card, _ = answered(app, slack)
    theirs = next(m for m in slack.messages[QUEUE] if "bot_id" in m and m.get("thread_ts"))
    slack.shortcut(AGENT, "kb_draft", theirs["ts"])
    fields = filled(slack)
    assert (fields["question"][:9], fields["reply"]) == ("주차비 얼마예요?", "")
    slack.shortcut(AGENT, "kb_draft", card)
    slack.until(lambda: filled(slack)["question"] == "차 가져가도 되나요?")


def test_beside_the_tickets_it_works_too(app: App, slack: FakeSlack) -> None:
    slack.messages["C0OTHER"] = []
    ts = slack.say(AGENT, "Gift wrapping is free, ask minji@example.com")
    body = slack.shortcut(AGENT, "kb_draft", ts)
    fields = filled(slack)
    assert fields["reply"] == "Gift wrapping is free, ask [email]"
    assert (fields["question"], fields["locale"]) == ("", "en")
    slack.submit(AGENT, title="Gift wrap", question="Is it free?", reply="Yes, it is.")
    hint(slack, AGENT, "Gift wrap")
    # In a channel our bot need not be in, Slack's own address is answered.
    body |= {"channel": {"id": "C0OTHER", "name": "other"}, "trigger_id": slack.trigger(AGENT)}
    body["response_url"] = url = slack.response_url()
    slack.deliver(body)
    filled(slack)
    slack.submit(AGENT, title="Gift wrap", question="Is it free?", reply="Yes, always.")
    number, told = slack.until(lambda: slack.responses)[0]
    assert url.endswith(f"/{number}") and "Gift wrap" in told["text"]
    with app.sessions() as session:
        first, second = sorted(one.id for one in catalogue.listing(session, state="draft"))
        assert first == "gift-wrap" and second.startswith("gift-wrap-")


def test_only_agents_make_drafts(app: App, slack: FakeSlack) -> None:
    _, mine = answered(app, slack)
    slack.shortcut(STRANGER, "kb_draft", mine)
    hint(slack, STRANGER, "Only agents can do this")
    slack.shortcut(GUEST, "kb_draft", mine)
    hint(slack, GUEST, "guests")
    assert GUEST not in slack.views  # in which the customer's question is
    slack.refuse("views.open", "expired_trigger_id")
    slack.shortcut(AGENT, "kb_draft", mine)
    hint(slack, AGENT, "press once more")
    with app.sessions() as session:
        assert not catalogue.listing(session)
