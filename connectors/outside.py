"""What of a ticket is shown outside: jobs for the queue channel's lane, none if there is no Slack.

Which channel that is, the composition root says in the sessions' ``info["queue"]``. All posts of
the workspace's queue channel are one lane, so a card comes before what is said in its thread, and
the platform's one message a second per channel is kept by the lane.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from connectors.slack.receipts import DELIVERED, INTERNAL, NOT_DELIVERED, WAITING, mark
from ticketing import customers, history, lanes, surveys
from ticketing.attachments import File
from ticketing.db import at_last
from ticketing.models import Agent, ChannelIdentity, Csat, Job, Message, Ticket
from ticketing.surveys import AnySurvey

CARD = "slack.card"
POST = "slack.post"
FILE = "slack.file"
NOTICE = "slack.notice"
# What colleagues are shown. None of it reaches a customer.
SHOWN = (CARD, POST, FILE, NOTICE)


def opened(session: Session, ticket: Ticket) -> None:
    """A new ticket: its card."""
    _enqueue(session, CARD, f"{ticket.code}:opened", {"ticket": ticket.code})


def unreachable(session: Session, ticket: Ticket) -> None:
    """There is no channel on which the customer could be answered: said in its thread, once."""
    _post(session, ticket, "unreachable", {"event": "unreachable"})


def changed(session: Session, ticket: Ticket) -> None:
    """Something that is shown of it changed: the card is updated in place.

    One that is still to be shown will show this as well.
    """
    history.touch(session, ticket.customer_id, "state")
    ticket.version += 1
    shown = {"ticket": ticket.code}
    dedup = f"{ticket.code}:{ticket.version}"

    def update(session: Session, *, lane: str) -> None:
        if not lanes.waits(session, lane=lane, kind=CARD, payload=shown):
            lanes.enqueue(session, lane=lane, kind=CARD, dedup=dedup, payload=shown)

    _at_last(session, update)


def reopened(session: Session, ticket: Ticket) -> None:
    """The customer says it is not solved: card and a line in the thread, for whose it is again;
    where that is nobody, for the channel."""
    changed(session, ticket)
    agent = ticket.assignee
    mentions = [agent.slack_user] if agent else []
    said = {"event": "reopened", "mentions": mentions, "broadcast": agent is None}
    _post(session, ticket, f"reopened:{ticket.reopened}", said)


def woke(session: Session, ticket: Ticket) -> None:
    """The time it was put off to has come: card and a line in the thread."""
    happened(session, ticket, "woke", **_back(ticket))


def came_back(session: Session, ticket: Ticket) -> None:
    """The customer has written, so it is put off no longer: the same, before their words."""
    happened(session, ticket, "came_back", **_back(ticket))


def _back(ticket: Ticket) -> dict[str, Any]:
    """Who is to notice a ticket that was put off until now: whose it is, else everybody."""
    agent = ticket.assignee if ticket.state == "claimed" else None
    if agent is None:
        return {"broadcast": True}
    return {"mentions": [agent.slack_user]} if agent.slack_user else {}


def happened(session: Session, ticket: Ticket, event: str, **facts: Any) -> None:
    """Something came about by itself: card and a line in the thread, once for each change.

    ``mentions`` are Slack users who are to notice; ``broadcast`` shows it in the channel, too.
    """
    changed(session, ticket)
    _post(session, ticket, f"{event}:{ticket.version}", {"event": event, **facts})


def customer_wrote(session: Session, ticket: Ticket, *, seq: int, text: str) -> None:
    """What the customer says while a person holds the conversation."""
    said = {"event": "customer", "text": text} | _where(session, ticket, seq)
    _post(session, ticket, f"message:{seq}", said | _for_holder(session, ticket, seq))


def _for_holder(session: Session, ticket: Ticket, seq: int) -> dict[str, list[str]]:
    """Whom to mention: who has the ticket, by the first words after they took it.

    Slack tells of a thread only those who wrote or were mentioned in it, as whoever it was
    offered to; a press is neither.
    """
    agent = ticket.assignee if ticket.state == "claimed" else None
    if agent is None or not agent.slack_user or not session.info.get("queue"):
        return {}
    if ticket.offered_to_id == agent.id:
        return {}
    heard = exists().where(
        Message.conversation_id == ticket.conversation_id,
        Message.id < seq,
        or_(
            and_(Message.author == "customer", Message.at >= ticket.claimed_at),
            and_(Message.agent_id == agent.id, Message.meta["from"].astext.startswith("slack:")),
        ),
    )
    return {} if session.scalar(select(heard)) else {"mentions": [agent.slack_user]}


def _where(session: Session, ticket: Ticket, seq: int) -> dict[str, str]:
    """The channel, of a customer who has several. The card says so, too, when it is another."""
    if not session.info.get("queue"):
        return {}
    if len(customers.addresses(session, ticket.customer_id, now=None)) < 2:
        return {}
    last = session.scalars(
        select(ChannelIdentity.channel)
        .join(Message, Message.identity_id == ChannelIdentity.id)
        .where(Message.customer_id.in_(customers.members(ticket.customer_id)))
        .where(Message.author == "customer", Message.id <= seq)
        .order_by(Message.id.desc())
        .limit(2)
    ).all()
    if len(set(last)) > 1:
        changed(session, ticket)
    return {"channel": last[0]}


def bot_answered(session: Session, ticket: Ticket, *, seq: int, text: str) -> None:
    """What the bot said while nobody was there."""
    _post(session, ticket, f"message:{seq}", {"event": "bot", "text": text})


def customer_sent(session: Session, ticket: Ticket, *, files: Sequence[dict[str, Any]]) -> None:
    """The customer's files, in the order and among the words in which they came."""
    for file in files:
        _enqueue(
            session,
            FILE,
            f"{ticket.code}:{file['id']}",
            {"ticket": ticket.code, "file": file["id"], "text": file["name"]},
        )


