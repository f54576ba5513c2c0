"""The customer: what they write, press and rate."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from connectors import agent_lines, choices, outside, ratings
from connectors.channel import Inbound
from connectors.desk import queue, surveying
from connectors.desk.lines import note_line, system_line
from connectors.phrases import say
from ticketing import (
    attachments,
    conversations,
    customers,
    history,
    inbox,
    pacing,
    recovery,
    surveys,
    teams,
    tickets,
)
from ticketing.db import Left
from ticketing.errors import Conflict, Refused
from ticketing.models import ChannelIdentity, Conversation, Csat, Message, Ticket
from ticketing.surveys import AnySurvey

HUMAN = "/human"
NOT_SOLVED = "/not_solved"
CHOOSE = "/choose_article"
COMMANDS = (CHOOSE, "/helpful", "/not_helpful", HUMAN)


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """An accepted message; ``again`` when the same one had been accepted before."""

    seq: int
    again: bool


def receive(
    session: Session,
    *,
    customer_id: uuid.UUID,
    identity_id: int,
    inbound: Inbound,
) -> Receipt:
    """Accept what a customer wrote or pressed; after the commit it is theirs to rely on.

    ``customer_id`` is whose address ``identity_id`` is.

    Raises :class:`Conflict` when the same external id comes with other content, and
    :class:`Refused` for a button this customer was never shown.
    """
    payload = inbound.payload
    files = list(inbound.files)
    line: dict[str, Any] = {
        "customer_id": customer_id,
        "identity_id": identity_id,
        "external_id": inbound.external_id,
        "kind": "text" if payload is None else "button",
        "text": inbound.text,
        "meta": {} if payload is None else {"payload": payload},
    }
    if files:
        line["meta"] = attachments.kept(files)
        if not inbound.text.strip():  # their names are what those see who do not show files
            names = ", ".join(file.name for file in files)
            line |= {"kind": "file", "text": names}
    rated = None
    if payload is None and not files and ratings.may_be(inbound.text):
        customers.hold(session, customer_id)
        if (again := _again(session, identity_id, inbound)) is not None:
            return again
        newest = choices.offered(session, customer_id=customer_id)
        payload = score_in_words(session, newest, customer_id=customer_id, text=inbound.text)
        if payload is not None:
            rated = _rated_conversation(session, customer_id, payload)
    elif payload is None and not files and (words := ratings.comment(inbound.text)):
        customers.hold(session, customer_id)
        if (again := _again(session, identity_id, inbound)) is not None:
            return again
        about = surveys.commentable(session, customer_id=customer_id)
        if about is not None and len(words) <= surveys.COMMENT_LIMIT:
            return _typed_comment(session, about, words, line)
    elif payload is not None:
        customers.hold(session, customer_id)
        line["text"] = _title(session, customer_id, payload)
        if not _is_command(payload):
            rated = _rated_conversation(session, customer_id, payload)
    if rated is not None:
        seq = history.record(session, conversation_id=rated.id, author="customer", **line)
    else:
        seq = inbox.accept(session, inbox.Line(**line))
        if seq is None:  # a repetition, or the first words of an episode
            customers.hold(session, customer_id)
            if (again := _again(session, identity_id, inbound)) is not None:
                return again
            conversations.current(session, customer_id=customer_id)
            seq = inbox.accept(session, inbox.Line(**line))
    if seq is None:
        if (again := _again(session, identity_id, inbound)) is not None:
            return again
        raise Conflict("this client_id was used for another message")
    if files:
        attachments.add(session, message_id=seq, customer_id=customer_id, files=files)
    if rated is not None and payload is not None:
        _after_service(session, rated, payload, identity_id=identity_id, seq=seq)
    return Receipt(seq, again=False)


def plain(text: str) -> bool:
    """Whether words can be nothing but a message: no score, comment on one, or place in a list."""
    return not (ratings.may_be(text) or ratings.comment(text) or choices.ordinal(text) is not None)


def receive_words(session: Session, words: inbox.Words, *, allowed: int = 0) -> Receipt | None:
    """:func:`receive` for words from the web; ``None`` if their token is not valid.

    Raises :class:`ticketing.pacing.TooFast` as :func:`receive_from_web` does.
    """
    who = customers.authenticate(session, words.token)
    if who is None:
        return None
    return receive_from_web(
        session,
        identity_id=who[0],
        customer_id=who[1],
        inbound=Inbound(external_id=words.external_id, text=words.text),
        allowed=allowed,
    )


def receive_from_web(
    session: Session,
    *,
    customer_id: uuid.UUID,
    identity_id: int,
    inbound: Inbound,
    allowed: int,
) -> Receipt:
    """:func:`receive` from a visitor, of whom ``allowed`` messages a minute are taken; 0: all.

    Raises :class:`ticketing.pacing.TooFast`, but not for a repetition of what was taken.
    """
    # A repetition waits for no lane, and is not counted.
    if (again := _again(session, identity_id, inbound)) is not None:
        return again
    if allowed:
        # Who is much too fast is told so without a wait; whoever is not is counted in their lane.
        pacing.visitor(session, identity_id, allowed=allowed)
        customers.hold(session, customer_id)
        if (again := _again(session, identity_id, inbound)) is not None:
            return again
        pacing.visitor(session, identity_id, allowed=allowed)
    return receive(session, identity_id=identity_id, customer_id=customer_id, inbound=inbound)


def receive_together(
    session: Session, said: Sequence[inbox.Words], owner: str | None = None, *, allowed: int = 0
) -> list[Receipt | Left]:
    """:func:`receive_words` for :func:`plain` ones of several customers, waiting for none of them.

    What is left out is for :func:`receive_words` to settle: the first words of an episode, a
    repetition, a token that is not valid; a customer whose lane somebody holds just now, if that
    lasts. ``owner`` and ``allowed``: see :func:`ticketing.inbox.accept_free`.
    """
    seqs = inbox.accept_free(session, said, owner=owner, allowed=allowed)
    return [seq if isinstance(seq, Left) else Receipt(seq, again=False) for seq in seqs]


def _typed_comment(
    session: Session, survey: AnySurvey, words: str, line: dict[str, Any]
) -> Receipt:
    conversation = conversations.get(session, surveys.conversation_id(survey))
    seq = history.record(session, conversation_id=conversation.id, author="customer", **line)
    surveys.comment(session, survey, text=words)
    outside.rated(session, survey, commented=True)
    system_line(session, conversation, say("commented", conversation.locale))
    assert seq is not None, "a repetition was looked for under the customer's lock"
    return Receipt(seq, again=False)


def score_in_words(
    session: Session, buttons: Sequence[dict[str, Any]], *, customer_id: uuid.UUID, text: str
) -> str | None:
    """The payload of the score that ``text`` names and nothing beside it; else ``None``.

    ``buttons`` are those of one question. One that is answered or over is answered no more.
    """
    scores: dict[int, str] = {}
    survey = ""
    for button in buttons:
        name, arguments = parse(str(button["payload"]))
        if name == "/rate":
            scores[int(arguments["score"])] = str(button["payload"])
            survey = str(arguments["survey"])
    if not scores:
        return None
    score = ratings.understood(text, worst=min(scores), best=max(scores))
    asked = surveys.get(session, survey, customer_id=customer_id)
    if score is None or not surveys.can_be_rated(session, asked):
        return None
    return scores.get(score)


def _title(session: Session, customer_id: uuid.UUID, payload: str) -> str:
    """What the button said that the customer was shown. Raises :class:`Refused` if none was."""
    title = history.offered(session, customer_id=customer_id, payload=payload)
    if title is not None:
        return title
    if payload != HUMAN:
        raise Refused("this button was not offered in this conversation")
    return say("human", conversations.current(session, customer_id=customer_id).locale)


def _again(session: Session, identity_id: int, inbound: Inbound) -> Receipt | None:
    """The receipt of the first time, if there was one.

    What it was sent as decides whether it is the same; raises :class:`Conflict` if not.
    """
    known = history.find(session, identity_id=identity_id, external_id=inbound.external_id)
    if known is None:
        return None
    if not _same(session, known, inbound):
        raise Conflict("this client_id was used for another message")
    return Receipt(known.id, again=True)


def _same(session: Session, known: Message, inbound: Inbound) -> bool:
    if inbound.files:
        return attachments.same(session, message_id=known.id, files=inbound.files)
    if inbound.payload is not None:
        return bool(known.meta.get("payload") == inbound.payload)
    return known.kind == "text" and known.text == inbound.text


def _is_command(payload: str) -> bool:
    return payload.split("{", 1)[0] in COMMANDS


def parse(payload: str) -> tuple[str, dict[str, Any]]:
    """A button's payload, ``/name{"argument": …}``, as its name and arguments."""
    name, brace, rest = payload.partition("{")
    return name, json.loads(brace + rest) if brace else {}


