"""How fast may be sent, over all who send: one free moment after the other, never two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from sqlalchemy import text

from connectors.telegram.sending import EVERY_S
from ticketing import pacing
from ticketing.db import Sessions


def test_two_replicas_together_keep_to_the_pace(sessions: Sessions) -> None:
    """Telegram takes thirty messages a second of a bot, however many gateways send them."""
    assert 28 <= 1 / EVERY_S <= 30
    moments: list[float] = []

    def replica(number: int) -> list[float]:
        taken = []
        for _ in range(30):
            with sessions.begin() as session:
                wait = pacing.take(session, "telegram:1", every_s=EVERY_S)
                due = text("SELECT EXTRACT(EPOCH FROM free_at)::float8 - :every FROM send_slot")
                at: float = session.execute(due, {"every": EVERY_S}).scalar_one()
                now: float = session.execute(
                    text("SELECT EXTRACT(EPOCH FROM clock_timestamp())::float8")
                ).scalar_one()
                assert at - now <= wait + 1e-3
            taken.append(at)
        return taken

    with ThreadPoolExecutor(2) as replicas:
        for taken in replicas.map(replica, range(2)):
            moments += taken
    moments.sort()
    gaps = [later - one for one, later in pairwise(moments)]
    assert min(gaps) >= EVERY_S - 1e-3, "no two at the same moment"
    busiest = max(sum(at <= one < at + 1 for one in moments) for at in moments)
    assert busiest <= 30


def test_who_comes_after_a_pause_waits_for_nothing(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert pacing.take(session, "telegram:2", every_s=5) == 0
        assert 4 < pacing.take(session, "telegram:2", every_s=5) <= 5
        assert pacing.take(session, "telegram:3", every_s=5) == 0
        session.execute(
            text("UPDATE send_slot SET free_at = clock_timestamp() - interval '1 minute'")
        )
        assert pacing.take(session, "telegram:2", every_s=5) == 0


def test_chats_that_are_quiet_leave_nothing_behind(sessions: Sessions) -> None:
    with sessions.begin() as session:
        pacing.take(session, "telegram:4:quiet", every_s=1)
        session.execute(text("UPDATE send_slot SET free_at = now() - interval '2 minutes'"))
        pacing.take(session, "telegram:4:busy", every_s=1)
        pacing.forget(session)
        left = session.execute(text("SELECT key FROM send_slot")).scalars().all()
    assert left == ["telegram:4:busy"]
