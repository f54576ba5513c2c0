"""A KakaoTalk customer, the bot and an agent, through the skill server."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from connectors.desk import surveying
from connectors.kakao.answer import notice
from tests.conftest import fresh_database
from tests.connectors.browser import signed_in
from tests.connectors.conftest import PAUSE_S, App, running
from tests.fakes.kakao import (
    HEADERS,
    SECRET,
    FakeKakao,
    Phone,
    carded,
    links,
    replies,
    skill_payload,
    words,
)
from ticketing import consents, customers, nps
from ticketing.models import ChannelIdentity, Delivery, Message

PUBLIC = "https://help.example.com"


@pytest.fixture(scope="module")
def shared(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder: Path = tmp_path_factory.mktemp("kakao")
    with (
        fresh_database(postgres) as url,
        running(url, folder, kakao_secret=SECRET, public_url=PUBLIC) as app,
    ):
        # The first request of a process compiles its statements; no customer is measured by that.
        first = skill_payload("처음", user="first")
        httpx.post(f"{app.url}/kakao/skill", json=first, headers=HEADERS, timeout=60)
        yield app


@pytest.fixture
def app(shared: App) -> App:
    shared.rasa.mode, shared.rasa.delay_s = "echo", 0.0
    shared.settle()  # no turn of the test before fails as this one wants its own to
    return shared


@pytest.fixture
def phone(app: App) -> Iterator[Phone]:
    made = Phone(app.url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def kakao() -> Iterator[FakeKakao]:
    made = FakeKakao()
    yield made
    made.stop()


def lines(app: App, phone: Phone) -> list[Message]:
    """Everything in the history of this phone."""
    with app.sessions() as session:
        found = session.scalars(
            select(Message)
            .join(ChannelIdentity, ChannelIdentity.id == Message.identity_id)
            .where(ChannelIdentity.external_id == phone.user)
            .order_by(Message.id)
        )
        return list(found)


def test_what_a_customer_writes_is_answered_in_the_response(app: App, phone: Phone) -> None:
    assert words(phone.say("배송비가 얼마예요?")) == "배송비가 얼마예요?"
    assert [(line.author, line.text) for line in lines(app, phone)] == [
        ("customer", "배송비가 얼마예요?"),
        ("bot", "배송비가 얼마예요?"),
    ]
    with app.sessions() as session:
        identity = session.scalars(
            select(ChannelIdentity).where(ChannelIdentity.external_id == phone.user)
        ).one()
        assert (identity.channel, identity.account) == ("kakao", phone.bot)


def test_repeated_requests_are_one_message_and_a_genuine_repetition_is_two(
    app: App, phone: Phone
) -> None:
    first, again = phone.say("네"), phone.say("네")
    assert first == again
    assert [line.author for line in lines(app, phone)] == ["customer", "bot"]
    with app.sessions.begin() as session:  # some time passes
        session.execute(text("UPDATE message SET at = at - interval '3 seconds'"))
    phone.say("네")
    assert [line.author for line in lines(app, phone)] == ["customer", "bot"] * 2


def test_what_is_accepted_late_is_no_error(app: App, phone: Phone) -> None:
    """As on a machine that is busy; here somebody holds the customer's lane."""
    phone.say("안녕하세요")
    (customer,) = {line.customer_id for line in lines(app, phone)}
    with ThreadPoolExecutor(1) as threads:
        with app.sessions.begin() as holding:
            customers.hold(holding, customer)
            late = threads.submit(phone.say, "배송은 언제 되나요?")
            with pytest.raises(TimeoutError):
                late.result(timeout=3.0)
        assert words(late.result()) in ("배송은 언제 되나요?", words(notice("slow", "ko")))
    assert [line.text for line in lines(app, phone) if line.author == "customer"] == [
        "안녕하세요",
        "배송은 언제 되나요?",
    ]


def test_f24_a_slow_bot_is_announced_and_answers_at_the_callback_once_within_a_minute(
    app: App, phone: Phone, kakao: FakeKakao
) -> None:
    app.rasa.delay_s = 7.0
    url = kakao.callback_url()
    kakao.arrived.clear()
    assert phone.say("오래 걸리는 질문", callback_url=url)["useCallback"] is True
    assert phone.slowest < 5
    assert kakao.arrived.wait(15)
    app.settle()
    (body,) = kakao.at(url).bodies
    # The product asks a person when the bot takes longer than it may.
    assert "접수번호" in words(body) and kakao.at(url).at < 60
    assert kakao.at(url).refused == 0
    assert lines(app, phone)[-1].text in words(body)


