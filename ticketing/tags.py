"""Tags: the words that tickets are found by, and the rules that give them when one is opened."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticketing import history
from ticketing.errors import Conflict, Invalid, NotFound, Refused
from ticketing.models import ChannelIdentity, Conversation, TagRule, Ticket, TicketTag

KINDS = ("word", "topic", "channel", "language")
# Where tickets come from, and the languages they are in: a rule for another one never fits.
CHANNELS = ("web", "telegram", "kakao", "webhook")
LANGUAGES = ("ko", "en")
LIMIT, VALUE_LIMIT, RULES_MOST = 40, 80, 200


def clean(tag: str) -> str:
    """The tag as it is kept: without ``#``, in small letters, spaces one by one.

    Raises :class:`Refused` for what is none.
    """
    kept = _plain(tag.strip().removeprefix("#"))
    if not 1 <= len(kept) <= LIMIT or not kept.isprintable() or "," in kept:
        raise Refused(f"a tag has 1 to {LIMIT} characters, and no comma")
    return kept


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def add(session: Session, ticket: Ticket, tag: str, *, why: str) -> bool:
    """Put a tag on the ticket; ``False`` if it had it. ``why``: see :class:`TicketTag`."""
    added = session.execute(
        insert(TicketTag)
        .values(ticket_id=ticket.id, tag=clean(tag), why=why)
        .on_conflict_do_nothing()
        .returning(TicketTag.tag)
    ).scalar()
    if added is not None:
        history.touch(session, ticket.customer_id, "state")
    return added is not None


def remove(session: Session, ticket: Ticket, tag: str) -> bool:
    """Take a tag off the ticket; ``False`` if it had none."""
    gone = session.execute(
        delete(TicketTag)
        .where(TicketTag.ticket_id == ticket.id, TicketTag.tag == clean(tag))
        .returning(TicketTag.tag)
    ).scalar()
    if gone is not None:
        history.touch(session, ticket.customer_id, "state")
    return gone is not None


def of(session: Session, ticket_ids: Sequence[int]) -> dict[int, list[TicketTag]]:
    """The tags of each of these tickets that has any, in the order they came."""
    rows = session.scalars(
        select(TicketTag)
        .where(TicketTag.ticket_id.in_(ticket_ids))
        .order_by(TicketTag.at, TicketTag.tag)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[TicketTag]] = {}
    for row in rows:
        found.setdefault(row.ticket_id, []).append(row)
    return found


def counts(session: Session) -> list[tuple[str, int]]:
    """Tags of tickets that are not resolved, with how many have them, the most used first."""
    number = func.count()
    rows = session.execute(
        select(TicketTag.tag, number)
        .join(Ticket, Ticket.id == TicketTag.ticket_id)
        .where(Ticket.state != "resolved", Ticket.joined_to.is_(None))
        .group_by(TicketTag.tag)
        .order_by(number.desc(), TicketTag.tag)
        .limit(50)
    )
    return [(row[0], row[1]) for row in rows]


# --- rules ----------------------------------------------------------------------------------------


def rules(session: Session) -> list[TagRule]:
    """All rules, by their tag."""
    return list(session.scalars(select(TagRule).order_by(TagRule.tag, TagRule.kind, TagRule.value)))


def add_rule(session: Session, *, tag: str, kind: str, value: str) -> TagRule:
    """From now on tickets of this kind get this tag.

    Raises :class:`Invalid` with a ``code`` for a value that no ticket can have (``length``,
    ``channel``, ``language``), :class:`Refused` for another kind, tag or number of rules, and
    :class:`Conflict` for a rule that is there.
    """
    if kind not in KINDS:
        raise Refused(f"a rule is about one of {', '.join(KINDS)}")
    value = _plain(value)
    if not 1 <= len(value) <= VALUE_LIMIT or not value.isprintable():
        raise Invalid("value", "length", f"has 1 to {VALUE_LIMIT} characters")
    if kind == "channel" and value not in CHANNELS:
        raise Invalid("value", "channel", f"is one of {', '.join(CHANNELS)}")
    if kind == "language" and value not in LANGUAGES:
        raise Invalid("value", "language", f"is one of {', '.join(LANGUAGES)}")
    known = rules(session)
    if len(known) >= RULES_MOST:
        raise Refused(f"there are {RULES_MOST} rules at most")
    made = TagRule(tag=clean(tag), kind=kind, value=value)
    if any((one.tag, one.kind, one.value) == (made.tag, kind, value) for one in known):
        raise Conflict("there is such a rule already")
    session.add(made)
    session.flush()
    return made


def remove_rule(session: Session, rule_id: int) -> None:
    """Tickets do not get it any more; those that have the tag keep it. Raises ``NotFound``."""
    found = session.get(TagRule, rule_id)
    if found is None:
        raise NotFound("there is no such rule")
    session.delete(found)
    session.flush()


def apply(session: Session, ticket: Ticket, conversation: Conversation) -> None:
    """Give a ticket that is opened the tags that the rules have for it, each with its reason."""
    known = rules(session)
    if not known:
        return
    channel = session.scalar(
        select(ChannelIdentity.channel).where(ChannelIdentity.id == conversation.identity_id)
    )
    found = {
        "word": _plain(ticket.question),
        "topic": _plain(_top(ticket)),
        "channel": channel or "web",
        "language": conversation.locale,
    }
    for rule in known:
        about = found[rule.kind]
        whole = rule.kind in ("channel", "language")
        if rule.value == about if whole else rule.value in about:
            add(session, ticket, rule.tag, why=f"{rule.kind}:{rule.value}")


def _top(ticket: Ticket) -> str:
    """Title and id of the article that the bot thought of first, in its last try."""
    for entry in reversed(ticket.tried):
        for article in entry.get("articles") or []:
            return f"{article.get('title') or ''} {article.get('article') or ''}"
    return ""
