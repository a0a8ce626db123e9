"""What a TPU program would cost at best: computed from the compiler's sizes, beside figures others have published.

Nothing here is measured. The floor is the time a step's arguments and results need through the chip's memory, so a
real step takes longer; throughput and price at the floor are bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from breakcheck.runtime.devices.tpu_chips import Topology

COMPUTED = "computed, not measured"


@dataclass(frozen=True)
class Published:
    """A figure from the PyTorch/XLA team's Llama 2 work (2023), measured by them."""

    model: str
    setting: str
    ms_per_token: float | None
    tokens_per_s_chip: float | None
    dollars_per_1000_tokens: float | None


PUBLISHED: tuple[Published, ...] = (
    Published("llama2-70b", "v5e-16, INT8, batch 32", None, 42.0, 0.0036),
    Published("llama2-70b", "best latency", 17.0, None, None),
    Published("llama2-7b", "v5e-4, length 256, batch 1", 1.2, 201.0, None),
)


@dataclass(frozen=True)
class CostRow:
    """One program on one slice. dollars_per_1000_tokens is None without a price."""

    topology: str
    num_chips: int
    batch_size: int
    floor_ms: float
    tokens_per_s_chip: float
    dollars_per_1000_tokens: float | None


def cost_row(memory: Mapping[str, int], topology: Topology, batch_size: int, price: float | None) -> CostRow:
    """The bounds of a decoding step with `memory` (argument, output, alias bytes a device) at `price` $ a chip hour."""
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    if price is not None and price <= 0:
        raise ValueError(f"the price of a chip hour must be positive, got {price}")
    moved = memory["argument"] + memory["output"] - memory["alias"]
    seconds = moved / topology.bandwidth
    rate = batch_size / seconds / topology.num_chips
    dollars = None if price is None else 1000 * price / 3600 / rate
    return CostRow(topology.name, topology.num_chips, batch_size, 1e3 * seconds, rate, dollars)


def cost_sheet(rows: Sequence[CostRow], model: str) -> str:
    """The rows as a table, each bound labelled, and the published figures of the model below."""
    lines = [
        f"{model}, decoding ({COMPUTED}: memory floor, no latency was taken)",
        f"{'slice':12} {'chips':>5} {'batch':>5} {'ms/token >=':>12} {'tokens/s/chip <=':>17} {'$/1,000 tokens >=':>18}",
    ]
    for row in rows:
        price = "no price" if row.dollars_per_1000_tokens is None else f"{row.dollars_per_1000_tokens:.5f}"
        lines.append(
            f"{row.topology:12} {row.num_chips:>5} {row.batch_size:>5} {row.floor_ms:>12.2f} {row.tokens_per_s_chip:>17.1f} {price:>18}"
        )
    for figure in PUBLISHED:
        if figure.model == model:
            parts = [
                None if figure.ms_per_token is None else f"{figure.ms_per_token:g} ms/token",
                None if figure.tokens_per_s_chip is None else f"{figure.tokens_per_s_chip:g} tokens/s/chip",
                None
                if figure.dollars_per_1000_tokens is None
                else f"${figure.dollars_per_1000_tokens:g}/1,000 tokens",
            ]
            lines.append(
                f"published (measured by the PyTorch/XLA team, 2023), {figure.setting}: {', '.join(p for p in parts if p)}"
            )
    return "\n".join(lines)


def model_flops_per_token(
    num_parameters: int, num_layers: int, hidden_size: int, length: int, train: bool
) -> float:
    """FLOPs of one token: 2 a weight and 4 a layer, position and channel for attention; training is three times that.

    After Chowdhery et al. (2022), appendix B, causal attention counted in full.
    """
    forward = 2.0 * num_parameters + 4.0 * num_layers * hidden_size * length
    return 3.0 * forward if train else forward


def mfu(flops_per_step: float, seconds: float, topology: Topology) -> float:
    """Model FLOPs utilisation of a measured step: model FLOPs over time and the slice's published peak."""
    if seconds <= 0:
        raise ValueError(f"the time of a step must be positive, got {seconds}")
    return flops_per_step / seconds / (topology.chip.peak_tflops * 1e12 * topology.num_chips)
