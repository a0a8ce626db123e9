"""The calls of a case on torch_xla: what each compiled, executed and read back, and whether the numbers hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch_xla
from torch_xla.core import xla_model

from breakcheck.case import Call, Case
from breakcheck.errors import TargetError
from breakcheck.runtime.devices.workers import xla_spmd
from breakcheck.runtime.devices.workers.load_real_case import load_real_case
from breakcheck.runtime.devices.workers.tensor_slots import Slot, find_slots
from breakcheck.runtime.devices.workers.xla_counters import Attribution, as_numpy, counts
from breakcheck.runtime.devices.workers.xla_train import TrainStep


class XlaRun:
    """A case eagerly on the CPU, then on the XLA device; `report` does all of it."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.mesh = request["mesh"]
        if self.mesh:
            xla_spmd.use_spmd()
        self.device = torch_xla.device()
        # Autograd counts the devices at its first backward pass, and under SPMD there is none before the first tensor.
        torch.ones(1, device=self.device)
        torch_xla.sync(wait=True)

    def report(self) -> dict[str, Any]:
        """Counts of every call, the lines they come from, differences to eager, and Dynamo's verdict if asked."""
        expected = self._eager()
        case, calls, warmup = self._case()
        step = TrainStep(case) if case.train else None
        slots = place(case.model, calls, self.device, step.state if step is not None else {})
        report: dict[str, Any] = {"warmup": warmup, "backend": self.request["backend"]}
        if self.mesh:
            report["shardings"] = xla_spmd.apply(case, slots, self.mesh)
        torch_xla.sync(wait=True)
        xla_model.wait_device_ops()
        target = case.model if step is None else step
        if self.request["backend"] == "openxla":
            if step is not None:
                raise TargetError("openxla is for inference here: check a training step without --backend")
            target = torch.compile(case.model, backend="openxla", **dict(case.options))
        per_call, results = [], []
        programs: set[Path] = set()
        with torch.no_grad():
            for call in calls:
                before, dumped = counts(), xla_spmd.dumped_programs()
                result = target(*call.args, **call.kwargs)
                torch_xla.sync(wait=True)
                xla_model.wait_device_ops()  # an execution is counted by the thread that made it, after the wait
                per_call.append((counts() - before).to_dict())
                programs |= xla_spmd.dumped_programs() - dumped
                results.append(as_numpy(result))  # reading is not part of the call
            if step is not None:
                results.append(as_numpy(step.parameters()))
        report["calls"] = per_call
        report["parity"] = [_difference(a, b) for a, b in zip(expected, results, strict=True)]
        report["sites"] = self._attribute(target, calls)
        if self.request["backend"] == "openxla":
            report["graph_breaks"] = self._dynamo()
        if self.mesh:
            report["collectives"] = xla_spmd.collectives(programs)
        return report

    def _case(self) -> tuple[Case, list[Call], int]:
        torch.manual_seed(0)
        case = load_real_case(self.request["target"], self.request["dtype"])
        calls = case.normalized()
        warmup = case.warmup if self.request["warmup"] is None else int(self.request["warmup"])
        while len(calls) <= warmup or len(calls) < (self.request["calls"] or 0):
            calls.append(calls[-1])
        if isinstance(case.model, torch.nn.Module):
            case.model.train(case.train)
        return case, calls, warmup

    def _eager(self) -> list[list[Any]]:
        """The results of every call on the CPU; of a training case the losses, then the parameters after the last step."""
        case, calls, _ = self._case()
        step = TrainStep(case) if case.train else None
        target = case.model if step is None else step
        with torch.no_grad():
            results = [as_numpy(target(*call.args, **call.kwargs)) for call in calls]
        return results if step is None else [*results, as_numpy(step.parameters())]

    def _dynamo(self) -> dict[str, Any]:
        """The structured trace of the same calls under `torch.compile(backend="openxla")`, on tensors of the device."""
        from breakcheck.runtime import observe
        from breakcheck.runtime.site_data import error_dict, limit_dict, site_dict

        case, calls, warmup = self._case()
        place(case.model, calls, self.device)
        seen = observe(replace(case, calls=calls, warmup=warmup), backend="openxla")
        return {
            "sites": [site_dict(site) for site in seen.breaks] + [error_dict(e) for e in seen.errors],
            "executed_per_call": seen.executed_per_call,
            "graphs": len(seen.graphs),
            "ops": seen.op_count,
            "limits": [limit_dict(hit) for hit in seen.limits],
            "disabled_by": seen.disabled_by,
        }

    def _attribute(self, target: Any, calls: list[Call]) -> list[dict[str, Any]]:
        """The lines at which the last call reads back or falls back; a repetition, after the counting."""
        if self.request["backend"] == "openxla":
            return []
        mode = Attribution()
        with torch.no_grad(), mode:
            target(*calls[-1].args, **calls[-1].kwargs)
        torch_xla.sync(wait=True)
        return sorted(mode.sites.values(), key=lambda site: (site["file"], site["line"]))


def place(
    model: Any, calls: list[Call], device: torch.device, optimizer: Mapping[str, Any] | None = None
) -> list[Slot]:
    """Every tensor of model, optimiser and calls moved to the device, in place; one transfer for a shared tensor."""
    holders = [{"args": list(call.args), "kwargs": dict(call.kwargs)} for call in calls]
    extra = {"optimizer": optimizer} if optimizer else {}
    slots = find_slots({"": model, **extra, **{f"call{i}": holder for i, holder in enumerate(holders)}})
    for slot in slots:
        moved = slot.tensor.detach().to(device)
        if slot.is_parameter:
            moved = torch.nn.Parameter(moved, requires_grad=slot.tensor.requires_grad)
        slot.put(moved)
        slot.tensor = moved
    calls[:] = [Call(tuple(holder["args"]), dict(holder["kwargs"])) for holder in holders]
    return slots


def _difference(expected: list[Any], found: list[Any]) -> dict[str, Any]:
    """Largest difference over the largest expected value, over all outputs of a call."""
    if len(expected) != len(found) or any(a.shape != b.shape for a, b in zip(expected, found, strict=False)):
        return {"comparable": False}
    worst = 0.0
    for a, b in zip(expected, found, strict=True):
        scale = float(a.abs().max()) if a.numel() else 0.0
        gap = float((a.double() - b.double()).abs().max()) if a.numel() else 0.0
        worst = max(worst, gap / scale if scale else gap)
    return {"comparable": True, "relative": worst}
