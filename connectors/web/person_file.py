"""All that is known of one person as a file: what they may ask for, and get before they go."""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.web import api, record_json
from ticketing import attachments, contacts, customers, history, record
from ticketing.models import Attachment, Purchase

MOST = 1_000_000


def write(session: Session, path: Path, customer_id: uuid.UUID) -> int:
    """A ZIP: the record, every line of the history, the files. How many lines and files it has."""
    customer = customers.get(session, customer_id)
    people = list(session.scalars(customers.members(customer.id)))
    about = api.record(session, customer) | {
        "purchases": [record_json.purchase(one) for one in _orders(session, people)],
        "typed": [
            {"kind": one.kind, "value": one.value, "at": record_json.time(one.at)}
            for one in contacts.listing(session, customer.id)
        ],
        "changes": [
            record_json.change(one) for one in record.changes(session, customer.id, limit=MOST)
        ],
    }
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("customer.json", json.dumps(about, ensure_ascii=False, indent=2))
        with made.open("conversation.jsonl", "w") as lines:
            for line in _lines(session, customer.id):
                lines.write(line)
                count += 1
        for one in _files(session, people):
            made.writestr(f"files/{one.id}-{one.name}", attachments.content(session, one.id))
            count += 1
    return count


def _lines(session: Session, customer_id: uuid.UUID) -> Iterator[bytes]:
    after = 0
    while page := history.page(session, customer_id=customer_id, after=after):
        for entry in api.entries(session, page):
            yield json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        after = page[-1].id
        # Whoever writes a long file takes their time; no transaction waits for them.
        session.expunge_all()
        session.rollback()


def _orders(session: Session, people: list[uuid.UUID]) -> list[Purchase]:
    found = select(Purchase).where(Purchase.customer_id.in_(people)).order_by(Purchase.id)
    return list(session.scalars(found))


def _files(session: Session, people: list[uuid.UUID]) -> Iterator[Attachment]:
    ids = session.scalars(
        select(Attachment.id)
        .where(Attachment.customer_id.in_(people))
        .order_by(Attachment.created_at, Attachment.id)
    ).all()
    for one in ids:
        found = session.get(Attachment, one)
        if found is not None:
            yield found
        session.expunge_all()
        session.rollback()
