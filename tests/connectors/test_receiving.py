"""What several customers write in the same moment is accepted by one statement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectors import desk
from tests.connectors.test_turns import Customer
from tests.late import late
from tests.statements import noted
from ticketing import conversations, customers, inbox, lanes
from ticketing.db import Left, Sessions
from ticketing.errors import Conflict, LeaseLost
from ticketing.models import Conversation, Job, Lane, Message

_NUMBER = "SELECT last_value FROM message_id_seq"


@pytest.fixture
def crowd(sessions: Sessions) -> list[Customer]:
    """Three customers, each in an open episode."""
    made = [Customer(sessions) for _ in range(3)]
    for customer in made:
        customer.send("처음")
    return made


@pytest.fixture
def answered(sessions: Sessions, crowd: list[Customer]) -> list[Customer]:
    """The same, with nothing left to do."""
    with sessions.begin() as session:
        works = lanes.claim(session, owner="me", limit=9)
        assert len(works) == len(crowd)
        lanes.done(session, *works)
    return crowd


def words(customer: Customer, text: str, external_id: str | None = None) -> inbox.Words:
    return inbox.Words(customer.token, external_id or str(uuid.uuid4()), text)


def together(sessions: Sessions, *said: inbox.Words) -> Sequence[desk.Receipt | Left]:
    with sessions.begin() as session:
        return desk.receive_together(session, said)


def alone(sessions: Sessions, said: inbox.Words) -> desk.Receipt | None:
    with sessions.begin() as session:
        return desk.receive_words(session, said)


def test_one_statement_accepts_them_all(sessions: Sessions, crowd: list[Customer]) -> None:
    said = [words(customer, "지금 어디쯤이에요?") for customer in crowd]
    with sessions() as session:
        before = {talk.id: talk.last_message_at for talk in session.scalars(select(Conversation))}
    with sessions.begin() as session, noted(session) as statements:
        receipts = desk.receive_together(session, said)
    assert len(statements) == 1
    with sessions() as session:
        for customer, one, receipt in zip(crowd, said, receipts, strict=True):
            assert isinstance(receipt, desk.Receipt) and not receipt.again
            line = session.get_one(Message, receipt.seq)
            assert (line.customer_id, line.identity_id) == (customer.id, customer.identity)
            assert (line.text, line.external_id) == ("지금 어디쯤이에요?", one.external_id)
            job = session.scalars(
                select(Job).where(Job.dedup == f"{customer.identity}:{one.external_id}")
            ).one()
            assert job.lane == customers.lane(customer.id)
            assert job.payload == {"identity": customer.identity, "external_id": one.external_id}
            lane = session.get_one(Lane, job.lane)
            assert lane.ready_at is not None
            talk = session.get_one(Conversation, line.conversation_id)
            assert talk.identity_id == customer.identity
            assert talk.last_message_at > before[talk.id]


def test_what_one_customer_writes_stays_in_order(sessions: Sessions, crowd: list[Customer]) -> None:
    said = [words(crowd[number % 3], f"{number}번째 말이에요") for number in range(30)]
    receipts = together(sessions, *said)
    for place, customer in enumerate(crowd):
        assert customer.said(author="customer")[1:] == [one.text for one in said[place::3]]
        seqs = [one.seq for one in receipts[place::3] if isinstance(one, desk.Receipt)]
        assert len(seqs) == 10 and seqs == sorted(seqs)
        with sessions() as session:
            jobs = session.scalars(
                select(Job).where(Job.lane == customers.lane(customer.id)).order_by(Job.id)
            ).all()
        turns = [job.payload["external_id"] for job in jobs][1:]
        assert turns == [one.external_id for one in said[place::3]]


def test_the_first_words_of_an_episode_are_received_by_themselves(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    new = Customer(sessions)
    hello = words(new, "안녕하세요")
    left, accepted = together(sessions, hello, words(crowd[0], "그리고요"))
    assert left is Left.ALONE and isinstance(accepted, desk.Receipt)
    assert (new.said(), crowd[0].said(author="customer")) == ([], ["처음", "그리고요"])
    assert alone(sessions, hello) is not None
    assert new.said(author="customer") == ["안녕하세요"]
    with sessions() as session:
        assert conversations.ongoing(session, customer_id=new.id) is not None


def test_a_repetition_is_the_first_again_also_in_the_same_moment(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    once = words(crowd[0], "한 번만")
    first, second, other = together(sessions, once, once, words(crowd[1], "저도요"))
    assert isinstance(first, desk.Receipt) and isinstance(other, desk.Receipt)
    assert second is Left.ALONE
    assert alone(sessions, once) == desk.Receipt(first.seq, again=True)
    assert together(sessions, once) == [Left.ALONE]
    assert crowd[0].said(author="customer") == ["처음", "한 번만"]
    with pytest.raises(Conflict):
        alone(sessions, words(crowd[0], "다른 말", once.external_id))


def test_a_repetition_begins_no_episode(sessions: Sessions, crowd: list[Customer]) -> None:
    once = words(crowd[0], "고마워요")
    (first,) = together(sessions, once)
    assert isinstance(first, desk.Receipt)
    with sessions.begin() as session:
        assert conversations.close_idle(session, idle=dt.timedelta(0)) == len(crowd)
    assert together(sessions, once) == [Left.ALONE]
    assert alone(sessions, once) == desk.Receipt(first.seq, again=True)
    with sessions() as session:
        assert conversations.ongoing(session, customer_id=crowd[0].id) is None


def test_who_has_no_valid_token_keeps_nobody_else_from_being_heard(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    nobody = inbox.Words("nobody's", str(uuid.uuid4()), "배송은 언제 되나요?")
    said = [words(crowd[1], "배송은요?"), nobody, words(crowd[0], "교환은요?")]
    receipts = together(sessions, *said)
    assert [receipt is Left.ALONE for receipt in receipts] == [False, True, False]
    assert [one.said()[-1] for one in crowd] == ["교환은요?", "배송은요?", "처음"]
    assert together(sessions, nobody) == [Left.ALONE]
    assert alone(sessions, nobody) is None


def test_nobody_waits_for_a_lane_that_another_transaction_holds(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    """As that of a ticket does, for as long as an agent's request takes."""
    said = [words(customer, "잠시만요") for customer in crowd]
    with sessions.begin() as holding:
        lanes.lock(holding, customers.lane(crowd[1].id))
        with sessions.begin() as session:
            session.connection().exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            receipts = desk.receive_together(session, said)
    assert [receipt is Left.HELD for receipt in receipts] == [False, True, False]
    assert [one.said()[1:] for one in crowd] == [["잠시만요"], [], ["잠시만요"]]


