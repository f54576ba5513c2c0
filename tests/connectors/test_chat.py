"""The chat API: what it accepts comes back byte for byte; what it refuses is a clear 4xx."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.connectors.conftest import App, Visitor, running


@pytest.fixture
def app(gateway: App) -> App:
    """The shared gateway, behaving well again."""
    gateway.rasa.mode = "echo"
    gateway.rasa.seen.clear()
    return gateway


ODD_BUT_FINE = [
    "한글 조합 NFD: 한글",
    "ㅎㄱ ㅏㅏ half jamo",
    "👩‍👩‍👧‍👦 family",
    "right \u202eto left",
    "a\u0301\u0302\u0303\u0304",
    "\ufeffBOM and \u200bzero width",
    "줄\n바꿈\t탭",
    "<script>alert(1)</script>",
    "{slot} %s {{7*7}}",
    "<!channel> <@U1> <http://evil|bank>",
    "x" * 4000,
    "가" * 4000,
]


@pytest.mark.parametrize("text", ODD_BUT_FINE, ids=range(len(ODD_BUT_FINE)))
def test_b3_text_is_kept_as_it_was_written(app: App, text: str) -> None:
    customer = app.visitor()
    assert customer.say(text).status_code == 202
    assert customer.history()[0]["text"] == text


def post(customer: Visitor, body: bytes, **headers: str) -> httpx.Response:
    return customer.http.post(
        "/chat/messages", content=body, headers={"Content-Type": "application/json", **headers}
    )


def message(**fields: Any) -> bytes:
    return json.dumps({"client_id": str(uuid.uuid4()), **fields}).encode()


BAD = {
    "empty": (message(text=""), 422),
    "only spaces": (message(text=" \n\t\u3000"), 422),
    "NUL": (message(text="a\x00b"), 422),
    "lone surrogate": (message(text="a\ud800b"), 422),
    "surrogate in the button": (message(button="/human\udfff"), 422),
    "4,001 characters": (message(text="가" * 4001), 422),
    "1 MB": (message(text="x" * 1_000_000), 413),
    "neither": (message(), 422),
    "both": (message(text="a", button="/human"), 422),
    "text is a number": (message(text=1), 422),
    "unknown button": (message(button="/nothing"), 422),
    "no client id": (json.dumps({"text": "a"}).encode(), 422),
    "client id is no UUID": (json.dumps({"client_id": "1", "text": "a"}).encode(), 422),
    "client id with NUL": (json.dumps({"client_id": "\x00", "text": "a"}).encode(), 422),
    "unknown field": (message(text="a", author="agent"), 422),
    "not JSON": (b"{", 422),
    "not UTF-8": (b'{"text": "\xff\xfe"}', 400),
    "a list": (b"[]", 422),
    "deep nesting": (b"[" * 30_000 + b"]" * 30_000, 400),
    "huge number": (b'{"client_id": 1e999, "text": 1' + b"0" * 5000 + b"}", 400),
}


@pytest.mark.parametrize("name", BAD)
def test_b3_bad_messages_are_a_clear_4xx_and_nothing_is_lost(app: App, name: str) -> None:
    customer = app.visitor()
    customer.say("먼저 온 말")
    body, status = BAD[name]
    answer = post(customer, body)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code and problem["code"] and problem["detail"]
    assert customer.say("다음 말").status_code == 202
    said = [line["text"] for line in customer.history() if line["author"] == "customer"]
    assert said == ["먼저 온 말", "다음 말"]


def test_a_body_that_hides_its_length_is_cut_off(app: App) -> None:
    customer = app.visitor()

    def endless() -> Any:
        yield b'{"text": "'
        for _ in range(64):
            yield b"x" * 8192

    answer = customer.http.post(
        "/chat/messages", content=endless(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "after", ["-1", "abc", "1.5", "", "9223372036854775808", "1e3", "0x10", "１２\x00", "null"]
)
def test_an_impossible_after_is_refused(app: App, after: str) -> None:
    customer = app.visitor()
    for path in ("/chat/messages", "/chat/stream"):
        answer = customer.http.get(path, params={"after": after})
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == "invalid"


def test_an_after_beyond_the_end_is_just_empty(app: App) -> None:
    customer = app.visitor()
    customer.say("하나")
    assert customer.history(after=2**63 - 1) == []


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Basic abc", "Bearer a b", "bearer \xff"]
)
def test_a_wrong_token_opens_nothing(app: App, header: str) -> None:
    answers = [
        httpx.get(app.url + "/chat/messages", headers={"Authorization": header.encode("latin-1")}),
        httpx.get(app.url + "/chat/stream", headers={"Authorization": header.encode("latin-1")}),
        httpx.post(
            app.url + "/chat/messages",
            content=message(text="a"),
            headers={
                "Authorization": header.encode("latin-1"),
                "Content-Type": "application/json",
            },
        ),
        httpx.get(app.url + "/api/tickets", headers={"Authorization": header.encode("latin-1")}),
    ]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert all(answer.json()["code"] == "not_signed_in" for answer in answers)


def test_a_customer_reads_and_presses_only_what_is_theirs(app: App) -> None:
    app.rasa.mode = "hand_off"
    one, other = app.visitor(), app.visitor()
    one.say("비밀이에요")
    one.until(lambda line: line["kind"] == "event")
    agent = app.agent("a")
    found = agent.get("/api/tickets", params={"customer": one.id}).json()["tickets"]
    agent.post(f"/api/tickets/{found[0]['code']}/resolve")
    survey = one.until(lambda line: line["kind"] == "csat")
    assert other.history() == []
    assert other.press(survey["buttons"][0]["payload"]).status_code == 422
    comment = other.http.post(
        f"/chat/ratings/{survey['survey']}/comment", json={"comment": "남의 것"}
    )
    assert comment.status_code == 404
    token = one.http.headers["Authorization"]
    assert httpx.get(app.url + "/api/tickets", headers={"Authorization": token}).status_code == 401
    assert agent.get("/chat/messages").status_code == 401
    assert one.press(survey["buttons"][0]["payload"]).status_code == 202


def test_f19_the_same_client_id_is_one_message(app: App) -> None:
    customer = app.visitor()
    client_id = str(uuid.uuid4())
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: customer.say("한 번만", client_id), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({json.dumps(answer.json()) for answer in answers}) == 1
    customer.until(lambda line: line["author"] == "bot")
    assert [line["text"] for line in customer.history()] == ["한 번만", "한 번만"]
    assert len(app.rasa.seen) == 1


def test_f20_the_same_client_id_with_other_words_is_a_conflict(app: App) -> None:
    customer = app.visitor()
    client_id = str(uuid.uuid4())
    customer.say("처음", client_id)
    for answer in (customer.say("나중", client_id), customer.press("/human", client_id)):
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert customer.history()[0]["text"] == "처음"


def test_f20_another_choice_under_the_same_client_id_is_a_conflict(app: App) -> None:
    app.rasa.mode = "answer"
    customer = app.visitor()
    customer.say("배송비 얼마예요")
    customer.until(lambda line: line["author"] == "bot")
    client_id = str(uuid.uuid4())
    first = customer.say("1", client_id)
    assert first.status_code == 202
    for again in ("1", "1번이요"):
        assert customer.say(again, client_id).json() == first.json()
    for other in ("2", "두번째", "99", "아니에요"):
        answer = customer.say(other, client_id)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict"), other


def test_f18_the_stream_has_no_gap_after_any_cut(app: App) -> None:
    customer = app.visitor()
    seen: list[dict[str, Any]] = []
    for number in range(40):
        assert customer.say(f"n{number}").status_code == 202
        if number % 4 == 3:  # read a little, then cut the line in the middle
            for line in customer.follow(after=seen[-1]["seq"] if seen else 0):
                seen.append(line)
                if len(seen) % 5 == 0:
                    break
    last = [line["text"] for line in seen].count
    for line in customer.follow(after=seen[-1]["seq"]):
        seen.append(line)
        if line["author"] == "bot" and line["text"] == "n39":
            break
    assert [line["seq"] for line in seen] == sorted({line["seq"] for line in seen})
    assert all(last(f"n{number}") <= 2 for number in range(40))
    assert seen == customer.history()


def test_s4_other_origins_are_refused(app: App) -> None:
    customer = app.visitor()
    for origin in ("https://evil.example", "null"):
        answer = customer.http.get("/chat/messages", headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
        assert "access-control-allow-origin" not in answer.headers
    assert customer.http.get("/chat/messages", headers={"Origin": app.url}).status_code == 200


def test_a_page_at_the_address_customers_reach_is_ours_whatever_a_proxy_puts_into_host(
    database_url: str, tmp_path: Path
) -> None:
    vote = {"locale": "ko", "helpful": "yes"}
    with (
        running(database_url, tmp_path, public_url="https://help.example/desk/") as made,
        httpx.Client(base_url=made.url) as http,
    ):
        for origin, ours in (
            ("https://help.example", True),
            ("http://help.example", False),
            ("https://help.example.evil", False),
            ("https:", False),
            ("http://[", False),
            ("", False),
        ):
            headers = {"Origin": origin}
            begun = http.post("/chat/sessions", json={}, headers=headers)
            assert begun.status_code == (201 if ours else 403), origin
            voted = http.post("/help/none/vote", data=vote, headers=headers)
            assert voted.status_code == (404 if ours else 403), origin


def test_a_site_that_asks_first_is_told_why_it_may_not(database_url: str, tmp_path: Path) -> None:
    with (
        running(database_url, tmp_path, allowed_origins="https://shop.example") as made,
        httpx.Client(base_url=made.url) as http,
    ):
        for origin, method, code in (
            ("https://shop.example", "POST", None),
            ("https://evil.example", "POST", "origin_not_allowed"),
            ("https://shop.example", "DELETE", "bad_request"),
        ):
            headers = {"Origin": origin, "Access-Control-Request-Method": method}
            answer = http.options("/chat/messages", headers=headers)
            allowed = answer.headers.get("access-control-allow-origin")
            assert allowed == (None if "evil" in origin else origin)
            assert "Origin" in answer.headers["vary"]
            if code is None:
                assert answer.status_code == 200
                continue
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert (answer.status_code, problem["status"], problem["code"]) == (400, 400, code)
            assert "Disallowed CORS" in problem["detail"]


@pytest.mark.parametrize("last", ["9" * 5000, "-1", "x", "１"])
def test_an_odd_last_event_id_is_ignored(app: App, last: str) -> None:
    customer = app.visitor()
    customer.say("하나")
    headers = {"Last-Event-ID": last.encode()}
    with customer.http.stream("GET", "/chat/stream", headers=headers) as stream:
        assert stream.status_code == 200
        assert "하나" in next(line for line in stream.iter_lines() if line.startswith("data:"))


@pytest.mark.parametrize(
    "path",
    [
        "/static/" + "x" * 300,
        "/static/..%2fapp.py",
        "/nothing",
        "/chat",
        "/api/tickets/%00",
        "/api/customers/%ff",
    ],
)
def test_unknown_paths_are_problems_too(app: App, path: str) -> None:
    answer = app.agent("a").get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_ids_of_agents_routes_are_checked(app: App) -> None:
    agent = app.agent("a")
    for path in (
        "/api/tickets/T-NOTHERE",
        "/api/customers/1",
        f"/api/customers/{uuid.uuid4()}/timeline",
    ):
        assert agent.get(path).status_code == 404
    assert agent.get("/api/tickets", params={"state": "'; DROP"}).status_code == 422
    for text in ("", "\x00", "x" * 8001):
        answer = agent.post("/api/tickets/T-NOTHERE/reply", json={"text": text})
        assert answer.status_code == 422
