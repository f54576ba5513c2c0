"""The bot: what it is asked in a turn, and what is written of its answer."""

from __future__ import annotations

import dataclasses
import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, Text, bindparam, case, func, select
from sqlalchemy.orm import Session

from connectors import outside
from connectors.desk import queue, surveying
from connectors.desk.customer import CHOOSE, HUMAN, parse
from connectors.desk.lines import system_line
from connectors.phrases import language, say
from connectors.rasa import Reply
from ticketing import conversations, customers, history, lanes, tickets
from ticketing.errors import Again
from ticketing.lanes import Work
from ticketing.models import Conversation, Customer, Message


@dataclasses.dataclass(frozen=True, slots=True)
class Turn:
    """What the bot is asked in one turn, and the state it was asked in.

    ``lane`` is where turns of this person belong now. ``text`` is what they ``typed``, or else the
    title of what they pressed or the names of what they sent.
    """

    conversation_id: int
    customer_id: uuid.UUID
    lane: str
    version: int
    holder: str
    locale: str
    seq: int
    text: str
    payload: str | None
    files: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    # A person will answer, but not before tomorrow: the bot may, meanwhile.
    meanwhile: bool = False
    typed: bool = True
    # The same answer was turned down before with the same button.
    again: bool = False


VOTES = {"/helpful": "up", "/not_helpful": "down"}


def command(payload: str) -> str:
    """A button's payload as Rasa may see it: what only concerns the desk is left out."""
    name, _ = parse(payload)
    return name if name in VOTES else payload


# Made once, of plain columns: every turn begins with it, with what others begin at that moment.
_line, _talk, _who = Message.__table__.c, Conversation.__table__.c, Customer.__table__.c
_given = (
    func.unnest(
        bindparam("identities", type_=ARRAY(BigInteger)),
        bindparam("external_ids", type_=ARRAY(Text)),
    )
    .table_valued("identity", "external_id", name="given")
    .render_derived()
)
_ASKED = select(
    *(_given.c.identity, _given.c.external_id),
    *(_line.id, _line.customer_id, _line.text, _line.kind, _line.meta),
    *(_line.conversation_id, _talk.version, _talk.locale, _who.root_id),
    # An episode at rest is over for whoever writes now.
    case((_talk.joined_to.is_not(None), "closed"), else_=_talk.state).label("state"),
).where(
    _talk.id == _line.conversation_id,
    _who.id == _line.customer_id,
    _line.identity_id == _given.c.identity,
    _line.external_id == _given.c.external_id,
)


def begin_turn(session: Session, work: Work) -> Turn:
    """What the job asks of the bot, and who holds the conversation at this moment."""
    return begin_turns(session, [work])[0]


def begin_turns(session: Session, works: Sequence[Work]) -> list[Turn]:
    """:func:`begin_turn` for several."""
    asked = {
        "identities": [work.payload["identity"] for work in works],
        "external_ids": [work.payload["external_id"] for work in works],
    }
    rows = {
        (row.identity, row.external_id): row for row in session.connection().execute(_ASKED, asked)
    }
    return [
        _turn(session, rows[work.payload["identity"], work.payload["external_id"]])
        for work in works
    ]


def _turn(session: Session, row: Row[*tuple[Any, ...]]) -> Turn:
    typed = row.kind == "text"
    payload = row.meta.get("payload")
    asks = typed or parse(payload or "")[0] == CHOOSE
    return Turn(
        conversation_id=row.conversation_id,
        customer_id=row.customer_id,
        lane=customers.lane(row.root_id),
        version=row.version,
        holder=row.state,
        locale=language(row.text, row.locale) if typed else row.locale,
        seq=row.id,
        text=row.text,
        payload=payload,
        files=row.meta.get("attachments", []),
        meanwhile=row.state == "queued"
        and asks
        and queue.bot_goes_on(session, customer_id=row.customer_id, text=row.text),
        typed=typed,
        again=payload is not None
        and parse(payload)[0] == "/not_helpful"
        and history.pressed(session, customer_id=row.customer_id, payload=payload, before=row.id),
    )


def begin_anew(session: Session, work: Work) -> Turn:
    """The same for a message whose episode ended while it waited: it begins the next one.

    Its job stays at the head of the lane, so that answers come in the order of the questions. The
    caller holds the customer's lane.
    """
    [turn] = begin_turns(session, [work])
    if turn.holder != "closed":
        return turn
    fresh = conversations.current(session, customer_id=turn.customer_id)
    history.move(session, seq=turn.seq, conversation_id=fresh.id)
    return begin_turns(session, [work])[0]


