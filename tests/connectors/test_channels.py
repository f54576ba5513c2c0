"""What every channel promises, asked of each of them: the same story, by the channel's own means.

A new channel joins by a class below that says how its customers write, press and read.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import select

from connectors import desk
from connectors.telegram import sending
from tests.conftest import fresh_database
from tests.connectors.browser import name, signed_in, text_of
from tests.connectors.conftest import App, Visitor, running
from tests.fakes import bridge as bridges
from tests.fakes import kakao
from tests.fakes import telegram as fakes
from tests.fakes.bridge import FakeBridge
from tests.fakes.telegram import FakeTelegram
from ticketing import agents, attachments, csat
from ticketing.models import Job


class Person(Protocol):
    """A customer on one channel. ``sees`` is all they were shown, each line once, in order."""

    def says(self, text: str, *, twice: bool = False) -> None: ...
    def presses(self, title: str) -> None: ...
    def sees(self, count: int) -> list[str]: ...


class OnWeb:
    """In the widget."""

    def __init__(self, app: App) -> None:
        self._visitor: Visitor = app.visitor()

    def says(self, text: str, *, twice: bool = False) -> None:
        key = str(uuid.uuid4())
        answers = [self._visitor.say(text, key) for _ in range(1 + twice)]
        assert {answer.status_code for answer in answers} == {202}

    def presses(self, title: str) -> None:
        button = next(
            one
            for line in reversed(self._visitor.history())
            for one in line["buttons"]
            if one["title"] == title
        )
        assert self._visitor.press(button["payload"]).status_code == 202

    def sees(self, count: int) -> list[str]:
        for _ in self._visitor.follow(timeout_s=20):
            lines = [one for one in self._visitor.history() if one["author"] != "customer"]
            if len(lines) >= count:
                return [one["text"] for one in lines]
        raise AssertionError(self._visitor.history())


class OnKakao:
    """In KakaoTalk."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._phone = kakao.Phone(app.url)

    def says(self, text: str, *, twice: bool = False) -> None:
        self._phone.say(text)
        if twice:
            assert self._phone.say(text) == self._phone.shown.pop()

    def presses(self, title: str) -> None:
        self._phone.press(title)

    def sees(self, count: int) -> list[str]:
        if len(said := self._said()) < count:
            self._app.settle()
            self._phone.say("답변 확인")
            said = self._said()
        assert len(said) >= count, said
        return said

    def _said(self) -> list[str]:
        return [
            part.removeprefix("지원: ")
            for body in self._phone.shown
            for part in kakao.words(body).split("\n\n")
            if not part.startswith(("아직 새 답변이", "상담원에게 전달했어요. "))
        ]


class OnTelegram:
    """In Telegram."""

    def __init__(self, telegram: FakeTelegram) -> None:
        self._telegram = telegram
        self._me = telegram.person(next(telegram.numbers) + 10**6)

    def says(self, text: str, *, twice: bool = False) -> None:
        self._me.says(text, copies=1 + twice)

    def presses(self, title: str) -> None:
        offered = [one for one in self._me.sees() if title in fakes.buttons(one)]
        self._me.presses(offered[-1], title)

    def sees(self, count: int) -> list[str]:
        self._telegram.until(lambda: len(self._me.sees()) >= count, timeout_s=20)
        return [one["text"].removeprefix("지원: ") for one in self._me.sees()]


class OnWebhook:
    """Behind a bridge."""

    def __init__(self, app: App, bridge: FakeBridge) -> None:
        self._app, self._bridge = app, bridge
        self._user = uuid.uuid4().hex

    def says(self, text: str, *, twice: bool = False) -> None:
        said = {"id": uuid.uuid4().hex, "user": self._user, "text": text}
        answers = [bridges.post(self._app.url, said) for _ in range(1 + twice)]
        assert {answer.status_code for answer in answers} == {202}, answers[0].text
        assert len({answer.json()["seq"] for answer in answers}) == 1

    def presses(self, title: str) -> None:
        self.says(title)  # it has no buttons: the words of one are as good

    def sees(self, count: int) -> list[str]:
        return [line["text"] for line in self._bridge.heard(self._user, count)]