def test_f24_without_a_callback_the_late_answer_is_fetched_and_no_error_is_shown(
    app: App, phone: Phone, kakao: FakeKakao
) -> None:
    app.rasa.delay_s = 7.0
    kakao.fails = True
    kakao.arrived.clear()
    asked = phone.say("느린 질문", callback_url=kakao.callback_url())
    assert asked["useCallback"]
    assert kakao.arrived.wait(15)
    app.settle()
    kakao.fails = False
    assert lines(app, phone)[-1].text in words(phone.say("답변 확인"))
    assert "아직 새 답변이 없어요" in words(phone.say("답변 확인"))
    assert [line.text for line in lines(app, phone) if line.author == "customer"] == ["느린 질문"]


def test_a_button_comes_back_as_its_payload_however_it_is_pressed(app: App, phone: Phone) -> None:
    app.rasa.mode = "unknown"
    phone.say("모르는 질문")
    assert [one["label"] for one in replies(phone.shown[-1])] == ["상담원 연결"]
    app.rasa.mode = "echo"
    assert "접수번호" in words(phone.say("1번"))
    pressed = [line for line in lines(app, phone) if line.kind == "button"]
    assert [(line.text, line.meta["payload"]) for line in pressed] == [("상담원 연결", "/human")]


def test_an_agents_answer_waits_for_the_customer_who_goes_on_to_their_rating(
    app: App, phone: Phone
) -> None:
    app.rasa.mode = "unknown"
    phone.say("사람과 이야기하고 싶어요")
    app.rasa.mode = "echo"
    handed = phone.press("상담원 연결")
    code = lines(app, phone)[-1].text.partition("접수번호 ")[2].split()[0]
    assert links(handed)[0].startswith(f"{PUBLIC}/?continue=")
    agent = app.agent("지원")
    assert agent.post(f"/api/tickets/{code}/claim").status_code == 200
    assert agent.post(f"/api/tickets/{code}/reply", json={"text": "확인해 볼게요"}).is_success
    assert "상담원에게 전달했어요" not in (got := words(phone.press("답변 확인")))
    assert got.endswith("지원: 확인해 볼게요\n" + words(handed).splitlines()[-1])
    assert "상담원에게 전달했어요" in words(phone.say("고맙습니다"))
    assert agent.post(f"/api/tickets/{code}/reply", json={"text": "환불됐어요"}).is_success
    assert agent.post(f"/api/tickets/{code}/resolve").is_success
    last = phone.say("답변 확인")
    assert words(last).startswith("지원: 환불됐어요") and len(replies(last)) == 6
    assert "평가해 주셔서" in words(phone.press("5 · 매우 만족"))
    customer = agent.get(f"/api/tickets/{code}").json()["customer"]
    key = customer["id"] if isinstance(customer, dict) else customer
    assert agent.get(f"/api/customers/{key}").json()["csat"]["last"] == 5
    with app.sessions() as session:
        said = [line.id for line in lines(app, phone) if line.author != "customer"]
        got_all = session.scalars(
            select(Delivery.message_id).where(Delivery.message_id.in_(said), Delivery.confirmed)
        ).all()
        assert sorted(got_all) == said


@pytest.mark.parametrize(
    ("answer", "typed", "score"),
    [("0", False, 0), ("10", False, 10), ("7", True, 7), ("설문 그만 받기", False, None)],
)
def test_a_recommendation_has_all_its_scores_and_can_be_declined(
    app: App, phone: Phone, answer: str, typed: bool, score: int | None
) -> None:
    phone.say("안녕하세요")
    who = lines(app, phone)[0].customer_id
    with app.sessions.begin() as session:
        surveying.recommend(session, {"customer": str(who), "moment": "days:30"})
    shown = phone.say("배송 문의")  # nobody can be written to here: it comes with the next answer
    assert "추천하고 싶으세요" in words(shown) and words(shown).endswith("배송 문의")
    offered = [one["messageText"] for one in carded(shown)]
    assert offered == [*map(str, range(10, -1, -1)), "설문 그만 받기"]
    told = phone.say(answer) if typed else phone.press(answer)
    with app.sessions() as session:
        given = [one.score for one in nps.given(session, customer_id=who)]
        refused = consents.refused(session, who, purpose=consents.SURVEYS)
    assert (given, refused) == (([], True) if score is None else ([score], False))
    assert ("보내지 않을게요" if score is None else "평가해 주셔서") in words(told)