def _rated_conversation(session: Session, customer_id: uuid.UUID, payload: str) -> Conversation:
    """A rating belongs to the episode it rates, not to a new one."""
    name, arguments = parse(payload)
    if name in ("/rate", surveying.NO_SURVEYS):
        survey = surveys.get(session, str(arguments["survey"]), customer_id=customer_id)
        return conversations.get(session, surveys.conversation_id(survey))
    ticket = tickets.get(session, str(arguments["ticket"]))
    if name == NOT_SOLVED:  # whoever has a request of theirs open is to hear of it
        ticket = tickets.current(session, customer_id=customer_id) or ticket
    return conversations.get(session, ticket.conversation_id)


def _after_service(
    session: Session, conversation: Conversation, payload: str, *, identity_id: int, seq: int
) -> None:
    name, arguments = parse(payload)
    if name == "/rate":
        survey = surveys.get(
            session, str(arguments["survey"]), customer_id=conversation.customer_id
        )
        before = surveys.rate(session, survey, score=int(arguments["score"]))
        phrase = "rated" if before is None else "rated_anew"
        thanks = say(phrase, conversation.locale, before=str(before), score=str(survey.score))
        address = session.get_one(ChannelIdentity, identity_id)
        if address.channel != "web" and survey.comment is None:  # the chat has a box for it
            thanks += "\n" + say("comment_how", conversation.locale)
        system_line(
            session,
            conversation,
            thanks,
            kind="rating",
            meta={
                "survey": str(survey.id),
                "score": survey.score,
                "before": before,
                "of": surveys.SCALES[type(survey)][1],
            },
        )
        outside.rated(session, survey)
        if isinstance(survey, Csat):
            _make_good(session, conversation, survey)
    elif name == surveying.NO_SURVEYS:
        surveying.no_more(session, conversation)
    elif name == NOT_SOLVED:
        _not_solved(session, conversation, code=str(arguments["ticket"]), seq=seq)
    elif name == queue.CANCEL:
        named = tickets.get(session, str(arguments["ticket"]))
        standing = tickets.standing(session, named).code
        queue.cancel(session, tickets.get(session, standing, for_update=True))
    elif name in ("/solved", "/unsolved"):
        from connectors.desk import waiting  # which needs what a customer can press

        ticket = tickets.get(session, str(arguments["ticket"]), for_update=True)
        waiting.heard(
            session, ticket, solved=name == waiting.SOLVED, answer=str(arguments["answer"])
        )


