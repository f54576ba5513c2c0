"""Fields of the record that a shop makes for itself: defined once, checked always."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing import spelling
from ticketing.errors import Conflict, Invalid, NotFound
from ticketing.models import CustomerField, FieldChange

if TYPE_CHECKING:
    from ticketing.record import Author

PREFIX = "custom."
KINDS = ("text", "number", "date", "boolean", "choice")
MOST = 50
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_YES = {"true", "yes", "y", "1", "o", "예", "네", "참", "동의"}
_NO = {"false", "no", "n", "0", "x", "아니요", "아니오", "거짓", "비동의"}


def define(
    session: Session,
    *,
    key: str,
    name_ko: str,
    name_en: str,
    kind: str,
    choices: Sequence[str] = (),
    by: Author,
) -> CustomerField:
    """Make a field, rename one, or bring a retired one back; that it was is kept.

    Raises :class:`Invalid` for what is wrong, :class:`Conflict` when a field of this key holds
    another kind of value: what was kept under it would not fit.
    """
    if not _KEY.fullmatch(key):
        raise Invalid("key", "key", "is small letters, digits and _, a letter first, at most 40")
    if kind not in KINDS:
        raise Invalid("kind", "choice", f"is one of {', '.join(KINDS)}")
    korean = spelling.text("name_ko", name_ko, limit=40)
    english = spelling.text("name_en", name_en, limit=40)
    if korean is None or english is None:
        raise Invalid("name_ko" if korean is None else "name_en", "missing", "is missing")
    named = [spelling.text("choices", one, limit=80) for one in choices]
    chosen = list(dict.fromkeys(one for one in named if one))
    if (kind == "choice") != bool(chosen) or len(chosen) > 50:
        raise Invalid("choices", "choices", "are 1 to 50 for the kind choice, and none for others")
    found = session.get(CustomerField, key, with_for_update=True)
    before = None if found is None else _facts(found)
    if found is None:
        place = session.scalar(select(func.count()).select_from(CustomerField)) or 0
        if place >= MOST:
            raise Invalid("key", "many", f"is one too many: there are at most {MOST} fields")
        found = CustomerField(key=key, kind=kind, place=place)
        session.add(found)
    elif found.kind != kind:
        raise Conflict(f"the field {key} is of the kind {found.kind} already")
    found.name_ko, found.name_en, found.choices = korean, english, chosen
    found.retired_at = None
    session.flush()
    _keep(session, found, before, by)
    return found


def retire(session: Session, key: str, *, by: Author) -> CustomerField:
    """Ask for it no more; what it holds stays. Raises :class:`NotFound`."""
    found = session.get(CustomerField, key, with_for_update=True)
    if found is None:
        raise NotFound("there is no such field")
    before = _facts(found)
    found.retired_at = found.retired_at or dt.datetime.now(dt.UTC)
    session.flush()
    _keep(session, found, before, by)
    return found


def _facts(field: CustomerField) -> dict[str, Any]:
    return {
        "name_ko": field.name_ko,
        "name_en": field.name_en,
        "kind": field.kind,
        "choices": list(field.choices),
        "retired": field.retired_at is not None,
    }


def _keep(
    session: Session, field: CustomerField, before: dict[str, Any] | None, by: Author
) -> None:
    after = _facts(field)
    if before == after:
        return
    session.add(
        FieldChange(
            key=field.key,
            old=before,
            new=after,
            by_name=by.name,
            agent_id=by.agent_id,
            source=by.source,
        )
    )
    session.flush()


def changes(session: Session, *, limit: int = 200) -> list[FieldChange]:
    """What became of the fields, newest first."""
    return list(session.scalars(select(FieldChange).order_by(FieldChange.id.desc()).limit(limit)))


def listing(session: Session, *, retired: bool = False) -> list[CustomerField]:
    """The fields in their order."""
    query = select(CustomerField).order_by(CustomerField.place, CustomerField.key)
    if not retired:
        query = query.where(CustomerField.retired_at.is_(None))
    return list(session.scalars(query))


def by_key(session: Session) -> dict[str, CustomerField]:
    """The fields that are in use."""
    return {one.key: one for one in listing(session)}


def check(fields: Mapping[str, CustomerField], field: str, value: Any) -> Any:
    """A value of ``custom.KEY`` as it is kept: text, a number, an ISO date, true or false.

    Raises :class:`Invalid`.
    """
    found = fields.get(field.removeprefix(PREFIX))
    if found is None:
        raise Invalid(field, "unknown", "is no field of a customer")
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    match found.kind:
        case "number":
            return _number(field, value)
        case "boolean":
            return _truth(field, value)
    if not isinstance(value, str):
        raise Invalid(field, "text", "is text")
    if found.kind == "date":
        day = spelling.date(field, value)
        return None if day is None else day.isoformat()
    if found.kind == "choice":
        tidy = spelling.text(field, value, limit=80)
        if tidy not in found.choices:
            raise Invalid(field, "choice", f"is one of {', '.join(found.choices)}")
        return tidy
    return spelling.text(field, value, limit=1000)


def _number(field: str, value: Any) -> int | float:
    if isinstance(value, str):
        try:
            value = float(value.replace(",", "").strip())
        except ValueError:
            raise Invalid(field, "number", "is not a number") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(field, "number", "is not a number")
    if abs(value) > 1e15 or not math.isfinite(value):
        raise Invalid(field, "number", "is not a number that can be kept")
    return int(value) if float(value).is_integer() else value


def _truth(field: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    tidy = str(value).strip().lower()
    if tidy not in _YES | _NO:
        raise Invalid(field, "boolean", "is neither yes nor no")
    return tidy in _YES
