"""A profile of decode steps as a table: kernels, their times, and the gaps between them."""

from __future__ import annotations

from collections.abc import Iterable
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
