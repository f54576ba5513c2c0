"""What monitoring reads: the figures, and what they say when the database is away."""

from __future__ import annotations

import re
import time
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.connectors.conftest import App
from tests.connectors.test_story import by
from ticketing import lanes

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


def figures(app: App) -> dict[str, float]:
    """Every sample that ``/metrics`` serves, by its name and labels."""
    answer = httpx.get(app.url + "/metrics")
    assert answer.status_code == 200
    return {
        "".join([sample.name, *(f"{{{v}}}" for v in sample.labels.values())]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def names(app: App) -> set[str]:
    """The names of our own metrics, as somebody who writes an alarm sees them."""
    served = httpx.get(app.url + "/metrics").text
    found = set(re.findall(r"^# TYPE (sangdam_\w+) ", served, re.M))
    return {name for name in found if not name.endswith("_created")}


def test_the_figures_follow_the_work(app: App) -> None:
    before = figures(app)
    assert before["sangdam_database_up"] == 1
    with app.sessions.begin() as session:  # a job that waits for its retry, and a dead one
        for lane, kind in (("a", "slow"), ("b", "nobody.does")):
            lanes.enqueue(session, lane=lane, kind=kind, dedup="1", payload={})
        session.connection().exec_driver_sql(
            "UPDATE job SET error = 'no', next_at = now() + interval '1 hour',"
            " created_at = now() - interval '90 s' WHERE kind = 'slow'"
        )
        session.connection().exec_driver_sql(
            "UPDATE lane SET ready_at = now() + interval '1 hour' WHERE key = 'a'"
        )
    customer = app.visitor()
    customer.say("안녕하세요")
    customer.until(by("bot"))
    app.rasa.mode = "error"
    customer.say("지금은요?")
    customer.until(by("system"))
    deadline = time.monotonic() + 8
    while (found := figures(app))["sangdam_jobs{pending}"] > 1:
        assert time.monotonic() < deadline, found
    assert found["sangdam_jobs{retrying}"] == found["sangdam_jobs{dead}"] == 1
    assert found["sangdam_lanes{due}"] == found["sangdam_lanes{leased}"] == 0
    assert 90 <= found["sangdam_oldest_pending_seconds"] < 600
    for name, more in (("sangdam_turn_seconds_count", 2), ("sangdam_rasa_failures_total", 1)):
        assert found[name] - before[name] == more, name


def test_a_monitor_may_ask_for_the_head_alone(app: App) -> None:
    for path in ("/healthz", "/readyz", "/", "/help", "/robots.txt"):
        asked, got = httpx.head(app.url + path), httpx.get(app.url + path)
        assert (asked.status_code, asked.content) == (got.status_code, b""), path
        assert asked.headers["content-type"] == got.headers["content-type"], path
    assert httpx.head(app.url + "/chat/messages").status_code == 405


def test_the_operating_guide_names_every_figure_and_no_other(app: App) -> None:
    text = OPERATING.read_text("utf-8")
    written = set(re.findall(r"\bsangdam_[a-z_]+", text))
    suffixes = ("_bucket", "_sum", "_count")
    assert {name for name in written if not name.endswith(suffixes)} == names(app)
    for name in written:
        if name.endswith(suffixes):
            assert name.rsplit("_", 1)[0] in names(app), name
    shown, served = figures(app), httpx.get(app.url + "/metrics").text
    for state in re.findall(r'state="(\w+)"', text):
        assert any(f"{{{state}}}" in key for key in shown), state
    (about,) = re.findall(r"^# HELP sangdam_deliveries_total (.+)", served, re.M)
    for result in re.findall(r'result="(\w+)"', text):
        assert result in about, result
