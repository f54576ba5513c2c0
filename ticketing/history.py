"""The one history: every message, note and event of a customer over every channel."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, bindparam, delete, exists, func, literal, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from ticketing import lanes
from ticketing.customers import members
from ticketing.models import ChannelIdentity, Conversation, Delivery, Message, Ticket

# Channels whose customers come and read the history; on the others they have to be sent to.
READ_HERE = ["web", "kakao"]
# Of these, those on which nothing appears until the customer writes again.
FETCHED = {"kakao"}
# A line that changes an earlier one: ``meta["of"]`` is its seq. See :func:`revise`.
EDIT = "edit"


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """What the bot said to a customer."""

    conversation_id: int
    customer_id: uuid.UUID
    text: str
    kind: str = "text"
    buttons: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    article: dict[str, Any] | None = None
    meta: dict[str, Any] = dataclasses.field(default_factory=dict)


def record(
    session: Session,
    *,
    conversation_id: int,
    customer_id: uuid.UUID,
    author: str,
    text: str,
    kind: str = "text",
    author_name: str = "",
    internal: bool = False,
    identity_id: int | None = None,
    agent_id: int | None = None,
    buttons: Sequence[dict[str, Any]] = (),
    article: dict[str, Any] | None = None,
    meta: dict[str, Any] | None = None,
    external_id: str | None = None,
) -> int | None:
    """Write one line and return its ``seq``; ``None`` if that external id is there already.

    What is said to the customer goes to where they are now: it is a line of that address, and
    where a platform has to be told of it, the work to do so is queued with it. The caller holds
    the person's lane (:func:`ticketing.customers.hold`, :func:`ticketing.lanes.hold`).
    """
    line = {
        "customer": str(customer_id), "identity": identity_id, "agent": agent_id,
        "author": author, "author_name": author_name, "kind": kind, "internal": internal,
        "buttons": list(buttons), "article": article, "meta": meta or {},
        "external_id": external_id,
    }  # fmt: skip
    return next(iter(_record(session, [conversation_id], [text], [line])), None)


def bot_said(session: Session, lines: Sequence[Said]) -> list[int]:
    """Write what the bot said in several conversations, and return the ``seq`` of each line.

    Otherwise as :func:`record`: one statement for all of them, in their order.
    """
    texts = [line.text for line in lines]
    rest = [
        {
            "customer": str(line.customer_id), "author": "bot", "author_name": "",
            "kind": line.kind, "internal": False, "buttons": line.buttons,
            "article": line.article, "meta": line.meta,
        }
        for line in lines
    ]  # fmt: skip
    return _record(session, [line.conversation_id for line in lines], texts, rest)


def _record(
    session: Session,
    conversations: Sequence[int],
    texts: Sequence[str],
    lines: Sequence[dict[str, Any]],
) -> list[int]:
    if not lines:
        return []
    asked = {"conversations": conversations, "texts": texts, "lines": lines, "read": READ_HERE}
    seqs = []
    for row in session.connection().execute(_RECORD, asked):
        if row.outgoing:
            session.info["enqueued"] = True
        touch(session, row.customer_id, "own" if row.author == "customer" else "news")
        seqs.append(int(row.id))
    return seqs


# One round trip for all: a turn writes lines more often than anything else. Lanes are locked in
# the order of their keys, as everybody does who locks several.
_RECORD = sql(
    """WITH given AS (
         SELECT given.*, address.id AS identity, address.customer_id AS customer,
                CASE WHEN channel <> ALL(:read)
                     THEN concat_ws(':', 'out', channel, account, external_id) END AS lane
           FROM unnest(CAST(:conversations AS bigint[]), CAST(:texts AS text[]), :lines)
                  WITH ORDINALITY AS given (conversation, text, line, place)
           LEFT JOIN conversation ON conversation.id = given.conversation
             AND line->>'identity' IS NULL AND NOT (line->>'internal')::boolean
           LEFT JOIN identity AS address ON address.id = conversation.identity_id),
       line AS (
         INSERT INTO message (conversation_id, customer_id, identity_id, agent_id, author,
           author_name, kind, internal, text, buttons, article, meta, external_id)
         SELECT conversation, COALESCE(customer, (line->>'customer')::uuid),
           COALESCE((line->>'identity')::bigint, identity), (line->>'agent')::bigint,
           line->>'author', line->>'author_name', line->>'kind', (line->>'internal')::boolean,
           text, line->'buttons', NULLIF(line->'article', 'null'), line->'meta',
           line->>'external_id'
           FROM given ORDER BY place
         ON CONFLICT (identity_id, external_id) DO NOTHING
         RETURNING id, conversation_id, customer_id, author),
       address AS (SELECT DISTINCT conversation, lane FROM given WHERE lane IS NOT NULL),
       woken AS (
         INSERT INTO lane (key, ready_at)
         SELECT lane, now() FROM (
           SELECT DISTINCT lane FROM address JOIN line ON conversation_id = conversation) one
          ORDER BY lane COLLATE "C"
         ON CONFLICT (key) DO UPDATE SET ready_at = COALESCE(lane.ready_at, EXCLUDED.ready_at)
         RETURNING key),
       work AS (
         INSERT INTO job (lane, kind, dedup, payload)
         SELECT woken.key, 'deliver', line.id::text, jsonb_build_object('message', line.id)
           FROM line JOIN address ON conversation = conversation_id JOIN woken ON key = lane
          ORDER BY line.id),
       newest AS (
         SELECT DISTINCT ON (conversation) conversation, (line->>'identity')::bigint AS identity
           FROM given ORDER BY conversation, place DESC),
       latest AS (
         UPDATE conversation
            SET last_message_at = now(), identity_id = COALESCE(identity, identity_id)
           FROM newest WHERE conversation.id = conversation
            AND conversation IN (SELECT conversation_id FROM line))
       SELECT id, customer_id, author, lane IS NOT NULL AS outgoing
         FROM line LEFT JOIN address ON conversation = conversation_id ORDER BY id"""
).bindparams(bindparam("lines", type_=ARRAY(JSONB)))


def move(session: Session, *, seq: int, conversation_id: int) -> None:
    """Let a line belong to another episode of the same customer; its place stays.

    An episode in which nothing was said yet is then where this line came from.
    """
    identity_id = session.scalar(
        update(Message)
        .where(Message.id == seq)
        .values(conversation_id=conversation_id)
        .returning(Message.identity_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.identity_id.is_(None))
        .values(identity_id=identity_id)
    )


def revise(session: Session, line: Message, *, text: str, deleted: bool = False) -> None:
    """Put other words in the place of a line's; the earlier ones stay with it, for agents.

    Browsers that have the line ask only for what comes after the last one they know. So a visible
    line's change is a line, too, of the kind :data:`EDIT`: it survives reconnects and keeps its
    place among the others. There is at most one for a line, the newest, so that no words stay
    readable that were taken back. The caller holds the customer's lane.
    """
    before: dict[str, Any] = {"text": line.text, "until": session.scalar(select(_NOW))}
    meta = dict(line.meta)
    if deleted and "attachments" in meta:
        before["attachments"] = meta.pop("attachments")
    meta["revisions"] = [*meta.get("revisions", []), before]
    meta["changed"] = "deleted" if deleted else "edited"
    line.meta, line.text = meta, text
    if line.kind == "file":  # its words were the file's name
        line.kind = "text"
    session.flush()
    if line.internal:
        touch(session, line.customer_id)
        return
    session.execute(
        delete(Message)
        .where(Message.conversation_id == line.conversation_id, Message.kind == EDIT)
        .where(Message.meta["of"].as_integer() == line.id)
        .execution_options(synchronize_session=False)
    )
    record(
        session,
        conversation_id=line.conversation_id,
        customer_id=line.customer_id,
        author=line.author,
        author_name=line.author_name,
        agent_id=line.agent_id,
        kind=EDIT,
        text=text,
        meta={"of": line.id, "changed": meta["changed"]},
    )


_NOW = func.to_char(sql("now() AT TIME ZONE 'UTC'"), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')


def channel(session: Session, line: Message) -> str:
    """The channel on which the customer wrote this line, or got it."""
    found = session.scalar(
        select(ChannelIdentity.channel).where(ChannelIdentity.id == line.identity_id)
    )
    return found or "web"


def channels(session: Session, lines: Sequence[Message]) -> dict[int, str]:
    """The channels of the addresses of these lines, by ``identity_id``."""
    ids = {line.identity_id for line in lines if line.identity_id is not None}
    rows = session.execute(
        select(ChannelIdentity.id, ChannelIdentity.channel).where(ChannelIdentity.id.in_(ids))
    )
    return {row.id: row.channel for row in rows}


def fetches(session: Session, conversation_id: int) -> bool:
    """Whether the customer of this episode gets nothing until they come for it."""
    found = session.scalar(
        select(ChannelIdentity.channel)
        .join(Conversation, Conversation.identity_id == ChannelIdentity.id)
        .where(Conversation.id == conversation_id)
    )
    return found in FETCHED


def fetched(session: Session, lines: Sequence[Message]) -> dict[int, bool]:
    """Whether the customer has each of the agents' lines for which they have to come, by its id."""
    answers = [line.id for line in lines if line.author == "agent" and not line.internal]
    rows = session.execute(
        select(Message.id, Delivery.confirmed & Delivery.shown.is_(None))
        .join(ChannelIdentity, ChannelIdentity.id == Message.identity_id)
        .outerjoin(Delivery, Delivery.message_id == Message.id)
        .where(Message.id.in_(answers), ChannelIdentity.channel.in_(FETCHED))
    )
    return {row[0]: bool(row[1]) for row in rows}


