"""The short cut gives what the library gives, on any processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from knowledge_base import inference
from knowledge_base.embedding import _load
from knowledge_base.inference import ENOUGH, Passed, of_bytes, of_halves, short_cut

TEXTS = (
    "refund?",
    "?",
    "where is my order " * 5,
    "word " * 1000,
    "My card ending 4242 was charged twice (2 x 19.99 EUR) on 3 May!!",
    "zxqv ÅÄÖ 🙂",
)


@pytest.fixture(scope="module")
def model() -> Any:
    return _load(None)[0]


@pytest.fixture(scope="module")
def passed(model: Any) -> Passed:
    found = short_cut(model)
    assert found is not None
    return found


def least(model: Any, passed: Passed | None) -> float:
    """The least cosine of these texts' vectors with the model's own."""
    assert passed is not None
    return min(float(passed([text])[0].vector @ whole(model, text)) for text in TEXTS)


def whole(model: Any, text: str) -> np.ndarray[Any, Any]:
    vectors = model.encode([text], normalize_embeddings=True, show_progress_bar=False)
    return np.array(vectors[0], np.float32)


@pytest.mark.parametrize("text", TEXTS)
def test_bytes_give_nearly_the_same_vector(model: Any, passed: Passed, text: str) -> None:
    vector = passed([text])[0].vector
    assert float(vector @ whole(model, text)) > 0.998
    assert float(vector @ vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("engine", [None, "qnnpack"])  # this machine's, and ARM's
def test_what_a_text_becomes_does_not_depend_on_those_beside_it(
    model: Any, monkeypatch: pytest.MonkeyPatch, engine: str | None
) -> None:
    if engine:
        monkeypatch.setattr(torch.backends.quantized, "engine", engine)
    passed = short_cut(model)
    assert passed is not None
    many = [*TEXTS, *(f"where is order {number}?" for number in range(40)), "word " * 40]
    alone = [passed([text])[0] for text in many]
    for found, expected in zip(passed(many), alone, strict=True):
        assert found.rows.shape == expected.rows.shape
        assert np.abs(found.rows - expected.rows).max() < 1e-4
        assert np.abs(found.vector - expected.vector).max() < 1e-6
        assert np.array_equal(found.spans, expected.spans)
    assert passed([]) == []


def test_rows_are_those_of_the_last_layer_and_spans_say_where_they_stand(
    model: Any, passed: Passed
) -> None:
    text = "Where is my ordér?"
    _, rows, spans = passed([text])[0]
    made = model.encode([text], output_value="token_embeddings", show_progress_bar=False)
    expected = np.array(made[0].numpy())
    assert rows.shape == expected.shape
    assert np.abs(rows - expected).mean() < 0.05 * np.abs(expected).mean()
    words = [text[begin:end] for begin, end in spans]
    assert words == ["", "Where", "is", "my", "ordér", "?", ""]


@pytest.mark.skipif(
    not torch.cpu.get_capabilities().get("avx512_vnni"), reason="the processor multiplies floats"
)
def test_only_linear_layers_are_copied(model: Any) -> None:
    network = model[0].auto_model
    copy = of_bytes(network, [torch.tensor([[101, 2073, 102]])])
    assert copy is not None
    used = sum(isinstance(one, torch.nn.Linear) for one in network.encoder.modules())
    assert used == 36
    assert not any(isinstance(one, torch.nn.Linear) for one in copy.encoder.modules())
    embeddings = network.embeddings.word_embeddings.weight
    assert copy.embeddings.word_embeddings.weight is embeddings  # 47 MB are there once


@pytest.mark.skipif(
    not torch.cpu.get_capabilities().get("avx512_vnni"), reason="the processor multiplies floats"
)
def test_what_is_made_of_the_same_rows_is_one_product() -> None:
    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = torch.nn.Linear(8, 3)
            self.two = torch.nn.Linear(8, 5, bias=False)
            self.three = torch.nn.Linear(5, 8)
            self.unused = torch.nn.Linear(8, 3)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            return torch.cat([self.one(rows), self.three(self.two(rows))], -1)

    torch.manual_seed(7)
    network, rows = Network(), torch.randn(1, 6, 8)
    rows[..., 2] *= 20  # a large input
    copy = of_bytes(network, [rows, rows[:, :3]])
    assert copy is not None
    # Copied are the layers that are used; one of three multiplies for the other.
    assert [*copy.state_dict()] == ["unused.weight", "unused.bias"]
    assert sum(hasattr(one, "packed") for one in copy.modules()) == 2
    with torch.inference_mode():
        for some in (rows, torch.randn(1, 2, 8), torch.randn(4, 8)):
            assert (copy(some) - network(some)).abs().max() < 0.02


def test_a_processor_without_such_a_product_multiplies_floats(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no such product")

    monkeypatch.setattr(torch.ops.quantized, "linear_prepack", refuse)
    monkeypatch.setattr(torch.ops.quantized, "linear_prepack_fp16", refuse)
    assert of_bytes(model[0].auto_model, [torch.tensor([[101, 2073, 102]])]) is None
    # A later torch may have no such thing at all.
    monkeypatch.delattr(torch, "quantize_per_channel")
    assert least(model, short_cut(model)) > 0.99999


def test_an_older_processor_multiplies_floats_with_half_the_weights(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two products of whole bytes would not fit its sixteen bits."""
    network, typical = model[0].auto_model, [torch.tensor([[101, 2073, 102]])]
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"architecture": "x86_64"})
    assert of_bytes(network, typical) is None
    copy = of_halves(network, typical)
    assert copy is not None
    assert not any(type(one) is torch.nn.Linear for one in copy.modules())
    assert least(model, short_cut(model)) > 0.99999


def test_the_engine_of_other_processors_does_as_well(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.quantized, "engine", "qnnpack")  # ARM's
    assert least(model, short_cut(model)) > ENOUGH


def test_what_differs_from_the_model_is_not_used(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "ENOUGH", 0.99999)
    assert least(model, short_cut(model)) > 0.99999
    monkeypatch.setattr(inference, "EXACT", 1.1)
    assert short_cut(model) is None


def test_a_network_that_mixes_texts_up_is_not_used(model: Any) -> None:
    class Mixed(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = model[0].auto_model

        def forward(self, ids: torch.Tensor) -> Any:
            rows = self.network(ids)[0]
            return (rows[:1].expand(len(rows), -1, -1),)

    class Transformer:
        auto_model = Mixed()

    class Whole:
        tokenizer, max_seq_length, encode = model.tokenizer, model.max_seq_length, model.encode

        def __len__(self) -> int:
            return 2

        def __getitem__(self, at: int) -> Any:
            return (Transformer, model[1])[at]

    assert short_cut(Whole()) is None


def test_another_way_of_pooling_has_no_short_cut(model: Any) -> None:
    class Other:
        pooling_mode = "cls"

    assert short_cut([model[0], Other()]) is None