def move_turn(session: Session, turn: Turn, work: Work) -> None:
    """Do it in the lane it belongs to: it was accepted in the moment of a link or unlink."""
    lanes.enqueue(
        session,
        lane=turn.lane,
        kind=work.kind,
        dedup=f"{work.payload['identity']}:{work.payload['external_id']}@{turn.lane}:{work.job}",
        payload=work.payload,
    )


def about_files(turn: Turn) -> list[Reply]:
    """What the bot says to a file: it has no eyes, a person has."""
    button = {"title": say("human", turn.locale), "payload": HUMAN}
    said = {"kind": "say", "text": say("file_to_bot", turn.locale), "buttons": [button]}
    return [Reply.model_validate({**said, "locale": turn.locale})]


def turned_down_again(turn: Turn) -> list[Reply]:
    """What the bot says to a second press: it is no second answer that did not help.

    Buttons of a messenger stay where they are, and a finger taps twice.
    """
    button = {"title": say("human", turn.locale), "payload": HUMAN}
    said = {"kind": "say", "text": say("not_helpful_again", turn.locale), "buttons": [button]}
    return [Reply.model_validate({**said, "locale": turn.locale})]


def end_turn(session: Session, turn: Turn, replies: list[Reply] | None) -> None:
    """Write what the bot said, if it still holds the conversation; ``None``: it failed to answer.

    A message to a conversation that a person holds is shown to that person instead. Raises
    :class:`Again` when the episode ended while the bot was asked.
    """
    end_turns(session, [(turn, replies)])


def end_turns(session: Session, ended: Sequence[tuple[Turn, list[Reply] | None]]) -> None:
    """:func:`end_turn` for several customers at once, whose lanes the caller holds.

    What the bot said to all of them is written by one statement.
    """
    versions = {turn.conversation_id: turn.version for turn, _ in ended}
    held = conversations.bot_holds(session, versions)
    answered: list[tuple[Turn, list[Reply]]] = []
    for turn, replies in ended:
        if turn.conversation_id in held:
            answered.append((turn, _answer(session, turn, replies)))
        else:
            _overtaken(session, turn, replies)
    history.bot_said(
        session, [_said(session, turn, one) for turn, replies in answered for one in replies]
    )
    for turn, replies in answered:
        last = replies[-1]
        if last.kind == "hand_off":
            conversation = conversations.get(session, turn.conversation_id, for_update=True)
            conversation.locale = last.locale
            _escalate(session, conversation, turn, reason=last.reason or "customer_asked")
            continue
        if last.vote == "up" or VOTES.get(parse(turn.payload or "")[0]) == "up":
            surveying.after_answer(session, turn.conversation_id)
        if held[turn.conversation_id] != last.locale:
            conversation = conversations.get(session, turn.conversation_id)
            conversation.locale = last.locale
            conversation.customer.locale = last.locale  # their next episode begins in it


def _answer(session: Session, turn: Turn, replies: list[Reply] | None) -> list[Reply]:
    """What is said to the customer, up to where a person is called; votes are counted."""
    _vote(session, turn)
    if replies is None:
        text = say("bot_unavailable", turn.locale)
        failed = {"kind": "hand_off", "text": text, "reason": "bot_unavailable"}
        return [Reply.model_validate({**failed, "locale": turn.locale})]
    calls = (number for number, reply in enumerate(replies, 1) if reply.kind == "hand_off")
    return replies[: next(calls, None)]


def _vote(session: Session, turn: Turn) -> bool:
    """Whether they pressed a vote, which is kept whoever holds the conversation."""
    name, arguments = parse(turn.payload or "")
    if name not in VOTES:
        return False
    answer = arguments.get("answer")
    history.vote(session, customer_id=turn.customer_id, vote=VOTES[name], answer=answer)
    return True


def _overtaken(session: Session, turn: Turn, replies: list[Reply] | None) -> None:
    """Show the message to the person who holds the conversation by now."""
    conversation = conversations.get(session, turn.conversation_id, for_update=True)
    if conversation.state in ("bot", "closed") or conversation.joined_to is not None:
        raise Again("the episode ended, or became another one, meanwhile")
    _to_person(session, conversation, turn)
    if turn.meanwhile and conversation.version == turn.version:
        _meanwhile(session, turn, replies or [])


