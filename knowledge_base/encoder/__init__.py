"""A small static encoder: a text's vector is the sum of its morphemes' and word pieces' vectors.

A module for sentence-transformers, trained by :mod:`knowledge_base.training` so that a Korean text
gets the vector that MiniLM gives its English translation. Order is not seen; that costs little in
short questions and makes one a matter of microseconds. Import it where a model is loaded: it
imports torch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from sentence_transformers.base.modules.input_module import InputModule
from tokenizers import Tokenizer

from knowledge_base import text

WEIGHTS, VOCABULARY, PIECES = "model.safetensors", "vocabulary.json", "tokenizer.json"
MAX_TOKENS = 256

# Foreign words, numbers and the like are cut into word pieces, as in English.
_FOREIGN = frozenset(["SL", "SN", "W_SERIAL", "W_EMAIL", "W_URL", "W_HASHTAG", "W_MENTION"])
_SIGNS = frozenset(["SF", "SP", "SS", "SSO", "SSC", "SE", "SO", "SW", "SB"])


def tokens(one: str, pieces: Tokenizer) -> list[str]:
    """A text's tokens: ``form/TAG`` for morphemes, word pieces for what is not Korean."""
    normal = text.normalise(one)
    if not text.has_hangul(normal):
        return list(pieces.encode(normal, add_special_tokens=False).tokens[:MAX_TOKENS])
    found: list[str] = []
    for form, tag in text.morphemes(normal):
        if tag in _FOREIGN:
            found.extend(pieces.encode(form, add_special_tokens=False).tokens)
        else:
            found.append(form[:1] if tag in _SIGNS else f"{form}/{tag}")
    return found[:MAX_TOKENS]


class MorphemeEmbedding(InputModule):
    """Looks tokens up in a table of int8 rows, each with its scale, and adds them."""

    def __init__(
        self, vocabulary: Sequence[str], rows: torch.Tensor, scales: torch.Tensor, pieces: Tokenizer
    ) -> None:
        """``rows`` (int8) and ``scales`` (float32) have a row for each of ``vocabulary``."""
        super().__init__()  # type: ignore[no-untyped-call]  # torch's
        self.tokenizer = self._pieces = pieces
        self._vocabulary = list(vocabulary)
        self._places = {token: place for place, token in enumerate(vocabulary)}
        self.register_buffer("rows", rows)
        self.register_buffer("scales", scales)
        self._rows, self._scales = rows.numpy(), scales.numpy()

    def places(self, one: str) -> list[int]:
        """The rows of a text's known tokens."""
        known = self._places
        return [known[token] for token in tokens(one, self._pieces) if token in known]

    def embed(self, one: str) -> NDArray[np.float32]:
        """The unit vector of one text, without torch; zero if it has no known token."""
        places = self.places(one)
        vector: NDArray[np.float32] = self._scales[places] @ self._rows[places].astype(np.float32)
        return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-9))

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **_: Any
    ) -> dict[str, torch.Tensor]:
        """Rows of all texts' tokens, one after the other, and which text each belongs to."""
        found = [self.places(f"{prompt or ''}{one}") for one in inputs]
        flat = [place for places in found for place in places]
        owner = [number for number, places in enumerate(found) for _ in places]
        return {
            "input_ids": torch.tensor(flat, dtype=torch.long),
            "owner": torch.tensor(owner, dtype=torch.long),
            "texts": torch.tensor(len(inputs)),
        }

    def forward(self, features: dict[str, torch.Tensor], **_: Any) -> dict[str, torch.Tensor]:
        """Adds ``sentence_embedding``, one row per text."""
        places = features["input_ids"]
        rows = self.rows[places].float() * self.scales[places, None]
        sums = torch.zeros(int(features["texts"]), rows.shape[1])
        features["sentence_embedding"] = sums.index_add_(0, features["owner"], rows)
        return features

    def get_embedding_dimension(self) -> int:
        """Length of every vector."""
        return int(self.rows.shape[1])

    @property
    def max_seq_length(self) -> int:
        """Tokens of a text that count."""
        return MAX_TOKENS

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Write the table, the vocabulary and the word pieces into a folder."""
        folder = Path(output_path)
        folder.mkdir(parents=True, exist_ok=True)
        save_file({"rows": self.rows, "scales": self.scales}, folder / WEIGHTS)
        listed = json.dumps(self._vocabulary, ensure_ascii=False)
        (folder / VOCABULARY).write_text(listed + "\n", encoding="utf-8")
        self._pieces.save(str(folder / PIECES), pretty=False)

    @classmethod
    def load(
        cls,
        model_name_or_path: str,
        subfolder: str = "",
        token: bool | str | None = None,
        cache_folder: str | None = None,
        revision: str | None = None,
        local_files_only: bool = True,
        init_defaults: dict[str, Any] | None = None,
        **_: Any,
    ) -> Self:
        """Read the folder that :meth:`save` wrote. Of the other arguments, the library's, only
        ``subfolder`` counts."""
        folder = Path(model_name_or_path) / subfolder
        weights = load_file(folder / WEIGHTS)
        vocabulary = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        pieces = Tokenizer.from_file(str(folder / PIECES))
        return cls(vocabulary, weights["rows"], weights["scales"], pieces)


def quantised(table: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A float table as int8 rows and their scales."""
    scales = table.abs().amax(dim=1).clamp_min(1e-9) / 127
    return (table / scales[:, None]).round().to(torch.int8), scales.float()
