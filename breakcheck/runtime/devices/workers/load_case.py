"""The case behind a TARGET, built without weights where the target allows it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import torch

from breakcheck.case import Call, Case
from breakcheck.errors import TargetError
from breakcheck.runtime.devices.workers.tensor_slots import find_slots
from breakcheck.runtime.targets import load


def load_case(target: str, dtype: str, bundled: str, mesh: Mapping[str, int]) -> tuple[Case, list[str]]:
    """The case and what to tell about how it was built; raises `TargetError`.

    bundled: "module:function" that makes the case of a bundled name, called as function(name, dtype, mesh).
    """
    if ":" not in target:
        module, _, function = bundled.partition(":")
        try:
            return getattr(importlib.import_module(module), function)(target, dtype, mesh), []
        except ValueError as error:
            raise TargetError(f"{target}: {error}") from error
    notes = []
    try:
        with torch.device("meta"):
            case = load(target)
    except TargetError as error:
        # Factories that read values back (a linspace to a list) can't run without storage: build with weights.
        case = load(target)
        notes.append(f"built with weights, since the factory does not run on the meta device ({error})")
    if dtype != "float32":
        cast(case, getattr(torch, dtype))
    return case, notes


def cast(case: Case, dtype: torch.dtype) -> None:
    """The model and the floating inputs in `dtype`, as `module.to(dtype)` does."""
    if isinstance(case.model, torch.nn.Module):
        case.model.to(dtype)
    holders = [{"args": list(call.args), "kwargs": dict(call.kwargs)} for call in case.normalized()]
    for slot in find_slots({f"call{i}": holder for i, holder in enumerate(holders)}):
        if slot.tensor.is_floating_point() and not slot.is_parameter:
            slot.put(slot.tensor.to(dtype))
    case.calls = [Call(tuple(holder["args"]), dict(holder["kwargs"])) for holder in holders]
