"""Texts through a transformer, in a fraction of the time that ``encode()`` takes.

The network is traced and frozen, and its linear layers multiply bytes instead of floats. A
question of a dozen words waits for the weights to come from memory, and a byte is a quarter of a
float. Each word piece has a scale of its own. A few inputs of a layer are many times larger than
all others; among bytes that share one scale these would leave the others none, so they are
multiplied as floats (Dettmers et al. 2022, "LLM.int8()"). What a text becomes does not depend on
those that go through the network together with it.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Spans = NDArray[np.int32]
Copied = Callable[[Any, list[Any]], Any | None]

LARGE_INPUTS = 4  # of a layer that stay floats; with sixteen the cosine grew by 0.0001
ENOUGH = 0.998  # cosine to the model's own vector; 0.9995 in the mean with MiniLM
EXACT = 0.9999  # the same for a copy that multiplies floats
# So many word pieces go through the network together. With more, each takes no less time, and who
# asks something else meanwhile waits longer.
TOGETHER = 160

# What shows which inputs are the large ones. They are the same for all texts, or nearly.
_TYPICAL = (
    "ok, thanks!",
    "I can't sign in to my account with my e-mail address",
    "Please cancel order #12345 and send the $20.99 back to my card.",
    "How long does delivery take, and what does it cost? " * 3,
)
_PROBES = (
    "Where is my refund?",
    "Where is order 3?",
    "Where is order 8?",  # as many pieces to any model, so that the two go together
    "x",
    "How do I return an item that arrived broken, please? " * 3,
)


class Pass(NamedTuple):
    """What a model makes of one text."""

    vector: Floats  # of length 1
    rows: Floats  # its last layer, a row for each word piece; the first and last are marks
    spans: Spans  # where each piece begins and ends in the text; a mark is (0, 0)


Passed = Callable[[Sequence[str]], list[Pass]]


def short_cut(model: Any) -> Passed | None:
    """A way past ``encode()`` for texts, of which those of one length go together.

    Only for a sentence-transformers model that is a plain transformer with mean pooling, and only
    if it gives what the model gives; None otherwise.
    """
    pooling = model[1] if len(model) in (2, 3) else None
    if getattr(pooling, "pooling_mode", None) not in ("mean", ("mean",), ["mean"]):
        return None
    expected = model.encode([*_PROBES], normalize_embeddings=True, show_progress_bar=False)
    ways: tuple[tuple[Copied, float], ...]
    ways = ((of_bytes, ENOUGH), (of_halves, EXACT), (_itself, EXACT))
    for copied, alike in ways:
        try:
            with warnings.catch_warnings():
                # Tracing warns of branches that the probes show to be harmless.
                warnings.simplefilter("ignore")
                passed = _traced(model, copied)
            if passed is not None and all(
                float(found.vector @ vector) >= alike
                for found, vector in zip(passed(_PROBES), expected, strict=True)
            ):
                return passed
        except Exception:
            # These are optimisations of foreign internals; any surprise means "not here".
            continue
    return None


def _traced(model: Any, copied: Copied) -> Passed | None:
    """A copy of the model's network as one frozen graph, or None if it cannot be had so."""
    import torch

    tokenizer = type(model.tokenizer.backend_tokenizer).from_str(
        model.tokenizer.backend_tokenizer.to_str()
    )
    tokenizer.no_padding()
    tokenizer.enable_truncation(model.max_seq_length)

    typical = [torch.tensor([tokenizer.encode(text).ids]) for text in _TYPICAL]
    network: Any = copied(model[0].auto_model, typical)
    if network is None:
        return None

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, ids: torch.Tensor) -> Any:
            # Texts of one length have nothing to mask, which spares a tenth of the time.
            rows = self.network(ids)[0]
            vectors = rows.mean(1)
            return vectors / vectors.norm(dim=1, keepdim=True), rows

    with torch.inference_mode():
        trace: Any = torch.jit.trace
        traced = trace(Pooled().eval(), typical[0], strict=False, check_trace=False)
        frozen = torch.jit.optimize_for_inference(torch.jit.freeze(traced.eval()))

    def passed(texts: Sequence[str]) -> list[Pass]:
        encodings = [tokenizer.encode(text) for text in texts]
        found: list[Any] = [None] * len(texts)
        for some in _together([len(one.ids) for one in encodings]):
            with torch.inference_mode():
                vectors, rows = frozen(torch.tensor([encodings[one].ids for one in some]))
            for one, vector, its in zip(some, vectors.numpy(), rows.numpy(), strict=True):
                spans = np.array(encodings[one].offsets, np.int32)
                # One that is kept must not keep the others.
                found[one] = Pass(vector.copy(), its.copy(), spans)
        return found

    return passed


