"""Who asked Slack to show them whose data is kept before it is shown (check P4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from connectors.slack import app as slack_app
from tests.connectors.browser import signed_in
from tests.connectors.conftest import App, Visitor
from tests.connectors.slack.conftest import AGENT, GUEST, STRANGER, escalate, hint, state
from tests.connectors.slack.test_commands import answered, code_of
from tests.connectors.test_accesses import full_disk, kept
from tests.fakes.slack import FakeSlack
from ticketing import agents, macros, record
from ticketing.record import Author

SHOP = Author(name="shop", source="import")
NAME, WORDS = "카나리아", "노란새가울어요"
Ask = Callable[[str], Any]

# What people do in Slack, by who handles it, and how somebody is shown somebody's data by it.
SHOWN = {
    "command": ("list", "mine", "search", "open", "code", "history"),
    "macro": ("macro",),
    "home": ("home",),
    "press": ("just wrote",),
    "kb_draft": ("draft of a reply", "draft of a card"),
    "submit:open_ticket": ("who of them",),
}
# Their own words come back to them, names of agents, articles, or a code: nobody's data. What came
# of a press in Home is shown by "home".
NOBODYS = {
    "message", "outside", "changed", "deleted", "card_gone", "submit:plan", "submit:kb_draft",
    "suggestion", "submit:article", "open_ticket", "submit:macro", "home_press",
}  # fmt: skip


@pytest.fixture
def two(app: App, slack: FakeSlack) -> list[tuple[Visitor, str]]:
    """Customers of one name, each with the ``ts`` of their ticket's card."""
    found = []
    with app.sessions.begin() as session:
        macros.save(session, None, name="인사", text_ko="{customer.name}님, 네", text_en="")
    for number in range(2):
        customer, card = escalate(app, slack, f"{WORDS} {number}")
        with app.sessions.begin() as session:
            record.change(session, customer.id, {"name": f"{NAME}{number}"}, by=SHOP)
        found.append((customer, card))
    return found


def member(app: App, slack: FakeSlack, name: str) -> str:
    """A Slack account of its own for an agent of this name."""
    with app.sessions.begin() as session:
        agent = agents.add(session, name=name)
        agent.slack_user = user = f"U1{agent.id:05d}"
    slack.person(user, name)
    return user


def test_whatever_slack_shows_an_agent_of_somebody_is_kept(
    app: App, slack: FakeSlack, two: list[tuple[Visitor, str]]
) -> None:
    assert set(SHOWN) | NOBODYS == set(slack_app._BY_WHAT), "see ticketing.accesses.opened"
    (first, card), (second, other) = two
    code = code_of(app, first)
    reply = slack.say(AGENT, "메모: 확인 중", card)
    slack.until(lambda: (reply, "lock") in slack.reactions)

    def told(command: str, words: str) -> Ask:
        return lambda user: answered(slack, slack.command(user, command, words))

    def view(user: str) -> Any:
        return slack.until(lambda: slack.views.get(user))

    def mine(user: str) -> Any:
        slack.press(user, "claim", other)
        slack.until(lambda: "Claimed by" in state(slack, other))
        return told("/ticket", "mine")(user)

    def macro(user: str) -> Any:
        slack.command(user, "/macro", f"{code} 인사")
        return view(user)

    def home(user: str) -> Any:
        slack.open_home(user)
        return slack.until(lambda: slack.homes.get(user))

    def draft(ts: str) -> Ask:
        def ask(user: str) -> Any:
            slack.shortcut(user, "kb_draft", ts)
            return view(user)

        return ask

    def form(user: str) -> Any:
        outside = slack.say(AGENT, "전화가 왔어요")
        slack.shortcut(user, "open_ticket", outside)
        return view(user)

    def who(user: str) -> Any:
        form(user)
        slack.submit(user, customer=NAME)
        return view(user)

    def press(action: str) -> Ask:
        def ask(user: str) -> Any:
            slack.press(user, action, card)
            return view(user)

        return ask

    def just_wrote(user: str) -> Any:
        slack.limit("chat.postMessage", 3)
        posts = [method for method, _, _ in slack.calls].count("chat.postMessage")
        first.say(f"{WORDS}, 잠깐만요")
        slack.until(lambda: [m for m, _, _ in slack.calls].count("chat.postMessage") > posts)
        slack.press(user, "resolve", card)
        return hint(slack, user, WORDS)

    asks: dict[str, tuple[Ask, str, set[str]]] = {
        "list": (told("/ticket", "list"), "listed", {first.id, second.id}),
        "search": (told("/ticket", f"search {NAME}"), "searched", {first.id, second.id}),
        "open": (told("/ticket", f"open {code}"), "opened", {first.id}),
        "code": (told("/ticket", code.lower()), "opened", {first.id}),
        "history": (told("/ticket", f"history {code}"), "opened", {first.id}),
        "macro": (macro, "opened", {first.id}),
        "home": (home, "listed", {first.id, second.id}),
        "draft of a reply": (draft(reply), "opened", {first.id}),
        "draft of a card": (draft(card), "opened", {first.id}),
        "who of them": (who, "searched", {first.id, second.id}),
        "mine": (mine, "listed", {second.id}),
        "just wrote": (just_wrote, "opened", {first.id}),
        "none": (told("/ticket", "search 없는말"), "searched", set()),
        "help": (told("/ticket", "help"), "", set()),
        "link": (told("/ticket", "link"), "", set()),
        "note": (told("/note", f"{code} 확인"), "", set()),
        "not mine": (told("/reply", f"{code} 네"), "", set()),
        "no macro": (told("/macro", f"{code} 없음"), "", set()),
        "form": (form, "", set()),
        **{f"press {name}": (press(name), "", set()) for name in ("assign", "snooze", "note")},
    }
    assert {one for ways in SHOWN.values() for one in ways} <= set(asks)
    for name, (ask, what, whom) in asks.items():
        got = json.dumps(ask(member(app, slack, name)), ensure_ascii=False)
        theirs = NAME in got or WORDS in got
        assert theirs is bool(whom), (name, got)
        looks = [
            (one, source, {str(person) for person in people})
            for one, by, source, people in kept(app.sessions)
            if by == name
        ]
        assert looks == ([(what, "slack", whom)] if what else []), (name, looks)