@pytest.fixture(scope="module")
def bridge() -> Iterator[FakeBridge]:
    made = FakeBridge()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def telegram() -> Iterator[FakeTelegram]:
    made = FakeTelegram()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def app(
    postgres: str,
    bridge: FakeBridge,
    telegram: FakeTelegram,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[App]:
    settings: dict[str, Any] = {
        "kakao_secret": kakao.SECRET,
        "webhook_url": bridge.url,
        "webhook_secret": bridges.SECRET,
        "telegram_bot_token": fakes.TOKEN,
        "telegram_api_url": telegram.api_url,
    }
    folder: Path = tmp_path_factory.mktemp("channels")
    with (
        pytest.MonkeyPatch.context() as patch,
        fresh_database(postgres) as url,
        running(url, folder, **settings) as made,
    ):
        patch.setattr(sending, "SPACING_S", 0.0)
        yield made


@pytest.fixture(params=["web", "kakao", "telegram", "webhook"])
def person(
    request: pytest.FixtureRequest, app: App, bridge: FakeBridge, telegram: FakeTelegram
) -> Person:
    app.rasa.mode = "echo"
    if request.param == "telegram":
        return OnTelegram(telegram)
    people = {"web": OnWeb, "kakao": OnKakao}
    if request.param in people:
        return people[request.param](app)
    return OnWebhook(app, bridge)


def ticket(app: App, texts: list[str]) -> str:
    """The code in what a customer was told."""
    told = next(text for text in texts if "접수번호" in text)
    return told.partition("접수번호 ")[2].split()[0]


def test_f4_what_is_said_is_answered_once_and_in_order(app: App, person: Person) -> None:
    person.says("첫째 질문", twice=True)
    person.says("둘째 질문")
    assert person.sees(2) == ["첫째 질문", "둘째 질문"]


def test_a_person_takes_over_answers_corrects_and_is_rated(app: App, person: Person) -> None:
    app.rasa.mode = "unknown"
    person.says("상담이 필요해요")
    person.sees(1)
    app.rasa.mode = "echo"
    person.presses("상담원 연결")
    code = ticket(app, person.sees(3))
    agent = app.agent("지원")
    assert agent.post(f"/api/tickets/{code}/claim").is_success
    assert agent.post(f"/api/tickets/{code}/note", json={"text": "내부 메모"}).is_success
    assert agent.post(f"/api/tickets/{code}/reply", json={"text": "사람의 답"}).is_success
    assert agent.post(f"/api/tickets/{code}/resolve").is_success
    seen = person.sees(6)
    assert "사람의 답" in seen and not any("내부 메모" in text for text in seen)
    person.presses("5 · 매우 만족")
    assert "평가해 주셔서" in person.sees(7)[-1]
    rated = agent.get(f"/api/tickets/{code}").json()["customer"]
    key = rated["id"] if isinstance(rated, dict) else rated
    assert agent.get(f"/api/customers/{key}").json()["csat"]["last"] == 5
    person.says("의견: 빠르고 친절했어요", twice=True)
    assert "의견 고맙습니다" in person.sees(8)[-1]
    with app.sessions() as session:
        (rating,) = csat.ratings(session, customer_id=uuid.UUID(key))
        assert (rating.score, rating.comment) == (5, "빠르고 친절했어요")
    person.says("의견: 하나 더")  # there is one: to the bot these are words like others
    assert person.sees(9)[-1] == "의견: 하나 더"


@pytest.mark.parametrize("words", ["1번", "첫 번째 거요", "first"])
def test_words_pick_an_offered_choice(app: App, person: Person, words: str) -> None:
    app.rasa.mode = "unknown"
    person.says("모르는 것")
    person.sees(1)
    app.rasa.mode = "echo"
    person.says(words, twice=True)
    assert any("접수번호" in text for text in person.sees(3))


def test_the_console_shows_one_person_on_all_channels(app: App, telegram: FakeTelegram) -> None:
    app.rasa.mode = "echo"
    visitor = app.visitor()
    visitor.say("웹에서 한 말")
    visitor.until(lambda line: line["author"] == "bot")
    made = visitor.http.post("/chat/link-codes").json()
    code = made["code"]
    assert "bridge" in made["typed"]
    me = telegram.person(next(telegram.numbers) + 10**6)
    me.sends("command", text=f"/start link_{code}")
    me.until("하나의 상담으로 이어져요", 20)
    me.says("텔레그램에서 한 말")
    me.until("텔레그램에서 한 말", 20)
    page = signed_in(app, name()).get(f"/console/customers/{visitor.id}").text
    assert "<h1>하늘 김</h1>" in page, "whose name is known on one channel is known by it"
    shown = " ".join(text_of(page).split())
    tag = visitor.id[:4].upper()
    assert f"방문자 {tag} 웹 채팅 ↔ 하늘 김 텔레그램" in shown
    for where, words in (("웹 채팅", "웹에서 한 말"), ("텔레그램", "텔레그램에서 한 말")):
        assert re.search(rf"고객 {where} 오[전후] [0-9:]+ {words}", shown), shown


@pytest.mark.parametrize("refusals", [[500], [429], [503, 500]])
def test_f6_a_bridge_that_refuses_for_a_while_gets_the_line_later_under_the_same_key(
    app: App, bridge: FakeBridge, refusals: list[int]
) -> None:
    app.rasa.mode = "echo"
    bridge.answers, seen = [*refusals], len(bridge.keys)
    person = OnWebhook(app, bridge)
    person.says("다시 보내 주세요")
    assert person.sees(1) == ["다시 보내 주세요"]
    assert len(bridge.keys) == seen + len(refusals) + 1 and len(set(bridge.keys[seen:])) == 1


def test_what_a_bridge_refuses_for_good_is_a_dead_letter_and_the_next_line_goes_on(
    app: App, bridge: FakeBridge
) -> None:
    app.rasa.mode = "echo"
    bridge.answers = [400]
    person = OnWebhook(app, bridge)
    person.says("이 줄은 거절돼요")
    person.says("이 줄은 가요")
    assert person.sees(1) == ["이 줄은 가요"]
    with app.sessions() as session:
        dead = session.scalars(select(Job).where(Job.state == "dead", Job.kind == "deliver")).all()
        assert ["400" in (job.error or "") for job in dead] == [True]


def test_a_bridge_fetches_the_files_of_agents(app: App, bridge: FakeBridge) -> None:
    app.rasa.mode = "hand_off"
    visitor = app.visitor()
    said = {"id": uuid.uuid4().hex, "user": uuid.uuid4().hex, "text": "사람과 이야기할래요"}
    assert bridges.post(app.url, said).status_code == 202
    code = ticket(app, [line["text"] for line in bridge.heard(said["user"], 2)])
    terms = attachments.examine("약관 1.txt", "환불 약관".encode())
    with app.sessions.begin() as session:
        agent = agents.add(session, name=name())
        desk.reply(session, code=code, agent=agent, text="여기 있어요", files=[terms])
    got = next(one for one in bridge.heard(said["user"], 4) if one["author"] == "agent")
    (file,) = got["attachments"]
    assert (file["name"], file["type"]) == ("약관 1.txt", "text/plain")
    fetched = bridges.fetch(app.url, file["path"])
    assert (fetched.status_code, fetched.text) == (200, "환불 약관")
    assert "attachment" in fetched.headers["content-disposition"]
    assert bridges.fetch(app.url, file["path"], secret="another-secret").status_code == 401
    headers = {"Client-Id": str(uuid.uuid4()), "File-Name": "a.txt"}
    visitor.http.post("/chat/files", content=b"a web customer's", headers=headers)
    (theirs,) = visitor.until(lambda line: line["attachments"])["attachments"]
    for other in (theirs["id"], uuid.uuid4(), "x"):
        assert bridges.fetch(app.url, f"/channels/webhook/files/{other}").status_code == 404


def test_b2_a_bridge_without_the_signature_is_refused_and_odd_bodies_are_named(app: App) -> None:
    said = {"id": "1", "user": "u", "text": "안녕"}
    assert bridges.post(app.url, said, secret="another-secret-altogether").status_code == 401
    assert bridges.post(app.url, said, age_s=600).status_code == 401
    for odd in ([], {}, {"id": "1"}, said | {"text": "\x00"}, said | {"button": "/human"}):
        assert bridges.post(app.url, odd).status_code == 422  # type: ignore[arg-type]
    assert bridges.post(app.url, {"id": "2", "user": "u", "button": "/x"}).status_code == 422