def test_the_console_shows_whether_an_answer_was_fetched(app: App, phone: Phone) -> None:
    app.rasa.mode = "hand_off"
    phone.say("사람과 이야기할래요")
    code = lines(app, phone)[-1].text.partition("접수번호 ")[2].split()[0]
    agent = signed_in(app, "콘솔 지원")
    page = f"/console/tickets/{code}"
    agent.post(f"{page}/say", page=page, mode="reply", text="내일 도착해요")

    def under() -> list[str]:
        shown = agent.parts(page)["conversation"]
        return re.findall(r'<p class="fetched.*?</svg>(.*?)</p>', shown, re.DOTALL)

    assert under() == ["고객이 가져가기를 기다리는 중"]
    phone.press("답변 확인")
    app.settle()
    for _ in range(200):  # it is confirmed once the response went out
        if under() == ["전달됨"]:
            break
        time.sleep(PAUSE_S)
    assert under() == ["전달됨"]
    agent.post(f"{page}/say", page=page, mode="note", text="메모예요")
    agent.post(f"{page}/say", page=page, mode="reply", text="하나 더요")
    assert under() == ["전달됨", "고객이 가져가기를 기다리는 중"]


def test_a_code_of_the_web_goes_on_in_kakaotalk(app: App, phone: Phone) -> None:
    """And the other way round nothing is lost: one conversation, one ticket, one history."""
    visitor = app.visitor()
    visitor.say("웹에서 시작했어요")
    visitor.until(lambda line: line["author"] == "bot")
    code = visitor.http.post("/chat/link-codes").json()["code"]
    wrong = f"이어하기 {code[::-1] if code != code[::-1] else 'ABCD2345'}"
    assert "맞지 않는 코드예요" in words(phone.say(wrong))
    typed = f"이어하기 {code[:4].lower()} {code[4:]}"
    assert "하나의 상담으로 이어져요" in words(phone.say(typed))
    app.rasa.mode = "hand_off"
    handed = words(phone.say("카카오톡에서 이어 써요"))
    visitor.until(lambda line: line["text"] == "카카오톡에서 이어 써요")
    ticket = handed.partition("접수번호 ")[2].split()[0]
    agent = app.agent("지원")
    timeline = agent.get(f"/api/tickets/{ticket}").json()["timeline"]
    said = [one["text"] for one in timeline if one["author"] == "customer"]
    assert said == ["웹에서 시작했어요", "카카오톡에서 이어 써요"]
    agent.post(f"/api/tickets/{ticket}/reply", json={"text": "여기서 답해요"})
    assert "지원: 여기서 답해요" in words(phone.say("답변 확인"))
    assert "여기서 답해요" in [line["text"] for line in visitor.history()]
    assert "이미 사용한 코드예요" in words(phone.say(typed))
    links = agent.get(f"/api/customers/{visitor.id}/links").json()
    assert [one["evidence"] for one in links["links"]] == ["code"]
    assert {one["why"] for one in links["refusals"]} == {"unknown", "used"}


def test_one_person_at_two_bots_of_a_channel_is_suggested_and_not_linked(app: App) -> None:
    """Each bot has a key of its own for them; the channel's is the same."""
    person = uuid.uuid4().hex
    for bot in ("bot-of-orders", "bot-of-returns"):
        said = skill_payload(f"{bot}에 쓴 말", user=f"{bot}-{person}", bot=bot)
        said["userRequest"]["user"]["properties"]["plusfriendUserKey"] = person
        answered = httpx.post(f"{app.url}/kakao/skill", json=said, headers=HEADERS, timeout=20)
        assert words(answered.json()) == f"{bot}에 쓴 말"
    with app.sessions() as session:
        found = select(ChannelIdentity.customer_id).where(
            ChannelIdentity.external_id.contains(person)
        )
        one, other = session.scalars(found.order_by(ChannelIdentity.id)).all()
    agent = app.agent("지원")
    shown = agent.get(f"/api/customers/{one}/links").json()
    assert [(s["customer"]["id"], s["evidence"]) for s in shown["suggestions"]] == [
        (str(other), ["user_key"])
    ]
    assert shown["links"] == []
    record = agent.get(f"/api/customers/{one}").json()
    assert [(i["channel"], i["account"]) for i in record["identities"]] == [
        ("kakao", "bot-of-orders")
    ]


