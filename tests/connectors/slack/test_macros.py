"""The command that sends a macro."""

from __future__ import annotations

import json

from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, STRANGER
from tests.connectors.slack.test_commands import claimed, code_of, said
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from ticketing import macros


def test_a_macro_is_edited_and_sent_and_does_what_it_says(app: App, slack: FakeSlack) -> None:
    customer, _ = claimed(app, slack, "환불?")
    code = code_of(app, customer)
    assert "no macros yet" in said(slack, AGENT, "/macro", code)
    with app.sessions.begin() as session:
        macros.save(
            session, None, name="환불 안내", text_ko="{customer.name}님, {order.last} 환불했어요",
            text_en="", tags_=["환불"], resolves=True,
        )  # fmt: skip
    assert "환불 안내" in said(slack, AGENT, "/macro", "없는 이름")
    assert "/ticket link" in said(slack, STRANGER, "/macro", "환불 안내")
    slack.command(AGENT, "/macro", "환불")
    view = slack.until(lambda: slack.views.get(AGENT))
    shown = json.dumps(view, ensure_ascii=False)
    assert "고객님, (주문번호 없음) 환불했어요" in shown and "order.last" in shown
    assert "#환불, 해결 resolve" in shown
    slack.submit(AGENT, text="고객님, A-1 환불했어요")
    assert customer.until(by("agent"))["text"] == "고객님, A-1 환불했어요"
    app.settle()
    ticket = app.agent("프로그램").get(f"/api/tickets/{code}").json()
    assert (ticket["state"], [one["tag"] for one in ticket["tags"]]) == ("resolved", ["환불"])
    assert [one["text"] for one in ticket["timeline"] if one["author"] == "agent"] == [
        "고객님, A-1 환불했어요"
    ]
