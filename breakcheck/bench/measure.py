"""Measure one row: build the model, decode, compare its numbers, time its steps."""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from breakcheck.bench import reference
from breakcheck.bench.protocol import shape_of
from breakcheck.bench.rows import Measured, Row, Variant

if TYPE_CHECKING:
    from torch import Tensor

REPEATS = 3
ALIGN = 64
INT8_GROUP = (
    64  # inputs that share a scale: with one a row, 70B's logits turn too far from the unquantized ones
)
# Variants that run attention by its fused kernels, that are compiled, that quantize.
_FUSED_ATTENTION = set(Variant) - {Variant.EAGER, Variant.COMPILE}
_EAGER = {Variant.EAGER, Variant.SDPA}
_GRAPHED = {Variant.CUDA_GRAPHS, Variant.INT8}
_FUSED = {Variant.FUSED, Variant.FUSED_INT8}
_INT8 = {Variant.INT8, Variant.FUSED_INT8}


@dataclass
class Stepper:
    """How a variant decodes one token: `step(token, positions) -> (next token, next positions, logits)`."""

    step: Callable[[Any, Any], tuple[Any, Any, Any]]


def build(row: Row, device: str, dtype: str, drawn: Callable[[Any], object] | None = None) -> Any:
    """The clean model of the row with random weights drawn on `device` and an empty cache; `drawn` as in `draw`."""
    import torch
    from breakcheck_models.llama.model import Llama
    from breakcheck_models.llama.random_weights import draw

    config = shape_of(row.model)
    with torch.device("meta"):
        model = Llama(config).eval().requires_grad_(False)
    draw(model, device, getattr(torch, dtype), drawn=drawn)
    slots = min(config.max_seq_len, -(-(row.sequence_length + 1) // ALIGN) * ALIGN)
    model.allocate_cache(row.batch_size, max(slots, reference.PROMPT + reference.STEPS))
    return model


def build_int8(row: Row, device: str, dtype: str, tokens: Tensor) -> tuple[Any, Tensor]:
    """`build` with every part quantized once it is drawn, and the reference logits of what was drawn."""
    from breakcheck_models.llama.quantize import quantize
    from breakcheck_models.llama.rope import RotaryEmbedding

    wider = "float64" if dtype == "float32" else "float32"
    unquantized = reference.Reference(RotaryEmbedding(shape_of(row.model)), tokens, wider)

    def drawn(part: Any) -> None:
        unquantized.add(part)
        quantize(part, INT8_GROUP)

    model = build(row, device, dtype, drawn)
    return quantize(model, INT8_GROUP), unquantized.states  # the head itself was no child of its part


def measure(row: Row, device: str, dtype: str, bytes_per_second: float) -> Measured:
    """The row's results on `device`; whatever it raises says why the row could not run."""
    import torch

    torch._dynamo.reset()
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats(device)
    with torch.inference_mode(), attention_kernels(row.variant in _FUSED_ATTENTION):
        tokens = reference.probe_tokens(shape_of(row.model).vocab_size, row.batch_size, device)
        unquantized = None
        if row.variant in _INT8:
            model, unquantized = build_int8(row, device, dtype, tokens)
        else:
            model = build(row, device, dtype)
        expected = reference.reference_logits(model, tokens)
        eager = probe(model, Stepper(plain_step(model)), tokens)
        weight_bytes = bytes_read(model, row)
        begin = time.perf_counter()
        stepper, breaks = prepare(model, row, device, tokens)
        _synchronize(device)
        first = time.perf_counter() - begin
        parity = reference.compare(expected, eager, probe(model, stepper, tokens), unquantized)
        about = {"int8_group": INT8_GROUP} if row.variant in _INT8 else {}
        times = timed(model, stepper, row, device)
    peak = torch.cuda.max_memory_allocated(device) / 1e9 if device.startswith("cuda") else 0.0
    times.sort()
    return Measured(
        row=row,
        ms_median=times[len(times) // 2],
        ms_p10=times[len(times) // 10],
        ms_p90=times[len(times) * 9 // 10],
        limit_ms=1e3 * weight_bytes / bytes_per_second,
        bytes_per_step=weight_bytes,
        parity=parity.verdict,
        details={**parity.details, **about},
        first_step_s=first,
        peak_memory_gb=peak,
        breaks_per_step=breaks,
    )


def bytes_read(model: Any, row: Row) -> int:
    """Bytes that one decode step must read: every weight but the embedding table's unused rows, and the used cache."""
    tensors = {id(t): t for t in (*model.parameters(), *model.buffers())}
    embed = model.embed.weight
    caches = {id(t) for name, t in model.named_buffers() if ".cache." in name or name.endswith("rope.table")}
    tied = model.config.tie_embeddings
    weights = sum(t.nbytes for key, t in tensors.items() if key not in caches and (tied or t is not embed))
    config = model.config
    context = row.prompt_tokens + row.new_tokens // 2
    per_token = 2 * config.num_layers * config.num_kv_heads * config.head_dim * embed.element_size()
    return int(weights + row.batch_size * (context * per_token + config.hidden_size * embed.element_size()))


def prepare(model: Any, row: Row, device: str, tokens: Tensor) -> tuple[Stepper, int | None]:
    """The row's variant applied to `model` and warmed up; the breaks executed a step when a component is put in."""
    import torch

    if row.component:
        from breakcheck_models.llama.hostile.swap import component, swap

        if component(row.component).parent == "tensor_parallel":
            from breakcheck_models.catalogue import share_with_nobody

            share_with_nobody(model)
        swap(model, row.component)
    if row.variant in _FUSED:
        from breakcheck_models.llama.fused import fuse

        fuse(model)
    plain = plain_step(model)
    if row.variant in _EAGER:
        return Stepper(plain), None
    if row.variant in _FUSED and device.startswith("cuda"):
        return Stepper(one_graph(model, plain, row, device)), None
    mode = "reduce-overhead" if row.variant in _GRAPHED and device.startswith("cuda") else None
    compiled = torch.compile(plain, dynamic=False, mode=mode)

    def step(token: Tensor, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if mode is not None:
            torch.compiler.cudagraph_mark_step_begin()
        token, positions, logits = compiled(token, positions)
        return (token.clone(), positions.clone(), logits.clone()) if mode else (token, positions, logits)

    if not row.component:
        stepper = Stepper(step)
        probe(model, stepper, tokens)
        return stepper, None
    return observed(step, model, tokens)


def observed(
    step: Callable[[Any, Any], tuple[Any, Any, Any]], model: Any, tokens: Tensor
) -> tuple[Stepper, int]:
    """The compiled `step` warmed up, and how many breaks one warm call of it executes."""
    import torch

    from breakcheck.runtime import events as read
    from breakcheck.runtime.executions import counting, with_executions
    from breakcheck.runtime.trace import collecting

    stepper = Stepper(step)
    with collecting() as collector:
        probe(model, stepper, tokens)
    seen = list(collector.events)
    sites = read.break_sites(seen)
    with counting(sites) as counts:
        step(tokens[:, :1], torch.full_like(tokens[:, :1], reference.PROMPT))
    counted = with_executions(sites, counts, read.pieces(seen))
    return stepper, sum(site.executions_per_call or 0 for site in counted)


def plain_step(model: Any) -> Callable[[Any, Any], tuple[Any, Any, Any]]:
    from breakcheck_models.llama.generate import Sampling, choose

    greedy = Sampling()

    def step(token: Tensor, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits = model(token, positions)[:, 0]
        return choose(logits, greedy), positions + 1, logits

    return step


def one_graph(model: Any, plain: Any, row: Row, device: str) -> Callable[[Any, Any], tuple[Any, Any, Any]]:
    import torch
    from breakcheck_models.llama.cuda_graph import GraphedStep
    from breakcheck_models.llama.tuning import tune

    tune(model)
    compiled = torch.compile(plain, dynamic=False, fullgraph=True)
    kept: dict[str, Any] = {}

    def keeping(token: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
        token, positions, kept["logits"] = compiled(token, positions)
        return token, positions

    graphed = GraphedStep(keeping, row.batch_size, model.num_slots, device)

    def step(token: Tensor, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # The graph's own buffers come back to it unchanged: nothing to copy then.
        if token is not graphed.token_B1:
            graphed.start(token, positions)
        graphed.replay()
        return graphed.token_B1, graphed.positions_B1, kept["logits"]

    return step


def probe(model: Any, stepper: Stepper, tokens: Tensor) -> Tensor:
    """The logits of the last STEPS tokens, fed one by one after a prefill, shape [batch, STEPS, vocabulary]."""
    import torch

    positions = torch.arange(tokens.shape[1], device=tokens.device).repeat(tokens.shape[0], 1)
    model(tokens[:, : reference.PROMPT], positions[:, : reference.PROMPT])
    logits = []
    for i in range(reference.PROMPT, tokens.shape[1]):
        logits.append(stepper.step(tokens[:, i : i + 1].clone(), positions[:, i : i + 1].clone())[2].clone())
    return torch.stack(logits, dim=1)


def timed(model: Any, stepper: Stepper, row: Row, device: str) -> list[float]:
    """Milliseconds of each decode step after the prompt, over REPEATS runs."""
    import torch

    prompt = torch.randint(model.config.vocab_size, (row.batch_size, row.prompt_tokens), device=device)
    positions = torch.arange(row.prompt_tokens, device=device).repeat(row.batch_size, 1)
    model.hidden(prompt, positions)  # without the head: the logits of a long prompt would take gigabytes
    times: list[float] = []
    for repeat in range(REPEATS + 1):
        token, at = prompt[:, -1:].clone(), positions[:, -1:] + 1
        _synchronize(device)
        marks = [_mark(device)]
        gc.disable()
        for _ in range(row.new_tokens):
            token, at, _ = stepper.step(token, at)
            marks.append(_mark(device))
        gc.enable()
        _synchronize(device)
        if repeat:  # the first run warms up
            times += [_between(a, b) for a, b in itertools.pairwise(marks)]
    return times


@contextmanager
def attention_kernels(enabled: bool) -> Iterator[None]:
    """Fused attention kernels on or off by the global switches, which leave the graph whole; put back afterwards."""
    import torch

    switches = ("flash_sdp", "mem_efficient_sdp", "cudnn_sdp")
    backend: Any = torch.backends.cuda
    before = {name: getattr(backend, f"{name}_enabled")() for name in switches}
    for name in switches:
        getattr(backend, f"enable_{name}")(enabled and before[name])
    try:
        yield
    finally:
        for name, value in before.items():
            getattr(backend, f"enable_{name}")(value)


def _synchronize(device: str) -> None:
    import torch

    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def _mark(device: str) -> Any:
    import torch

    if not device.startswith("cuda"):
        return time.perf_counter()
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event


def _between(a: Any, b: Any) -> float:
    return 1e3 * (b - a) if isinstance(a, float) else float(a.elapsed_time(b))
