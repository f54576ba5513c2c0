"""Intent classifier: TF-IDF over tokens and character n-grams, then logistic regression.

Against DIET it loads in milliseconds instead of seconds and needs a fraction of the time a
message, with better routing on our data (docs/adr/0003-rasa-pipeline.md).
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_TOKENS = "text_tokens"
_LONGEST_TEXT = 1000  # characters looked at; a longer message says its intent early or never
# A greeting in front of something else says nothing about what is wanted.
_GREETING = re.compile(
    r"\W*(?:안녕(?:하(?:세요|십니까|세여|세용|신가요))?|하이|저기요|여보세요|반갑습니다|반가워요"
    r"|(?:hello|hi|hey|hiya|good (?:morning|afternoon|evening))(?: there| again)?)[\s,.!~]+"
    r"(?=\w\W*\w)",
    re.IGNORECASE,
)


def terms(message: Message, max_ngram: int) -> tuple[Counter[str], Counter[str]]:
    """Token uni- and bigrams, and character n-grams within words, of one message."""
    text = unicodedata.normalize("NFC", message.get(TEXT) or "")
    start = greeting.end() if (greeting := _GREETING.match(text)) else 0
    tokens = [t.lemma for t in message.get(_TOKENS) or () if t.start >= start][:_LONGEST_TEXT]
    words = Counter(tokens)
    words.update(f"{a} {b}" for a, b in pairwise(tokens))
    characters: Counter[str] = Counter()
    for word in text[start : start + _LONGEST_TEXT].lower().split():
        padded = f" {word} "
        for n in range(2, max_ngram + 1):
            characters.update(padded[i : i + n] for i in range(max(1, len(padded) - n + 1)))
    return words, characters


class _Space:
    """A vocabulary with its inverse document frequencies."""

    def __init__(self, vocabulary: dict[str, int], idf: np.ndarray) -> None:
        self.vocabulary = vocabulary
        self.idf = idf

    @classmethod
    def learn(cls, documents: list[Counter[str]]) -> _Space:
        seen = Counter(term for document in documents for term in document)
        vocabulary = {term: i for i, term in enumerate(sorted(seen))}
        n = len(documents)
        idf = [math.log((1 + n) / (1 + seen[term])) + 1 for term in vocabulary]
        return cls(vocabulary, np.array(idf, dtype=np.float32))

    def vector(self, document: Counter[str]) -> tuple[np.ndarray, np.ndarray]:
        """Columns and unit-length TF-IDF weights (sublinear term frequency)."""
        known = [(self.vocabulary[t], n) for t, n in document.items() if t in self.vocabulary]
        columns = np.array([column for column, _ in known], dtype=np.int64)
        counts = np.array([n for _, n in known], dtype=np.float32)
        weights = (1 + np.log(counts)) * self.idf[columns]
        return columns, weights / (np.linalg.norm(weights) or 1)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TfidfIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks all intents of a message with calibrated probabilities."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        # inverse_regularisation: sklearn's C; a larger one trusts the examples more.
        return {"inverse_regularisation": 20.0, "max_ngram": 4, "ranking_length": 5}

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._intents: list[str] = []
        self._words: _Space | None = None
        self._characters: _Space | None = None
        self._coefficients = np.zeros((0, 0), dtype=np.float32)  # one row a term
        self._intercepts = np.zeros(0, dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TfidfIntentClassifier:
        return cls(config, model_storage, resource)

    def _vector(self, message: Message) -> tuple[np.ndarray, np.ndarray]:
        words, characters = terms(message, self._config["max_ngram"])
        word_columns, word_weights = self._words.vector(words)
        columns, weights = self._characters.vector(characters)
        return (
            np.concatenate([word_columns, columns + len(self._words.vocabulary)]),
            np.concatenate([word_weights, weights]),
        )

    def train(self, training_data: TrainingData) -> Resource:
        # Only training needs them: they would cost the server a part of a second at start.
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression

        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        documents = [terms(e, self._config["max_ngram"]) for e in examples]
        self._words = _Space.learn([words for words, _ in documents])
        self._characters = _Space.learn([characters for _, characters in documents])
        vectors = [self._vector(e) for e in examples]
        starts = np.cumsum([0] + [len(columns) for columns, _ in vectors])
        width = len(self._words.vocabulary) + len(self._characters.vocabulary)
        matrix = csr_matrix(
            (
                np.concatenate([weights for _, weights in vectors]),
                np.concatenate([columns for columns, _ in vectors]),
                starts,
            ),
            shape=(len(vectors), width),
        )
        model = LogisticRegression(C=self._config["inverse_regularisation"], max_iter=1000)
        model.fit(matrix, [e.get(INTENT) for e in examples])
        self._intents = [str(intent) for intent in model.classes_]
        self._coefficients = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
        self._intercepts = model.intercept_.astype(np.float32)
        self._persist()
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if self._words is None or not message.get(TEXT):
                continue
            columns, weights = self._vector(message)
            logits = weights @ self._coefficients[columns] + self._intercepts
            odds = np.exp(logits - logits.max())
            probabilities = odds / odds.sum()
            best = np.argsort(-probabilities)[: self._config["ranking_length"]]
            ranking = [
                {"name": self._intents[i], "confidence": float(probabilities[i])} for i in best
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _persist(self) -> None:
        """Plain JSON and arrays: loading a model never runs code from it."""
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "terms.json").write_text(
                json.dumps(
                    {
                        "intents": self._intents,
                        "words": list(self._words.vocabulary),
                        "characters": list(self._characters.vocabulary),
                    },
                    ensure_ascii=False,
                ),
                encoding="utf-8",
            )
            np.savez(
                folder / "weights.npz",
                words_idf=self._words.idf,
                characters_idf=self._characters.idf,
                coefficients=self._coefficients,
                intercepts=self._intercepts,
            )

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TfidfIntentClassifier:
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            learned = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as weights:
                classifier._coefficients = weights["coefficients"]
                classifier._intercepts = weights["intercepts"]
                spaces = [
                    _Space({term: i for i, term in enumerate(learned[name])}, weights[idf])
                    for name, idf in (("words", "words_idf"), ("characters", "characters_idf"))
                ]
        classifier._intents = learned["intents"]
        classifier._words, classifier._characters = spaces
        return classifier
