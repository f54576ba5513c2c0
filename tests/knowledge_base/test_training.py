from __future__ import annotations

from pathlib import Path

import pytest
import torch

from knowledge_base.training import __main__ as training
from knowledge_base.training import corpus


def test_what_is_kept_is_kept_for_the_data_it_was_made_of(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert training.kept(folder, "tokens", ["환불"], lambda: "first") == "first"
    assert training.kept(folder, "tokens", ["환불"], lambda: "second") == "first"
    assert training.kept(folder, "tokens", ["refund"], lambda: "third") == "third"
    assert training.kept(None, "tokens", ["환불"], lambda: "fourth") == "fourth"


def test_training_gives_the_same_weights_again_and_brings_both_languages_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "STEPS", 60)
    monkeypatch.setattr(training, "BATCH", 8)
    names = [f"ko{number}" for number in range(12)]
    korean, english = [f"{one}/NNG" for one in names], [f"en{number}" for number in range(12)]
    generator = torch.Generator().manual_seed(1)
    vectors = torch.nn.functional.normalize(torch.randn(12, 16, generator=generator), dim=1)
    pairs = [*zip(korean, english, strict=True)]
    read = corpus.Corpus(
        aligned={corpus.KORSTS: pairs[:4], corpus.TATOEBA: pairs[4:8]},
        groups=[([ko], [en]) for ko, en in pairs[8:]],
    )

    def trained() -> torch.Tensor:
        trainer = training.Trainer(
            read,
            vocabulary=[*english, *korean],
            tokens={one: [one] for one in (*korean, *english)},
            teacher=dict(zip(english, vectors, strict=True)),
        )
        trainer.initialise(vectors, known)
        return trainer.train()

    known = torch.eye(12)
    known[[3, 6, 9]] = 0  # Kiwi has no vector for these: all they become is learned
    table = trained()
    assert torch.equal(table, trained())
    assert (table[12:] @ vectors.T).argmax(1).tolist() == [*range(12)]