def _together(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The texts, by number, that go through the network together: those of one length, a few."""
    for length, alike in groupby(
        sorted(range(len(lengths)), key=lengths.__getitem__), lengths.__getitem__
    ):
        some, most = [*alike], max(1, TOGETHER // length)
        yield from (some[start : start + most] for start in range(0, len(some), most))


def of_bytes(network: Any, typical: list[Any]) -> Any | None:
    """A copy whose linear layers multiply bytes; the rest is shared with ``network``.

    ``typical`` are texts as the network takes them, to see which inputs of a layer are large. None
    where torch has no such product for the processor.
    """
    import torch

    capable = torch.cpu.get_capabilities()
    if capable.get("architecture") == "x86_64" and not capable.get("avx512_vnni"):
        # It adds two products in sixteen bits, where only inputs of seven bits fit; with these
        # BANKING77 had 86.3 % right first, and 86.7 with eight.
        return None
    copied = _copy(network)

    class Linear(torch.nn.Module):
        """The first of some layers that are given the same rows: it multiplies for all."""

        def __init__(self, layers: list[Any], rows: torch.Tensor, made: list[Any]) -> None:
            super().__init__()
            weight = torch.cat([one.weight.detach() for one in layers])
            self.large = rows.abs().amax(0).topk(min(LARGE_INPUTS, rows.shape[1])).indices
            self.theirs = weight[:, self.large].t().contiguous()
            self.others = torch.ones(weight.shape[1])
            self.others[self.large] = 0
            weight[:, self.large] = 0
            scales = weight.abs().amax(1).clamp(min=1e-8) / 127
            zeros = torch.zeros(len(scales), dtype=torch.long)
            bytes_ = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
            biases = [
                one.weight.new_zeros(len(one.weight)) if one.bias is None else one.bias.detach()
                for one in layers
            ]
            self.bias = torch.cat(biases)
            self.packed = torch.ops.quantized.linear_prepack(bytes_, None)
            self.size, self.made = len(layers[0].weight), made
            self.product = _product(self.packed, rows * self.others)

        def forward(self, rows: torch.Tensor) -> Any:
            flat = rows.flatten(0, -2)
            small = flat * self.others
            scales = small.abs().amax(-1, keepdim=True).clamp(min=1e-8)
            large = torch.addmm(self.bias, flat.index_select(-1, self.large), self.theirs)
            made = torch.addcmul(large, self.product(small / scales, self.packed), scales)
            self.made[:] = [made.view(*rows.shape[:-1], -1)]
            return self.made[0][..., : self.size]

    class Made(torch.nn.Module):
        """One of the others: what the first one made of its weights."""

        def __init__(self, made: list[Any], start: int, end: int) -> None:
            super().__init__()
            self.made, self.start, self.end = made, start, end

        def forward(self, _: torch.Tensor) -> Any:
            return self.made[0][..., self.start : self.end]

    places: dict[Any, Any] = {}  # of the layers that are used
    for layers, rows in _by_input(copied, typical):
        made: list[Any] = []
        start = 0
        for one in layers:
            places[one] = layers, rows, made, start
            start += len(one.weight)

    def by(layer: Any) -> Any:
        if layer not in places:
            return layer
        layers, rows, made, start = places[layer]
        if layer is layers[0]:
            return Linear(layers, rows, made)
        return Made(made, start, start + len(layer.weight))

    return _replaced(copied, by)


def _product(packed: Any, typical: Any) -> Callable[[Any, Any], Any]:
    """What multiplies rows by packed weights, whose largest input is 1 or -1; bytes reach down to
    the least input that the ``typical`` ones have beside such a one."""
    import torch

    least = min(0, (typical / typical.abs().amax(1, keepdim=True).clamp(min=1e-8)).min().item())
    step = (1 - least) / 255
    zero = round(-least / step)

    def fixed(rows: torch.Tensor, packed: Any) -> Any:
        with_scale = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32
        return with_scale(rows, step, zero, packed)

    ends = typical.new_zeros(1, typical.shape[1])
    ends[0, 0], ends[0, -1] = 1, least

    def dynamic(rows: torch.Tensor, packed: Any) -> Any:
        # It looks for the range of all rows, which with this one is always the same.
        within = torch.cat([rows.clamp(min=least), ends])
        return torch.ops.quantized.linear_dynamic(within, packed, False)[:-1]

    try:
        fixed(typical[:1], packed)
    except RuntimeError:
        return dynamic  # as on ARM
    return fixed


def of_halves(network: Any, _: list[Any]) -> Any | None:
    """A copy whose linear layers keep their weights in float16 and compute in float32.

    As exact as the network, in more time than :func:`of_bytes` and less than with whole weights.
    None where torch has no such product, as on ARM.
    """
    import torch

    class Linear(torch.nn.Module):
        def __init__(self, full: torch.nn.Linear) -> None:
            super().__init__()
            self.packed = torch.ops.quantized.linear_prepack_fp16(full.weight, full.bias)

        def forward(self, rows: torch.Tensor) -> Any:
            return torch.ops.quantized.linear_dynamic_fp16(rows, self.packed)

    return _replaced(_copy(network), Linear)


def _itself(network: Any, _: list[Any]) -> Any:
    return network


def _copy(network: Any) -> Any:
    """A copy that shares all weights with ``network``."""
    shared = {id(one): one for one in (*network.parameters(), *network.buffers())}
    return copy.deepcopy(network, shared)


def _replaced(copied: Any, by: Callable[[Any], Any]) -> Any | None:
    """``copied`` with other linear layers; None where torch has none such for the processor."""
    import torch

    try:
        for module in [*copied.modules()]:
            for name, child in [*module.named_children()]:
                if type(child) is torch.nn.Linear and child.weight.dtype is torch.float32:
                    setattr(module, name, by(child))
    except RuntimeError:
        return None
    return copied


def _by_input(network: Any, typical: list[Any]) -> list[tuple[list[Any], Any]]:
    """The linear layers that are used, in their order, those together that are given the same rows;
    and these rows of all the texts."""
    import torch

    found: list[tuple[list[Any], list[Any]]] = []  # with the rows of each text

    def look(layer: torch.nn.Module, given: tuple[torch.Tensor, ...], _: object) -> None:
        for layers, rows in found:
            if layer in layers:
                # Those of the first one are enough, and others may be gone.
                if layer is layers[0]:
                    rows.append(given[0])
                return
            if rows[-1] is given[0]:
                layers.append(layer)
                return
        found.append(([layer], [given[0]]))

    layers = [one for one in network.modules() if type(one) is torch.nn.Linear]
    hooks = [one.register_forward_hook(look) for one in layers]
    with torch.inference_mode():
        for given in typical:
            network(given)
    for hook in hooks:
        hook.remove()
    return [(layers, torch.cat([one.flatten(0, -2) for one in rows])) for layers, rows in found]