def agent_wrote(
    session: Session, ticket: Ticket, *, seq: int, agent: Agent, text: str, article: str = ""
) -> None:
    """An answer given elsewhere, for those who read the thread; ``article``: the one it is from."""
    if text.strip():
        said = {"event": "agent", "agent": agent.name, "text": text, "article": article}
        _post(session, ticket, f"message:{seq}", said)


def agent_sent(
    session: Session,
    ticket: Ticket,
    *,
    agent: Agent,
    files: Sequence[File],
    internal: bool = False,
) -> None:
    """Files of an answer or a note that was written elsewhere."""
    for file in files:
        said = {"ticket": ticket.code, "file": str(file.id), "text": file.name}
        said |= {"agent": agent.name} | ({"internal": "yes"} if internal else {})
        _enqueue(session, FILE, f"{ticket.code}:{file.id}", said)


def agent_noted(session: Session, ticket: Ticket, *, seq: int, agent: Agent, text: str) -> None:
    """A note written elsewhere."""
    if not text.strip():
        return
    _post(session, ticket, f"message:{seq}", {"event": "note", "agent": agent.name, "text": text})


def customer_edited(session: Session, ticket: Ticket, *, line: Message) -> None:
    """The customer gave a line other words; how often that was makes it a line of its own."""
    number = len(line.meta.get("revisions", []))
    said = {"event": "customer_edited", "text": line.text}
    _post(session, ticket, f"message:{line.id}:{number}", said)


def customer_left(session: Session, ticket: Ticket, *, mark: str, blocked: bool) -> None:
    """The customer blocked us on their messenger, or lets us write again."""
    _post(session, ticket, mark, {"event": "blocked" if blocked else "unblocked"})


def arrived(session: Session, line: Message) -> None:
    """A messenger took a line: who wrote it in Slack sees that there."""
    _mark(session, line, DELIVERED)


def undelivered(session: Session, ticket: Ticket, *, job: int, line: Message, why: str) -> None:
    """A messenger did not take a line, for good: seen under it, and in the ticket's thread."""
    _mark(session, line, NOT_DELIVERED)
    said = {"event": "undelivered", "text": line.text, "why": why}
    _post(session, ticket, f"undelivered:{job}:{line.id}", said)


def _mark(session: Session, line: Message, name: str) -> None:
    place, _, rest = str(line.meta.get("from", "")).partition(":")
    channel, _, ts = rest.partition(":")
    if session.info.get("queue") and place == "slack" and ts:
        instead = (WAITING, NOT_DELIVERED, INTERNAL)
        mark(session, channel=channel, ts=ts, name=name, instead=instead)


def rated(session: Session, survey: AnySurvey, *, commented: bool = False) -> None:
    """The customer's rating, each change of it, then their comment; of a ticket, in its thread."""
    if not isinstance(survey, Csat) or survey.ticket is None:
        return
    step = "comment" if commented else f"score:{len(survey.earlier)}"
    payload = {"score": survey.score, "comment": survey.comment if commented else None}
    _post(
        session,
        survey.ticket,
        f"rating:{survey.id}:{step}",
        {"event": "rating", "before": surveys.previous(survey), **payload},
    )


def bot_rated_low(session: Session, survey: Csat, *, customer: str, owner: Agent | None) -> None:
    """The bot served somebody badly: there is no ticket, so the channel itself is told, at once.

    ``customer`` is what agents call them.
    """
    article = survey.answered_by.get("article") or {}
    payload = {
        "event": "bot_rated_low",
        "customer": customer,
        "score": survey.score,
        "article": article.get("title", ""),
        "agent": owner.name if owner else "",
        "mentions": [owner.slack_user] if owner and owner.slack_user else [],
    }
    _enqueue(session, NOTICE, f"{survey.id}:{len(survey.earlier)}", payload)


def told(session: Session, ticket: Ticket, *, mark: str, article: str) -> None:
    """A new article answers the customer who waits: they were told."""
    history.touch(session, ticket.customer_id, "state")
    _post(session, ticket, f"told:{mark}", {"event": "told", "article": article})


def heard(session: Session, ticket: Ticket, *, mark: str, solved: bool) -> None:
    """What the customer says of that."""
    event = "told_solved" if solved else "told_unsolved"
    _post(session, ticket, f"{event}:{mark}", {"event": event})


def _post(session: Session, ticket: Ticket, dedup: str, payload: dict[str, Any]) -> None:
    _enqueue(session, POST, f"{ticket.code}:{dedup}", {"ticket": ticket.code, **payload})


def being_posted(session: Session, place: str) -> bool:
    """Whether something was begun that posts a card in a place, and is not settled yet."""
    begun = exists().where(
        Job.lane == f"out:slack:{place}",
        Job.state == "pending",
        Job.attempts > 0,
        Job.kind.in_((CARD, POST, FILE)),
    )
    return bool(session.scalar(select(begun)))


def _enqueue(session: Session, kind: str, dedup: str, payload: dict[str, Any]) -> None:
    _at_last(session, partial(lanes.enqueue, kind=kind, dedup=dedup, payload=payload))


def _at_last(session: Session, function: Callable[..., object]) -> None:
    """``function(session, lane=…)``, if there is a channel, whose lane all tickets have in common.

    It is locked last: while it was held by one, whatever touched another ticket waited.
    """
    if queue := session.info.get("queue"):
        at_last(session, partial(function, lane=f"out:slack:{queue}"))
