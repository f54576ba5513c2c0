"""What was kept long enough goes, and nothing else (check P5)."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from connectors import desk as desks
from connectors import gaps, purging
from tests.clock import Clock
from tests.connectors import canary
from tests.connectors.canary import Canary, Talk, traces
from tests.connectors.conftest import running
from tests.connectors.test_erasure import until_somebody_waits
from ticketing import (
    agents,
    attachments,
    claims,
    customers,
    figures,
    links,
    retention,
    tickets,
)
from ticketing.models import Agent, Claim, Csat, Purge, Ticket
from ticketing.record import Author

BEGAN = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
# What a record has; the rest of it is what was said.
RECORD = {
    "claim", "contact", "customer", "customer_change", "customer_import", "customer_import_row",
    "customer_link", "identity", "purchase", "purchase_change", "purchase_item", "code_request",
}  # fmt: skip


@pytest.fixture
def time(engine: Engine) -> Clock:
    made = Clock(engine, queue="C0QUEUE")
    made.run_from(BEGAN)
    return made


@pytest.fixture
def admin(time: Clock) -> Agent:
    with time.sessions.begin() as session:
        return agents.add(session, name="관리자", role="admin")


def by(agent: Agent) -> Author:
    return Author(name=agent.name, agent_id=agent.id, source="console")


def keep(time: Clock, admin: Agent, kind: str, days: int | None) -> None:
    with time.sessions.begin() as session:
        retention.keep(session, kind, days=days, by=by(admin))


def today(time: Clock) -> list[int]:
    with time.sessions.begin() as session:
        purging.sweep(session)
    with time.sessions() as session:
        return list(session.scalars(select(Purge.id).where(Purge.finished_at.is_(None))))


def purge(time: Clock) -> dict[str, int]:
    """All that goes today, and how much of what it says that it was."""
    gone: dict[str, int] = {}
    for number in today(time):
        while piece(time, number):
            pass
        with time.sessions() as session:
            gone |= retention.get(session, number).counts
    return gone


def piece(time: Clock, number: int) -> bool:
    with time.sessions.begin() as session:
        return purging.step(session, number)


def somebody(time: Clock, admin: Agent, words: str, *, resolved: bool) -> uuid.UUID:
    """Asks for a person with a file, gets an answer, and rates it where it is resolved."""
    theirs = attachments.examine(f"{words}.txt", words.encode())
    with time.sessions.begin() as session:
        who = customers.identify(session, channel="web", external_id=words)
        talk = Talk(session, *who)
        talk.says(words, {"kind": "hand_off", "text": "네"}, files=[theirs])
        ticket = tickets.current(session, customer_id=who[1])
        assert ticket is not None
        agent = session.merge(admin)
        desks.reply(session, code=ticket.code, agent=agent, text=f"{words} 답")
        if resolved:
            desks.resolve(session, code=ticket.code, agent=agent)
            asked = session.scalars(select(Csat).where(Csat.ticket_id == ticket.id)).one()
            asked.skipped = None
            talk.says("", payload=f'/rate{{"survey": "{asked.id}", "score": 4}}')
            desks.comment(session, customer_id=who[1], survey_id=str(asked.id), text=words)
        return who[1]


def of(engine: Engine, who: uuid.UUID) -> dict[str, list[str]]:
    """Every row of somebody, and the bytes of their files."""
    mine = "FROM {} t WHERE customer_id = :who ORDER BY 1"
    found = {}
    with engine.connect() as connection:
        for table in ("conversation", "message", "attachment", "ticket", "csat", "identity"):
            rows = text(f"SELECT CAST(t AS text) {mine.format(table)}")
            found[table] = list(connection.execute(rows, {"who": who}).scalars())
        bytes_ = text(
            "SELECT encode(content, 'hex') FROM attachment_content JOIN attachment"
            " ON attachment_id = id WHERE customer_id = :who"
        )
        found["content"] = list(connection.execute(bytes_, {"who": who}).scalars())
    return found


@pytest.fixture
def known(time: Clock, admin: Agent) -> Canary:
    """Everything there can be of a person, and nothing of it open."""
    with time.sessions.begin() as session:
        made = canary.fill(session, session.merge(admin))
        agent = session.merge(admin)
        desks.reply(session, code=made.tickets[1], agent=agent, text="네")
        desks.resolve(session, code=made.tickets[1], agent=agent)
        session.execute(
            text("UPDATE recovery SET done_at = now(), done_by = '관리자', outcome = :words"),
            {"words": canary.WORDS},
        )
        for claim in session.scalars(select(Claim)).all():
            claims.settle(session, made.id, claim.id, settlement="바꿔 드림", by=by(admin))
    return made


def test_nothing_goes_unless_somebody_says_so(
    engine: Engine, time: Clock, admin: Agent, known: Canary
) -> None:
    before = traces(engine, *canary.TRACES)
    time.forward(days=20 * 365)
    assert today(time) == [] and purge(time) == {}
    keep(time, admin, "conversations", 90)
    keep(time, admin, "conversations", None)
    assert today(time) == [] and purge(time) == {}
    assert traces(engine, *canary.TRACES) == before


def test_p5_the_day_passes_and_what_was_said_is_gone_and_counted(
    engine: Engine, time: Clock, admin: Agent, known: Canary
) -> None:
    keep(time, admin, "conversations", 90)
    time.forward(days=20)
    later = somebody(time, admin, "나중에 온 사람", resolved=True)
    mine = of(engine, later)
    time.forward(days=69, hours=23)
    before = traces(engine, *canary.TRACES)
    assert purge(time) == {}
    assert traces(engine, *canary.TRACES) == before

    time.forward(days=1)
    with time.sessions() as session:
        told = purging.purging.extent(session, "conversations", days=90)
        questions = session.scalar(text("SELECT count(*) FROM kb_gap_question"))
        letters = session.scalar(text("SELECT count(*) FROM job WHERE state = 'dead'"))
    assert (told["conversations"], told["files"], letters) == (2, 2, 3) and questions, told
    assert purge(time) == {**told, "questions": questions, "letters": letters}
    left = traces(engine, canary.WORDS, canary.file().content.hex())
    assert left.keys() <= RECORD | {"job", "lane"}, left.keys()
    # Work that is done is kept for 30 days after which it goes by itself.
    with engine.connect() as connection:
        states = "SELECT DISTINCT state FROM job WHERE CAST(payload AS text) LIKE :words"
        words = {"words": f"%{canary.WORDS}%"}
        assert set(connection.execute(text(states), words).scalars()) <= {"done", "pending"}
    assert of(engine, later) == mine
    with time.sessions() as session:
        for table in ("kb_gap", "kb_gap_question", "kb_article"):
            assert canary.WORDS not in str(session.execute(text(f"SELECT * FROM {table}")).all())
        assert customers.get(session, known.id).name == canary.NAME
        (report, *_) = retention.reports(session)
        assert report.finished_at is not None
    said = [canary.NAME, "관리자", *map(str, known.people), *known.tickets]
    assert not traces(engine, *said).keys() & {"purge"}


def test_figures_stay_as_they_were(
    engine: Engine, time: Clock, admin: Agent, known: Canary
) -> None:
    kinds = ("opened", "resolved", "first", "csat", "nps", "episodes", "messages")

    def counted() -> list[object]:
        with time.sessions() as session:
            spans = [figures.period(session, key) for key in figures.PERIODS]
            return [
                (figures.spread(session, kind, span), figures.counts(session, kind, span, "word"))
                for span in spans
                for kind in kinds
            ]

    def scores() -> list[object]:
        with time.sessions() as session:
            rows = session.execute(
                select(
                    Ticket.state, Ticket.opened_at, Ticket.first_reply_at, Ticket.resolved_at
                ).order_by(Ticket.id)
            )
            rated = session.execute(select(Csat.score, Csat.rated_at).order_by(Csat.id))
            return [*map(tuple, rows), *map(tuple, rated)]

    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    somebody(time, admin, "오늘", resolved=True)
    before = counted()
    kept = scores()
    assert purge(time)["conversations"] == 2
    # A moment passes; whole days of the shop are counted.
    assert counted() == before and scores() == kept


def test_what_is_open_is_never_touched(engine: Engine, time: Clock, admin: Agent) -> None:
    waits = somebody(time, admin, "아직 기다려요", resolved=False)
    ended = somebody(time, admin, "끝났어요", resolved=True)
    followed = somebody(time, admin, "이어져요", resolved=True)
    reopened = somebody(time, admin, "다시 열려요", resolved=True)
    keep(time, admin, "conversations", 90)
    time.forward(days=100)
    with time.sessions.begin() as session:
        codes = {
            who: code for who, code in session.execute(select(Ticket.customer_id, Ticket.code))
        }
        agent = session.merge(admin)
        desks.reopen(session, code=codes[reopened], agent=agent)
        new = customers.identify(session, channel="web", external_id="새 사람")
        Talk(session, *new).says("사람 불러 주세요", {"kind": "hand_off", "text": "네"})
        fresh = tickets.current(session, customer_id=new[1])
        assert fresh is not None
        session.execute(
            text(
                "INSERT INTO ticket_link (ticket_id, other_id, kind) SELECT :new, id, 'follow_up'"
                " FROM ticket WHERE code = :old"
            ),
            {"new": fresh.id, "old": codes[followed]},
        )
        follows = fresh.code
    kept = {who: of(engine, who) for who in (waits, followed, reopened)}
    assert purge(time)["conversations"] == 1
    assert {who: of(engine, who) for who in kept} == kept
    gone = of(engine, ended)
    assert (gone["message"], gone["attachment"], gone["content"]) == ([], [], [])
    # A day later all is over, and goes in its time.
    with time.sessions.begin() as session:
        agent = session.merge(admin)
        for code in (codes[waits], codes[reopened], follows):
            desks.reply(session, code=code, agent=agent, text="끝")
            desks.resolve(session, code=code, agent=agent)
    time.forward(days=1)
    assert purge(time)["conversations"] == 1, "the one that is followed by nothing open any more"
    time.forward(days=90)
    assert purge(time)["conversations"] == 3
    assert of(engine, waits)["message"] == of(engine, reopened)["message"] == []
    assert purge(time) == {}, "once a day"


def test_what_rests_goes_with_what_goes_on_for_it(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    one = somebody(time, admin, "한 곳에서", resolved=False)
    other = somebody(time, admin, "다른 곳에서", resolved=False)
    keep(time, admin, "conversations", 90)
    with time.sessions.begin() as session:
        links.link(session, customer_id=one, other_id=other, evidence="code")
    time.forward(days=91)
    before = {who: of(engine, who) for who in (one, other)}
    assert purge(time) == {} and {who: of(engine, who) for who in before} == before
    with time.sessions.begin() as session:
        ticket = tickets.current(session, customer_id=one)
        assert ticket is not None
        desks.reply(session, code=ticket.code, agent=session.merge(admin), text="네")
        desks.resolve(session, code=ticket.code, agent=session.merge(admin))
    time.forward(days=89)
    assert purge(time) == {}
    time.forward(days=2)
    assert purge(time)["conversations"] == 2
    assert of(engine, one)["message"] == of(engine, other)["message"] == []


# A piece is done, but not committed, when it says so.
_PIECE = """
import sys
from connectors import purging
from ticketing.db import connect, session_factory
with session_factory(connect(sys.argv[1]))() as session:
    print(purging.step(session, int(sys.argv[2])), flush=True)
    sys.stdin.read()