def _not_solved(session: Session, conversation: Conversation, *, code: str, seq: int) -> None:
    """The ticket is open again or a new one follows it, if the customer has none open."""
    named = tickets.standing(session, tickets.get(session, code))
    ticket = tickets.get(session, named.code, for_update=True)
    other = tickets.current(session, customer_id=ticket.customer_id)
    if ticket.state != "resolved":
        queue.tell_who_has_it(session, conversation, ticket)
        line = session.get_one(Message, seq)
        if not history.pressed(
            session, customer_id=ticket.customer_id, payload=line.meta["payload"], before=seq
        ):  # an agent reopened it
            _still_not(session, conversation, ticket, seq=seq)
    elif other is not None:
        other = tickets.get(session, other.code, for_update=True)
        queue.tell_who_has_it(session, conversation, other)
        _still_not(session, conversation, other, seq=seq, of=f" · {ticket.code}")
    elif not tickets.reopenable(session, ticket):
        _follow_up(session, ticket)
    elif tickets.reopen(session, ticket):
        words = say("reopened", conversation.locale, code=ticket.code)
        system_line(session, conversation, words)
        outside.reopened(session, ticket)
        queue.entered(session, ticket)


def _still_not(
    session: Session, conversation: Conversation, ticket: Ticket, *, seq: int, of: str = ""
) -> None:
    """Whoever has the ticket reads that it is not solved, as if the customer had written it."""
    if tickets.wake(session, ticket):
        outside.came_back(session, ticket)
    text = f"{say('not_solved', conversation.locale)}{of}"
    outside.customer_wrote(session, ticket, seq=seq, text=text)
    queue.customer_wrote(session, conversation, ticket, text=text)


def _follow_up(session: Session, earlier: Ticket) -> None:
    """It was resolved too long ago to be reopened: a new ticket that follows it."""
    conversation = conversations.current(session, customer_id=earlier.customer_id)
    ticket, _ = tickets.open_ticket(
        session,
        conversation=conversation,
        reason="not_solved",
        question=earlier.question,
        follows=earlier,
    )
    queue.taken(session, conversation, ticket)
    outside.opened(session, ticket)
    queue.entered(session, ticket)


def _make_good(session: Session, conversation: Conversation, survey: Csat) -> None:
    """A bad rating becomes somebody's task, which the ticket says in the console and in Slack."""
    task = recovery.follow(session, survey)
    if task is None:
        return
    if survey.ticket is None:
        human = {"title": say("human", conversation.locale), "payload": HUMAN}
        system_line(session, conversation, say("low_bot", conversation.locale), buttons=[human])
        label = customers.label(conversation.customer)
        outside.bot_rated_low(session, survey, customer=label, owner=task.owner)
        return
    owner = task.owner
    zone = teams.plan(session, survey.ticket.team_id).hours.zone
    values = {
        "score": str(survey.score),
        "agent": owner.name if owner else agent_lines.phrase("nobody"),
        "time": agent_lines.moment(task.due_at, zone=zone),
    }
    note_line(session, conversation, "recovery", values)
    outside.happened(
        session,
        survey.ticket,
        "recovery",
        agent=owner.name if owner else agent_lines.say("nobody", conversation.locale, {}),
        score=survey.score,
        due=int(task.due_at.timestamp()),
        mentions=[owner.slack_user] if owner and owner.slack_user else [],
        broadcast=True,
    )


def comment(session: Session, *, customer_id: uuid.UUID, survey_id: str, text: str) -> None:
    """Keep the words a customer adds to a rating; again, nothing else happens."""
    survey = surveys.get(session, survey_id, customer_id=customer_id)
    if surveys.comment(session, survey, text=text):
        outside.rated(session, survey, commented=True)
