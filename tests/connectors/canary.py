"""Somebody of whom everything is known, on four channels, and who has left something everywhere."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import Session

from connectors import desk, drafts, gaps
from connectors.channel import Inbound
from connectors.desk import Turn, linking
from connectors.rasa import Reply
from knowledge_base import articles
from knowledge_base.gaps import listing as gap_listing
from ticketing import (
    attachments,
    claims,
    consents,
    contacts,
    conversations,
    custom_fields,
    customer_import,
    customers,
    lanes,
    links,
    proofs,
    purchases,
    record,
    ticket_links,
    tickets,
)
from ticketing.models import (
    Agent,
    ChannelIdentity,
    Csat,
    Delivery,
    Message,
    Nps,
    TicketTag,
    TicketThread,
)
from ticketing.purchases import Item, Order
from ticketing.record import Author

# Each of these is somebody's or something somebody said, and nothing else in the database.
NAME, EMAIL, PHONE = "카나리아", "canary@example.kr", "010-7777-8888"
WORDS, NUMBER, ORDER, CHAT = "노란새가울어요", "C-CANARY", "O-CANARY-1", "7700112233"
KAKAO = "kakaocanarykey"
TRACES = (NAME, EMAIL, "77778888", "7777-8888", WORDS, NUMBER, ORDER, CHAT, KAKAO)
ME = Author(name="관리자", source="console")
SHOP = Author(name="shop", source="api")


def file() -> attachments.File:
    """A file of theirs, each time another one."""
    return attachments.examine(f"{WORDS}.txt", WORDS.encode())


@dataclasses.dataclass
class Canary:
    """Who it is, and what they are called in places that do not say so."""

    id: uuid.UUID
    people: list[uuid.UUID]
    token: str
    tickets: list[str]


class Talk:
    """One address of theirs, at which they and the bot say something."""

    def __init__(self, session: Session, identity: int, customer: uuid.UUID) -> None:
        self.session, self.identity, self.customer = session, identity, customer

    def says(self, words: str, reply: dict[str, Any] | None = None, **more: Any) -> int:
        session = self.session
        root = customers.hold(session, self.customer)
        inbound = Inbound(external_id=str(uuid.uuid4()), text=words, **more)
        receipt = desk.receive(
            session, customer_id=self.customer, identity_id=self.identity, inbound=inbound
        )
        if reply is not None:
            talk = conversations.current(session, customer_id=self.customer)
            turn = Turn(
                conversation_id=talk.id, customer_id=self.customer, lane=customers.lane(root),
                version=talk.version, holder=talk.state, locale="ko", seq=receipt.seq, text=words,
                payload=None,
            )  # fmt: skip
            said = Reply.model_validate({"locale": "ko", **reply})
            desk.end_turn(session, turn, [said])
        return receipt.seq


def fill(session: Session, agent: Agent) -> Canary:
    """Everything there can be of a person, in the one transaction of ``session``."""
    token, web = customers.start_session(session)
    (browser,) = session.scalars(
        select(ChannelIdentity.id).where(ChannelIdentity.customer_id == web.id)
    )
    phone = customers.identify(
        session, channel="telegram", account="bot", external_id=CHAT, name=NAME
    )
    talk = customers.identify(session, channel="kakao", account="bot", external_id=KAKAO)
    customers.claim(session, talk[0], {"user_key": f"plus{KAKAO}"})
    member = record.at_shop(session, NUMBER, values={"name": NAME}, by=ME)
    assert member is not None
    session.flush()
    for other in (phone[1], talk[1], member.id):
        links.link(session, customer_id=web.id, other_id=other, evidence="code")
    stranger = customers.identify(session, channel="web", external_id="stranger")[1]
    wrong = links.link(
        session, customer_id=web.id, other_id=stranger, evidence="agent", reason=WORDS,
        agent_id=agent.id,
    )  # fmt: skip
    links.unlink(session, link_id=wrong.id, reason=f"{NAME} 아님", agent_id=agent.id)

    if "hobby" not in custom_fields.by_key(session):
        custom_fields.define(
            session, key="hobby", name_ko="취미", name_en="Hobby", kind="text", choices=[], by=ME
        )
    values = {"name": NAME, "email": EMAIL, "phone": PHONE, "address": WORDS, "tier": "VIP"}
    values |= {"preferences": WORDS, "birthday": "1990-03-15", "custom.hobby": WORDS}
    record.change(session, web.id, values, by=ME)
    record.change(session, web.id, {"name": f"{NAME}2"}, by=ME)
    record.change(session, web.id, {"name": NAME}, by=ME)
    consents.give(session, web.id, purpose="marketing", text_version="v1", channel="web", by=ME)
    order = Order(
        number=ORDER, amount=1000, ordered_at=dt.datetime.now(dt.UTC),
        items=[Item(WORDS, 1, 1000, "X")],
    )  # fmt: skip
    purchases.put(session, member.id, order, by=SHOP)
    purchases.put(session, member.id, dataclasses.replace(order, status="refunded"), by=SHOP)
    contacts.keep(session, customer_id=web.id, text=f"{EMAIL} {PHONE}")
    proofs.new_code(session, customer_id=web.id)
    proofs.use_code(session, "WRONG234", identity_id=browser)
    linking.ask_by_mail(session, identity_id=browser, email=EMAIL)

    chat = Talk(session, browser, web.id)
    first = f"{WORDS} 환불되나요"
    chat.says(first, {"kind": "unknown", "text": "잘 모르겠어요"})
    chat.says("", files=[file()])
    Talk(session, *phone).says(f"{WORDS} 사람 불러 주세요", {"kind": "hand_off", "text": "네"})
    ticket = tickets.current(session, customer_id=web.id)
    assert ticket is not None
    session.add(TicketThread(ticket_id=ticket.id, place="C0QUEUE", thread="1732000000.000100"))
    desk.reply(session, code=ticket.code, agent=agent, text=f"{NAME} 님, {WORDS}", files=[file()])
    desk.note(session, code=ticket.code, agent=agent, text=f"{NAME} 메모")
    claims.make(session, web.id, kind="other", text=WORDS, ticket=ticket, by=ME)
    desk.resolve(session, code=ticket.code, agent=agent)
    asked = session.scalars(select(Csat).where(Csat.ticket_id == ticket.id)).one()
    asked.skipped = None
    chat.says("", payload=f'/rate{{"survey": "{asked.id}", "score": 1}}')
    desk.comment(session, customer_id=web.id, survey_id=str(asked.id), text=WORDS)
    session.add(
        Nps(
            customer_id=web.id, conversation_id=ticket.conversation_id, moment="tickets:3",
            score=3, comment=WORDS, rated_at=dt.datetime.now(dt.UTC),
        )
    )  # fmt: skip
    Talk(session, *talk).says(f"{WORDS} 또 왔어요", {"kind": "hand_off", "text": "네"})
    second = tickets.current(session, customer_id=web.id)
    assert second is not None
    ticket_links.add(session, second, ticket, kind="related", agent=agent)
    line = session.scalars(select(Message).where(Message.identity_id == talk[0])).first()
    assert line is not None
    session.add(Delivery(message_id=line.id, identity_id=talk[0], external_ids=[KAKAO]))

    rows = [gaps.asked(row) for row in gaps.fresh(session)]
    assert {row.customer for row in rows} >= {web.id}
    assert gaps.sort_in(session, rows)
    for one in gap_listing(session):
        gaps.draft(session, one.gap.id, by="지수")
    articles.create(
        session, id=drafts.free_id(session, "초안", 1), locale="ko", title="초안",
        questions=[first], body=WORDS, author="지수", source=ticket.code,
    )  # fmt: skip
    session.add(TicketTag(ticket_id=ticket.id, tag="환불", why="word:환불"))
    jobs(session, ticket.code, second.code)
    imported(session, web.id)
    people = list(session.scalars(customers.members(web.id)))
    root = customers.get(session, web.id).root_id
    return Canary(root, people, token, [ticket.code, second.code])


def imported(session: Session, customer: uuid.UUID) -> None:
    """Refused rows of files, and what undoing one left because they had changed it."""
    lines = [(0, ["고객번호", "이름", "이메일"]), (1, [NUMBER, NAME, "x"]), (2, ["", "", EMAIL])]
    lines += [(3, ["C-OTHER", "남", "other@example.kr"])]
    batch = customer_import.begin(
        session, iter(lines), file_name="고객.csv", by=Author(name="관리자", source="import")
    )
    batch.kept = [
        {"customer": str(customer), "name": NAME, "field": "phone", "why": "changed since"},
        {"order": ORDER, "why": "changed since"},
        {"customer": str(uuid.UUID(int=8)), "name": "남", "why": "changed since"},
    ]


def jobs(session: Session, *codes: str) -> None:
    """Work that was done, that waits and that was given up, with their words in it."""

    def one(lane: str, kind: str, payload: dict[str, Any], state: str, *, of: str = "") -> int:
        dedup = of or uuid.uuid4().hex
        job = lanes.enqueue(session, lane=lane, kind=kind, dedup=dedup, payload=payload)
        assert job is not None
        session.execute(
            text(
                "UPDATE job SET state = :state, error = :error, changed_at = now() WHERE id = :id"
            ),
            {"id": job, "state": state, "error": WORDS if state == "dead" else None},
        )
        return job

    update_ = {"what": "message", "chat": CHAT, "text": WORDS, "name": NAME}
    for state in ("done", "pending", "dead"):
        one(f"telegram:bot:{CHAT}", "telegram.update", update_, state)
        one(f"out:telegram:bot:{CHAT}", "deliver", {"message": 1}, state)
        one("out:slack:C0QUEUE", "slack.post", {"ticket": codes[0], "text": WORDS}, state)
    typed = {"what": "command", "user": "U1", "text": f"{codes[1]} {WORDS}"}
    event = one("slack:C0QUEUE:x", "slack.event", typed, "done")
    answer = {"url": "https://hooks.slack.com/x", "text": f"{NAME} {WORDS}", "blocks": []}
    one("out:slack:user:U1", "slack.answer", answer, "done", of=str(event))
    said = {"channel": "C0QUEUE", "thread": "1732000000.000100", "text": WORDS}
    one("slack:C0QUEUE:1732000000.000100", "slack.event", said, "done")


def hanging(engine: Engine) -> dict[str, int]:
    """How many rows each table has that hangs on a customer, over whatever others."""
    found = {"customer"}
    looked = inspect(engine)
    keys = {
        table: {one["referred_table"] for one in looked.get_foreign_keys(table)}
        for table in looked.get_table_names()
    }
    while more := {table for table, to in keys.items() if to & found} - found:
        found |= more
    with engine.connect() as connection:
        return {
            table: connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()
            for table in sorted(found)
        }


def traces(engine: Engine, *words: str) -> dict[str, list[str]]:
    """Where in the whole database one of these words still is: table and rows."""
    looked = [*words, *(word.encode().hex() for word in words)]  # as they are in bytes
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            rows = connection.execute(text(f'SELECT CAST(t AS text) FROM "{table}" t')).scalars()
            hits = [row[:300] for row in rows if any(one in row for one in looked)]
            if hits:
                found[table] = hits
    return found
