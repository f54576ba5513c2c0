"""Help while answering: articles that may answer the customer, for the ticket's agent alone.

It comes after the customer's words are in the thread, in a lane of its own that nothing waits
for. When the model or Slack is slow, it is dropped: a suggestion that comes late is none.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from connectors import desk, outside
from connectors.channel import DeliveryFailed
from connectors.desk.agent import locked
from connectors.phrases import language
from connectors.slack import modals
from connectors.slack.blocks import EDIT_ARTICLE, SEND_ARTICLE, Block, button, plain
from connectors.slack.hints import tell
from connectors.slack.interactions import ARTICLE
from connectors.slack.mrkdwn import clip
from connectors.slack.pressing import attempt, no_press
from connectors.slack.workspace import Workspace, account, acting, nothing
from connectors.web.knowledge import Knowledge, Near
from connectors.worker import Handler, Settle
from knowledge_base import articles
from knowledge_base.models import Article
from ticketing import agents, tickets
from ticketing.db import DATABASE_ERRORS
from ticketing.errors import NotFound
from ticketing.lanes import Work, enqueue, remember
from ticketing.models import Agent, Job, Message, Ticket

log = logging.getLogger(__name__)

SUGGEST = "slack.suggest"
MOST = 3
# Measured on labelled questions in both languages: from this calibrated score, 86 to 93 % of what
# is shown is what was asked for, for 82 to 98 % of the questions it is shown. At 0.2 one more in
# twenty is wrong, for one to four in a hundred more found (docs/adr/0004-retrieval.md).
FLOOR = 0.3
# After so many seconds the agent has gone on without it.
LATE_S = 30
# The model may take that long. With Slack's own timeout it is less than a worker allows.
PATIENCE_S = 5.0
BEGINNING = 280
REPLY_LIMIT = 3000


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A question that still waits for its agent, and where they are."""

    question: str
    locale: str
    exclude: frozenset[str]
    channel: str
    thread: str
    user: str


class Suggester:
    """Asks the knowledge base for the agent, in this gateway's own copy of it."""

    def __init__(self, workspace: Workspace, knowledge: Knowledge) -> None:
        self._store = workspace.store
        self._slack = workspace.slack
        self._knowledge = knowledge

    def handlers(self, senders: dict[str, Handler]) -> dict[str, Handler]:
        """``senders`` with what follows a line of the customer and a claim."""
        after = {kind: self._then(senders[kind]) for kind in (outside.POST, outside.CARD)}
        return {**senders, **after, SUGGEST: self._suggest}

    def _then(self, handler: Handler) -> Handler:
        """Do as ``handler`` does; when it is done, the agent may be helped."""

        async def handle(work: Work) -> Settle:
            # Meanwhile, and not at the end: that holds the lane in which all tickets are shown.
            settle, asked = await asyncio.gather(handler(work), self._due(work))
            if asked is None:
                return settle

            def both(session: Session) -> None:
                settle(session)
                _queue(session, asked)

            return both

        return handle

    async def _due(self, work: Work) -> _Due | None:
        try:
            return await self._store.read(due, work)
        except DATABASE_ERRORS as error:  # what is being posted goes on
            log.info("a suggestion is dropped: %s", type(error).__name__)
            return None

    async def _suggest(self, work: Work) -> Settle:
        asked = await self._store.read(look, work)
        if work.attempts > 1 or asked is None:
            return nothing
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await self._knowledge.near(
                    asked.question,
                    locale=asked.locale,
                    exclude=asked.exclude,
                    limit=MOST,
                    least=FLOOR,
                )
            if found:
                offered = [dataclasses.asdict(one) for one in found]
                await self._store.run(remember, work, {"offered": offered})
                await self._slack.whisper(
                    channel=asked.channel,
                    user=asked.user,
                    thread=asked.thread,
                    text="답이 될 수 있는 문서 · Articles that may answer this",
                    blocks=blocks(found, job=work.job),
                )
        except (TimeoutError, DeliveryFailed) as error:
            log.info("a suggestion is dropped: %s", type(error).__name__)
        return nothing


@dataclasses.dataclass(frozen=True, slots=True)
class _Due:
    ticket: str
    question: str
    since: str
    once: str


# Plain columns: while it is asked, the channel's next line waits.
_CLAIMED = (
    select(Ticket.claimed_at, Ticket.question, Job.created_at)
    .join_from(Ticket, Job, Job.id == bindparam("job"))
    .where(Ticket.code == bindparam("ticket"), Ticket.state == "claimed")
)


def due(session: Session, work: Work) -> _Due | None:
    """What to suggest articles for after this: what the customer wrote, or the claimed question."""
    claim = work.kind == outside.CARD
    if not claim and work.payload["event"] != "customer":
        return None
    code = work.payload["ticket"]
    row = session.execute(_CLAIMED, {"job": work.job, "ticket": code}).one_or_none()
    if row is None or row.claimed_at is None:
        return None
    if claim:
        since = row.claimed_at.isoformat()
        return _Due(code, row.question, since, once=since)
    return _Due(code, str(work.payload["text"]), row.created_at.isoformat(), once=str(work.job))


def _queue(session: Session, asked: _Due) -> None:
    enqueue(
        session,
        lane=f"suggest:{asked.ticket}",
        kind=SUGGEST,
        dedup=f"{asked.ticket}:{asked.once}",
        payload={"ticket": asked.ticket, "question": asked.question, "since": asked.since},
    )


