"""What else customers do in Telegram, and what agents say to them from the desk."""

from __future__ import annotations

from sqlalchemy import text as sql

from tests.connectors.conftest import App
from tests.connectors.telegram.test_talking import lines
from tests.fakes.telegram import FakeTelegram, Person, buttons, units
from tests.files import JPEG
from ticketing import customers, history

FAMILY = "👨‍👩‍👧‍👦"


def test_b4_a_long_answer_goes_out_in_parts_that_fit(app: App, customer: Person) -> None:
    customer.says("안녕")
    customer.until("안녕")
    app.settle()
    text = f"{'가나다라 ' * 900}{FAMILY * 700}"
    asked = lines(app, customer)[0]
    with app.sessions.begin() as session:
        customers.hold(session, asked.customer_id)
        history.record(
            session,
            conversation_id=asked.conversation_id,
            customer_id=asked.customer_id,
            author="bot",
            text=text,
        )
    customer.telegram.until(lambda: len(customer.sees()) == 4)
    parts = [message["text"] for message in customer.sees()[1:]]
    assert all(units(part) <= 4096 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert not any(part.startswith("\u200d") or part.endswith("\u200d") for part in parts)


def waiting(app: App, customer: Person) -> str:
    """The code of the customer's ticket, once they asked for a person."""
    customer.sends("command", text="/human")
    text = customer.until("접수번호")["text"]
    return str(text).split("접수번호 ")[1].split()[0]


def test_edits_of_customers_and_agents_change_what_is_there(app: App, customer: Person) -> None:
    number = customer.says("주문 취소해 주세요")
    customer.until("주문 취소")
    customer.edits(number, "주문 변경해 주세요")
    customer.says("끝")
    customer.until("끝")
    app.settle()
    first = lines(app, customer)[0]
    assert first.text == "주문 변경해 주세요"
    assert first.meta["revisions"][0]["text"] == "주문 취소해 주세요"
    assert [m.get("text") for m in customer.sees()] == ["주문 취소해 주세요", "끝"]


def test_an_album_is_one_message(app: App, customer: Person, telegram: FakeTelegram) -> None:
    for number in range(3):
        telegram.files[f"album{number}"] = JPEG
        photo = [{"file_id": f"album{number}", "width": 1, "height": 1, "file_size": len(JPEG)}]
        customer.sends("album", photo=photo, media_group_id=f"g{customer.number}")
    customer.until("파일은 잘 받았어요")
    app.settle()
    mine = [line for line in lines(app, customer) if line.author == "customer"]
    assert [len(line.meta["attachments"]) for line in mine] == [3]


def test_a_voice_message_is_kept_and_what_cannot_be_is_told(
    app: App, customer: Person, telegram: FakeTelegram
) -> None:
    telegram.files["voice"] = b"OggS\0\x02" + bytes(60)
    customer.sends("voice", voice={"file_id": "voice", "duration": 2, "file_size": 66})
    customer.until("파일은 잘 받았어요")
    customer.sends("poll")
    customer.until("이런 종류의 메시지는 볼 수 없어요")
    app.settle()
    voice, poll = [line for line in lines(app, customer) if line.author == "customer"]
    (kept,) = voice.meta["attachments"]
    assert (kept["type"], kept["size"]) == ("audio/ogg", 66)
    heard = app.agent("지원").get(f"/api/files/{kept['id']}")
    assert heard.content == telegram.files["voice"]
    assert "볼 수 없는" in poll.text, "agents see that there was something"


def test_a_place_and_a_sticker_are_told_in_words(app: App, customer: Person) -> None:
    customer.sends("location")
    assert "maps?q=37.566535,126.977969" in customer.until("위치")["text"]
    customer.sends("sticker")
    customer.until("🙏 (스티커)")


def test_commands_are_answered_in_the_language_chosen(app: App, customer: Person) -> None:
    customer.sends("command", text="/start")
    customer.until("안녕하세요")
    customer.sends("command", text="/lang en")
    customer.until("in English from now on")
    customer.sends("command", text="/nonsense")
    customer.until("This is what you can do")


def test_words_behind_a_command_are_not_lost(app: App, customer: Person) -> None:
    customer.sends("command", text="/refund 7번 주문이요")
    customer.until("refund 7번 주문이요")
    customer.sends("command", text="/human 환불이 안 돼요", copies=3)
    customer.until("접수번호")
    app.settle()
    mine = [line for line in lines(app, customer) if line.author == "customer"]
    assert [(line.kind, line.text) for line in mine] == [
        ("text", "/refund 7번 주문이요"),
        ("button", "상담원 연결"),
        ("text", "환불이 안 돼요"),
    ]


def test_groups_are_refused_and_left(app: App, customer: Person, telegram: FakeTelegram) -> None:
    telegram.chats[-1002233445566] = []
    telegram.happens({"update_id": 0} | _group())
    telegram.until(lambda: telegram.left == [-1002233445566])
    assert "일대일" in telegram.chats[-1002233445566][0]["text"]


def _group() -> dict[str, object]:
    from tests.fakes.telegram import payload

    return {"my_chat_member": payload("added_to_group")["my_chat_member"]}


def test_an_agent_answers_and_is_rated(app: App, customer: Person) -> None:
    code = waiting(app, customer)
    agent = app.agent("지원")
    assert agent.post(f"/api/tickets/{code}/reply", json={"text": "확인했어요"}).status_code < 300
    assert customer.until("확인했어요")["text"] == "지원: 확인했어요"
    agent.post(f"/api/tickets/{code}/resolve", json={})
    survey = customer.until("상담이 종료되었어요")
    customer.presses(survey, "5 · 매우 만족")
    customer.until("평가해 주셔서 감사합니다")
    customer.telegram.until(lambda: "✓ 5 · 매우 만족" in buttons(survey))


def test_a_button_that_is_over_says_so(app: App, customer: Person) -> None:
    code = waiting(app, customer)
    agent = app.agent("지원")
    agent.post(f"/api/tickets/{code}/claim")
    agent.post(f"/api/tickets/{code}/resolve", json={})
    survey = customer.until("상담이 종료되었어요")
    with app.sessions.begin() as session:
        session.execute(sql("UPDATE csat SET expires_at = now() - interval '1 minute'"))
    customer.presses(survey, "5 · 매우 만족")
    customer.until("이 버튼은 이제 쓸 수 없어요")


def test_f6_one_chat_that_is_limited_holds_up_no_other(
    app: App, customer: Person, telegram: FakeTelegram
) -> None:
    other = telegram.person(customer.number + 100_000)
    telegram.limit("sendMessage", 2, chat=customer.number)
    customer.says("하나")
    telegram.until(lambda: any(sent.get("text") == "하나" for _, sent, _ in telegram.calls))
    other.says("다른 사람")
    other.until("다른 사람")
    assert customer.sees() == []
    customer.says("둘")
    customer.until("둘")
    assert [m["text"] for m in customer.sees()] == ["하나", "둘"]


def test_an_answer_that_may_have_arrived_is_sent_once_more_and_flagged(
    app: App, customer: Person, telegram: FakeTelegram
) -> None:
    telegram.drop_reply("sendMessage")
    customer.says("응답이 끊긴다")
    telegram.until(lambda: len(customer.sees()) == 2)
    app.settle()
    assert "sangdam_possible_duplicates_total" in app.agent("지원").get("/metrics").text


def test_a_customer_who_blocked_us_is_a_dead_letter_that_agents_see(
    app: App, customer: Person, telegram: FakeTelegram
) -> None:
    code = waiting(app, customer)
    telegram.blocked.add(customer.number)
    customer.sends("blocked")
    app.agent("지원").post(f"/api/tickets/{code}/reply", json={"text": "계세요?"})
    app.settle()
    kept = [line for line in lines(app, customer) if line.internal]
    assert any("차단했어요" in line.text for line in kept)
    assert any(
        line.kind == "undelivered" and "텔레그램에서 차단했거나" in line.text for line in kept
    )
