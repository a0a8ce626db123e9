"""The case behind a TARGET with its weights, on the CPU."""

from __future__ import annotations

import torch

from breakcheck.case import Case
from breakcheck.runtime.devices.workers.load_case import cast
from breakcheck.runtime.targets import load


def load_real_case(target: str, dtype: str) -> Case:
    """The case, in `dtype` where that is another than float32; raises `TargetError`."""
    case = load(target)
    if dtype != "float32":
        cast(case, getattr(torch, dtype))
    return case
