"""Who waits for a person and asks how far it is, or needs nobody any more, hears something."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from connectors import desk, waits
from connectors.channel import Inbound
from connectors.desk import queue
from tests.connectors.test_queue import Shop, counter, hand_off
from tests.ticketing.test_sla import office, seoul
from ticketing import customers, tickets
from ticketing.errors import Refused
from ticketing.models import ChannelIdentity, Customer, Message

__all__ = ["counter"]

LEAVING = [
    "취소할게요",
    "상담 취소해 주세요",
    "문의 취소요",
    "이제 괜찮아요",
    "해결됐어요!",
    "안 기다릴게요",
    "됐어요 취소할게요",
    "아 됐어요, 그냥 취소 할게요",
    "never mind",
    "please cancel my request",
    "I found it myself",
    "it's solved now",
    "취소할게요 상담",
    "상담 취소",
    "취소해주세요 문의",
    "상담 종료해 주세요",
    "그만할래요",
    "그냥 갈게요",
    "안 할래요",
    "forget it",
    "please end this chat",
    "actually never mind",
    "oh never mind, I found it",
    "never mind, I'll do it myself",
    "never mind, thanks",
    "아 죄송해요 취소할게요",
    "취소할게요 감사합니다",
    "그냥 됐어요, 제가 알아서 할게요",
    "제가 해결했어요",
    "상담 안 받을래요",
]


@pytest.mark.parametrize(
    "text",
    [
        "아직 멀었어요?",
        "얼마나 더 기다려야 하나요?",
        "저기요 상담원 언제 와요?",
        "언제 연결돼요??",
        "대기 인원이 몇 명인가요",
        "제 앞에 몇 명 있어요?",
        "아무도 안 계세요?",
        "아직인가요ㅠㅠ",
        "계속 기다려야 되나요…",
        "여보세요?? 계세요?",
        "저기요",
        "언제 돼요",
        "언제쯤 될까요ㅠ",
        "언제 답 주시나요?",
        "hello?",
        "Hello, is anyone there?",
        "why is this taking so long",
        "How much longer?",
        "are you still there?",
        "I'm still waiting",
        "when will someone answer me",
        "where am I in the queue?",
        "상담원 연결",
        "상담원",
        "상담원이요",
        "네 연결해주세요",
        "빨리 연결 좀 해 주세요",
        "상담원 연결해 주세요",
        "상담원 바꿔주세요",
        "사람 바꿔 주세요",
        "상담사님 연결 부탁드려요",
        "빨리 상담원 연결 좀 해주세요ㅠㅠ",
        "상담원이랑 얘기하고 싶어요",
        "사람이랑 통화하고 싶습니다",
        "직원 불러 주세요",
        "담당자와 상담하고 싶어요",
        "Talk to a person",
        "I want to talk to a human",
        "human please",
        "can I speak to someone?",
        "I'd like to speak with a real person, please",
        "connect me to an agent",
        "please transfer me to a live agent now",
        *LEAVING,
    ],
)
def test_somebody_asks_how_far_it_is_or_needs_no_answer_any_more(text: str) -> None:
    assert waits.about_waiting(text)
    assert waits.gives_up(text) is (text in LEAVING)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "환불은 언제 되나요?",
        "주문 취소할게요",
        "배송이 얼마나 걸려요 제주도인데 추가 요금도 있나요",
        "대기업 임직원 할인 되나요",
        "네",
        "안녕하세요",
        "아직 답답해요",
        "상담원이 불친절했어요",
        "담당자가 확인해 준다고 했어요",
        "사람이 두 명이에요",
        "상담 잘 받았어요",
        "직원 할인 되나요",
        "직원이랑 통화했는데 환불이 안 된대요",
        "the agent told me to wait",
        "a person from your shop called me",
        "the black one please",
        "one",
        "여보세요 환불 언제 되나요",
        "언제 배송되나요",
        "hello, where is my order",
        "주문번호는 1234예요",
        "when will my parcel arrive",
        "how do I cancel my order?",
        "never mind the colour, I want a refund",
        "actually I found it damaged",
        "제가 직접 할게요 환불",
        "취소할게요 주문",
        "갈색으로 할게요",
        "아직 환불이 안 됐어요. 상담원 언제 와요? 카드사에는 취소된 게 없대요.",
    ],
)
def test_what_says_more_is_for_the_person(text: str) -> None:
    assert not waits.about_waiting(text)


def press(counter: Shop, customer: Customer, payload: str) -> None:
    """Press a button in the browser the customer came with."""
    address = counter.session.scalars(
        select(ChannelIdentity).where(ChannelIdentity.customer_id == customer.id)
    ).one()
    customers.hold(counter.session, customer.id)
    inbound = Inbound(external_id=str(uuid.uuid4()), text="", payload=payload)
    desk.receive(counter.session, customer_id=customer.id, identity_id=address.id, inbound=inbound)
    counter.session.commit()
    counter.session.expire_all()


def cancelling(counter: Shop, customer: Customer) -> str:
    """The button under the last line."""
    line = counter.session.scalars(
        select(Message).where(Message.customer_id == customer.id).order_by(Message.id.desc())
    ).first()
    assert line is not None
    return str(line.buttons[0]["payload"])


def test_they_hear_their_place_and_can_cancel(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    first, earlier = counter.asks(text="먼저 온 손님")
    counter.pass_time(minutes=1)
    customer, ticket = counter.asks("en")
    counter.say(customer, "how much longer?")
    assert counter.told(customer)[-1].endswith("Requests that have waited longer: 1.")
    counter.say(first, "아직 멀었어요?")
    assert "맨 앞에서" in counter.told(first)[-1]
    press(counter, customer, cancelling(counter, customer))
    assert (ticket.state, earlier.state) == ("resolved", "open")
    assert "is cancelled" in counter.told(customer)[-1]
    assert [post["ticket"] for post in counter.posts("cancelled")] == [ticket.code]
    before = counter.told(customer)
    press(counter, customer, f'{queue.CANCEL}{{"ticket": "{ticket.code}"}}')
    assert counter.told(customer) == before, "once is enough"


def test_who_gives_up_is_asked_for_the_button_and_not_told_their_place(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    customer, ticket = counter.asks()
    for text in ("취소할게요 상담", "상담 취소"):
        counter.say(customer, text)
        said = counter.told(customer)[-1]
        assert said == f"답변이 더 필요 없으시면 아래 버튼을 눌러 주세요 · 접수번호 {ticket.code}"
    press(counter, customer, cancelling(counter, customer))
    assert ticket.state == "resolved"


def test_the_button_of_an_earlier_request_shows_how_the_one_of_now_is(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    customer, earlier = counter.asks()
    counter.say(customer, "취소할게요")
    button = cancelling(counter, customer)
    press(counter, customer, button)
    counter.say(customer, "그래도 물어볼래요", hand_off())
    ticket = tickets.current(counter.session, customer_id=customer.id)
    assert ticket is not None and earlier.state == "resolved"
    press(counter, customer, button)
    assert ticket.state == "open" and ticket.code in counter.told(customer)[-1]
    assert cancelling(counter, customer) == f'{queue.CANCEL}{{"ticket": "{ticket.code}"}}'
    tickets.claim(counter.session, ticket, agent=counter.agent("지원"))
    press(counter, customer, button)
    assert "지원 상담원과 대화 중" in counter.told(customer)[-1]


def test_who_asks_for_a_person_once_more_hears_their_place(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    customer, ticket = counter.asks()
    counter.say(customer, "상담원 바꿔주세요")
    assert counter.told(customer)[-1].startswith("아직 상담원을 기다리고 있어요")
    tickets.claim(counter.session, ticket, agent=counter.agent("지원"))
    told = counter.told(customer)
    counter.say(customer, "상담원 바꿔주세요")
    assert counter.told(customer) == told, "that is for who has it"


def test_somebody_else_s_request_cannot_be_cancelled(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    customer, _ = counter.asks()
    _, other = counter.asks()
    with pytest.raises(Refused):
        press(counter, customer, f'{queue.CANCEL}{{"ticket": "{other.code}"}}')
    assert other.state == "open"


def test_once_an_agent_has_it_they_are_asked_and_not_we(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    customer, ticket = counter.asks()
    counter.say(customer, "취소할게요")
    button = cancelling(counter, customer)
    tickets.claim(counter.session, ticket, agent=counter.agent("지원"))
    counter.session.commit()
    told = len(counter.told(customer))
    counter.say(customer, "아직 멀었어요?")
    assert len(counter.told(customer)) == told
    press(counter, customer, button)
    assert ticket.state == "claimed" and "지원 상담원과 대화 중" in counter.told(customer)[-1]


def test_at_night_they_hear_when_somebody_is_there(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 21))
    office(counter.session)
    customer, ticket = counter.asks()
    counter.say(customer, "언제 연결돼요?")
    assert counter.told(customer)[-1] == (
        f"지금은 상담 시간이 아니에요 · 접수번호 {ticket.code}\n내일 오전 9시 이후에 답변드려요."
    )
    assert not queue.bot_goes_on(counter.session, customer_id=customer.id, text="언제 연결돼요?")
    assert queue.bot_goes_on(counter.session, customer_id=customer.id, text="주차 되나요?")
