"""What a call is compiled for, in words: the shapes and dtypes of its tensors, the values of everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from breakcheck.case import Call


def signature(call: Call) -> str:
    """What jax keys a program on: shapes and dtypes of tensors, values of everything else."""

    def text(value: Any) -> str:
        if isinstance(value, torch.Tensor):
            return f"{str(value.dtype).removeprefix('torch.')}[{','.join(map(str, value.shape))}]"
        if isinstance(value, (list, tuple)):
            return "(" + ", ".join(text(item) for item in value) + ")"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key}={text(item)}" for key, item in value.items()) + "}"
        if isinstance(value, (int, float, str, bool, type(None))):
            return repr(value)
        return type(value).__name__

    return ", ".join(
        [*(text(item) for item in call.args), *(f"{key}={text(item)}" for key, item in call.kwargs.items())]
    )


def distinct(calls: Sequence[Call], warmup: int) -> list[dict[str, Any]]:
    """The distinct signatures of the calls: a program each, however often a call repeats."""
    warm = min(warmup, len(calls) - 1)
    found: dict[str, dict[str, Any]] = {}
    for index, call in enumerate(calls):
        text = signature(call)
        entry = found.setdefault(text, {"signature": text, "calls": 0, "first_call": index})
        entry["calls"] += 1
        entry["after_warmup"] = entry["first_call"] >= warm
    return list(found.values())


def chosen(calls: Sequence[Call], warmup: int, programs: str) -> list[int]:
    """The calls whose programs are compiled: of each signature the first ("all"), the last call's only ("last"), none."""
    firsts = {entry["signature"]: int(entry["first_call"]) for entry in distinct(calls, warmup)}
    if programs == "none":
        return []
    return [firsts[signature(calls[-1])]] if programs == "last" else list(firsts.values())
