"""Train the Korean-English encoder; README.md beside this file says on what and how well.

    python -m knowledge_base.training DATA [--out FOLDER] [--cache FOLDER]

``DATA`` holds the data sets. ``--cache`` keeps what Kiwi and the teacher said about them.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from tokenizers import Tokenizer

from knowledge_base import text
from knowledge_base.embedding import OWN_MODEL, default_model_path
from knowledge_base.encoder import PIECES, MorphemeEmbedding, quantised, tokens
from knowledge_base.training import corpus

Floats = NDArray[np.float32]

SEED = 20
STEPS, BATCH, RATE = 800, 512, 3e-3
TEMPERATURE = 0.07
# Losses: cosine to the teacher counts 1, the others as much as here.
CONTRAST, PARAPHRASE, ENGLISH = 0.5, 0.5, 1.0
COMMON = 32_000  # Kiwi numbers morphemes by frequency; of rarer ones only those in the data
ANCHORS = 280  # Kiwi's vectors have 256 dimensions or less
RIDGE = 1.0
RARE = 1e-3  # smooth inverse frequency (Arora, Liang and Ma 2017)
TOKENS = 64


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and write the model's folder."""
    parser = argparse.ArgumentParser(description="Train the Korean-English encoder.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=OWN_MODEL)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--teacher", type=Path, default=default_model_path())
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    started = time.monotonic()

    def cached(name: str, of: Sequence[Any], make: Callable[[], Any]) -> Any:
        made = kept(options.cache, name, of, make)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
        return made

    read = corpus.read(options.data)
    pieces = Tokenizer.from_file(str(options.teacher / PIECES))
    pieces.no_padding()
    pieces.no_truncation()
    korean, english = read.korean(), read.english()
    token_lists = cached("tokens", korean, lambda: [tokens(one, pieces) for one in korean])
    names, kiwi_vectors = cached("kiwi", token_lists, lambda: kiwi_morphemes(token_lists))
    usable = [
        piece
        for piece, _ in sorted(pieces.get_vocab().items(), key=lambda item: item[1])
        if piece.isascii() and not piece.startswith("[")
    ]
    teacher_texts = [*(piece.removeprefix("##") for piece in usable), *english]
    vectors = cached(
        "teacher",
        [str(options.teacher), *teacher_texts],
        lambda: teach(options.teacher, teacher_texts),
    )
    trainer = Trainer(
        read,
        vocabulary=[*usable, *names],
        tokens={
            **dict(zip(korean, token_lists, strict=True)),
            **{one: tokens(one, pieces) for one in english},
        },
        teacher=dict(zip(english, torch.tensor(vectors[len(usable) :]), strict=True)),
    )
    trainer.initialise(torch.tensor(vectors[: len(usable)]), torch.tensor(kiwi_vectors))
    table = trainer.train()
    module = MorphemeEmbedding(trainer.vocabulary, *quantised(table), pieces)
    module.save(str(options.out))
    print(f"{len(table)} rows in {options.out}, {time.monotonic() - started:.0f} s")


def kept(folder: Path | None, name: str, of: Sequence[Any], make: Callable[[], Any]) -> Any:
    """What ``make`` gives, from ``folder`` if it was made of the same before."""
    if folder is None:
        return make()
    # What was made of other data would be taken for this without a word.
    key = hashlib.blake2b(repr(of).encode(), digest_size=6).hexdigest()
    place = folder / f"{name}-{key}.pickle"
    if place.is_file():
        return pickle.loads(place.read_bytes())
    made = make()
    folder.mkdir(parents=True, exist_ok=True)
    place.write_bytes(pickle.dumps(made))
    return made


