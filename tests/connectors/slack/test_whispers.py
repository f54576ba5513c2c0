"""Notes stay among colleagues, answers arrive once: whatever people do, in whatever order.

Every message has a word of its own. After any sequence of events the customer's history holds
exactly the words that were answers, once each, in their newest form, and what the bot was asked,
what the ratings keep and what a browser was ever sent hold none of the others.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import time
from typing import Any

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row
from sqlalchemy import text as sql

from tests.connectors.conftest import PAUSE_S, App
from tests.connectors.slack.conftest import AGENT, GUEST, OTHER, STRANGER, escalate
from tests.connectors.slack.test_planning import number_of
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE, payload

NAMES = {AGENT: "지원", OTHER: "도움"}
MARKS = ("note: ", "!", "메모:", " NOTE : ", "*memo:* ", "！", "Private: ", "내부:")
numbers = itertools.count(1)

agent = st.sampled_from([AGENT, AGENT, OTHER])
anybody = st.sampled_from([AGENT, AGENT, AGENT, OTHER, GUEST, STRANGER, "bot"])
mark = st.sampled_from(["", "", "", *MARKS])
which = st.integers(0, 9)
STEPS = st.one_of(
    st.tuples(st.just("say"), anybody, mark),
    st.tuples(st.just("say"), st.just(AGENT), mark),
    st.tuples(st.just("edit"), which, mark),
    st.tuples(st.just("edit"), which, st.just("")),
    st.tuples(st.just("delete"), which),
    st.tuples(st.just("early"), agent, mark, st.booleans()),
    st.tuples(st.just("again"), which),
    st.tuples(st.just("press"), agent, st.sampled_from(["claim", "resolve", "reopen", "wake"])),
    st.tuples(st.just("assign"), agent, agent),
    st.tuples(st.just("snooze"), agent),
    st.tuples(st.just("note"), agent, st.sampled_from(["modal", "console"])),
    st.tuples(st.just("reply"), agent),
    st.tuples(st.just("send"), which),
    st.tuples(st.just("customer")),
    st.tuples(st.just("rate")),
    st.tuples(st.just("not_solved")),
)


@dataclasses.dataclass
class Said:
    """A message and what should have become of it."""

    ts: str
    writer: str
    word: str
    answer: bool
    body: dict[str, Any]
    gone: bool = False
    note: bool = False


class Desk:
    """One customer, the agents, and what each of them may see."""

    def __init__(self, app: App, slack: FakeSlack) -> None:
        self.app, self.slack = app, slack
        slack.hints.clear()
        self.customer, self.card = escalate(app, slack)
        self.said: list[Said] = []
        self.words: set[str] = set()
        self.inside: set[str] = set()  # those that no customer may ever be sent
        self.live: list[dict[str, Any]] = []
        self.console = {user: app.agent(name) for user, name in NAMES.items()}

    def word(self) -> str:
        made = f"단어{next(numbers)}끝"
        self.words.add(made)
        return made

    def ticket(self) -> Row[Any]:
        with self.app.sessions() as session:
            return session.execute(
                sql(
                    """SELECT ticket.code, ticket.state, agent.slack_user AS holder,
                              (SELECT count(*) FROM ticket AS other WHERE other.id <> ticket.id
                                  AND other.customer_id = ticket.customer_id
                                  AND other.state <> 'resolved') AS others
                         FROM ticket JOIN ticket_thread ON ticket_id = ticket.id
                         LEFT JOIN agent ON agent.id = assignee_id WHERE thread = :card"""
                ),
                {"card": self.card},
            ).one()

    def settle(self) -> None:
        """Until the gateway has done what is due; what was put off stays."""
        due = sql(
            """SELECT count(*) FROM job
                WHERE state = 'pending'
                  AND (error IS NOT NULL OR next_at < now() + interval '1 minute')"""
        )
        deadline = time.monotonic() + 20
        with self.app.sessions() as session:
            while session.execute(due).scalar_one():
                session.rollback()
                assert time.monotonic() < deadline, "work is left in the lanes"
                time.sleep(PAUSE_S)
        after = self.live[-1]["seq"] if self.live else 0
        self.live += self.customer.history(after)

    def say(self, user: str, text: str, word: str) -> Said:
        """Somebody writes in the thread; who is heard follows from who has the ticket."""
        now = self.ticket()
        answers = now.state == "claimed" and now.holder == user and text == word
        if user == "bot":
            body = payload("bot_message")
            ts = f"1700000001.{next(numbers):06d}"
            body["event"] |= {"text": text, "thread_ts": self.card, "ts": ts}
            self.slack.deliver(body)
            return Said(ts, user, word, False, body)
        ts = self.slack.say(user, text, self.card)
        body = self.slack.said(self.slack.message(QUEUE, ts), "message")
        return Said(ts, user, word, answers, body, note=user in NAMES and not answers)

    def step(self, what: str, *how: Any) -> None:
        word = self.word()
        match what, *how:
            case "say", user, marked:
                self.said.append(self.say(user, f"{marked}{word}", word))
            case "early", user, marked, kept:
                self._early(user, marked, kept, word)
            case (("edit" | "delete" | "again" | "send"), number, *rest):
                real = [one for one in self.said if one.writer != "bot"]
                answers = [one for one in real if one.answer]
                real = answers if answers and number % 2 else real
                if real:
                    getattr(self, f"_{what}")(real[number // 2 % len(real)], word, *rest)
            case "press", user, action:
                if any(action == element["action_id"] for element in self._elements()):
                    self.slack.press(user, action, self.card)
            case "assign", user, colleague:
                if self._modal(user, "assign"):
                    self.slack.submit(user, agent=number_of(self.app, NAMES[colleague]))
            case "snooze", user:
                if self._modal(user, "snooze"):
                    self.slack.submit(user, minutes="60")
            case "note", user, "modal":
                if self._modal(user, "note"):
                    self.slack.submit(user, note=word)
            case "note", user, _:
                path = f"/api/tickets/{self.ticket().code}/note"
                assert self.console[user].post(path, json={"text": word}).status_code == 200
            case "reply", user:
                self._reply(user, word)
            case "customer", *_:
                self.customer.say("아직 계세요?")
            case _:
                name = "/rate" if what == "rate" else "/not_solved"
                for line in self.customer.history()[::-1]:
                    for button in line["buttons"]:
                        if button["payload"].startswith(name):
                            self.customer.press(button["payload"])
                            return

    def _elements(self) -> list[dict[str, Any]]:
        blocks = self.slack.message(QUEUE, self.card)["blocks"]
        return [
            element
            for block in blocks
            if block["type"] == "actions"
            for element in block["elements"]
        ]

    def _modal(self, user: str, action: str) -> bool:
        if all(action != element["action_id"] for element in self._elements()):
            return False
        self.slack.press(user, action, self.card)
        self.slack.until(lambda: user in self.slack.views)
        return True

    def _early(self, user: str, marked: str, kept: bool, word: str) -> None:
        """The change comes before its message."""
        first = self.word()
        ts = f"1700000002.{next(numbers):06d}"
        written = {"user": user, "text": first, "ts": ts, "thread_ts": self.card}
        self.slack.messages[QUEUE].append(written)
        now = self.ticket()
        answers = now.state == "claimed" and now.holder == user and not marked and kept
        body = self.slack.said(written, "message")
        self.slack.change(ts, f"{marked}{word}" if kept else None)
        self.slack.deliver(body)
        one = Said(ts, user, word, answers, body, gone=not kept, note=kept and not answers)
        self.said.append(one)

    def _edit(self, one: Said, word: str, marked: str) -> None:
        self.slack.change(one.ts, f"{marked}{word}")
        # Only a plain edit changes what is there; a mark on an answer changes nothing.
        if not one.gone and (one.note or (one.answer and not marked)):
            one.word = word
        if marked or not one.answer:
            self.inside.add(word)

    def _delete(self, one: Said, word: str) -> None:
        self.slack.change(one.ts, None)
        one.gone = True

    def _again(self, one: Said, word: str) -> None:
        self.slack.deliver(one.body, retry=1)
        body = dict(one.body, event_id=f"EvAgain{next(numbers)}")
        self.slack.deliver(body, retry=2)

    def _send(self, one: Said, word: str) -> None:
        """The button under the hint, if this message got one."""
        for hint in self.slack.hints:
            for block in hint.get("blocks") or []:
                for element in block.get("elements", []):
                    if hint["user"] == one.writer and element["value"].endswith(f":{one.ts}"):
                        self._pressed(one, hint, element["action_id"])
                        return

    def _pressed(self, one: Said, hint: dict[str, Any], action: str) -> None:
        now = self.ticket()
        free = now.state == "open" or (now.state == "claimed" and now.holder == one.writer)
        free = free or (now.state == "resolved" and not now.others)
        if free and one.note and not one.gone:
            one.answer, one.note = True, False
            self.inside.discard(one.word)
        self.slack.press_hint(one.writer, action, hint)

    def _reply(self, user: str, word: str) -> None:
        now = self.ticket()
        answer = self.console[user].post(f"/api/tickets/{now.code}/reply", json={"text": word})
        heard = now.state == "open" or (now.state == "claimed" and now.holder == user)
        assert answer.status_code == (200 if heard else 409)
        if heard:
            self.said.append(Said("", "bot", word, True, {}))

    def check(self) -> None:
        """What everybody but the agents has seen."""
        wanted = sorted(one.word for one in self.said if one.answer and not one.gone)
        loaded = self.customer.history()
        for lines in (loaded, self.live):
            changes = {line["of"]: line["text"] for line in lines if line["kind"] == "edit"}
            seen = [
                changes.get(line["id"], line["text"]) for line in lines if line["kind"] != "edit"
            ]
            assert sorted(word for text in seen for word in self.words if word in text) == wanted
        raw = json.dumps(loaded, ensure_ascii=False)
        assert not any(word in raw for word in self.words.difference(wanted))
        silent = (one.word for one in self.said if one.note or one.writer in (GUEST, STRANGER))
        sent = json.dumps(self.live, ensure_ascii=False)
        assert not any(word in sent for word in self.inside.union(silent))
        asked = json.dumps(self.app.rasa.seen, ensure_ascii=False)
        with self.app.sessions() as session:
            rated = str(session.execute(sql("SELECT csat::text FROM csat")).scalars().all())
        assert not any(word in asked + rated for word in self.words)


@settings(
    max_examples=8,
    deadline=None,
    # A failing sequence is short enough to read; making it shorter would take minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(
    steps=[
        *[("say", AGENT, ""), ("edit", 1, ""), ("edit", 1, "note: "), ("edit", 1, "")],
        *[("say", AGENT, "메모:"), ("edit", 2, ""), ("early", AGENT, "", True)],
        *[("early", AGENT, "", False), ("early", AGENT, "!", True), ("delete", 1), ("edit", 0, "")],
    ]
)
@example(
    steps=[
        *[("press", AGENT, "resolve"), ("rate",), ("say", OTHER, ""), ("say", AGENT, "")],
        *[("edit", 2, ""), ("send", 2), ("send", 2), ("again", 2), ("say", AGENT, "")],
        *[("edit", 1, ""), ("assign", AGENT, OTHER), ("say", AGENT, ""), ("say", OTHER, "! ")],
    ]
)
@given(steps=st.lists(STEPS, min_size=6, max_size=16))
def test_notes_never_leave_and_answers_arrive_once(
    app: App, slack: FakeSlack, steps: list[tuple[Any, ...]]
) -> None:
    desk = Desk(app, slack)
    desk.settle()
    slack.press(AGENT, "claim", desk.card)
    desk.settle()
    for step in steps:
        desk.step(*step)
        desk.settle()
    desk.check()
