"""The console as people meet it: in by a link once, pages, forms, and what others may not do."""

from __future__ import annotations

import re
import threading
import uuid
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import update

from connectors.web.console import words
from tests.connectors.browser import (
    PASSWORD,
    Browser,
    link_for,
    name,
    signed_in,
    text_of,
    waiting,
)
from tests.connectors.conftest import App, running
from ticketing.models import Agent

TEMPLATES = Path(words.__file__).parents[1] / "templates" / "console"


@pytest.fixture
def app(gateway: App) -> App:
    """The shared gateway, whose bot hands over at once."""
    gateway.rasa.mode = "hand_off"
    return gateway


# --- in and out -------------------------------------------------------------------------------


def test_the_link_works_once_and_only_when_a_password_is_set(app: App) -> None:
    who = name()
    link = link_for(app, who)
    token = link.partition("=")[2]
    browser = Browser(app)
    for _ in range(2):  # mail scanners look, too
        page = browser.get(link)
        assert page.status_code == 200 and who in page.text
    short = browser.post("/console/welcome", page=link, link=token, password="short", again="short")
    assert short.status_code == 422 and "10자" in short.text
    assert browser.get(link).status_code == 200
    used = browser.post(
        "/console/welcome", page=link, link=token, password=PASSWORD, again=PASSWORD
    )
    assert used.status_code == 303
    cookie = used.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert browser.get("/console").status_code == 200
    second = Browser(app)
    assert second.get(link).status_code == 410
    again = second.post(
        "/console/welcome", page="/console/login", link=token, password=PASSWORD, again=PASSWORD
    )
    assert again.status_code == 410
    assert second.get("/console").status_code == 303


def test_name_and_password(app: App) -> None:
    who = name()
    signed_in(app, who)
    browser = Browser(app)
    assert browser.get("/console/customers?q=a").headers["location"] == (
        "/console/login?next=%2Fconsole%2Fcustomers%3Fq%3Da"
    )
    login = "/console/login"
    wrong = browser.post(login, page=login, name=who, password="x" * 12)
    nobody = browser.post(login, page=login, name="nobody at all", password="x" * 12)
    assert wrong.status_code == nobody.status_code == 401
    forget = re.compile(r'value="[^"]*"')
    assert forget.sub("", wrong.text) == forget.sub("", nobody.text)
    right = browser.post(
        login, page=login, name=who, password=PASSWORD, next="/console/customers?q=a"
    )
    assert (right.status_code, right.headers["location"]) == (303, "/console/customers?q=a")
    assert who in browser.get("/console").text


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/console\r\nX: y",
        "",
        "http://[",
    ],
)
def test_a_login_leads_nowhere_else(app: App, next: str) -> None:
    who = name()
    signed_in(app, who)
    page = f"/console/login?{urlencode({'next': next})}"
    answer = Browser(app).post("/console/login", page=page, name=who, password=PASSWORD, next=next)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")


def test_what_the_database_cannot_hold_is_no_fault_of_ours(app: App) -> None:
    lead = signed_in(app, name(), role="lead")
    for path, values in (
        ("/console/recovery/1/owner", {"owner": "a\x00b"}),
        ("/console/tickets/T-AAAAAA/assign", {"agent": "9" * 30}),
    ):
        answer = lead.post(path, page="/console", **values)
        assert answer.status_code == 422, path


def test_ten_failures_and_the_name_waits(database_url: str, tmp_path: Path) -> None:
    with running(database_url, tmp_path) as app:
        who = name()
        signed_in(app, who)
        browser = Browser(app)
        csrf = browser.csrf("/console/login")
        for _ in range(10):
            answer = browser.post("/console/login", csrf=csrf, name=who, password="wrong again")
            assert answer.status_code == 401
        answer = browser.post("/console/login", csrf=csrf, name=who, password=PASSWORD)
        assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 600
        other = browser.post("/console/login", csrf=csrf, name="somebody", password=PASSWORD)
        assert other.status_code == 429, "the address waits, too"


def test_signing_out_and_being_let_go(app: App) -> None:
    browser = signed_in(app, name())
    assert browser.post("/console/logout").headers["location"] == "/console/login"
    assert browser.get("/console").status_code == 303

    who = name()
    browser = signed_in(app, who)
    with app.sessions.begin() as session:
        session.execute(update(Agent).where(Agent.name == who).values(active=False))
    assert browser.get("/console").status_code == 303
    asked = browser.get("/console", headers={"X-Console": "1"})
    assert (asked.status_code, asked.json()["code"]) == (401, "not_signed_in")


def test_a_new_password_ends_all_other_sessions(app: App) -> None:
    who = name()
    old, browser = signed_in(app, who), Browser(app)
    browser.post("/console/login", page="/console/login", name=who, password=PASSWORD)
    page, fresh = "/console/password", "another long password"
    wrong = browser.post(page, page=page, now="not it at all", password=fresh, again=fresh)
    assert wrong.status_code == 422
    right = browser.post(page, page=page, now=PASSWORD, password=fresh, again=fresh)
    assert right.status_code == 303
    assert browser.get("/console").status_code == 200
    assert old.get("/console").status_code == 303


