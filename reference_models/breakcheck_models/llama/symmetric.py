"""Memory that the GPUs of one machine read from one another (torch's symmetric memory), for sums too small for NCCL.

A row of 8,192 bf16 numbers is 16 KiB: what its sum over the ranks costs is how long a collective takes to start, and
a kernel that reads the peers' buffers itself starts sooner (torch/distributed/_symmetric_memory; one-shot all-reduce
of the same kind: https://pytorch.org/blog/accelerating-generative-ai-2).
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

_buffers: dict[tuple[tuple[int, ...], torch.dtype, torch.device, str], Tensor] = {}


def shared_buffer(
    shape: tuple[int, ...], dtype: torch.dtype, device: torch.device, group_name: str
) -> Tensor:
    """This rank's buffer of that shape, which the ranks of the group read; made on the first call, by all of them."""
    from torch.distributed import _symmetric_memory

    symmetric: Any = _symmetric_memory
    key = (shape, dtype, device, group_name)
    if key not in _buffers:
        buffer = symmetric.empty(shape, dtype=dtype, device=device)
        symmetric.rendezvous(buffer, group_name)
        _buffers[key] = buffer
    return _buffers[key]


def why_not_shared(group: dist.ProcessGroup, device: torch.device | str) -> str:
    """ "" when the GPUs of the group read one another's memory, else the reason; call it on every rank."""
    device = torch.device(device)
    if device.type != "cuda":
        return f"{device.type} has no symmetric memory"
    try:
        probe = shared_buffer((1, 64), torch.bfloat16, device, group.group_name)
        probe.fill_(1)
        total = torch.ops.symm_mem.one_shot_all_reduce(probe, "sum", group.group_name)
        right = bool((total == group.size()).all())
    except (RuntimeError, AttributeError) as error:
        return str(error).strip().splitlines()[0]
    return "" if right else "a sum through symmetric memory came out wrong"