def look(session: Session, work: Work) -> Asked | None:
    """What to look for, unless nobody needs it any more."""
    try:
        ticket = tickets.get(session, work.payload["ticket"])
    except NotFound:
        return None
    thread, agent = tickets.thread(session, ticket.id), ticket.assignee
    question = str(work.payload["question"])
    if ticket.state != "claimed" or thread is None or agent is None or not agent.slack_user:
        return None
    if not question.strip() or not agent.active or not articles.published_version(session):
        return None
    since = dt.datetime.fromisoformat(work.payload["since"])
    of_ticket = Message.conversation_id == ticket.conversation_id
    late = since < session.execute(select(func.now())).scalar_one() - dt.timedelta(seconds=LATE_S)
    answered = select(Message.id).where(
        of_ticket, Message.author == "agent", Message.internal.is_(False), Message.at > since
    )
    if late or session.scalar(answered.limit(1)) is not None:
        return None
    # What the customer has turned down in this episode, and what an agent has sent already.
    known = session.scalars(
        select(Message.article["id"].astext).where(
            of_ticket,
            Message.article.is_not(None),
            (Message.vote == "down") | (Message.author == "agent"),
        )
    )
    return Asked(
        question=question,
        locale=language(question, ticket.conversation.locale),
        exclude=frozenset(known),
        channel=thread.place,
        thread=thread.thread,
        user=agent.slack_user,
    )


def blocks(found: Sequence[Near], *, job: int) -> list[Block]:
    """The articles with their buttons, whose value leads back to them."""
    title = "답이 될 수 있는 문서예요. 나만 볼 수 있어요 · These may answer it; only you see them"
    made: list[Block] = [{"type": "context", "elements": [plain(title)]}]
    for number, one in enumerate(found):
        value = f"{job}:{number}"
        send = button(SEND_ARTICLE[number], "보내기 · Send", value) | {"style": "primary"}
        edit = button(EDIT_ARTICLE[number], "고쳐서 보내기 · Edit…", value)
        text = plain(f"{clip(one.title, 200)}\n{clip(one.text, BEGINNING)}")
        made.append({"type": "section", "text": text})
        made.append({"type": "actions", "elements": [send, edit]})
    return made


async def press(workspace: Workspace, work: Work) -> Settle:
    """The handler of a button under a suggestion."""
    payload = work.payload
    if payload["action"] in EDIT_ARTICLE:
        return await _open(workspace, work)
    return await _reply(workspace, work, text=None)


async def submit(workspace: Workspace, work: Work) -> Settle:
    """The handler of the article that was edited before it is sent."""
    return await _reply(workspace, work, text=str(work.payload["values"]["reply"]))


async def _reply(workspace: Workspace, work: Work, *, text: str | None) -> Settle:
    person = await account(workspace, work, work.payload["user"])

    def settle(session: Session) -> None:
        agent, refused = acting(session, work.payload["user"], person)
        if agent is None or refused is not None:
            tell(session, work, no_press(refused), user=work.payload["user"])
        else:
            attempt(session, work, lambda: _send(session, work, agent, text))

    return settle


def _send(session: Session, work: Work, agent: Agent, text: str | None) -> None:
    code, offered = _offered(session, work)
    key = f"article:{work.payload['value']}"
    ticket = locked(session, code)
    if hint := _refused(session, ticket, agent, offered, key):
        tell(session, work, hint)
        return
    desk.reply(
        session,
        code=code,
        agent=agent,
        text=offered["text"] if text is None else text,
        client_id=key,
        article={name: offered[name] for name in ("title", "locale")} | {"id": offered["article"]},
    )


def _refused(
    session: Session, ticket: Ticket, agent: Agent, offered: dict[str, Any], key: str
) -> str | None:
    """Why it is not sent, as the name of a hint. The ticket is locked."""
    if ticket.state == "resolved":
        return "done"
    if ticket.assignee_id != agent.id:
        return "not_yours"
    sent = select(Message.id).where(
        Message.conversation_id == ticket.conversation_id, Message.meta["client_id"].astext == key
    )
    if session.scalar(sent) is not None:
        return "sent_already"
    article = session.get(Article, (offered["article"], offered["locale"]))
    return None if article is not None and article.state == "published" else "article_gone"


def _offered(session: Session, work: Work) -> tuple[str, dict[str, Any]]:
    """The ticket's code and the article of this button. Raises :class:`NotFound`."""
    job, _, number = str(work.payload["value"]).partition(":")
    found = session.get(Job, int(job)) if job.isdigit() and number.isdigit() else None
    offered = found.payload.get("offered", []) if found and found.kind == SUGGEST else []
    if found is None or int(number) >= len(offered):
        raise NotFound("this suggestion is too old")
    return found.payload["ticket"], offered[int(number)]


async def _open(workspace: Workspace, work: Work) -> Settle:
    payload = work.payload
    view, hint = await workspace.store.read(_form, work)
    opened = view is not None and await workspace.slack.open_view(
        trigger=payload["trigger"], view=view
    )
    if opened:
        return nothing

    def settle(session: Session) -> None:
        tell(session, work, hint, user=payload["user"])

    return settle


def _form(session: Session, work: Work) -> tuple[modals.View | None, str]:
    """The form, and what to say when it does not open."""
    agent = agents.by_slack(session, work.payload["user"])
    if agent is None:
        return None, "no_press"
    try:
        code, offered = _offered(session, work)
        hint = _refused(session, tickets.get(session, code), agent, offered, key="")
    except NotFound:
        hint = "gone"
    if hint is not None:
        return None, hint
    about = {key: work.payload[key] for key in ("channel", "thread", "value", "in_thread")}
    fields = [
        modals.words(clip(offered["title"], 200)),
        modals.write("reply", "답변 · Answer", limit=REPLY_LIMIT, text=offered["text"]),
    ]
    return modals.modal(ARTICLE, "고쳐서 보내기 · Edit", "보내기 · Send", about, fields), "too_late"