def teach(folder: Path, texts: Sequence[str]) -> Floats:
    """The teacher's unit vectors."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True).float()
    vectors: Floats = model.encode(
        [*texts], normalize_embeddings=True, batch_size=64, show_progress_bar=False
    )
    return vectors


def kiwi_morphemes(token_lists: Sequence[Sequence[str]]) -> tuple[list[str], Floats]:
    """The vocabulary of morphemes and Kiwi's vectors for them, zero where it has none.

    Kiwi tells cosines only. Those with as many anchors as there are dimensions give the vectors
    themselves, but for a rotation (landmark scaling; de Silva and Tenenbaum 2004).
    """
    kiwi = text.kiwi()
    counts = Counter(one for found in token_lists for one in found if "/" in one[1:])
    numbers: dict[str, int] = {}
    for number in range(100_000):
        try:
            known = kiwi.morpheme(number)
        except (IndexError, ValueError):
            break
        if known.form:
            numbers.setdefault(f"{known.form}/{known.tag.split('-')[0]}", number)
    common = [name for name, number in numbers.items() if number < COMMON or counts[name]]
    new = [name for name, count in counts.items() if count > 1 and name not in numbers]
    ids = [numbers[name] for name in common]
    anchors = random.Random(SEED).sample(ids[: COMMON // 2], ANCHORS)
    similar = np.array(
        [[1.0 if i == a else kiwi.morpheme_similarity(i, a) for a in anchors] for i in ids]
    )
    similar = np.nan_to_num(similar)
    row = {number: place for place, number in enumerate(ids)}
    values, directions = np.linalg.eigh(similar[[row[one] for one in anchors]])
    keep = values > 1e-3
    vectors = similar @ (directions[:, keep] / np.sqrt(values[keep]))
    vectors = np.vstack([vectors, np.zeros((len(new), vectors.shape[1]))])
    return [*common, *new], vectors.astype(np.float32)


class Trainer:
    """The table of vectors and the steps that fit it."""

    def __init__(
        self,
        read: corpus.Corpus,
        *,
        vocabulary: list[str],
        tokens: dict[str, list[str]],
        teacher: dict[str, torch.Tensor],
    ) -> None:
        self.vocabulary = vocabulary
        self._places = {token: place for place, token in enumerate(vocabulary)}
        self._read = read
        self._ids = {one: self._known(found) for one, found in tokens.items()}
        self._teacher = teacher
        self._english = [*teacher]
        counts = np.bincount(
            np.concatenate([*self._ids.values()]), minlength=len(vocabulary)
        ).astype(np.float64)
        self._rarity = torch.tensor(RARE / (RARE + counts / counts.sum()), dtype=torch.float32)
        self._rng = np.random.default_rng(SEED)
        self._random = random.Random(SEED)

    def _known(self, found: Sequence[str]) -> NDArray[np.int64]:
        known = [self._places[token] for token in found if token in self._places]
        return np.array(known[:TOKENS], dtype=np.int64)

    def initialise(self, pieces: torch.Tensor, morphemes: torch.Tensor) -> None:
        """Word pieces start with their teacher's vector, morphemes with Kiwi's, mapped into the
        same space by ridge regression over the aligned sentences."""
        first = len(pieces)
        pairs = [pair for found in self._read.aligned.values() for pair in found]
        pairs += [
            (ko, en)
            for korean, english in self._read.groups
            for ko in korean[:3]
            for en in english[:1]
        ]
        sums = torch.zeros(len(pairs), morphemes.shape[1])
        for row, (korean, _) in enumerate(pairs):
            places = torch.from_numpy(self._ids[korean])
            places = places[places >= first]
            sums[row] = (self._rarity[places, None] * morphemes[places - first]).sum(0)
        sums = F.normalize(sums, dim=1)
        targets = torch.stack([self._teacher[english] for _, english in pairs])
        gram = sums.T @ sums + RIDGE * torch.eye(sums.shape[1])
        mapped = morphemes @ torch.linalg.solve(gram, sums.T @ targets)
        lengths = mapped.norm(dim=1, keepdim=True)
        mapped = mapped / lengths[lengths > 0].mean()
        noise = torch.randn(mapped.shape, generator=torch.Generator().manual_seed(SEED)) * 0.02
        mapped = torch.where(lengths > 0, mapped, noise)
        centred = F.normalize(pieces - 0.7 * pieces.mean(0), dim=1)
        self._table = torch.cat([centred, mapped]) * self._rarity[:, None]

    def train(self) -> torch.Tensor:
        """Fit and return the table."""
        table = torch.nn.Parameter(self._table)
        optimiser = torch.optim.AdamW([table], lr=RATE, betas=(0.9, 0.99), weight_decay=0.0)
        falling = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: min(1.0, (step + 1) / 100) * max(0.02, 1 - step / STEPS)
        )
        for step in range(STEPS):
            loss = self._loss(table)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's
            optimiser.step()
            falling.step()
            if step % 100 == 0:
                print(f"step {step} of {STEPS}, loss {loss.item():.3f}", flush=True)
        return table.detach()

    def _loss(self, table: torch.Tensor) -> torch.Tensor:
        pairs = [
            pair
            for name, share in corpus.SHARES.items()
            for pair in self._random.choices(self._read.aligned[name], k=int(BATCH * share))
        ]
        groups = self._random.sample(self._read.groups, BATCH - len(pairs))
        choice = self._random.choice
        pairs += [(choice(korean), choice(english)) for korean, english in groups]
        student = self._embed(table, [korean for korean, _ in pairs])
        teacher = torch.stack([self._teacher[english] for _, english in pairs])
        loss = _distil(student, teacher)
        # Ways to say one thing, against those of all other things.
        others = self._embed(table, [choice(korean) for korean, _ in groups])
        scores = student[-len(groups) :] @ others.T / TEMPERATURE
        loss = loss + PARAPHRASE * F.cross_entropy(scores, torch.arange(len(groups)))
        english = self._random.sample(self._english, BATCH)
        targets = torch.stack([self._teacher[one] for one in english])
        return loss + ENGLISH * _distil(self._embed(table, english), targets)

    def _embed(self, table: torch.Tensor, texts: Sequence[str]) -> torch.Tensor:
        ids = [self._ids[one] for one in texts]
        offsets = np.concatenate([[0], np.cumsum([len(one) for one in ids])[:-1]])
        flat = torch.from_numpy(np.concatenate(ids))
        sums = F.embedding_bag(flat, table, torch.from_numpy(offsets), mode="sum")
        return F.normalize(sums + 1e-8, dim=1)


def _distil(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """The teacher's vectors (Reimers and Gurevych 2020), and its similarities in the batch."""
    wanted = (teacher @ teacher.T / TEMPERATURE).softmax(1)
    scores = student @ teacher.T / TEMPERATURE
    forward = -(wanted * scores.log_softmax(1)).sum(1).mean()
    backward = -(wanted * scores.T.log_softmax(1)).sum(1).mean()
    return (1 - (student * teacher).sum(1)).mean() + CONTRAST * (forward + backward) / 2


if __name__ == "__main__":
    main()
