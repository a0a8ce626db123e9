"""A profile of decode steps as a table: kernels, their times, and the gaps between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def kernel_table(events: Iterable[Any], tokens: int, on_cpu: bool = False) -> dict[str, Any]:
    """Per token: microseconds in all and without a kernel, kernels by name; from a torch profile of `tokens` steps."""
    kernels = sorted(
        (e.time_range.start, e.time_range.end, e.name)
        for e in events
        if on_cpu or "CUDA" in str(e.device_type)
    )
    table: dict[str, list[float]] = {}
    covered, until = 0.0, 0.0
    for start, stop, name in kernels:
        table.setdefault(name[:80], []).append(stop - start)
        covered += max(0.0, stop - max(start, until))
        until = max(until, stop)
    wall = kernels[-1][1] - kernels[0][0]
    return {
        "microseconds_per_token": wall / tokens,
        "kernels_per_token": len(kernels) / tokens,
        "microseconds_without_a_kernel_per_token": (wall - covered) / tokens,
        "kernels": {
            name: {
                "calls_per_token": len(times) / tokens,
                "microseconds_each": sum(times) / len(times),
                "per_token": sum(times) / tokens,
            }
            for name, times in sorted(table.items(), key=lambda item: -sum(item[1]))[:25]
        },
    }


def product_table(
    events: Iterable[Any], sizes: Mapping[str, int], num_layers: int
) -> dict[str, dict[str, float]]:
    """Microseconds and bytes a second of each product of a fused model, told apart by their order; the head is last.

    A kernel that starts early waits for its forerunner: it is charged from the forerunner's end on.
    """
    kernels = sorted(
        (e.time_range.start, e.time_range.end, e.name) for e in events if "CUDA" in str(e.device_type)
    )
    *layer, head = sizes
    order = [*(layer * num_layers), head]
    spent: dict[str, list[float]] = {name: [] for name in (*sizes, "attention")}
    until, seen = 0.0, 0
    for start, stop, name in kernels:
        alone = max(0.0, stop - max(start, until))
        until = max(until, stop)
        if name.startswith("_decode_attention"):
            spent["attention"].append(alone)
        elif name.startswith("_norm_linear"):
            spent[order[seen % len(order)]].append(alone)
            seen += 1
    return {
        name: {
            "microseconds": sum(times) / len(times),
            "bytes_per_s": 1e6 * sizes.get(name, 0) * len(times) / sum(times),
        }
        for name, times in spent.items()
    }
