"""Who is asked what they mean and leaves: what they had asked is something to write about."""

from __future__ import annotations

from sqlalchemy.orm import Session

from connectors import gaps as gathered
from tests.connectors.test_gaps import ANSWER, Talk, sort
from ticketing import conversations


def test_who_leaves_where_they_were_to_choose_asked_in_vain(session: Session) -> None:
    choice = {"title": "배송 기간", "payload": '/choose_article{"article": "delivery-time"}'}
    offer = {"kind": "clarify", "text": "이건가요?", "buttons": [choice], "asked": True}
    left, there, chose, wrote, named = (Talk(session) for _ in range(5))
    for talk in (left, there, chose, wrote):
        talk.say("애플페이 되나요?", offer)
    named.say("환불", {**offer, "asked": False})  # only a topic
    chose.say(choice["title"], ANSWER, payload=choice["payload"])
    wrote.say("아 찾았어요", {"kind": "say", "text": "네"})
    assert gathered.fresh(session) == [], "they may still choose"
    for talk in (left, chose, wrote, named):
        held = conversations.current(session, customer_id=talk.customer.id)
        outcome = conversations.bot_outcome(session, held.id)
        conversations.move(session, held, "closed", outcome=outcome)
    (gap,) = sort(session)
    assert [(one.text, one.customer, one.kinds) for one in gap.examples] == [
        ("애플페이 되나요?", left.customer.id, ["left"])
    ]
    assert gap.kinds == {"left": 1}
