"""The way to a person must never depend on a statistical guess."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

_AGENT = r"(?:상[담당]\s?(?:원|사|직원|매니저)|직원|담당자|고객\s?센터|운영자)\s?(?:분|님)?"
_PERSON = r"(?:사람|인간)"
_LEAD = (
    r"(?:(?:팀장|책임자|관리자|매니저|실장|점장|지점장|사장)\s?님?|(?:윗|높은\s?)\s?(?:사람|분))"
)
_AGENT_EN = (
    r"(?:human(?: being)?|(?:real |live |actual )?(?:person|people)|(?:human |live |real )?"
    r"(?:agent|representative|rep|operator)|some(?:one|body)|manager|supervisor|advis[eo]r"
    r"|(?:support )?staff|customer (?:service|support)|support team)"
)

_ASKS = re.compile(
    "|".join(
        (
            # the button's words, and one-word messages
            rf"^\W*(?:{_AGENT}|{_PERSON}|상담)\s?(?:좀|이요|요|연결|부탁\S*)?\W*$",
            rf"(?:{_AGENT}|{_PERSON}|{_LEAD})\S{{0,3}}(?:\s\S{{1,4}}){{0,2}}\s?"
            r"(?:연결|바꿔|바꾸|불러|부르|호출)",
            rf"(?:{_AGENT}|{_LEAD})(?:이|을|를)?\s?(?:(?:좀|당장|빨리|얼른|어서|지금)\s?){{0,2}}"
            r"(?:나와(?:요|라)?\W*$|나오(?:라|세요|시라|시죠|십시오)|데려|데리고)",
            r"상담\s?(?:좀\s?)?연결",
            rf"{_AGENT}(?:이?랑|하고|과|와|께|한테|에게|\s)\s?(?:\S{{1,4}}\s)?"
            r"(?:통화|얘기|이야기|대화|말|상담|문의)",
            rf"{_PERSON}(?:이?랑|하고|과|한테|에게)\s?(?:\S{{1,4}}\s)?"
            r"(?:통화|얘기|이야기|대화|말|상담)\S*\s?(?:싶|할래|할게|할께|수\s?있|해야|시켜)",
            # English
            rf"^\W*(?:i (?:want|need) )?(?:an? |the )?{_AGENT_EN}(?: now)?"
            r"(?:,? (?:please|pls))?\W*$",
            rf"\b(?:talk|speak|chat)(?: \w+)? (?:to|with) (?:\w+ ){{0,2}}?{_AGENT_EN}\b",
            rf"\b(?:connect|transfer|escalate|hand|pass|switch|put)\b.{{0,20}} (?:to|with|over to)"
            rf" (?:\w+ ){{0,2}}?{_AGENT_EN}\b",
            rf"\b(?:get|give|find|send) me (?:\w+ ){{0,2}}?{_AGENT_EN}\b",
        )
    ),
    re.IGNORECASE,
)

# Talks about people without asking for one: opening hours, waiting, bot or not.
_OTHERWISE = re.compile(
    r"몇\s?시|시간|언제|운영|주말|요일|공휴일|평일|점심|휴무|얼마나|아직|번호"
    r"|(?:하는|하고 있는|있는)\s?(?:거|건|게|중)|(?:던|드린|한)\s?(?:사람|고객)(?:인|이|입)"
    r"|\b(?:am i|is this|are you|hours?|what time|when|how long|until|open|weekends?"
    r"|still|waiting|said|told|promised)\b",
    re.IGNORECASE,
)
# Some word for a person or for talking to one. What has none was only guessed: "반풍 하고 싶어여"
# ends like many a wish for a person.
_NAMES_ONE = re.compile(
    rf"{_AGENT}|{_LEAD}|{_PERSON}|{_AGENT_EN}|상[담당]|통화|전화|연결|1\s?[:대]\s?1|일대일|agent"
    r"|\b(?:call|phone|escalate|talk|speak|chat|colleague|team)\b",
    re.IGNORECASE,
)
_SURE = 0.6
_DECLINES = re.compile(
    r"(?:연결|상담원?|사람|직원)\S{0,4}\s?(?:말고|필요\s?(?:없|하지\s?않)|안\s?(?:해도|할|불러)"
    r"|하지\s?(?:마|않)|싫)"
    r"|\b(?:don'?t|do not|no need|not)(?: want| need| have)?(?: to)? "
    r"(?:talk|speak|chat|be (?:connected|transferred)|connect me|transfer me|an? agent)",
    re.IGNORECASE,
)


def asks_for_a_person(text: str) -> bool:
    """Whether these words can only mean "let me talk to a person"."""
    text = _plain(text)
    return bool(_ASKS.search(text)) and not _OTHERWISE.search(text) and not _declines(text)


def may_ask_for_a_person(text: str, confidence: float) -> bool:
    """Whether a guess that these words ask for a person may be right."""
    text = _plain(text)
    return confidence >= _SURE or bool(_NAMES_ONE.search(text) and not _OTHERWISE.search(text))


def declines_a_person(text: str) -> bool:
    """Whether these words say that no person is wanted."""
    return _declines(_plain(text))


def _declines(text: str) -> bool:
    # "챗봇 말고 상담원", "I don't want a bot": what is turned down there is the bot.
    return any(not _ASKS.search(text[m.end() :]) for m in _DECLINES.finditer(text))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace("’", "'").split())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class HumanRequest(GraphComponent, IntentClassifier):
    """Last in the pipeline: whoever clearly wants a person gets one, and nobody else does."""

    def __init__(self, intent: str) -> None:
        self._intent = intent

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent": "human"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HumanRequest:
        return cls(config["intent"])

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            intent = message.get(INTENT) or {}
            others = [
                one for one in message.get("intent_ranking") or () if one["name"] != self._intent
            ]
            if asks_for_a_person(text):
                _decide(message, {"name": self._intent, "confidence": 1.0}, others)
            elif intent.get("name") == self._intent and (
                declines_a_person(text)
                or not may_ask_for_a_person(text, float(intent.get("confidence") or 0.0))
            ):
                _decide(message, {"name": FALLBACK, "confidence": 1.0}, others)
        return messages

    def process_training_data(self, training_data: Any) -> Any:
        return training_data


def _decide(message: Message, intent: dict[str, Any], others: list[dict[str, Any]]) -> None:
    message.set(INTENT, intent, add_to_output=True)
    message.set("intent_ranking", [intent, *others], add_to_output=True)