def test_forms_of_other_sites_are_refused(app: App) -> None:
    browser = signed_in(app, name())
    _, code = waiting(app)
    path = f"/console/tickets/{code}/claim"
    assert browser.post(path, csrf="").status_code == 403
    assert browser.post(path, csrf="0" * 64).status_code == 403
    theirs = signed_in(app, name()).csrf()
    assert browser.post(path, csrf=theirs).status_code == 403
    answer = browser.http.post(
        path, data={"csrf": browser.csrf()}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert "대기 중" in browser.parts(f"/console/tickets/{code}")["state"]


# --- tickets ----------------------------------------------------------------------------------


def test_from_the_inbox_to_resolved(app: App) -> None:
    who = name()
    agent = signed_in(app, who)
    customer, code = waiting(app, "선물 포장 되나요?")
    inbox = agent.parts("/console")
    assert code in inbox["inbox"] and "선물 포장 되나요?" in inbox["inbox"]
    path = f"/console/tickets/{code}"
    claimed = agent.post(f"{path}/claim")
    assert (claimed.status_code, claimed.headers["location"]) == (303, path)
    assert code in agent.parts("/console?view=mine")["inbox"]
    sent = agent.post(f"{path}/say", script=True, mode="reply", text="  네, 돼요.  ", key="k1")
    assert sent.status_code == 200 and sent.json()["fields"]["text"] == ""
    assert customer.until(lambda line: line["author"] == "agent")["text"] == "네, 돼요."
    again = agent.post(f"{path}/say", script=True, mode="reply", text="네, 돼요.", key="k1")
    assert again.status_code == 200
    assert [line["text"] for line in customer.history()].count("네, 돼요.") == 1

    assert agent.post(f"{path}/resolve", script=True).status_code == 200
    survey = next(line for line in customer.history() if line["kind"] == "csat")
    customer.press(survey["buttons"][1]["payload"])
    parts = agent.parts(path)
    assert "해결됨" in parts["state"] and "4점" in parts["conversation"]
    late = agent.post(f"{path}/say", script=True, mode="reply", text="하나 더", key="k2")
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert "해결" in late.json()["detail"]
    record = agent.parts(f"/console/customers/{customer.id}")["record"]
    assert ">4.0<" in record and code in record and who in record
    assert code in agent.parts("/console?view=resolved")["inbox"]
    assert "내가 담당" in agent.parts("/console?view=resolved")["inbox"]
    assert "내가 담당" in agent.parts(path)["state"], "the same on its own page"


def test_one_of_two_claims_wins_and_the_other_hears_who(app: App) -> None:
    people = {who: signed_in(app, who) for who in (name(), name())}
    _, code = waiting(app)
    tokens = {who: browser.csrf() for who, browser in people.items()}
    ready = threading.Barrier(2)
    answers: dict[str, httpx.Response] = {}

    def claim(who: str) -> None:
        ready.wait()
        path = f"/console/tickets/{code}/claim"
        answers[who] = people[who].post(path, script=True, csrf=tokens[who])

    threads = [threading.Thread(target=claim, args=[who]) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [200, 409]
    winner = next(who for who, answer in answers.items() if answer.status_code == 200)
    lost = next(answer for answer in answers.values() if answer.status_code == 409)
    assert lost.json()["winner"] == winner and winner in lost.json()["detail"]

    loser = next(who for who in people if who != winner)
    reply = people[loser].post(f"/console/tickets/{code}/say", mode="reply", text="저도요")
    assert reply.status_code == 409 and winner in text_of(reply.text)
    english = people[loser].get(f"/console/tickets/{code}?lang=en")
    assert f"{winner} is answering" in english.text


def test_a_note_is_for_colleagues_only(app: App) -> None:
    agent, colleague = signed_in(app, name()), signed_in(app, name())
    customer, code = waiting(app)
    path = f"/console/tickets/{code}"
    secret = f"비밀 {uuid.uuid4().hex}"
    assert agent.post(f"{path}/say", mode="note", text=secret).status_code == 303
    # Without a mode it is a note: what is not clearly meant for the customer stays here.
    assert agent.post(f"{path}/say", text=secret + " 둘").status_code == 303
    shown = colleague.parts(path)["conversation"]
    assert shown.count(secret) == 2 and "내부 메모" in shown
    assert "대기 중" in colleague.parts(path)["state"], "a note claims nothing"
    agent.post(f"{path}/say", mode="reply", text="끝")
    customer.until(lambda line: line["text"] == "끝")
    assert not any(secret in line["text"] for line in customer.history())
    with customer.http.stream("GET", "/chat/stream") as stream:
        seen = ""
        for chunk in stream.iter_text():
            seen += chunk
            if "event: state" in seen:
                break
    assert "끝" in seen and secret not in seen


def test_news_and_typing_arrive(app: App) -> None:
    agent = signed_in(app, name())
    customer, code = waiting(app)
    csrf = agent.csrf()
    with agent.http.stream("GET", f"/console/stream?customer={customer.id}") as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith(":")) == ": connected"
        customer.http.post("/chat/typing")
        # What came before may be told of now, too.
        assert "event: typing" in lines
        assert next(line for line in lines if line.startswith("data:")) == "data: customer"
        customer.say("아직 계세요?")
        told: set[str] = set()
        while not {"event: customer", "event: desk"} <= told:
            told.add(next(line for line in lines if line.startswith("event:")))
    with customer.http.stream("GET", "/chat/stream") as stream:
        lines = stream.iter_lines()
        next(line for line in lines if line == "event: state")
        assert agent.post(f"/console/tickets/{code}/typing", csrf=csrf).status_code == 204
        assert next(line for line in lines if line.startswith("event: typing"))
    assert Browser(app).get("/console/stream").status_code == 303


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "가" * 8001])
def test_what_cannot_be_said_is_refused_in_words(app: App, text: str) -> None:
    agent = signed_in(app, name())
    _, code = waiting(app)
    answer = agent.post(f"/console/tickets/{code}/say", script=True, mode="reply", text=text)
    assert answer.status_code == 422 and "8,000" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/console/tickets/T-NOPE",
        "/console/tickets/%00",
        "/console/customers/not-an-id",
        "/console/customers/47b8caf8-afa7-4f86-9c5b-eca504844e7b",
        "/console/articles/edit/nothing-here",
        "/console/articles/edit/%00?locale=ko",
        "/console/stream?customer=nobody",
        "/console/no-page-of-ours",
        "/console/articles/gaps/nothing",
    ],
)
def test_what_is_not_there_is_not_there(app: App, path: str) -> None:
    answer = signed_in(app, name()).get(path)
    assert answer.status_code == 404 and "찾는 것이 없어요" in answer.text


