"""A case's sharding table on torch_xla's SPMD: marks on tensors and module outputs, read back and counted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
import torch
import torch_xla
import torch_xla.distributed.spmd as spmd
import torch_xla.runtime as runtime

from breakcheck.case import Case
from breakcheck.runtime.devices.workers import hlo_text
from breakcheck.runtime.devices.workers.tensor_slots import Slot


class ShardingError(ValueError):
    """A table or mesh that does not fit, in one line."""


def use_spmd() -> None:
    """Turn SPMD on; before the first tensor."""
    runtime.use_spmd()


def apply(case: Case, slots: list[Slot], axes: Mapping[str, int]) -> dict[str, str]:
    """Mark every tensor by its row; returns the sharding of each parameter as the runtime gives it back."""
    if case.sharding is None:
        raise ShardingError(
            "the target declares no sharding for a mesh: give `Case(sharding={pattern: axes})`"
        )
    devices = runtime.global_runtime_device_count()
    sizes = tuple(axes.values())
    if int(numpy.prod(sizes)) != devices:
        raise ShardingError(
            f"the mesh has {int(numpy.prod(sizes))} places, the machine {devices} (virtual) devices"
        )
    mesh = spmd.Mesh(numpy.arange(devices), sizes, tuple(axes))
    found: dict[str, str] = {}
    for slot in slots:
        name = re.sub(r"^call\d+\.", "input:", slot.name)
        spec = _row(case, name)
        if spec is None:
            if not name.startswith("input:"):
                raise ShardingError(
                    f"{name!r} {list(slot.tensor.shape)} matches no row of the sharding table"
                )
            spec = ()
        _mark(slot.tensor, mesh, spec, axes)
        if slot.is_parameter:
            found[name] = torch_xla._XLAC._get_xla_sharding_spec(slot.tensor)
    if isinstance(case.model, torch.nn.Module):
        for name, module in case.model.named_modules():
            row = _row(case, f"output:{name}")
            if row is not None:
                module.register_forward_hook(_hook(mesh, row, axes))
    return found


def _row(case: Case, name: str) -> tuple[str | None, ...] | None:
    for pattern, spec in (case.sharding or {}).items():
        if re.fullmatch(pattern, name):
            return tuple(spec)
    return None


def _mark(tensor: torch.Tensor, mesh: Any, spec: tuple[str | None, ...], axes: Mapping[str, int]) -> None:
    full = [*spec, *([None] * (tensor.dim() - len(spec)))]
    fitting = tuple(
        axis if axis is not None and size % axes[axis] == 0 else None
        for axis, size in zip(full, tensor.shape, strict=True)
    )
    spmd.mark_sharding(tensor, mesh, fitting)


def _hook(mesh: Any, spec: tuple[str | None, ...], axes: Mapping[str, int]) -> Any:
    def constrain(module: Any, args: Any, output: Any) -> None:
        if isinstance(output, torch.Tensor):
            _mark(output, mesh, spec, axes)

    return constrain


def dumped_programs() -> set[Path]:
    """The optimised programs that XLA has dumped so far; none where it was not told to."""
    match = re.search(r"--xla_dump_to=(\S+)", os.environ.get("XLA_FLAGS", ""))
    return set(Path(match[1]).glob("*after_optimizations.txt")) if match is not None else set()


def collectives(programs: set[Path]) -> dict[str, int] | None:
    """The collectives of the largest of these programs; None without programs."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(programs)]
    return hlo_text.collectives(max(texts, key=len)) if texts else None
