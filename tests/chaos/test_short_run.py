"""The fault suite's short run: every fault strikes once or a few times, and nothing may be wrong.

``make chaos`` is the same with more of everything.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.chaos.__main__ import run
from tests.chaos.report import Row

KILLS = 5
POINTS = (
    "kill_after_receive_before_commit",
    "kill_after_commit_before_ack",
    "kill_after_bot_before_commit",
    "kill_after_commit_before_send",
    "kill_after_send_before_mark",
)


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    """One run for all tests here."""
    return {row.fault: row for row in asyncio.run(run(kills=KILLS))}


def kept(row: Row) -> None:
    """The promise held in this round, and the fault did strike."""
    if row.skipped:
        pytest.skip(row.skipped)
    found = "\n".join([row.show(), *row.remarks()])
    assert row.passed, found
    assert row.faults > 0 and row.verdict.acknowledged > 50, found


def test_f1_killed_at_random_loses_and_doubles_nothing(rows: dict[str, Row]) -> None:
    kept(rows["kill_gateway"])


def test_f2_killed_at_random_reorders_nothing(rows: dict[str, Row]) -> None:
    assert [
        (row.fault, row.verdict.findings) for row in rows.values() if row.verdict.reordered
    ] == []


@pytest.mark.parametrize("point", POINTS)
def test_f3_killed_at_a_named_point(rows: dict[str, Row], point: str) -> None:
    kept(rows[point])
    if point != "kill_after_send_before_mark":
        assert rows[point].verdict.extra_copies == 0


def test_f4_everything_delivered_four_times_to_both_gateways(rows: dict[str, Row]) -> None:
    kept(rows["redelivery_storm"])
    assert rows["redelivery_storm"].verdict.extra_copies == 0


def test_f5_slack_stores_the_post_and_its_answer_is_lost(rows: dict[str, Row]) -> None:
    kept(rows["slack_drops_replies"])
    assert rows["slack_drops_replies"].verdict.extra_copies == 0


def test_f6_slack_asks_to_wait(rows: dict[str, Row]) -> None:
    kept(rows["slack_limits"])


def test_f7_slack_is_down_and_customers_are_answered(rows: dict[str, Row]) -> None:
    kept(rows["slack_down"])
    assert rows["slack_down"].first_answers


@pytest.mark.parametrize("fault", ["kill_postgres", "stop_postgres_immediate"])
def test_f8_the_database_crashes(rows: dict[str, Row], fault: str) -> None:
    kept(rows[fault])


@pytest.mark.parametrize("fault", ["cut_database", "stall_database"])
def test_f10_the_network_to_the_database_is_gone(rows: dict[str, Row], fault: str) -> None:
    kept(rows[fault])


def test_f11_a_worker_that_slept_past_its_lease_is_refused(rows: dict[str, Row]) -> None:
    kept(rows["pause_worker"])
    assert rows["pause_worker"].refused > 0


def test_f13_the_bot_is_killed(rows: dict[str, Row]) -> None:
    kept(rows["kill_bot"])


def test_f15_the_disk_is_full(rows: dict[str, Row]) -> None:
    kept(rows["disk_full"])


def test_f16_the_clocks_are_stepped(rows: dict[str, Row]) -> None:
    kept(rows["step_clock"])


def test_f17_stopped_under_load(rows: dict[str, Row]) -> None:
    kept(rows["stop_gateway"])


def test_f1_killed_under_the_real_launcher(rows: dict[str, Row]) -> None:
    kept(rows["full_start"])