def unfetched(session: Session, line: Message) -> bool:
    """Whether this line waits for its customer to come; until the transaction ends it stays so."""
    where = session.get(ChannelIdentity, line.identity_id)
    if where is None or where.channel not in FETCHED:
        return False
    lanes.lock(session, f"out:{where.channel}:{where.account}:{where.external_id}")
    return session.get(Delivery, line.id) is None


def came_from(session: Session, ticket: Ticket, origin: str) -> Message | None:
    """The line of a ticket's episode that somebody wrote elsewhere, by where and which it was."""
    return session.scalar(
        select(Message)
        .where(
            Message.conversation_id == ticket.conversation_id,
            Message.meta["from"].astext == origin,
        )
        .execution_options(populate_existing=True)
    )


def touch(session: Session, customer_id: uuid.UUID, signal: str = "news") -> None:
    """Note what changed for this customer, for whoever wakes readers on commit.

    ``news``: there are lines to read. ``own``: only what the customer wrote, which their browser
    shows already. ``state``: somebody else holds the conversation now.
    """
    session.info.setdefault("touched", {}).setdefault(signal, set()).add(str(customer_id))


def find(session: Session, *, identity_id: int, external_id: str) -> Message | None:
    """The line an identity's external id was recorded as."""
    return session.scalar(
        select(Message).where(
            Message.identity_id == identity_id, Message.external_id == external_id
        )
    )


