"""A code by mail leads back to the conversation of old, through a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from connectors import worker
from tests.conftest import fresh_database
from tests.connectors.conftest import App, running
from tests.connectors.test_elsewhere import say
from tests.connectors.test_story import by
from tests.fakes import kakao
from tests.fakes.mail import FakeMail
from tests.pages import OUTPUT, Window
from tests.ticketing.test_purchases import SHOP
from ticketing import record
from ticketing.models import Job

FROM = "상담 <help@example.kr>"


@pytest.fixture(scope="module")
def mail() -> Iterator[FakeMail]:
    made = FakeMail()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def app(postgres: str, mail: FakeMail, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    settings: dict[str, Any] = {
        "smtp_url": mail.url,
        "smtp_from": FROM,
        "kakao_secret": kakao.SECRET,
    }
    folder: Path = tmp_path_factory.mktemp("mail")
    with (
        pytest.MonkeyPatch.context() as patch,
        fresh_database(postgres) as url,
        running(url, folder, **settings) as made,
    ):
        patch.setattr(worker, "backoff", lambda failures: 0.05)
        yield made


def customer(app: App, email: str, *, locale: str = "ko") -> str:
    """A customer of the record with something in their history; the words of it."""
    visitor = app.visitor()
    words = f"지난번에 물었어요 {email}"
    visitor.say(words)
    visitor.until(by("bot"))
    with app.sessions.begin() as session:
        record.change(session, visitor.id, {"email": email, "locale": locale}, by=SHOP)  # type: ignore[arg-type]  # an id as text
    return words


def test_a_browser_gets_back_to_its_history_by_mail(
    app: App, mail: FakeMail, window: Window
) -> None:
    words = customer(app, "hana@example.kr")
    page = window()
    page.goto(f"{app.url}/?lang=ko")
    say(page, "새 브라우저예요")
    page.locator("#more").click()
    page.locator("#elsewhere").click()
    page.locator("#bymail input").fill("Hana@example.kr")
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / "mail-asked-390.png")
    page.locator("#bymail button").click()
    expect(page.locator("#mailed")).to_contain_text("등록된 이메일이라면")
    mail.until(lambda: mail.letters)
    letter = mail.letters[-1]
    assert (letter["To"], letter["From"]) == ("hana@example.kr", FROM)
    assert letter["Subject"] == "상담 이어하기 코드" and letter["Auto-Submitted"]
    page.locator("#bymail input").fill("ABCD 2345")
    page.locator("#bymail button").click()
    expect(page.locator("#mailed")).to_contain_text("맞지 않는 코드")
    page.locator("#bymail input").fill(mail.code())
    page.set_viewport_size({"width": 1280, "height": 800})
    page.screenshot(path=OUTPUT / "mail-code-1280.png")
    page.locator("#bymail button").click()
    expect(page.locator("#log")).to_contain_text(words)
    expect(page.locator("#log")).to_contain_text("하나의 상담으로 이어져요")


def test_kakaotalk_asks_for_a_code_and_gives_it(app: App, mail: FakeMail) -> None:
    words = customer(app, "jane@example.com", locale="en")
    phone = kakao.Phone(app.url)
    known = len(mail.letters)
    asked = kakao.words(phone.say("이어하기 jane@example.com"))
    unknown = kakao.words(phone.say("이어하기 nobody@example.com"))
    assert asked == unknown and "회원 정보에 있는 이메일이라면" in asked
    mail.until(lambda: len(mail.letters) > known)
    assert mail.letters[-1]["Subject"] == "Your code to continue the conversation"
    assert "하나의 상담으로" in kakao.words(phone.say(f"이어하기 {mail.code()}"))
    assert "이미 사용한" in kakao.words(phone.say(f"이어하기  {mail.code()}"))
    app.settle()
    assert len(mail.letters) == known + 1
    with app.sessions() as session:
        from ticketing.models import Customer, CustomerLink, LinkRefusal, Message

        made = session.scalars(select(CustomerLink).order_by(CustomerLink.id.desc())).first()
        assert made is not None and made.evidence == "email"
        root = session.get_one(Customer, made.customer_id).root_id
        people = select(Customer.id).where(Customer.root_id == root)
        lines = session.scalars(select(Message.text).where(Message.customer_id.in_(people))).all()
        assert words in lines
        whys = session.scalars(select(LinkRefusal.why).order_by(LinkRefusal.id.desc())).all()
        assert whys[:2] == ["used", "unknown_address"]
        # What is kept of the work says nothing of the address.
        jobs = session.scalars(select(Job).where(Job.kind == "mail.code")).all()
        assert jobs and not any("@" in str(job.payload) for job in jobs)
    phone.close()


def test_the_answer_is_the_same_for_every_address_and_ends_soon(app: App, mail: FakeMail) -> None:
    customer(app, "same@example.kr")
    visitor = app.visitor()
    assert visitor.http.post("/chat/link-codes").json()["mail"] is True
    answers = [
        visitor.http.post("/chat/link-codes/mail", json={"email": address})
        for address in (
            "same@example.kr",
            "other@example.kr",
            "same@example.kr",
            "x@y.kr",
            "z@y.kr",
        )
    ]
    assert {(one.status_code, one.text) for one in answers} == {(202, '{"valid_s":600}')}
    ended = visitor.http.post("/chat/link-codes/mail", json={"email": "same@example.kr"})
    assert (ended.status_code, ended.json()["code"]) == (429, "code_too_many")
    odd = app.visitor().http.post("/chat/link-codes/mail", json={"email": "no address"})
    assert odd.status_code == 422


def test_a_mail_that_fails_is_tried_again_with_another_code(app: App, mail: FakeMail) -> None:
    customer(app, "again@example.kr")
    known, visitor = len(mail.letters), app.visitor()
    mail.answers = ["451 try later"]  # not taken at all
    mail.after = ["451 and yet it was kept"]  # taken, and we are not told
    visitor.http.post("/chat/link-codes/mail", json={"email": "again@example.kr"})
    mail.until(lambda: len(mail.letters) == known + 2)
    app.settle()
    first, second = mail.code(-2), mail.code(-1)
    assert first != second and len(mail.letters) == known + 2
    wrong = visitor.http.post("/chat/link-codes/redeem", json={"code": first})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "code_unknown")
    right = visitor.http.post("/chat/link-codes/redeem", json={"code": second})
    assert right.json() == {"outcome": "linked"}


def test_an_address_that_is_refused_for_good_is_a_dead_letter_without_it(
    app: App, mail: FakeMail
) -> None:
    customer(app, "gone@example.kr")
    mail.answers = ["550 no such user gone@example.kr"]
    app.visitor().http.post("/chat/link-codes/mail", json={"email": "gone@example.kr"})
    mail.until(lambda: not mail.answers)
    app.settle()
    with app.sessions() as session:
        dead = session.scalars(select(Job).where(Job.kind == "mail.code", Job.state == "dead"))
        (job,) = dead.all()
    assert "550" in (job.error or "") and "@" not in f"{job.error}{job.payload}"


def test_without_a_mail_server_nothing_is_offered(database_url: str, tmp_path: Path) -> None:
    with running(database_url, tmp_path, kakao_secret=kakao.SECRET) as app:
        visitor = app.visitor()
        made = visitor.http.post("/chat/link-codes").json()
        assert (made["mail"], made["typed"]) == (False, ["kakao"])
        answer = visitor.http.post("/chat/link-codes/mail", json={"email": "a@b.kr"})
        assert (answer.status_code, answer.json()["code"]) == (404, "mail_off")
        phone = kakao.Phone(app.url)
        assert kakao.words(phone.say("이어하기 a@b.kr")) == "이어하기 a@b.kr", "the bot's to answer"
        phone.close()
