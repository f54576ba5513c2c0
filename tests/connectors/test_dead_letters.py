"""Work that was given up: agents are told, and leads retry or discard it."""

from __future__ import annotations

import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connectors import cli
from connectors.desk import dead
from connectors.worker import WORKERS_ENDED
from tests.connectors.browser import Browser, name, signed_in, text_of, waiting
from tests.connectors.conftest import App
from tests.connectors.test_story import by
from ticketing import customers, lanes, tickets
from ticketing.models import Job, TicketThread

HOME = "/console/dead-letters"


@pytest.fixture
def sangdam(
    app: App,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Run ``sangdam …`` on the gateway's database: ``(status, what it printed)``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANGDAM_DATABASE_URL", database_url)

    def run(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        status = cli.main([*map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def letter(app: App, kind: str = "nobody.does", **values: Any) -> int:
    """A dead letter of its own lane; its number."""
    key = f"test:{uuid.uuid4()}"
    job = Job(lane=key, kind=kind, dedup=key, state="dead", attempts=8, **values)
    with app.sessions.begin() as session:
        session.add(job)
        session.flush()
        return job.id


def poisoned(app: App, *more: str) -> tuple[Any, str, int]:
    """A customer on whose message the bot broke: ``(customer, ticket code, dead letter)``."""
    app.rasa.mode = "poison"
    customer = app.visitor()
    for words in ("이 말에서 멈춰요", *more):
        assert customer.say(words).status_code == 202
    event = customer.until(by("system", "event"))
    app.settle()
    app.rasa.mode = "echo"
    code = re.search(r"T-[0-9A-Z]{6}", event["text"])
    with app.sessions() as session:
        (job,) = session.query(Job).filter(Job.state == "dead")
    assert code
    return customer, code[0], job.id


def test_f12_a_poison_message_holds_up_nobody(app: App) -> None:
    """It dies after its tries, a person has the customer, and what comes next is answered."""
    customer, code, job = poisoned(app, "다음 말")
    assert any(line["kind"] == "hand_off" for line in customer.history()), "the customer is told"
    assert len(app.rasa.seen) == 3, "tried, and not for ever"

    agent, lead = app.agent("지원"), signed_in(app, name(), role="lead")
    ticket = agent.get(f"/api/tickets/{code}").json()
    assert (ticket["reason"], ticket["question"]) == ("bot_unavailable", "이 말에서 멈춰요")
    told = next(line for line in ticket["timeline"] if line["kind"] == "undelivered")
    assert told["internal"] and "챗봇" in told["text"]
    assert "Sangdam 안에서 오류가 났어요" in told["text"] and "DataError" not in told["text"]
    assert "다음 말" in [line["text"] for line in ticket["timeline"]]
    assert not any("DataError" in line["text"] for line in customer.history())
    with app.sessions() as session:
        error = session.get_one(Job, job).error or ""
    assert "멈춰요" not in error, "what was said is in the payload, never in an error"

    shown = text_of(lead.get(f"{HOME}/{job}").text)
    for wanted in ("챗봇 답변", "DataError", "이 말에서 멈춰요", code, "포기함"):
        assert wanted in shown, wanted

    agent.post(f"/api/tickets/{code}/reply", json={"text": "둘 다 제가 볼게요"})
    assert customer.until(by("agent"))["text"] == "둘 다 제가 볼게요"
    agent.post(f"/api/tickets/{code}/resolve")
    seq = customer.say("하나 더요").json()["seq"]
    assert customer.until(by("bot"), after=seq)["text"] == "하나 더요"

    assert lead.post(f"{HOME}/{job}/retry").headers["location"] == HOME
    customer.until(lambda line: by("bot")(line) and line["text"] == "이 말에서 멈춰요", after=seq)
    app.settle()
    assert "끝남" in lead.parts(f"{HOME}/{job}")["dead_letter"]
    assert "실패한 작업이 없어요" in lead.parts(HOME)["dead_letters"]


def test_f12_a_message_that_ends_every_worker_is_given_up(app: App) -> None:
    """One that kills the process would otherwise be taken up by the next one, for ever."""
    app.rasa.mode = "echo"
    customer = app.visitor()
    seq = customer.say("이 말에서 끝나요").json()["seq"]
    customer.until(by("bot"), after=seq)
    app.settle()
    with app.sessions.begin() as session:
        (lane,) = session.execute(
            text(
                """UPDATE job SET state = 'pending', attempts = :ended
                    WHERE kind = 'turn' RETURNING lane"""
            ),
            {"ended": WORKERS_ENDED},
        ).one()
        session.execute(text("UPDATE lane SET ready_at = now() WHERE key = :lane"), {"lane": lane})
    customer.until(lambda line: line["kind"] == "hand_off", after=seq)
    app.settle()
    with app.sessions() as session:
        (job,) = session.query(Job).filter(Job.state == "dead")
        assert f"{WORKERS_ENDED} workers ended" in (job.error or "")


def test_a_letter_that_fails_again_comes_back(app: App) -> None:
    _, code, job = poisoned(app)
    lead = signed_in(app, name(), role="lead")
    with app.sessions.begin() as session:  # nobody handles it any more, whatever is tried
        session.get_one(Job, job).kind = "nobody.does"
    assert lead.post(f"{HOME}/{job}/retry", script=True).json()["said"]
    app.settle()
    assert "이 일을 할 줄 아는 부분이 꺼져 있어요" in lead.parts(HOME)["dead_letters"]
    assert "nothing here handles nobody.does" in lead.parts(f"{HOME}/{job}")["dead_letter"]
    assert lead.post(f"{HOME}/{job}/discard").status_code == 303
    assert f"/console/tickets/{code}" in lead.get("/console").text


def test_work_that_names_nobody_is_of_whose_lane_it_is_in(app: App) -> None:
    customer = app.visitor()
    with app.sessions.begin() as session:
        known = customers.get(session, customer.id)
        _, owner = customers.identify(
            session, channel="telegram", account="bot", external_id="77:00", name="카나"
        )
        for lane, whose in (
            (f"in:{known.root_id}", known.id),
            ("telegram:bot:77:00", owner),
            ("out:telegram:bot:77:00", owner),
            ("telegram:other:77:00", None),
            (f"in:{uuid.uuid4()}", None),
            ("in:nobody", None),
            ("kb", None),
            ("out:slack:user:U1", None),
        ):
            found = dead.about(session, Job(lane=lane, kind="x", payload={"text": "말"})).customer
            assert (found and found.id) == whose, lane


def test_what_agents_did_in_a_thread_is_not_lost_silently(app: App) -> None:
    """Such as a reply written just before Slack was taken out of the settings."""
    agent = signed_in(app, name())
    customer, code = handed_over(app)
    with app.sessions.begin() as session:
        ticket = tickets.get(session, code)
        session.add(TicketThread(ticket_id=ticket.id, place="C0QUEUE", thread="1.5"))
        lanes.enqueue(
            session,
            lane="slack:C0QUEUE:1.5",
            kind="slack.event",
            dedup="message:C0QUEUE:1.6",
            payload={"what": "message", "channel": "C0QUEUE", "thread": "1.5", "text": "답이에요"},
        )
    app.settle()
    parts = agent.parts(f"/console/tickets/{code}")
    assert (
        "고객이 받지 못했어요" in parts["conversation"] and "답이에요" not in parts["conversation"]
    )
    assert "전달 실패" in parts["state"]
    assert [line["author"] for line in customer.history()].count("agent") == 0


def test_telling_waits_for_nobody_who_works_for_the_customer(app: App) -> None:
    """Agents hold the customer's lane and wait for the outgoing one; never the other way round."""
    customer, code = handed_over(app)
    with app.sessions.begin() as busy:
        lanes.lock(busy, f"in:{customer.id}")
        job = outgoing(app, code)
        deadline = time.monotonic() + 4
        while state_of(app, job) != "dead":
            assert time.monotonic() < deadline, "the worker waits for the customer's lane"
        outgoing(app, code)  # the lane is free for more
    app.settle()
    timeline = app.agent("지원").get(f"/api/tickets/{code}").json()["timeline"]
    assert [line["kind"] for line in timeline].count("undelivered") == 2


def outgoing(app: App, code: str) -> int:
    """A post about this ticket that nobody here can send; its number."""
    with app.sessions.begin() as session:
        job = lanes.enqueue(
            session,
            lane="out:carrier_pigeon",
            kind="pigeon.post",
            dedup=str(uuid.uuid4()),
            payload={"ticket": code, "text": "구구"},
        )
    assert job is not None
    return job


def state_of(app: App, job: int) -> str:
    with app.sessions() as session:
        return session.get_one(Job, job).state


def test_reading_one_shows_what_it_would_have_said(app: App) -> None:
    lead = signed_in(app, name(), role="admin")
    bad = '<script>alert(1)</script> {{ 7 * 7 }} "'
    customer, code = handed_over(app)
    job = letter(
        app,
        kind="slack.post",
        payload={"ticket": code, "event": "customer", "text": bad},
        error=f"SlackSaysNo: chat.postMessage: channel_not_found\n{bad}",
    )
    page = lead.get(f"{HOME}/{job}")
    assert "<script>alert" not in page.text and "{{ 7 * 7 }}" in page.text
    shown = text_of(page.text)
    for wanted in ("Slack에 올릴 글", "channel_not_found", bad, code, "8", "방문자"):
        assert wanted in shown, wanted
    assert f'href="/console/tickets/{code}"' in page.text
    assert f'href="/console/customers/{customer.id}"' in page.text
    assert "앱이 그 채널에 들어가 있지 않아요 (channel_not_found)" in shown
    assert "/invite로 앱을 초대한 뒤 다시 시도하세요" in shown
    english = text_of(lead.get(f"{HOME}/{job}", params={"lang": "en"}).text)
    assert "What it would have said" in english and "Given up" in english
    assert "the app is not in it (channel_not_found)" in english
    assert "/invite the app there, and try again" in english
    assert english.count("SlackSaysNo") == 1, "where all of it is shown"
    assert "SlackSaysNo" not in text_of(lead.parts(HOME)["dead_letters"])
    assert bad not in text_of(lead.parts(HOME)["dead_letters"]), "the list has the first line only"


def test_a_ticket_shows_that_something_about_it_failed_until_it_is_looked_after(app: App) -> None:
    agent, lead = signed_in(app, name()), signed_in(app, name(), role="lead")
    _, code = handed_over(app)
    _, other = handed_over(app)
    job = letter(app, kind="slack.card", payload={"ticket": code}, error="no")
    path = f"/console/tickets/{code}"
    assert "전달 실패" in agent.parts(path)["state"]
    inbox = agent.parts("/console")["inbox"]
    rows = {found: row for row in inbox.split("<li ") for found in (code, other) if found in row}
    assert "전달 실패" in rows[code] and "전달 실패" not in rows[other]
    lead.post(f"{HOME}/{job}/discard")
    assert "전달 실패" not in agent.parts(path)["state"]
    assert "전달 실패" not in agent.parts("/console")["inbox"]


def test_discarding_keeps_who_did_it(app: App) -> None:
    who = name()
    lead = signed_in(app, who, role="lead")
    job = letter(app, payload={}, error="no")
    answer = lead.post(f"{HOME}/{job}/discard", script=True)
    assert answer.status_code == 200 and "버렸어요" in answer.json()["said"]
    assert f"job-{job}" not in lead.get(HOME).text
    part = lead.parts(f"{HOME}/{job}")["dead_letter"]
    assert f"{who} 님이 버렸어요" in part and "/retry" not in part
    for act in ("retry", "discard"):
        assert lead.post(f"{HOME}/{job}/{act}").status_code == 404


def test_only_leads_and_administrators_look_after_them(app: App) -> None:
    job = letter(app, payload={"text": "비밀"}, error="no")
    agent, lead = signed_in(app, name()), signed_in(app, name(), role="lead")
    for path in (HOME, f"{HOME}/{job}"):
        answer = agent.get(path)
        assert answer.status_code == 403 and "비밀" not in answer.text
        assert Browser(app).get(path).status_code == 303
    for act in ("retry", "discard"):
        assert agent.post(f"{HOME}/{job}/{act}").status_code == 403
        assert lead.post(f"{HOME}/{job}/{act}", csrf="0" * 64).status_code == 403
        assert lead.get(f"{HOME}/{job}/{act}").status_code == 405
    nav = lead.parts("/console")["nav"]
    assert HOME in nav and "실패한 작업 1건" in nav
    assert HOME not in agent.parts("/console")["nav"]
    lead.post(f"{HOME}/{job}/discard")
    nav = lead.parts("/console")["nav"]
    assert HOME in nav and "1건" not in nav


def test_all_for_slack_are_retried_by_one_button(app: App) -> None:
    agent, lead = signed_in(app, name()), signed_in(app, name(), role="lead")
    first = letter(app, kind="slack.post", payload={}, error="token_revoked")
    alone = lead.parts(HOME)["dead_letters"]
    assert "모두 다시 시도" not in alone and "sangdam doctor slack" in alone
    second = letter(app, kind="slack.card", payload={}, error="token_revoked")
    other = letter(app, payload={}, error="no")
    assert "모두 다시 시도" in lead.parts(HOME)["dead_letters"]
    assert agent.post(f"{HOME}/retry-slack").status_code == 403
    assert lead.post(f"{HOME}/retry-slack", script=True).json()["said"]
    app.settle()
    with app.sessions() as session:
        tries = [session.get_one(Job, job).error for job in (first, second, other)]
    assert "token_revoked" not in tries[0] + tries[1] and tries[2] == "no"


@pytest.mark.parametrize("job", ["0", "-1", "nothing", str(2**63), str(10**15), "1.5"])
def test_a_number_that_is_none_of_them_is_refused(app: App, job: str) -> None:
    lead = signed_in(app, name(), role="lead")
    assert lead.get(f"{HOME}/{job}").status_code in (404, 422)
    assert lead.post(f"{HOME}/{job}/retry").status_code in (404, 422)


def test_the_commands_list_show_retry_and_discard(app: App, sangdam: Any) -> None:
    customer, code, job = poisoned(app)
    (listed,) = json.loads(sangdam("dead", "list", "--json")[1])
    assert listed["id"] == job and listed["attempts"] == 3 and listed["kind"] == "turn"
    assert listed["error"].startswith("DataError") and listed["since"] >= listed["created_at"]
    status, printed = sangdam("dead", "list")
    assert status == 0 and printed.startswith(f"{job}  turn  in:{customer.id}  DataError")
    assert printed.count("\n") == 1

    one = json.loads(sangdam("dead", "show", job, "--json")[1])
    assert (one["text"], one["ticket"]) == ("이 말에서 멈춰요", code)
    assert one["customer"]["id"] == customer.id
    status, printed = sangdam("dead", "show", job)
    assert status == 0 and f"ticket: {code}" in printed and "text: 이 말에서 멈춰요" in printed
    assert "what happened: Something went wrong inside Sangdam\nwhat to do: Try again." in printed

    assert json.loads(sangdam("dead", "retry", job, "--json")[1]) == {"requeued": job}
    app.settle()
    assert json.loads(sangdam("dead", "list", "--json")[1]) == []
    assert sangdam("dead", "retry", job) == (1, f"sangdam: there is no dead letter {job}\n")

    two = [letter(app, kind="slack.post", payload={}, error="no") for _ in range(2)]
    again = json.loads(sangdam("dead", "retry", "--slack", "--json")[1])
    assert again == {"requeued": two}
    app.settle()
    for one in two:  # nothing here handles them: they are back
        assert sangdam("dead", "discard", one)[0] == 0

    other = letter(app, payload={}, error=None)
    done = json.loads(sangdam("dead", "discard", other, "--json")[1])
    assert done["discarded"] == other
    one = json.loads(sangdam("dead", "show", other, "--json")[1])
    assert (one["state"], one["discarded_by"]) == ("discarded", done["by"])
    assert sangdam("dead", "list") == (0, "None.\n")


def handed_over(app: App) -> tuple[Any, str]:
    """A customer whose ticket waits, and its code."""
    app.rasa.mode = "hand_off"
    return waiting(app)