def test_what_customers_write_stays_text(app: App) -> None:
    agent = signed_in(app, name())
    bad = '<script>alert(1)</script><img src=x onerror="alert(2)">{{ 7 * 7 }}'
    customer, code = waiting(app, bad)
    for path in ("/console", f"/console/tickets/{code}", f"/console/customers/{customer.id}"):
        page = agent.get(path)
        assert "<script>alert" not in page.text and "<img src=x" not in page.text
        assert "{{ 7 * 7 }}" in page.text


# --- pages ------------------------------------------------------------------------------------


def test_every_page_in_both_languages_runs_nothing_foreign(app: App) -> None:
    agent = signed_in(app, name(), role="lead")
    customer, code = waiting(app)
    pages = [
        "/console",
        "/console?view=resolved",
        f"/console/tickets/{code}",
        "/console/customers",
        f"/console/customers/{customer.id}",
        "/console/articles",
        "/console/articles/new",
        "/console/articles/try",
        "/console/dead-letters",
        "/console/password",
    ]
    for lang in ("en", "ko"):
        for path in pages:
            page = agent.get(path, params={"lang": lang} if "?" not in path else None)
            assert page.status_code == 200, path
            assert f'<html lang="{lang}">' in page.text, path
            policy = page.headers["content-security-policy"]
            assert "script-src 'self'" in policy and "unsafe" not in policy
            assert not re.search(r"<script(?! src=)|<[^>]+ (style|on\w+)=", page.text), path
            assert page.headers["cache-control"] == "no-store"


def test_customers_are_found_by_name_and_by_tag(app: App) -> None:
    agent = signed_in(app, name())
    customer, _ = waiting(app)
    tag = customer.id[:4].upper()
    for wanted in (tag, f"방문자 {tag}", customer.id):
        found = agent.get("/console/customers", params={"q": wanted}).text
        assert f"/console/customers/{customer.id}" in found
    nothing = agent.get("/console/customers", params={"q": "no%such_\x00one"})
    assert nothing.status_code == 200 and "찾는 고객이 없어요" in nothing.text


# --- words ------------------------------------------------------------------------------------


def test_every_word_is_there_in_both_languages() -> None:
    texts = [path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")]
    code = [path.read_text("utf-8") for path in Path(words.__file__).parent.glob("*.py")]
    asked = {key for text in texts for key in re.findall(r"\bt\('([\w.]+)'[,)]", text)}
    asked |= {key for text in code for key in re.findall(r'\bsay\(\s*"([\w.]+)"', text)}
    assert len(asked) > 100
    assert asked <= set(words.WORDS)
    parts = [value.WORDS for name, value in vars(words).items() if name.endswith("_words")]
    assert len(parts) > 10
    assert len(set().union(*parts)) == sum(map(len, parts)), "a key has two meanings"
    hole = re.compile(r"{\w+}")
    for key, (korean, english) in words.WORDS.items():
        assert korean and english, key
        assert set(hole.findall(korean)) == set(hole.findall(english)), key


def test_one_is_no_plural() -> None:
    assert words.say("gaps.customers", "en", n=1) == "1 customer"
    assert words.say("gaps.customers", "en", n=21) == "21 customers"
    assert words.say("articles.count", "en", n="1") == "1 article"
    assert words.say("saved.count", "ko", n=1) == "질문 1개"
