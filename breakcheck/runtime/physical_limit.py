"""The time that physics allows: bytes that must move over measured bandwidth, FLOPs over measured peak."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from breakcheck.case import Case
from breakcheck.runtime.snapshots import tensors_of


def physical_limit_ms(
    eager: Callable[[], object], case: Case, synchronize: Callable[[], None], device: str
) -> tuple[float, dict[str, Any]]:
    """The larger of memory time and arithmetic time of one call in milliseconds, and how it came about.

    Bytes: parameters, buffers, inputs and outputs once each. Bandwidth: a copy's bytes, read plus written, per second.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        result = eager()
    flops = counter.get_total_flops()
    moved = sum(t.nbytes for t in tensors_of(result).values())
    call = case.normalized()[-1]
    moved += sum(t.nbytes for t in tensors_of({"a": call.args, "k": dict(call.kwargs)}).values())
    dtype = torch.float32
    if isinstance(case.model, torch.nn.Module):
        unique = {id(t): t for t in [*case.model.parameters(), *case.model.buffers()]}
        moved += sum(t.nbytes for t in unique.values())
        dtype = next((t.dtype for t in unique.values() if t.is_floating_point()), dtype)
    bandwidth = _best_rate(lambda n: _copy_seconds(n, device, synchronize), 256 * 2**20)
    peak = _matmul_flops_per_second(dtype, device, synchronize)
    memory_ms, arithmetic_ms = 1e3 * moved / bandwidth, 1e3 * flops / peak
    return max(memory_ms, arithmetic_ms), {
        "bytes": moved,
        "flops": flops,
        "bandwidth_bytes_per_s": bandwidth,
        "flops_per_s": peak,
        "memory_ms": memory_ms,
        "arithmetic_ms": arithmetic_ms,
    }


def _best_rate(seconds_of: Callable[[int], float], size: int) -> float:
    return max(2 * size / seconds_of(size) for _ in range(5))


def _copy_seconds(size: int, device: str, synchronize: Callable[[], None]) -> float:
    import torch

    source = torch.empty(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    target.copy_(source)
    synchronize()
    begin = time.perf_counter()
    target.copy_(source)
    synchronize()
    return time.perf_counter() - begin


def _matmul_flops_per_second(dtype: Any, device: str, synchronize: Callable[[], None]) -> float:
    import torch

    size = 1024 if device == "cpu" else 8192
    a = torch.ones(size, size, dtype=dtype, device=device)
    (a @ a)
    best = 0.0
    for _ in range(5):
        synchronize()
        begin = time.perf_counter()
        (a @ a)
        synchronize()
        best = max(best, 2 * size**3 / (time.perf_counter() - begin))
    return best