def test_who_is_no_agent_looks_at_nobody(
    app: App, slack: FakeSlack, two: list[tuple[Visitor, str]]
) -> None:
    code = code_of(app, two[0][0])
    for user in (STRANGER, GUEST):
        for words in ("list", f"open {code}", f"history {code}", f"search {NAME}"):
            got = json.dumps(answered(slack, slack.command(user, "/ticket", words)))
            assert NAME not in got
    assert kept(app.sessions) == []


def test_slack_shows_nothing_that_cannot_be_written_down(
    app: App, slack: FakeSlack, two: list[tuple[Visitor, str]], engine: Engine
) -> None:
    code = code_of(app, two[0][0])
    app.settle()
    full_disk(engine)
    number = slack.command(AGENT, "/ticket", f"history {code}")
    slack.command(member(app, slack, "매크로"), "/macro", f"{code} 인사")
    slack.open_home(member(app, slack, "홈"))
    slack.shortcut(member(app, slack, "초안"), "kb_draft", two[0][1])

    def failed() -> bool:
        with engine.connect() as connection:
            query = "SELECT count(*) FROM job WHERE error LIKE '%no space left%'"
            return connection.execute(text(query)).scalar_one() >= 3

    slack.until(failed)
    assert (slack.responses, slack.views, slack.homes) == ([], {}, {})
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER full_disk ON access"))
    assert WORDS in json.dumps(answered(slack, number), ensure_ascii=False), "as soon as it can be"
    looks = [(what, by, {*map(str, people)}) for what, by, _, people in kept(app.sessions)]
    assert ("opened", "지원", {two[0][0].id}) in looks


def test_administrators_read_that_it_was_in_slack(
    app: App, slack: FakeSlack, two: list[tuple[Visitor, str]]
) -> None:
    answered(slack, slack.command(AGENT, "/ticket", f"open {code_of(app, two[0][0])}"))
    (look,) = app.agent("장", "admin").get("/api/accesses").json()["accesses"]
    assert (look["source"], look["place"], look["by"]) == ("slack", "", "지원")
    chief = signed_in(app, "장", "admin")
    for lang, unknown in (("ko", "주소 알 수 없음"), ("en", "address unknown")):
        for path in ("accesses", "accesses.csv"):
            page = chief.get(f"/console/customers/{path}", params={"lang": lang}).text
            assert "Slack" in page and unknown in page, (path, lang)
    assert "지원" in chief.get(f"/console/customers/{two[0][0].id}").text, "who saw them last"
