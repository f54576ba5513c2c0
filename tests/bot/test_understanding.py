"""What the trained model makes of sentences it has never seen, in Rasa's own environment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.launch import RASA_PYTHON
from tests.bot.rasa_project import BOT, examples, load
from tests.product import model

Parse = dict[str, Any]

PERSON = [
    "상담원 연결",
    "상담원연결",
    "상담원  연결!!",
    "상담원",
    "상담원 좀 불러줘",
    "상담사 연결해 주세요",
    "상담사님 바꿔주세요",
    "사람 연결",
    "사람 연결해줘",
    "사람이랑 얘기하고 싶어요",
    "사람하고 상담할 수 있나요",
    "담당자 바꿔주세요",
    "상담 연결해주세요",
    "상담원과 통화하고 싶습니다",
    "그게 아니라 상담원 연결해줘",
    "환불은 어떻게 하나요? 아니다 그냥 상담원 연결해주세요",
    "배송이 너무 늦잖아요 상담원 연결",
    "챗봇 말고 상담원 연결이요",
    "봇 말고요",
    "팀장 바꿔",
    "책임자 불러주세요",
    "책임자 나오라고 해",
    "사장 나와",
    "담당자 나오라고 하세요",
    "높은 사람 바꿔",
    "매니저 바꿔주세요",
    "get me your supervisor",
    "talk to a human",
    "Talk to an agent",
    "talk to an agent please",
    "Talk to a person",
    "I want to speak with a representative",
    "can I talk to someone?",
    "connect me to a real person",
    "get me a human now",
    "human please",
    "agent",
    "no, just let me talk to a human",
]
NO_PERSON = [
    "상담원 연결은 몇 시까지 되나요?",
    "상담원 운영시간 알려주세요",
    "상담사 언제 와요",
    "상담원 연결 필요 없어요",
    "지금 사람이랑 얘기하는 건가요?",
    "am I talking to a human?",
    "are you a real person?",
    "what time do agents answer?",
    "I don't want to talk to a human",
    "how do I change the person who receives my parcel",
    "what time can I talk to someone tomorrow",
    "반풍 하고 싶어여",
    "어제 상담했던 사람이에요",
]
COURTESY = ("greet", "thanks", "goodbye", "bot_challenge")


@pytest.fixture(scope="module")
def trained() -> Path:
    return model()


@pytest.fixture(scope="module")
def parse(trained: Path) -> Callable[[list[str]], list[Parse]]:
    """Parses of many texts at once."""

    def run(texts: list[str]) -> list[Parse]:
        script = str(Path(__file__).with_name("understand.py"))
        done = subprocess.run(
            [str(RASA_PYTHON), script, str(BOT), str(trained)],
            cwd=BOT,
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        parses: list[Parse] = json.loads(done.stdout.splitlines()[-1])
        return parses

    return run


def action_of(intent: str) -> str:
    rules = load("data/rules.yml")["rules"]
    return next(str(r["steps"][1]["action"]) for r in rules if r["steps"][0]["intent"] == intent)


def test_held_out_sentences(parse: Callable[[list[str]], list[Parse]]) -> None:
    """At least 90 % of intents and 97 % of actions right; no wrong way away from a question."""
    asked = [(text, intent) for intent, texts in examples("tests/nlu_heldout.yml").items()
             for text in texts]  # fmt: skip
    parses = parse([text for text, _ in asked])
    named = [
        next(one["name"] for one in p["ranking"] if one["name"] != "nlu_fallback") for p in parses
    ]
    right = sum(name == intent for name, (_, intent) in zip(named, asked, strict=True))
    assert right / len(asked) >= 0.90

    routed = [
        (text, action_of(intent), action_of(p["intent"]["name"]))
        for (text, intent), p in zip(asked, parses, strict=True)
    ]
    assert sum(want == got for _, want, got in routed) / len(routed) >= 0.97
    # The knowledge base can still help where a courtesy was taken for a question; a question
    # that is taken for something else is lost.
    lost = [(t, got) for t, want, got in routed if want == "action_answer" and got != want]
    assert len(lost) <= 1, lost


def test_a_topic_with_a_word_for_asking_is_a_question_and_no_ticket_asked_after(
    parse: Callable[[list[str]], list[Parse]],
) -> None:
    topics = [
        "AS 문의",
        "수선 문의요",
        "적립금 문의",
        "사이즈 문의드립니다",
        "쿠폰 문의",
        "반품 문의요",
    ]
    topics += ["송장 문의", "무통장입금 문의", "환불 관련 문의드려요", "a delivery question"]
    went = {t: action_of(p["intent"]["name"]) for t, p in zip(topics, parse(topics), strict=True)}
    assert set(went.values()) == {"action_answer"}, went
    tickets = ["제 문의 어떻게 됐나요", "문의 답변 언제 와요", "지난 문의 확인"]
    asked = {t: p["intent"]["name"] for t, p in zip(tickets, parse(tickets), strict=True)}
    assert set(asked.values()) == {"ticket_status"}, asked


def test_of_what_is_asked_whether_it_is_fake_decides_the_way(
    parse: Callable[[list[str]], list[Parse]],
) -> None:
    goods = [
        "is this fake?",
        "are these shoes authentic?",
        "짝퉁인가요?",
        "가짜 아니에요?",
        "정품 맞나요?",
    ]
    bot = ["are you fake?", "are you a real person?", "너 가짜야?", "진짜 사람이에요?"]
    ways = [action_of(p["intent"]["name"]) for p in parse([*goods, *bot])]
    assert ways == ["action_answer"] * len(goods) + ["action_small_talk"] * len(bot)


def test_who_says_what_they_are_does_not_complain(
    parse: Callable[[list[str]], list[Parse]],
) -> None:
    said = ["I'm a student", "i'm a first time customer", "학생인데요", "i'm a tourist"]
    assert {action_of(p["intent"]["name"]) for p in parse(said)} == {"action_answer"}
    angry = ["are you serious", "are you serious?!", "you can't be serious"]
    assert {p["intent"]["name"] for p in parse(angry)} == {"complain"}


def test_who_thanks_for_nothing_does_not_thank(
    parse: Callable[[list[str]], list[Parse]],
) -> None:
    angry = [
        "thanks for nothing!",
        "참 고맙네요 아주~",
        "잘들 하네요",
        "같은 말만 하네요",
        "you keep saying the same thing",
    ]
    assert {p["intent"]["name"] for p in parse(angry)} == {"complain"}
    glad = ["thanks for everything", "정말 고맙네요", "잘 됐네요", "thanks, nothing else"]
    assert "complain" not in {p["intent"]["name"] for p in parse(glad)}


def test_a_greeting_never_swallows_a_question(
    parse: Callable[[list[str]], list[Parse]],
) -> None:
    questions = [
        text
        for intent, texts in examples("tests/nlu_heldout.yml").items()
        if intent.startswith("ask_")
        for text in texts
    ]
    greeted = [
        f"{greeting} {text}"
        for text in questions
        for greeting in (("안녕하세요", "안녕하세요,") if not text.isascii() else ("hello,", "hi!"))
        if not text.lower().startswith(("안녕", "hello", "hi", "hey", "good"))
    ]
    assert len(greeted) >= 150
    swallowed = [
        (text, p["intent"]["name"])
        for text, p in zip(greeted, parse(greeted), strict=True)
        if p["intent"]["name"] in COURTESY
    ]
    assert swallowed == []


def test_a_question_that_begins_with_then_is_no_goodbye(
    parse: Callable[[list[str]], list[Parse]],
) -> None:
    said = [
        "그럼 대구는요?",
        "그럼 부산은?",
        "그럼 모자는요",
        "그럼 현금은요?",
        "그럼 일요일은요",
        "그럼 두 개면?",
    ]
    asked = [(t, p["intent"]["name"]) for t, p in zip(said, parse(said), strict=True)]
    assert [pair for pair in asked if pair[1] in COURTESY] == []
    leaving = ["그럼 안녕히 계세요", "그럼 수고하세요", "그럼 이만 갈게요"]
    assert {p["intent"]["name"] for p in parse(leaving)} == {"goodbye"}


def test_the_way_to_a_person_is_sure(parse: Callable[[list[str]], list[Parse]]) -> None:
    parses = parse([*PERSON, *NO_PERSON])
    names = [p["intent"]["name"] for p in parses]
    assert [(t, n) for t, n in zip(PERSON, names, strict=False) if n != "human"] == []
    others = names[len(PERSON) :]
    assert [t for t, n in zip(NO_PERSON, others, strict=True) if n == "human"] == []


def test_odd_text_does_no_harm(parse: Callable[[list[str]], list[Parse]]) -> None:
    odd = ["?", "😀😀", "ㅋㅋㅋㅋ", "…", "a" * 4000, "가" * 4000, "환불은", "\u202eabc", "👨‍👩‍👧"]
    for text, p in zip(odd, parse(odd), strict=True):
        assert p["intent"]["name"] not in ("human", "ticket_status", "choose_article"), text


def test_rasa_test_passes_its_stories(trained: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *[str(RASA_PYTHON), "-m", "rasa", "test", "core"],
            *["--stories", "tests/test_stories.yml", "--model", str(trained)],
            *["--out", str(tmp_path), "--fail-on-prediction-errors"],
        ],
        cwd=BOT,
        env={
            **os.environ,
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "SANGDAM_ACTIONS_URL": "http://127.0.0.1:9/webhook",
            "RASA_CACHE_DIRECTORY": str(tmp_path / "cache"),
            "MPLBACKEND": "Agg",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )
    failed = tmp_path / "failed_test_stories.yml"
    assert done.returncode == 0, failed.read_text("utf-8") if failed.exists() else done.stderr
