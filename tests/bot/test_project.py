"""The Rasa project's files agree with each other, and its examples are what they should be."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from bot.actions import asides, small_talk
from bot.actions.wiring import ACTIONS
from tests.bot.rasa_project import HANGUL, examples, load

BUTTONS = {"choose_article", "helpful", "not_helpful"}
LEARNED = examples("data/nlu.yml")
HELD_OUT = examples("tests/nlu_heldout.yml")


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower() or text


def test_at_least_twelve_intents_are_learned() -> None:
    assert len(LEARNED) >= 12
    assert set(LEARNED) == set(load("domain.yml")["intents"]) - BUTTONS


@pytest.mark.parametrize("intent", sorted(LEARNED))
def test_at_least_twenty_examples_a_language(intent: str) -> None:
    korean = [text for text in LEARNED[intent] if HANGUL.search(text)]
    english = [text for text in LEARNED[intent] if not HANGUL.search(text)]
    assert len(korean) >= 20
    assert len(english) >= 20


def test_no_sentence_is_an_example_twice() -> None:
    seen: dict[str, str] = {}
    for intent, texts in LEARNED.items():
        for text in texts:
            assert text.lower() not in seen, f"{text!r}: {intent} and {seen[text.lower()]}"
            seen[text.lower()] = intent


def test_the_same_words_never_mean_two_things() -> None:
    """Spacing and signs aside: "배송조회" may stand twice in one intent, not in two."""
    seen: dict[str, str] = {}
    for intent, texts in LEARNED.items():
        for text in texts:
            assert seen.setdefault(plain(text), intent) == intent, text


def test_held_out_sentences_are_new() -> None:
    learned = {plain(text) for texts in LEARNED.values() for text in texts}
    held_out = [text for texts in HELD_OUT.values() for text in texts]
    assert len(held_out) >= 150
    assert set(HELD_OUT) == set(LEARNED)
    assert not [text for text in held_out if plain(text) in learned]


def test_examples_are_varied() -> None:
    """Code-mixing, plain endings and doubled letters are in there, not only textbook sentences."""
    korean = [text for texts in LEARNED.values() for text in texts if HANGUL.search(text)]
    assert sum(bool(re.search(r"[a-z]{3,}", text)) for text in korean) >= 10
    assert sum(text.endswith(("요", "요?")) for text in korean) >= 100
    assert sum(not text.rstrip("?!. ").endswith(("요", "다", "까")) for text in korean) >= 100


def test_every_intent_has_exactly_one_rule() -> None:
    ruled = {}
    for rule in load("data/rules.yml")["rules"]:
        for step, following in pairwise(rule["steps"]):
            assert step["intent"] not in ruled
            ruled[step["intent"]] = following["action"]
    assert set(ruled) == {*load("domain.yml")["intents"], "nlu_fallback"}
    assert set(ruled.values()) == set(ACTIONS)
    questions = {intent for intent in ruled if intent.startswith("ask_")}
    assert {ruled[intent] for intent in questions | {"out_of_scope", "nlu_fallback"}} == {
        "action_answer"
    }
    assert ruled["reject"] == ruled["not_helpful"] == "action_not_helpful"


def test_actions_of_the_domain_are_those_that_are_served() -> None:
    assert set(load("domain.yml")["actions"]) == set(ACTIONS)


def test_small_talk_is_said_in_both_languages() -> None:
    responses = load("domain.yml")["responses"]
    for intent in small_talk.INTENTS:
        for locale in ("ko", "en"):
            texts = [one["text"] for one in responses[f"utter_{intent}_{locale}"]]
            assert [asides.NAME in one for one in texts] in ([False], [True, False])
            assert all(bool(HANGUL.search(one)) == (locale == "ko") for one in texts)
