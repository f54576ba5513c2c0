"""Proofs that two customers are one person: one-time codes, and what was refused."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ticketing.customers import members, token_hash
from ticketing.models import ChannelIdentity, LinkCode, LinkRefusal

# Without 0/O, 1/I/L: a code is typed on a phone. 31^8 is 8.5 * 10^11, and few tries are allowed.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
VALID = dt.timedelta(minutes=10)
# Refused codes of one address in an hour, after which not even a right code helps.
TRIES = 10

Why = Literal["unknown", "expired", "used", "too_many"]


def new_code(session: Session, *, customer_id: uuid.UUID, evidence: str = "code") -> str:
    """A code for this customer, valid once and for :data:`VALID`; earlier ones of theirs are not.

    ``evidence`` is ``code`` for one that is shown to them, ``email`` for one that is mailed.
    """
    session.execute(
        delete(LinkCode).where(
            LinkCode.customer_id == customer_id,
            LinkCode.evidence == evidence,
            LinkCode.used_at.is_(None),
        )
    )
    code = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
    session.add(
        LinkCode(
            code_hash=token_hash(code),
            customer_id=customer_id,
            evidence=evidence,
            expires_at=session.execute(select(func.now())).scalar_one() + VALID,
        )
    )
    session.flush()
    return code


def tidy(code: str) -> str:
    """A code as it was meant: people type spaces, dashes and small letters."""
    return "".join(one for one in code.upper() if one.isalnum())


def use_code(session: Session, code: str, *, identity_id: int) -> LinkCode | Why:
    """Use a code up, or say why that cannot be; the refusal is kept, so the caller commits."""
    # One try after the other, or several at once would all be the tenth.
    session.execute(
        select(
            func.pg_advisory_xact_lock(func.hashtext("link_code"), func.hashtext(str(identity_id)))
        )
    )
    if _refused_lately(session, identity_id) >= TRIES:
        return _refuse(session, "too_many", identity_id=identity_id, evidence="code")
    key = token_hash(tidy(code))
    used: LinkCode | None = session.scalar(
        update(LinkCode)
        .where(
            LinkCode.code_hash == key,
            LinkCode.used_at.is_(None),
            LinkCode.expires_at > func.now(),
        )
        .values(used_at=func.now())
        .returning(LinkCode)
    )
    if used is not None:
        return used
    known = session.get(LinkCode, key)
    why: Why = "unknown" if known is None else "used" if known.used_at else "expired"
    return _refuse(session, why, identity_id=identity_id, evidence="code")


def refuse(session: Session, *, evidence: str, why: str, identity_id: int | None = None) -> None:
    """Keep that a proof was refused, and why."""
    session.add(LinkRefusal(identity_id=identity_id, evidence=evidence, why=why))
    session.flush()


def refusals(session: Session, customer_id: uuid.UUID) -> list[LinkRefusal]:
    """The proofs of this person's addresses that were refused, newest first, at most 50."""
    mine = select(ChannelIdentity.id).where(ChannelIdentity.customer_id.in_(members(customer_id)))
    found = select(LinkRefusal).where(LinkRefusal.identity_id.in_(mine))
    return list(session.scalars(found.order_by(LinkRefusal.id.desc()).limit(50)))


def _refused_lately(session: Session, identity_id: int) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                LinkRefusal.identity_id == identity_id,
                LinkRefusal.evidence == "code",
                LinkRefusal.at > func.now() - dt.timedelta(hours=1),
            )
        )
        or 0
    )


def _refuse(session: Session, why: Why, *, identity_id: int, evidence: str) -> Why:
    refuse(session, evidence=evidence, why=why, identity_id=identity_id)
    return why
