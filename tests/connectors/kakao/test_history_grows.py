"""A request of one customer reads nothing of the others, however long they have been talking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from connectors.kakao import fetching
from connectors.live import Hub
from connectors.store import Store
from tests.statements import noted
from ticketing import customers
from ticketing.models import ChannelIdentity

READS_AT_MOST = 40
# More than the driver and PostgreSQL see before they keep a plan for whatever is asked.
LOOKS = 20
_READ = """SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables
            WHERE relname IN ('message', 'delivery')"""
# Sixty customers, two hundred lines each; all were given but the last answers of every customer.
_LINES = """
INSERT INTO conversation (customer_id, state, locale, identity_id)
  SELECT customer_id, 'bot', 'ko', id FROM identity;
INSERT INTO message (conversation_id, customer_id, identity_id, author, kind, text, external_id)
  SELECT talk.id, talk.customer_id, talk.identity_id,
         CASE WHEN number % 2 = 0 THEN 'customer' ELSE 'bot' END, 'text', '말 ' || number,
         CASE WHEN number % 2 = 0 THEN 'x:' || number END
    FROM generate_series(1, 200) AS number, conversation AS talk ORDER BY number, talk.id;
INSERT INTO delivery (message_id, identity_id, external_ids, at)
  SELECT id, identity_id, ARRAY['x:' || id], at FROM message
   WHERE author = 'bot' AND text <> '말 199';
"""


@pytest.fixture
def talkative(shop: Session) -> ChannelIdentity:
    """One of many customers with much history."""
    for number in range(60):
        customers.identify(shop, channel="kakao", external_id=f"user-{number}")
    shop.execute(text(_LINES))
    shop.execute(text("ANALYZE"))
    return shop.scalars(
        select(ChannelIdentity).order_by(ChannelIdentity.id).offset(30).limit(1)
    ).one()


@pytest.fixture
def statements(shop: Session) -> Iterator[list[tuple[str, Any]]]:
    with noted(shop) as made:
        yield made


def read(plan: dict[str, Any]) -> float:
    """The rows that the plan's scans of what grows went through."""
    own = 0.0
    if plan.get("Relation Name") in ("message", "delivery"):
        own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        own += plan.get("Rows Removed by Index Recheck", 0)
    return own * float(plan["Actual Loops"]) + sum(map(read, plan.get("Plans", [])))


@pytest.mark.parametrize(
    ("look", "found"),
    [
        (lambda session, who: len(fetching.waiting(session, who.id, public_url="")), 1),
        (lambda session, who: fetching.state(session, who.id, who.customer_id).waiting, True),
        (lambda session, who: len(fetching.offered(session, who.id)), 0),
        (lambda session, who: customers.last_address(session, who.customer_id) == who.id, True),
    ],
    ids=["waiting", "state", "offered", "last address"],
)
def test_a_look_reads_few_rows(
    shop: Session,
    talkative: ChannelIdentity,
    statements: list[tuple[str, Any]],
    look: Callable[[Session, ChannelIdentity], object],
    found: object,
) -> None:
    assert look(shop, talkative) == found
    connection = shop.connection()
    for sql, given in list(statements):
        (plan,) = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", given
        ).scalar_one()
        assert read(plan["Plan"]) <= READS_AT_MOST, sql


def test_a_gateway_that_looks_often_reads_few_rows_each_time(
    shop: Session, talkative: ChannelIdentity
) -> None:
    """Its statements are prepared, and planned as its connections are set to do."""
    who, customer = talkative.id, talkative.customer_id
    shop.commit()
    url = shop.connection().engine.url.render_as_string(hide_password=False)

    def rows(session: Session) -> int:
        session.execute(text("SELECT pg_stat_force_next_flush()"))
        return int(session.execute(text(_READ)).scalar_one())

    async def looks(store: Store) -> int:
        before = await store.glance(rows)
        for _ in range(LOOKS):
            assert (await store.glance(fetching.state, who, customer)).waiting
        return await store.glance(rows) - before

    store = Store(url, Hub(url))
    try:
        assert asyncio.run(looks(store)) <= LOOKS * READS_AT_MOST
    finally:
        store.close()