def said(
    session: Session,
    ticket: Ticket,
    *,
    agent_id: int,
    client_id: str | None,
    text: str,
    kind: str = "text",
) -> int | None:
    """The ``seq`` under which the agent's same words were kept before, ``None`` if they were not.

    A form sent twice on a bad connection finds its first copy. The caller holds the lane.
    """
    if client_id is None:
        return None
    return session.scalar(
        select(Message.id).where(
            Message.conversation_id == ticket.conversation_id,
            Message.agent_id == agent_id,
            Message.kind == kind,
            Message.text == text,
            Message.meta["client_id"].astext == client_id,
        )
    )


def page(
    session: Session, *, customer_id: uuid.UUID, after: int, limit: int = 1000
) -> Sequence[Message]:
    """The first ``limit`` lines after ``after``, internal ones included: all, page by page."""
    return session.scalars(
        select(Message)
        .where(
            Message.customer_id.in_(members(customer_id)), Message.id > after, Message.kind != EDIT
        )
        .order_by(Message.id)
        .limit(limit)
    ).all()


def timeline(
    session: Session, *, customer_id: uuid.UUID, after: int = 0, limit: int = 1000
) -> list[Message]:
    """The newest ``limit`` lines for agents, internal ones included, oldest first.

    Without those that change others: agents see the changed line itself, and what it was before.
    """
    newest = session.scalars(
        select(Message)
        .where(
            Message.customer_id.in_(members(customer_id)), Message.id > after, Message.kind != EDIT
        )
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return list(newest)[::-1]


def offered(session: Session, *, customer_id: uuid.UUID, payload: str) -> str | None:
    """The title of the button with ``payload`` that this customer was shown, else ``None``."""
    button = session.execute(
        select(Message.buttons)
        .where(
            Message.customer_id.in_(members(customer_id)),
            Message.internal.is_(False),
            Message.buttons.contains([{"payload": payload}]),
        )
        .order_by(Message.id.desc())
        .limit(1)
    ).scalar()
    if button is None:
        return None
    return next(str(item["title"]) for item in button if item.get("payload") == payload)


def pressed(session: Session, *, customer_id: uuid.UUID, payload: str, before: int) -> bool:
    """Whether this customer pressed a button with ``payload`` earlier than the line ``before``."""
    found = exists().where(
        Message.customer_id.in_(members(customer_id)),
        Message.id < before,
        Message.author == "customer",
        Message.kind == "button",
        Message.meta["payload"].astext == payload,
    )
    return bool(session.scalar(select(found)))


def vote(session: Session, *, customer_id: uuid.UUID, vote: str, answer: str | None = None) -> None:
    """Keep a "helpful?" vote: on the answer with this mark, else on the customer's last one."""
    marked = Message.meta["mark"].astext == answer if answer is not None else literal(True)
    last = (
        select(Message.id)
        .where(Message.customer_id.in_(members(customer_id)), Message.kind == "answer", marked)
        .order_by(Message.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        update(Message)
        .where(Message.id == last)
        .values(vote=literal(vote))
        .execution_options(synchronize_session=False)
    )
