"""Tokens for Korean and English text: Kiwi morphemes for Hangul, plain words otherwise."""

from __future__ import annotations

import unicodedata
from typing import Any

import regex
from kiwipiepy import Kiwi
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

# Particles and endings say how a sentence is phrased, not what it is about.
_DROPPED = ("J", "E", "S", "XSN", "XSV", "XSA", "VCP", "Z", "UN")
# A run of Latin letters and digits keeps its inner apostrophe and hyphen: "don't", "1:1".
_WORD = regex.compile(r"[\p{Latin}\p{N}]+(?:['’:.-][\p{Latin}\p{N}]+)*")
_HANGUL = regex.compile(r"\p{Hangul}")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class KiwiTokenizer(Tokenizer):
    """Splits text into content morphemes (Korean) and lower-cased words (everything else)."""

    def __init__(self, config: dict[str, Any], kiwi: Kiwi) -> None:
        super().__init__(config)
        self._kiwi = kiwi

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def required_packages() -> list[str]:
        return ["kiwipiepy"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> KiwiTokenizer:
        """Loads Kiwi now: at the first Korean message it would block the event loop.

        Without the typo and multi-word dictionaries it loads in a third of the time and
        two thirds of the memory; typing errors are the character n-grams' business.
        """
        kiwi = Kiwi(num_workers=1, load_typo_dict=False, load_multi_dict=False)
        kiwi.tokenize("준비")  # the model itself is only built at the first use
        return cls(config, kiwi)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        text = unicodedata.normalize("NFC", message.get(attribute))
        tokens = [
            Token(text[m.start() : m.end()], m.start(), m.end(), lemma=m.group().lower())
            for m in _WORD.finditer(text)
        ]
        if _HANGUL.search(text):
            tokens += [
                Token(
                    text[m.start : m.end] or m.form, m.start, max(m.end, m.start + 1), lemma=m.form
                )
                for m in self._kiwi.tokenize(text)
                if not m.tag.startswith(_DROPPED) and not _WORD.fullmatch(m.form)
            ]
            tokens.sort(key=lambda token: (token.start, token.end))
        return tokens or [Token(text, 0)]
