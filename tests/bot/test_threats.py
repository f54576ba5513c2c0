"""Who says that others will hear of it is offered a person, and no article."""

from __future__ import annotations

import json

import pytest

from bot.actions.texts import TEXTS
from bot.actions.threats import threatens
from tests.bot.customer import Customer, payloads
from tests.product import ROOT

THREATS = [
    "신고할거에요",
    "소비자원에 신고할 거예요",
    "소비자보호원에 민원 넣을게요",
    "경찰에 신고합니다",
    "환불 안해주면 신고합니다",
    "고소할 거예요",
    "법적 조치 하겠습니다",
    "변호사 선임했어요",
    "환불 안해주면 가만 안 있어",
    "인터넷에 다 올릴 거예요",
    "별점 테러한다",
    "I'll report you",
    "I'll sue you",
    "i'm calling my lawyer",
    "I'm going to leave a bad review",
    "see you in court",
]


@pytest.mark.parametrize("text", THREATS)
def test_a_threat_is_met_with_sorry_and_a_person(customer: Customer, text: str) -> None:
    for action, intent in (
        ("action_answer", "nlu_fallback"),
        ("action_small_talk", "complain"),
        ("action_small_talk", "acknowledge"),
        ("action_not_helpful", "reject"),
    ):
        reply = customer.call(action, text, intent=intent)[-1]
        assert reply["text"] == TEXTS["serious"][reply["locale"]]
        assert (reply["kind"], payloads(reply)) == ("say", ["/human"])


def test_a_yes_to_that_is_a_person(customer: Customer) -> None:
    customer.says("action_small_talk", "소비자원에 신고할 거예요", intent="complain")
    assert customer.says("action_small_talk", "네", intent="acknowledge")["kind"] == "hand_off"


@pytest.mark.parametrize(
    "text",
    [
        "분실 신고할게요",
        "불량품 신고하려고요",
        "신고하면 어떻게 되나요?",
        "세관에 신고합니다",
        "좋은 후기 남길게요",
        "인터넷에 올린 가격이랑 달라요",
        "i have reported this parcel as lost",
        "I'm going to return this",
    ],
)
def test_what_is_none_is_no_threat(text: str) -> None:
    assert not threatens(text)


def test_no_question_to_the_shop_is_a_threat() -> None:
    for path in (ROOT / "benchmarks" / "shop").glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not threatens(json.loads(line)["question"])
