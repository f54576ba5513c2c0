"""What several customers write in the same moment is accepted by one statement."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from connectors import desk
from tests.connectors.test_turns import Customer
from tests.statements import noted
from ticketing import conversations, customers, inbox, lanes
from ticketing.db import Sessions
from ticketing.errors import Conflict
from ticketing.models import Conversation, Job, Lane, Message

_NUMBER = "SELECT last_value FROM message_id_seq"


@pytest.fixture
def crowd(sessions: Sessions) -> list[Customer]:
    """Three customers, each in an open episode."""
    made = [Customer(sessions) for _ in range(3)]
    for customer in made:
        customer.send("처음")
    return made


def words(customer: Customer, text: str, external_id: str | None = None) -> inbox.Line:
    return inbox.Line(
        customer_id=customer.id,
        identity_id=customer.identity,
        external_id=external_id or str(uuid.uuid4()),
        text=text,
    )


def receive(sessions: Sessions, *said: inbox.Line) -> Sequence[desk.Receipt]:
    with sessions.begin() as session:
        return desk.receive_together(session, said)


def test_one_statement_accepts_them_all(sessions: Sessions, crowd: list[Customer]) -> None:
    said = [words(customer, "지금 어디쯤이에요?") for customer in crowd]
    with sessions() as session:
        before = {talk.id: talk.last_message_at for talk in session.scalars(select(Conversation))}
    with sessions.begin() as session, noted(session) as statements:
        receipts = desk.receive_together(session, said)
    assert len(statements) == 1
    assert not any(receipt.again for receipt in receipts)
    with sessions() as session:
        for one, receipt in zip(said, receipts, strict=True):
            line = session.get_one(Message, receipt.seq)
            assert (line.customer_id, line.text) == (one.customer_id, "지금 어디쯤이에요?")
            job = session.scalars(
                select(Job).where(Job.dedup == f"{one.identity_id}:{one.external_id}")
            ).one()
            assert job.lane == customers.lane(one.customer_id)
            assert job.payload == {"identity": one.identity_id, "external_id": one.external_id}
            lane = session.get_one(Lane, job.lane)
            assert lane.ready_at is not None
            talk = session.get_one(Conversation, line.conversation_id)
            assert talk.identity_id == one.identity_id
            assert talk.last_message_at > before[talk.id]


def test_what_one_customer_writes_stays_in_order(sessions: Sessions, crowd: list[Customer]) -> None:
    said = [words(crowd[number % 3], f"{number}번째 말이에요") for number in range(30)]
    receipts = receive(sessions, *said)
    for place, customer in enumerate(crowd):
        assert customer.said(author="customer")[1:] == [one.text for one in said[place::3]]
        seqs = [receipt.seq for receipt in receipts[place::3]]
        assert seqs == sorted(seqs)
        with sessions() as session:
            jobs = session.scalars(
                select(Job).where(Job.lane == customers.lane(customer.id)).order_by(Job.id)
            ).all()
        turns = [job.payload["external_id"] for job in jobs][1:]
        assert turns == [one.external_id for one in said[place::3]]


def test_the_first_words_begin_an_episode_beside_others_that_go_on(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    new = Customer(sessions)
    said = [words(new, "안녕하세요"), words(crowd[0], "그리고요"), words(new, "있나요?")]
    receipts = receive(sessions, *said)
    assert new.said(author="customer") == ["안녕하세요", "있나요?"]
    assert receipts[0].seq < receipts[2].seq
    assert crowd[0].said(author="customer") == ["처음", "그리고요"]
    with sessions() as session:
        assert conversations.ongoing(session, customer_id=new.id) is not None


def test_a_repetition_is_the_first_again_also_in_the_same_moment(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    once = words(crowd[0], "한 번만")
    first, second, other = receive(sessions, once, once, words(crowd[1], "저도요"))
    assert (second.seq, first.again, second.again) == (first.seq, False, True)
    (later,) = receive(sessions, once)
    assert (later.seq, later.again) == (first.seq, True)
    assert not other.again
    assert crowd[0].said(author="customer") == ["처음", "한 번만"]


def test_other_words_under_the_same_id_are_refused_and_nothing_of_them_all_is_kept(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    once = words(crowd[0], "한 번만")
    receive(sessions, once)
    with pytest.raises(Conflict):
        receive(sessions, words(crowd[1], "저도요"), words(crowd[0], "다른 말", once.external_id))
    assert crowd[1].said(author="customer") == ["처음"]


def test_who_has_no_valid_token_keeps_nobody_else_from_being_heard(sessions: Sessions) -> None:
    with sessions.begin() as session:
        tokens = [customers.start_session(session)[0] for _ in range(2)]
    said = [
        desk.Words(token, str(uuid.uuid4()), "배송은 언제 되나요?")
        for token in (tokens[1], "nobody's", tokens[0])
    ]
    with sessions.begin() as session:
        receipts = desk.receive_from_web(session, said)
    assert receipts[1] is None
    with sessions() as session:
        for words, receipt in ((said[0], receipts[0]), (said[2], receipts[2])):
            assert receipt is not None
            line = session.get_one(Message, receipt.seq)
            who = customers.authenticate(session, words.token)
            assert (line.identity_id, line.customer_id) == who
        assert desk.receive_from_web(session, [said[1]]) == [None]
        assert session.scalar(select(func.count()).select_from(Message)) == 2


def test_every_lane_is_held_before_a_line_has_its_number(
    sessions: Sessions, crowd: list[Customer]
) -> None:
    """Who holds a lane and writes first is read first: a reader never goes back."""
    keys = sorted(customers.lane(customer.id) for customer in crowd)
    with sessions.begin() as holding:
        lanes.lock(holding, keys[-1])
        with sessions() as session:
            session.connection().exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            before = session.connection().exec_driver_sql(_NUMBER).scalar()
            with pytest.raises(Exception, match="lock timeout"):
                desk.receive_together(session, [words(one, "잠시만요") for one in crowd])
        with sessions() as session:
            assert session.connection().exec_driver_sql(_NUMBER).scalar() == before


@pytest.mark.parametrize("text", ["5", "★★★", "의견: 친절했어요", "2번", "만족해요"])
def test_words_that_may_mean_more_are_not_plain(text: str) -> None:
    assert not desk.plain(text)


@pytest.mark.parametrize("text", ["환불은 언제 되나요?", "Where is it?", "5시에 오나요?"])
def test_a_question_is_plain(text: str) -> None:
    assert desk.plain(text)
