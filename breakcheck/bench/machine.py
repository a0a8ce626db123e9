"""The machine: what it is, and how fast it reads."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from typing import Any

from breakcheck._version import __version__


def describe(device: str) -> dict[str, Any]:
    """Machine and versions, as a results file keeps them; equal for two runs that may share a file."""
    import torch

    about: dict[str, Any] = {
        "breakcheck": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "processor": platform.machine(),
        "device": device,
    }
    if device.startswith("cuda"):
        import triton

        properties = torch.cuda.get_device_properties(device)
        about |= {
            "gpu": properties.name,
            "gpus": torch.cuda.device_count(),
            "gpu_memory_gb": round(properties.total_memory / 1e9, 1),
            "triton": triton.__version__,
            "cuda": torch.version.cuda,
        }
    else:
        about["threads"] = torch.get_num_threads()
    return about


def read_bandwidth(device: str) -> dict[str, float]:
    """Bytes per second that this device reads (a copy: reads and writes), by method; the best is the limit's.

    Each method reads one buffer far larger than any cache; the best of ten tries.
    """
    import torch

    on_gpu = device.startswith("cuda")
    size = 4 * 2**30 if on_gpu else 2**27
    buffer = torch.randn(size // 4, device=device)
    words = buffer.view(torch.int32)
    methods: dict[str, tuple[Callable[[], object], float]] = {
        "sum": (lambda: buffer.sum(), 1),
        "amax": (lambda: words.amax(), 1),
    }
    if on_gpu:
        from breakcheck_models.llama.gemv import norm_linear

        weight = buffer.view(torch.bfloat16).view(-1, 4096)
        x = torch.randn(1, 4096, device=device, dtype=torch.bfloat16)
        target = torch.empty_like(buffer)
        methods["matrix-vector product"] = (lambda: norm_linear(x, None, weight, None, None, 0.0, False), 1)
        methods["copy"] = (lambda: target.copy_(buffer), 2)
    return {
        name: times * size / min(_seconds(read, device) for _ in range(10))
        for name, (read, times) in methods.items()
    }


def _seconds(read: Callable[[], object], device: str) -> float:
    import torch

    if not device.startswith("cuda"):
        begin = time.perf_counter()
        read()
        return time.perf_counter() - begin
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    read()
    end.record()
    torch.cuda.synchronize()
    return float(start.elapsed_time(end)) / 1e3