def test_a_lane_is_held_before_its_line_has_a_number(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    """Who holds a lane and writes first is read first: a reader never goes back."""
    with sessions.begin() as holding:
        lanes.lock(holding, customers.lane(crowd[0].id))
        with sessions() as session:
            session.connection().exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            before = session.connection().exec_driver_sql(_NUMBER).scalar()
            with pytest.raises(Exception, match="lock timeout"):
                desk.receive_words(session, words(crowd[0], "잠시만요"))
        with sessions() as session:
            assert session.connection().exec_driver_sql(_NUMBER).scalar() == before


def beginning(*said: inbox.Words) -> Callable[[Session], list[lanes.Work]]:
    """What a worker may begin with that accepts these words."""

    def accept(session: Session) -> list[lanes.Work]:
        receipts = desk.receive_together(session, said, "worker")
        assert all(isinstance(receipt, desk.Receipt) for receipt in receipts)
        works: list[lanes.Work] = session.info["begun"]
        return works

    return accept


def begun(sessions: Sessions, *said: inbox.Words) -> list[lanes.Work]:
    with sessions.begin() as session:
        return beginning(*said)(session)


def test_an_empty_lane_is_leased_to_the_worker_that_accepts(
    sessions: Sessions, answered: list[Customer]
) -> None:
    said = [words(answered[number % 2], f"{number}번째 말이에요") for number in range(4)]
    works = begun(sessions, *said)
    by_lane = {work.lane: work for work in works}
    assert set(by_lane) == {customers.lane(one.id) for one in answered[:2]} and len(works) == 2
    with sessions.begin() as session:
        assert lanes.claim(session, owner="other", limit=9) == []
        for place, customer in enumerate(answered[:2]):
            work = by_lane[customers.lane(customer.id)]
            assert (work.kind, work.attempts, work.failures) == ("turn", 1, 0)
            assert work.payload["external_id"] == said[place].external_id
            lanes.hold(session, work)
            (following,) = lanes.done(session, work, lease_s=6)
            assert following is not None and following.attempts == 1
            assert following.payload["external_id"] == said[place + 2].external_id


def test_what_waits_in_a_lane_is_not_overtaken_by_who_accepts(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    """The first of them never began; nor does a worker lose the lane it works in."""
    assert begun(sessions, words(crowd[0], "그리고요")) == []
    with sessions.begin() as session:
        works = {work.lane: work for work in lanes.claim(session, owner="other", limit=9)}
    held = works[customers.lane(crowd[0].id)]
    assert begun(sessions, words(crowd[0], "하나 더요")) == []
    with sessions.begin() as session:
        lanes.hold(session, held)
        (following,) = lanes.done(session, held, lease_s=6)
    assert following is not None and following.attempts == 1
    assert crowd[0].said(author="customer") == ["처음", "그리고요", "하나 더요"]


def test_a_lane_that_somebody_else_has_leased_stays_theirs(
    sessions: Sessions, answered: list[Customer]
) -> None:
    """Whatever is in it; when they give it back, or their lease ends, it is claimed."""
    key = customers.lane(answered[0].id)
    with sessions.begin() as session:
        leased = session.get_one(Lane, key)
        leased.owner = "other"
        leased.until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    said = words(answered[0], "거기 계세요?")
    assert begun(sessions, said) == []
    with sessions.begin() as session:
        assert session.get_one(Lane, key).owner == "other"
        lanes.release(session, "other")
    with sessions.begin() as session:
        (work,) = lanes.claim(session, owner="next", limit=9)
    assert (work.attempts, work.payload["external_id"]) == (1, said.external_id)


def test_who_accepts_late_overtakes_nobody(
    engine: Engine, sessions: Sessions, answered: list[Customer]
) -> None:
    """The lane was empty when the statement began, and has work when it is locked."""
    earlier, later = (words(answered[0], text) for text in ("먼저요", "나중에요"))
    begins = late(engine, sessions, beginning(later), lambda: together(sessions, earlier))
    assert begins == []
    with sessions.begin() as session:
        (work,) = lanes.claim(session, owner="other", limit=9)
        assert work.payload["external_id"] == earlier.external_id
        (following,) = lanes.done(session, work, lease_s=6)
    assert following is not None and following.payload["external_id"] == later.external_id
    assert answered[0].said(author="customer")[1:] == ["먼저요", "나중에요"]


def test_who_accepts_late_begins_in_a_lane_that_became_empty(
    engine: Engine, sessions: Sessions, crowd: list[Customer]
) -> None:
    """Somebody worked in it when the statement began, and nobody does when it is locked."""
    with sessions.begin() as session:
        works = {work.lane: work for work in lanes.claim(session, owner="other", limit=9)}
    working = works[customers.lane(crowd[0].id)]

    def finish() -> None:
        with sessions.begin() as session:
            lanes.hold(session, working)
            lanes.done(session, working)

    later = words(crowd[0], "나중에요")
    (work,) = late(engine, sessions, beginning(later), finish)
    assert work.payload["external_id"] == later.external_id
    with sessions.begin() as session:
        lanes.hold(session, work)
        assert lanes.done(session, work, lease_s=6) == [None]


def test_f11_a_worker_that_ends_after_accepting_loses_the_lane(
    sessions: Sessions, answered: list[Customer]
) -> None:
    (slept,) = begun(sessions, words(answered[0], "거기 계세요?"))
    with sessions.begin() as session:
        session.get_one(Lane, slept.lane).until = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    with sessions.begin() as session:
        (again,) = lanes.claim(session, owner="other", limit=9)
    assert (again.job, again.attempts, again.failures) == (slept.job, 2, 0)
    with sessions() as session, pytest.raises(LeaseLost):
        lanes.hold(session, slept)


def test_a_repetition_takes_no_lane(sessions: Sessions, crowd: list[Customer]) -> None:
    once = words(crowd[0], "한 번만")
    assert isinstance(together(sessions, once)[0], desk.Receipt)
    with sessions.begin() as session:
        works = lanes.claim(session, owner="me", limit=9)
        for _ in range(2):
            works = [work for work in lanes.done(session, *works, lease_s=6) if work is not None]
    assert works == []
    with sessions.begin() as session:
        assert desk.receive_together(session, [once], "worker") == [Left.ALONE]
        assert session.info["begun"] == []
    with sessions() as session:
        lane = session.get_one(Lane, customers.lane(crowd[0].id))
        assert (lane.owner, lane.until, lane.ready_at) == (None, None, None)


@pytest.mark.parametrize("text", ["5", "★★★", "의견: 친절했어요", "2번", "만족해요"])
def test_words_that_may_mean_more_are_not_plain(text: str) -> None:
    assert not desk.plain(text)


@pytest.mark.parametrize("text", ["환불은 언제 되나요?", "Where is it?", "5시에 오나요?"])
def test_a_question_is_plain(text: str) -> None:
    assert desk.plain(text)