def test_an_answer_that_comes_after_the_platform_has_gone_counts_as_not_seen(
    app: App, phone: Phone
) -> None:
    app.rasa.delay_s = 0.4
    with pytest.raises(httpx.ReadTimeout):
        body = skill_payload("배송비가 얼마예요?", user=phone.user, bot=phone.bot)
        httpx.post(f"{app.url}/kakao/skill", json=body, headers=HEADERS, timeout=0.2)

    def given() -> list[bool]:
        with app.sessions() as session:
            said = [line.id for line in lines(app, phone) if line.author == "bot"]
            found = select(Delivery.confirmed).where(Delivery.message_id.in_(said))
            return list(session.scalars(found))

    deadline = time.monotonic() + 8
    while not given():
        assert time.monotonic() < deadline
        time.sleep(PAUSE_S)
    app.rasa.delay_s = 0.0
    someone_else = Phone(app.url)
    someone_else.say("그동안 다른 사람")  # what was to be confirmed is, after that
    someone_else.close()
    assert given() == [False]
    seen = words(phone.say("그리고 반품은요?"))
    assert seen.index("배송비가 얼마예요?") < seen.index("그리고 반품은요?"), "the first is first"
    while given() != [True, True]:  # noted once the answer is out
        assert time.monotonic() < deadline + 8
        time.sleep(PAUSE_S)


def test_long_answers_come_in_parts_and_nothing_of_them_is_lost(app: App, phone: Phone) -> None:
    question = " ".join(f"문장번호{number}입니다." for number in range(330))
    phone.say(question)
    whole = [words(phone.shown[-1])]
    while any(one["label"] == "이어서 보기" for one in replies(phone.shown[-1])):
        whole.append(words(phone.press("이어서 보기")))
    assert len(whole) == 2
    assert " ".join("\n".join(whole).split()) == question


@pytest.mark.parametrize("headers", [{}, {"X-Sangdam-Secret": "wrong"}, {"Authorization": "한"}])
def test_b2_a_request_without_the_secret_is_refused(app: App, headers: dict[str, Any]) -> None:
    body = skill_payload("안녕", user=uuid.uuid4().hex)
    coded = {name: value.encode() for name, value in headers.items()}
    got = httpx.post(f"{app.url}/kakao/skill", json=body, headers=coded)
    assert got.status_code == 401 and got.json()["code"] == "not_signed_in"
    bearer = {"Authorization": f"Bearer {SECRET}"}
    assert httpx.post(f"{app.url}/kakao/skill", json=body, headers=bearer).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"[" * 30_000, b'{"userRequest": 7}', b"\xff\xfe"),
        b'{"userRequest": {"user": {"id": 5}, "utterance": "x"}}',
        b'{"userRequest": {"user": {"id": "u"}, "utterance": ["x"]}}',
        b'{"userRequest": {"user": {"id": "u"}, "utterance": "\\u0000"}}',
    ],
)
def test_b2_what_is_no_skill_payload_is_refused_in_words(app: App, body: bytes) -> None:
    got = httpx.post(f"{app.url}/kakao/skill", content=body, headers=HEADERS)
    assert got.status_code == 400 and got.json()["code"] == "bad_request"


def test_b2_odd_payloads_are_messages_all_the_same(app: App, phone: Phone) -> None:
    odd = skill_payload("반쪽 \ud800 글자\x00", user=phone.user)
    odd |= {"bot": None, "action": {"clientExtra": '{"payload": "/nothing"}'}, "intent": 3}
    odd["userRequest"] |= {"lang": 7, "callbackUrl": {"x": 1}, "block": None}
    content = json.dumps(odd).encode()
    got = httpx.post(f"{app.url}/kakao/skill", content=content, headers=HEADERS)
    assert words(got.json()) == "반쪽 ? 글자"
