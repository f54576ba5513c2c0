"""Macros: answers that agents give again and again, in both languages, with variables.

A variable stands in braces, ``{customer.name}``, and may say what stands there where its value is
not known: ``{order.last|최근 주문}``. What is not known and says nothing gets the variable's own
words, and whoever sends it is told. No text that is kept has a brace that is not a variable's, so
none is ever sent.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing import purchases, record, tags
from ticketing.errors import Conflict, Invalid, NotFound, Refused
from ticketing.models import Agent, Conversation, Macro, Ticket

NAME_LIMIT, TEXT_LIMIT, TAGS_MOST = 60, 2500, 10
# What stands there when the value is not known, in Korean and English.
VARIABLES: dict[str, tuple[str, str]] = {
    "customer.name": ("고객", "customer"),
    "customer.tier": ("(등급 없음)", "(no tier)"),
    "agent.name": ("상담원", "our team"),
    "ticket.code": ("(접수번호 없음)", "(no ticket)"),
    "ticket.question": ("(문의 내용 없음)", "(no question)"),
    "order.last": ("(주문번호 없음)", "(no order number)"),
    "order.status": ("(주문 상태 없음)", "(no order status)"),
}
STATUSES = {
    "pending": ("결제 대기", "awaiting payment"),
    "paid": ("결제 완료", "paid"),
    "cancelled": ("취소", "cancelled"),
    "refunded": ("환불", "refunded"),
}
_VARIABLE = re.compile(r"\{\s*([^{}|]*?)\s*(?:\|([^{}|]*))?\}")


@dataclasses.dataclass(frozen=True, slots=True)
class Filled:
    """A macro for one ticket. ``missing``: variables without a value.

    ``locale`` is the language of ``text``; it is not ``wanted`` where the macro lacks that.
    """

    text: str
    missing: Sequence[str]
    locale: str
    wanted: str


def listing(session: Session) -> list[Macro]:
    """All macros, by name."""
    return list(session.scalars(select(Macro).order_by(func.lower(Macro.name))))


def get(session: Session, macro_id: int) -> Macro:
    """The macro with this id. Raises :class:`NotFound`."""
    found = session.get(Macro, macro_id)
    if found is None:
        raise NotFound("there is no such macro")
    return found


def find(session: Session, name: str) -> Macro | None:
    """The macro of this name, or the only one that begins like that."""
    wanted = _name(name).lower()
    names = {one.name.lower(): one for one in listing(session)}
    if wanted in names:
        return names[wanted]
    begin = [one for known, one in names.items() if wanted and known.startswith(wanted)]
    return begin[0] if len(begin) == 1 else None


def save(
    session: Session,
    macro: Macro | None,
    *,
    name: str,
    text_ko: str,
    text_en: str,
    tags_: Sequence[str] = (),
    priority: str | None = None,
    resolves: bool = False,
    by: Agent | None = None,
) -> Macro:
    """Make a macro, or change one.

    Raises :class:`Invalid` with the field and a ``code``: ``variable`` (the message names those
    that there are), ``brace``, ``length``, ``missing``; :class:`Conflict` for a name that is taken.
    """
    name, text_ko, text_en = _name(name), _text(text_ko), _text(text_en)
    if not 1 <= len(name) <= NAME_LIMIT or not name.isprintable():
        raise Invalid("name", "length", f"has 1 to {NAME_LIMIT} characters")
    if not text_ko and not text_en:
        raise Invalid("text_ko", "missing", "one of the languages is needed")
    for field, text in (("text_ko", text_ko), ("text_en", text_en)):
        check(field, text)
    try:
        kept = list(dict.fromkeys(tags.clean(tag) for tag in tags_ if tag.strip()))
    except Refused as error:
        raise Invalid("tags", "tag", str(error)) from None
    if len(kept) > TAGS_MOST:
        raise Invalid("tags", "length", f"are {TAGS_MOST} at most")
    same = session.scalar(select(Macro).where(func.lower(Macro.name) == name.lower()))
    if same is not None and same is not macro:
        said = f"there is a macro {same.name} already"
        raise Conflict(said, winner=same.name, reason="name_taken")
    if macro is None:
        macro = Macro()
        session.add(macro)
    macro.name, macro.text_ko, macro.text_en = name, text_ko, text_en
    macro.tags, macro.priority, macro.resolves = kept, priority or None, resolves
    macro.changed_at, macro.changed_by = func.now(), None if by is None else by.id
    session.flush()
    session.refresh(macro)
    return macro


def remove(session: Session, macro: Macro) -> None:
    """Let a macro go; what was sent with it stays."""
    session.delete(macro)
    session.flush()


def unknown(text: str) -> list[str]:
    """The variables of the text that there are not, with their braces."""
    return [f"{{{name}}}" for name, _ in _VARIABLE.findall(text) if name not in VARIABLES]


def check(field: str, text: str) -> None:
    """Raises :class:`Invalid` unless every brace is one of a variable that there is."""
    if len(text) > TEXT_LIMIT:
        raise Invalid(field, "length", f"has {TEXT_LIMIT:,} characters at most")
    if wrong := unknown(text):
        known = ", ".join(f"{{{one}}}" for one in VARIABLES)
        raise Invalid(field, "variable", f"there is no {wrong[0]}; there are {known}")
    if re.search(r"[{}]", _VARIABLE.sub("", text)):
        raise Invalid(field, "brace", "a brace stands only around a variable")


def fill(session: Session, macro: Macro, ticket: Ticket, *, agent: Agent) -> Filled:
    """The macro in the customer's language with its values, as it may be sent."""
    conversation = session.get_one(Conversation, ticket.conversation_id)
    wanted = conversation.locale
    texts = {"ko": macro.text_ko, "en": macro.text_en}
    locale = wanted if texts[wanted] else next(one for one in ("ko", "en") if texts[one])
    values = _values(session, ticket, agent, locale)
    missing: list[str] = []

    def put(found: re.Match[str]) -> str:
        name, fallback = found[1], found[2]
        value = values.get(name)
        if value:
            return value
        if fallback is None:
            missing.append(name)
        return fallback.strip() if fallback is not None else _word(VARIABLES[name], locale)

    text = _VARIABLE.sub(put, texts[locale])
    if locale == "ko" and "customer.name" not in values:
        text = text.replace("고객 님", "고객님")  # a name stands apart from 님, this word does not
    return Filled(text, list(dict.fromkeys(missing)), locale, wanted)


def _values(session: Session, ticket: Ticket, agent: Agent, locale: str) -> dict[str, str]:
    known = record.known(session, ticket.customer_id)
    orders = purchases.listing(session, ticket.customer_id, limit=1)
    found = {
        "customer.name": known.get("name"),
        "customer.tier": known.get("tier"),
        "agent.name": agent.name,
        "ticket.code": ticket.code,
        "ticket.question": ticket.question,
        "order.last": orders[0].number if orders else None,
        "order.status": _word(STATUSES[orders[0].status], locale) if orders else None,
    }
    return {name: str(value) for name, value in found.items() if value}


def _word(pair: tuple[str, str], locale: str) -> str:
    return pair[locale == "en"]


def _name(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
