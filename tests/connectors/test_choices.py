"""Words that pick a choice, words that do not, and long texts in pieces."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from connectors import choices, splitting
from ticketing import conversations, customers, history

FEES = [
    {"title": "배송비", "payload": "a"},
    {"title": "반품 배송비", "payload": "b"},
    {"title": "교환", "payload": "c"},
]
STARS = [{"title": f"{n} · 별 {n}개", "payload": f"s{n}"} for n in (5, 4, 3, 2, 1)]
RATING = [*STARS, {"title": "해결되지 않았어요", "payload": "not"}]


@pytest.mark.parametrize(
    "text",
    [
        *("2", "2번", "２번", "2.", "#2", "2번이요", "2번 주세요", "2번으로 할게요", "두번째"),
        *("두 번째 거", "두 번째 거요", "둘째", "이번", "second", "The second one!", "2nd"),
        *("number two", "option 2, please", "반품 배송비", "반품  배송비!"),
    ],
)
def test_the_second_choice_is_named_in_many_ways(text: str) -> None:
    assert choices.chosen(text, FEES) == "b"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "9",
            "0",
            "2개 샀어요",
            "두 개 주문했어요",
            "12월 2일에 샀어요",
            "이번 거 환불돼요?",
            "2시",
        ),
        *(
            "one moment please",
            "1 + 1",
            "네",
            "",
            "?",
            "2번째 주문이 안 왔어요",
            "반품 배송비 얼마예요?",
        ),
        *("10-2번지", "second hand", "20000원", "2" * 200),
    ],
)
def test_an_ordinary_sentence_with_a_number_in_it_is_no_choice(text: str) -> None:
    assert choices.chosen(text, FEES) is None


def test_choices_with_numbers_of_their_own_keep_them() -> None:
    assert choices.chosen("5", RATING) == "s5" and choices.chosen("1점", RATING) == "s1"
    assert choices.chosen("첫 번째", RATING) == "s5" and choices.chosen("6번", RATING) == "not"
    assert choices.listed(RATING).splitlines()[0] == "5 · 별 5개"
    assert choices.listed(RATING).splitlines()[-1] == "6. 해결되지 않았어요"
    assert choices.listed(FEES).splitlines() == ["1. 배송비", "2. 반품 배송비", "3. 교환"]
    assert choices.chosen("마지막 거", FEES) == "c" and choices.chosen("the last one", FEES) == "c"


def test_a_choice_is_offered_only_while_nothing_came_after_it(session: Session) -> None:
    identity, customer = customers.identify(session, channel="web", external_id=uuid.uuid4().hex)
    talk = conversations.current(session, customer_id=customer)
    talk.identity_id = identity

    def say(
        author: str, text: str, buttons: list[dict[str, Any]], *, internal: bool = False
    ) -> None:
        history.record(
            session,
            conversation_id=talk.id,
            customer_id=customer,
            author=author,
            text=text,
            buttons=buttons,
            internal=internal,
        )

    say("bot", "어느 배송비요?", FEES)
    say("agent", "메모", [], internal=True)
    assert choices.pick(session, customer_id=customer, text="두 번째 거") == "b"
    say("customer", "두 번째 거", [])
    assert choices.pick(session, customer_id=customer, text="2") is None
    say("bot", "반품 배송비는 3,000원이에요", [])
    assert choices.pick(session, customer_id=customer, text="2") is None


def test_what_comes_again_with_other_words_is_no_choice_made_before(session: Session) -> None:
    identity, customer = customers.identify(session, channel="web", external_id=uuid.uuid4().hex)
    talk = conversations.current(session, customer_id=customer)
    talk.identity_id = identity
    common: dict[str, Any] = {"conversation_id": talk.id, "customer_id": customer}

    def meant(text: str) -> str | None:
        return choices.meant(
            session, identity_id=identity, customer_id=customer, external_id="k", text=text
        )

    history.record(session, author="bot", text="어느 배송비요?", buttons=FEES, **common)
    assert meant("2") == "b"
    history.record(
        session,
        author="customer",
        kind="button",
        text="반품 배송비",
        external_id="k",
        identity_id=identity,
        meta={"payload": "b"},
        **common,
    )
    history.record(session, author="bot", text="어느 교환이요?", buttons=FEES[::-1], **common)
    # Again the same, in words that mean it; then others, which the desk refuses.
    assert [meant(one) for one in ("2", "2번이요", "3", "마지막", "99")] == [
        "b",
        "b",
        "c",
        "c",
        None,
    ]


def test_long_texts_are_cut_where_a_reader_would_and_nothing_is_lost() -> None:
    text = "첫 문장이에요. " * 40 + "\n\n" + "다음 문단. " * 60
    pieces = splitting.split(text, 200)
    assert max(map(len, pieces)) <= 200 and all(piece.endswith((".",)) for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    family = "👨‍👩‍👧‍👦"
    pieces = splitting.split(family * 50, 101, size=splitting.utf16)
    assert max(map(splitting.utf16, pieces)) <= 101 and "".join(pieces) == family * 50
    assert all(piece.count("👨") * family == piece for piece in pieces)
    assert splitting.split("한" * 7, 3) == ["한한한", "한한한", "한"]
    assert splitting.split("", 10) == [""] and splitting.split("짧아요", 10) == ["짧아요"]
    assert max(map(len, splitting.split("e" + "\u0301" * 50, 10))) <= 10
    assert splitting.shorten("도움이 되지 않았어요, 다른 답변", 14) == "도움이 되지 않았어요,…"
