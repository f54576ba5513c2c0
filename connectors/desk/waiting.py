"""Customers who still wait when an article comes that answers them: they are told, once.

The ticket stays where it is until the customer says that it helped; a person may claim it at any
time, and then nothing is sent any more.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors import outside, wishes
from connectors.desk.agent import ask_rating, locked
from connectors.desk.customer import HUMAN
from connectors.desk.lines import system_line
from connectors.phrases import language, say
from connectors.publishing import PUBLISHED
from connectors.store import Store
from connectors.web.knowledge import Knowledge
from connectors.worker import Handler, Settle
from ticketing import conversations, customers, history, lanes, tickets
from ticketing.errors import NotFound
from ticketing.lanes import Work
from ticketing.models import Conversation, Customer, Message, Ticket

if TYPE_CHECKING:
    from knowledge_base.search import Index

ANSWERED = "kb.answered"
SOLVED, UNSOLVED = "/solved", "/unsolved"
MOST = 1000  # tickets looked at for one article, those waiting longest first


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """An open ticket that nobody has claimed, and the lane of its customer."""

    code: str
    lane: str
    question: str
    locale: str
    turned_down: frozenset[str]


def waiting(session: Session) -> list[Waiting]:
    """Who waits with a question, those waiting longest first."""
    rows = session.execute(
        select(Ticket, Customer.root_id, Conversation.locale)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(Ticket.state == "open", Conversation.state == "queued")
        .order_by(Ticket.opened_at)
        .limit(MOST)
    ).all()
    asked = wishes.asked(session, [ticket.id for ticket, _, _ in rows])
    turned_down = _turned_down(session, {ticket.conversation_id for ticket, _, _ in rows})
    return [
        Waiting(
            ticket.code,
            customers.lane(root),
            asked[ticket.id],
            locale,
            turned_down.get(ticket.conversation_id, frozenset()),
        )
        for ticket, root, locale in rows
        if ticket.id in asked
    ]


def _turned_down(session: Session, talks: Collection[int]) -> dict[int, frozenset[str]]:
    """Articles that customers were answered with in these conversations, also because they chose
    them, and did not take for an answer."""
    article = Message.article["id"].astext
    rows = session.execute(
        select(Message.conversation_id, func.array_agg(article))
        .where(
            Message.conversation_id.in_(talks),
            Message.author == "bot",
            Message.kind == "answer",
            Message.article.is_not(None),
            Message.vote.is_distinct_from("up"),
        )
        .group_by(Message.conversation_id)
    )
    return {talk: frozenset(found) for talk, found in rows}


def handlers(store: Store, knowledge: Knowledge) -> dict[str, Handler]:
    """What the worker does after a publication, and for each customer whom it answers."""

    async def published(work: Work) -> Settle:
        ids = work.payload.get("articles") or [work.payload["article"]]
        people = await store.read(waiting)
        found = await knowledge.use(lambda index: _answers(index, ids, people)) if people else []

        def settle(session: Session) -> None:
            for one, answer in sorted(found, key=lambda pair: pair[0].lane):
                lanes.enqueue(
                    session,
                    lane=one.lane,
                    kind=ANSWERED,
                    dedup=f"{one.code}:{answer['article']['id']}",
                    payload={"ticket": one.code, **answer},
                )

        return settle

    async def answered(work: Work) -> Settle:
        def settle(session: Session) -> None:
            _tell(session, work.payload)

        return settle

    return {PUBLISHED: published, ANSWERED: answered}


def _answers(
    index: Index, ids: Sequence[str], people: Sequence[Waiting]
) -> list[tuple[Waiting, dict[str, Any]]]:
    """Those whose question one of these articles answers, and with what: only sure answers are
    sent, and none that was turned down."""
    from knowledge_base import dialogue
    from knowledge_base.answers import Answer, answer, in_turn

    def asked(one: Waiting) -> tuple[str, str]:
        spoken = dialogue.spoken(one.question)
        return spoken, language(spoken, one.locale)

    found, new = [], frozenset(ids)
    for one in in_turn(index, people, asked):
        question, locale = asked(one)
        outcome = answer(index, question, locale=locale)
        if not isinstance(outcome, Answer) or outcome.article.article in one.turned_down:
            continue
        if outcome.article.article in new:
            best = outcome.article
            where = {} if outcome.anchor is None else {"anchor": outcome.anchor}
            source = {"id": best.article, "locale": best.locale, "title": best.title}
            told = {
                "question": one.question,
                "article": source | where,
                "text": outcome.text,
                "score": best.score,
            }
            found.append((one, told))
    return found


def _tell(session: Session, payload: dict[str, Any]) -> None:
    try:
        ticket = locked(session, payload["ticket"])
    except NotFound:
        return
    conversation = conversations.get(session, ticket.conversation_id)
    if ticket.state != "open" or conversation.state != "queued":
        return  # a person is at it, or it is over
    locale, mark = conversation.locale, secrets.token_hex(4)
    about = f'{{"ticket": "{ticket.code}", "answer": "{mark}"}}'
    history.record(
        session,
        conversation_id=conversation.id,
        customer_id=ticket.customer_id,
        author="bot",
        kind="answer",
        text=f"{say('now_answered', locale)}\n\n{payload['text']}",
        buttons=[
            {"title": say("helped", locale), "payload": SOLVED + about},
            {"title": say("helped_not", locale), "payload": UNSOLVED + about},
            {"title": say("human", locale), "payload": HUMAN},
        ],
        article=payload["article"],
        meta={
            "question": payload.get("question", ticket.question),
            "score": payload["score"],
            "mark": mark,
            "waited": ticket.code,
        },
    )
    outside.told(session, ticket, mark=mark, article=payload["article"]["title"])


def heard(session: Session, ticket: Ticket, *, solved: bool, answer: str) -> None:
    """What the customer says of the answer that came while they waited.

    That it helped resolves a ticket that nobody has claimed; one that a person has is theirs.
    """
    vote = "up" if solved else "down"
    before = session.scalar(
        select(Message.vote).where(
            Message.conversation_id == ticket.conversation_id,
            Message.meta["mark"].astext == answer,
        )
    )
    history.vote(session, customer_id=ticket.customer_id, vote=vote, answer=answer)
    conversation = conversations.get(session, ticket.conversation_id)
    if before == vote or ticket.state == "resolved":
        return
    if not solved:
        line = say("told_unsolved", conversation.locale, code=ticket.code)
        system_line(session, conversation, line)
    elif ticket.state == "open" and tickets.resolve(session, ticket):
        ask_rating(session, ticket)
        outside.changed(session, ticket)
    outside.heard(session, ticket, mark=answer, solved=solved)