"""


def test_killed_in_the_middle_and_run_again_counts_all_of_it_once(
    engine: Engine, database_url: str, time: Clock, admin: Agent, known: Canary
) -> None:
    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    with time.sessions() as session:
        told = purging.purging.extent(session, "conversations", days=90)
    (number,) = today(time)
    assert piece(time, number)
    with time.sessions() as session:
        begun = dict(retention.get(session, number).counts)
    with subprocess.Popen(
        [sys.executable, "-c", _PIECE, database_url, str(number)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        process.kill()
    with time.sessions() as session:
        assert retention.get(session, number).counts == begun
    while piece(time, number):
        pass
    with time.sessions() as session:
        counts = retention.get(session, number).counts
    assert {what: counts[what] for what in told} == told
    assert today(time) == []


def test_one_that_is_reopened_just_then_is_not_touched(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    who = somebody(time, admin, "다시 열려요", resolved=True)
    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    (number,) = today(time)
    with ThreadPoolExecutor(1) as other:
        with time.sessions.begin() as session:
            code = session.scalars(select(Ticket.code)).one()
            desks.reopen(session, code=code, agent=session.merge(admin))
            purges = other.submit(piece, time, number)
            until_somebody_waits(session)
        kept = of(engine, who)
        assert not purges.result(timeout=10)
    assert of(engine, who) == kept and kept["attachment"] and kept["content"]
    with time.sessions() as session:
        assert retention.get(session, number).counts == {}


def test_two_replicas_do_it_once(engine: Engine, time: Clock, admin: Agent) -> None:
    for number in range(30):
        somebody(time, admin, f"사람 {number}", resolved=True)
    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    with time.sessions() as session:
        told = purging.purging.extent(session, "conversations", days=90)
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: today(time), range(2)))
        (number,) = today(time)

        def work(_: int) -> int:
            pieces = 1
            while piece(time, number):
                pieces += 1
            return pieces

        assert min(both.map(work, range(2))) >= 1
    with time.sessions() as session:
        assert retention.get(session, number).counts == told
        assert told["conversations"] == 30


def test_a_worker_goes_on_where_another_died(
    engine: Engine, database_url: str, tmp_path: Path, time: Clock, admin: Agent
) -> None:
    who = somebody(time, admin, "오래전", resolved=True)
    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    with time.sessions.begin() as session:  # what was said was dealt with long ago
        session.execute(text("DELETE FROM job"))
    (number,) = today(time)
    assert piece(time, number), "and then whoever did it is gone"
    with running(database_url, tmp_path) as app:
        app.settle()
    with time.sessions() as session:
        (report,) = retention.reports(session)
        assert report.finished_at is not None
        assert report.counts == {"files": 1, "messages": 9, "conversations": 1}
    assert of(engine, who)["message"] == []


def test_a_question_that_was_being_sorted_in_goes_the_next_day(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    somebody(time, admin, "노란 우산 있나요", resolved=True)
    with time.sessions() as session:
        read = [gaps.asked(row) for row in gaps.fresh(session)]
    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    assert "questions" not in purge(time)
    with time.sessions.begin() as session:
        assert read and gaps.sort_in(session, read)
    time.forward(days=1)
    assert purge(time) == {"questions": 1}
    assert traces(engine, "우산").keys() <= {"identity", "job", "lane"}
