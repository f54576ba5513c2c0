"""What somebody still works on keeps what was said about it, however old that is (check P5)."""

from __future__ import annotations

from sqlalchemy import Engine, select, text

from connectors import desk as desks
from connectors import gaps
from knowledge_base import articles
from knowledge_base import gaps as known_gaps
from knowledge_base.models import Article, GapQuestion
from tests.clock import Clock
from tests.connectors.canary import Talk
from tests.connectors.test_retention import admin, by, keep, of, purge, somebody, time
from ticketing import claims, customers, history, lanes, links, ticket_links, tickets
from ticketing.models import Agent, Ticket

__all__ = ["admin", "time"]  # fixtures


def test_what_an_open_one_hangs_on_is_kept_through_what_rests_for_it(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    first = somebody(time, admin, "처음 온 곳", resolved=True)
    other = somebody(time, admin, "다른 곳", resolved=False)
    keep(time, admin, "conversations", 90)
    time.forward(days=100)
    with time.sessions.begin() as session:
        agent = session.merge(admin)
        earlier = session.scalars(select(Ticket).where(Ticket.customer_id == first)).one()
        again = customers.identify(session, channel="web", external_id="처음 온 곳")
        Talk(session, *again).says("또 왔어요", {"kind": "hand_off", "text": "네"})
        follows = tickets.current(session, customer_id=first)
        assert follows is not None
        ticket_links.add(session, follows, earlier, kind="follow_up", agent=agent)
        links.link(session, customer_id=first, other_id=other, evidence="code")
        goes_on = tickets.current(session, customer_id=first)
        assert goes_on is not None and follows.joined_to == goes_on.id
        code = goes_on.code
    before = of(engine, first)
    assert purge(time) == {} and of(engine, first) == before
    with time.sessions.begin() as session:
        desks.resolve(session, code=code, agent=session.merge(admin))
    time.forward(days=1)
    assert purge(time)["conversations"] == 1


def test_a_complaint_that_is_not_settled_keeps_what_it_is_about(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    who = somebody(time, admin, "물건이 깨졌어요", resolved=True)
    with time.sessions.begin() as session:
        ticket = session.scalars(select(Ticket)).one()
        made = claims.make(
            session, who, kind="defect", text="깨짐", by=by(admin), ticket=ticket
        ).id  # fmt: skip
    keep(time, admin, "conversations", 90)
    time.forward(days=100)
    before = of(engine, who)
    assert purge(time) == {} and of(engine, who) == before
    with time.sessions.begin() as session:
        claims.settle(session, who, made, settlement="바꿔 드림", by=by(admin))
    time.forward(days=1)
    assert purge(time)["conversations"] == 1 and of(engine, who)["message"] == []


def test_failed_work_stays_while_what_it_is_about_is_open(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    somebody(time, admin, "아직 기다려요", resolved=False)
    somebody(time, admin, "끝났어요", resolved=True)
    with time.sessions.begin() as session:
        codes = session.scalars(select(Ticket.code).order_by(Ticket.id)).all()
        session.execute(text("DELETE FROM job"))
        for number, (lane, payload) in enumerate(
            [
                ("out:slack:C0QUEUE", {"ticket": codes[0]}),
                ("web::아직 기다려요", {"text": "도착하지 않은 말"}),
                ("out:slack:C0QUEUE", {"ticket": codes[1]}),
                ("web::끝났어요", {"text": "도착하지 않은 말"}),
            ]
        ):
            lanes.enqueue(session, lane=lane, kind="slack.post", dedup=str(number), payload=payload)
        # Of nobody's words, and still to be done.
        lanes.enqueue(
            session, lane="erasure:7", kind="customer.erase", dedup="7", payload={"erasure": 7}
        )
        session.execute(text("UPDATE job SET state = 'dead', changed_at = now()"))
    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    assert purge(time)["letters"] == 2
    with engine.connect() as connection:
        left = connection.execute(text("SELECT dedup FROM job WHERE state = 'dead' ORDER BY id"))
        assert left.scalars().all() == ["0", "1", "7"]


def test_failed_work_of_what_rests_goes_when_what_goes_on_for_it_is_over(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    one = somebody(time, admin, "한 곳에서", resolved=False)
    other = somebody(time, admin, "다른 곳에서", resolved=False)
    with time.sessions.begin() as session:
        links.link(session, customer_id=one, other_id=other, evidence="code")
        rests = session.scalars(select(Ticket).where(Ticket.joined_to.is_not(None))).one()
        session.execute(text("DELETE FROM job"))
        for lane, payload in (
            ("out:slack:C0QUEUE", {"ticket": rests.code}),
            ("web::한 곳에서", {"text": "도착하지 않은 말"}),
        ):
            lanes.enqueue(session, lane=lane, kind="slack.post", dedup=lane, payload=payload)
        session.execute(text("UPDATE job SET state = 'dead', changed_at = now()"))
    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    assert purge(time) == {}
    with time.sessions.begin() as session:
        ticket = tickets.current(session, customer_id=one)
        assert ticket is not None
        desks.resolve(session, code=ticket.code, agent=session.merge(admin))
    time.forward(days=91)
    assert purge(time)["letters"] == 2


def test_a_draft_in_work_and_what_it_is_made_of_are_kept(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    somebody(time, admin, "노란 우산 있나요", resolved=True)
    with time.sessions.begin() as session:
        assert gaps.sort_in(session, [gaps.asked(row) for row in gaps.fresh(session)])
        (gap,) = known_gaps.listing(session)
        id, locale = gaps.draft(session, gap.gap.id, by="지수")
        code = session.scalars(select(Ticket.code)).one()
        articles.create(
            session, id="umbrella", locale="ko", title="우산", questions=[], body="하나",
            author="지수", source=code,
        )  # fmt: skip
    keep(time, admin, "conversations", 90)
    time.forward(days=89)
    with time.sessions.begin() as session:
        for one in (id, "umbrella"):
            articles.update(session, id=one, locale=locale, body="고쳐 쓴 글", author="지수")
    time.forward(days=2)
    assert purge(time).keys() == {"files", "messages", "conversations"}
    with time.sessions() as session:
        assert set(session.scalars(select(Article.body))) == {"고쳐 쓴 글"}
        assert session.scalars(select(GapQuestion.text)).all() == ["노란 우산 있나요"]
    time.forward(days=89)
    assert purge(time) == {"questions": 1}
    with time.sessions() as session:
        assert session.scalars(select(Article.id)).all() == []


def test_what_was_asked_since_it_was_reopened_is_kept_while_it_is_open(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    who = somebody(time, admin, "노란 우산 있나요", resolved=True)
    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    assert purge(time)["conversations"] == 1
    with time.sessions.begin() as session:
        ticket = session.scalars(select(Ticket)).one()
        desks.reopen(session, code=ticket.code, agent=session.merge(admin))
        history.record(
            session, conversation_id=ticket.conversation_id, customer_id=who, author="bot",
            kind="unknown", text="잘 모르겠어요", meta={"question": "파란 우산 있나요"},
        )  # fmt: skip
        assert gaps.sort_in(session, [gaps.asked(row) for row in gaps.fresh(session)])
    time.forward(days=100)
    assert purge(time) == {}
    with time.sessions.begin() as session:
        assert session.scalars(select(GapQuestion.text)).all() == ["파란 우산 있나요"]
        desks.resolve(session, code=ticket.code, agent=session.merge(admin))
    time.forward(days=91)
    gone = purge(time)
    assert (gone["conversations"], gone["questions"]) == (1, 1)