def _said(session: Session, turn: Turn, reply: Reply) -> history.Said:
    """The line of history that a reply is."""
    if reply.vote is not None and turn.payload is None:
        history.vote(session, customer_id=turn.customer_id, vote=reply.vote)
    mark = secrets.token_hex(4)
    question = reply.question or turn.text
    if turn.payload is not None:  # what they asked for is above the button they pressed
        context = conversations.bot_context(session, conversation_id=turn.conversation_id)
        question = _offered_for(session, turn) or context.last_question or turn.text
    meta: dict[str, Any] = {"question": question, "tried": reply.tried}
    if reply.kind == "answer":
        meta["mark"] = mark
    for name in ("chosen", "asked"):
        if getattr(reply, name):
            meta[name] = True
    if reply.score is not None:
        meta["score"] = round(reply.score, 4)
    if reply.vote == "down":
        meta["rejected"] = True
    return history.Said(
        conversation_id=turn.conversation_id,
        customer_id=turn.customer_id,
        kind=reply.kind,
        text=reply.text,
        buttons=[
            # A vote belongs to the answer it stands under, however late it is pressed.
            {"title": button.title, "payload": f'{button.payload}{{"answer": "{mark}"}}'}
            if button.payload in VOTES
            else button.model_dump()
            for button in reply.buttons
        ],
        article=None if reply.article is None else reply.article.model_dump(exclude_none=True),
        meta=meta,
    )


def _offered_for(session: Session, turn: Turn) -> str | None:
    """What was asked where the article that is chosen now was offered: a messenger's buttons stay,
    and something else may have been asked since."""
    if parse(turn.payload or "")[0] != CHOOSE:
        return None
    offers = select(Message.meta["question"].astext).where(
        Message.conversation_id == turn.conversation_id,
        Message.id < turn.seq,
        Message.buttons.contains([{"payload": turn.payload}]),
    )
    return session.scalar(offers.order_by(Message.id.desc()).limit(1))


def _meanwhile(session: Session, turn: Turn, replies: list[Reply]) -> None:
    """Answers, as far as there are any, while a ticket waits for the hours of people."""
    ticket = tickets.current(session, customer_id=turn.customer_id)
    for reply in replies:
        if ticket is None or reply.kind not in ("answer", "clarify"):
            continue
        # Nobody is asked whether it helped: somebody will come either way.
        buttons = [one for one in reply.buttons if one.payload not in VOTES]
        line = _said(session, turn, reply.model_copy(update={"buttons": buttons, "vote": None}))
        (seq,) = history.bot_said(session, [line])
        outside.bot_answered(session, ticket, seq=seq, text=reply.text)


def _escalate(session: Session, conversation: Conversation, turn: Turn, *, reason: str) -> None:
    tried = tickets.tried(session, conversation_id=conversation.id)
    context = conversations.bot_context(session, conversation_id=conversation.id)
    # What was answered, and helped, is not what they want a person for.
    before = None if context.settled else context.last_question
    question = before or (turn.text if turn.payload is None else "")
    ticket, new = tickets.open_ticket(
        session, conversation=conversation, reason=reason, question=question, tried=tried
    )
    if not new:
        words = say("queued_already", conversation.locale, code=ticket.code)
        system_line(session, conversation, words)
        return
    queue.taken(session, conversation, ticket)
    outside.opened(session, ticket)
    outside.customer_sent(session, ticket, files=_files_of(session, conversation))
    queue.entered(session, ticket)


def _files_of(session: Session, conversation: Conversation) -> list[dict[str, Any]]:
    """What the customer sent in this episode while only the bot was there, oldest first."""
    kept = session.scalars(
        select(Message.meta["attachments"])
        .where(Message.conversation_id == conversation.id, Message.author == "customer")
        .where(Message.meta.has_key("attachments"))
        .order_by(Message.id)
    )
    return [file for files in kept for file in files]


def _to_person(session: Session, conversation: Conversation, turn: Turn) -> None:
    ticket = tickets.current(session, customer_id=turn.customer_id)
    if ticket is None:
        return
    if turn.payload == HUMAN:
        queue.tell_who_has_it(session, conversation, ticket)
    elif _vote(session, turn) and ticket.state == "open":
        queue.tell_place(session, conversation, ticket)
    if tickets.wake(session, ticket):  # they are waiting again
        outside.came_back(session, ticket)
    if turn.typed or not turn.files:
        outside.customer_wrote(session, ticket, seq=turn.seq, text=turn.text)
    outside.customer_sent(session, ticket, files=turn.files)
    words = turn.text if turn.typed else ""  # a button's title says nothing of its own
    queue.customer_wrote(session, conversation, ticket, text=words)
