"""What the open chats of several customers show is read by one statement."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from tests.statements import noted
from ticketing import conversations, customers, history, links, readers
from ticketing.db import Sessions
from ticketing.readers import Reader


def somebody(session: Session, channel: str = "web") -> uuid.UUID:
    """A customer in an open episode."""
    _, customer = customers.identify(
        session, channel=channel, account="", external_id=uuid.uuid4().hex
    )
    conversations.current(session, customer_id=customer)
    return customer


def write(session: Session, customer: uuid.UUID, text: str, *, internal: bool = False) -> int:
    talk = conversations.current(session, customer_id=customer)
    seq = history.record(
        session,
        conversation_id=talk.id,
        customer_id=customer,
        author="agent",
        text=text,
        internal=internal,
    )
    assert seq is not None
    return seq


def test_each_reads_what_is_new_to_them_in_one_statement(sessions: Sessions) -> None:
    with sessions.begin() as session:
        first, second, third = (somebody(session) for _ in range(3))
        seen = write(session, first, "확인해 볼게요")
        write(session, second, "안녕하세요")
        write(session, first, "내부 메모", internal=True)
        write(session, first, "오늘 출발했어요")
        write(session, second, "It is on its way")
    asked = [Reader(second), Reader(first, after=seen), Reader(third), Reader(first)]
    with sessions() as session, noted(session) as statements:
        found = readers.visible_to_each(session, asked)
    assert len(statements) == 1
    assert [[line.text for line in lines] for lines in found] == [
        ["안녕하세요", "It is on its way"],
        ["오늘 출발했어요"],
        [],
        ["확인해 볼게요", "오늘 출발했어요"],
    ]


def test_each_reads_a_page_at_a_time(sessions: Sessions) -> None:
    with sessions.begin() as session:
        first, second = somebody(session), somebody(session)
        seqs = [[write(session, one, str(n)) for n in range(5)] for one in (first, second)]
    with sessions() as session:
        found = readers.visible_to_each(
            session, [Reader(first), Reader(second, after=seqs[1][2])], limit=3
        )
        assert [[line.id for line in lines] for lines in found] == [seqs[0][:3], seqs[1][3:]]
        (rest,) = readers.visible_to_each(session, [Reader(first, after=seqs[0][2])], limit=3)
        assert [line.id for line in rest] == seqs[0][3:]


def test_who_is_one_person_reads_what_all_their_customers_had(sessions: Sessions) -> None:
    with sessions.begin() as session:
        first, second = somebody(session), somebody(session, channel="telegram")
        write(session, first, "웹에서")
        write(session, second, "텔레그램에서")
        links.link(session, customer_id=first, other_id=second, evidence="token")
    with sessions() as session:
        found = readers.visible_to_each(session, [Reader(first), Reader(second)])
    assert [[line.text for line in lines] for lines in found] == [["웹에서", "텔레그램에서"]] * 2
