"""Adafactor as two functions of tensors, for training steps that are one XLA program.

After Shazeer and Stern (2018), with torch.optim.Adafactor's defaults: no momentum, factored second moments, relative
step size, updates clipped by their root mean square.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Adafactor:
    """The update; state of a matrix: `row` [out] and `column` [in], of a vector: `variance`; both: `step`."""

    lr: float = 1e-2
    beta2_decay: float = -0.8
    smallest_rms: float = 1e-3
    clip: float = 1.0

    def init(self, parameter: Tensor) -> dict[str, Tensor]:
        """Zeros on the parameter's device, in float32."""
        zeros = {"dtype": torch.float32, "device": parameter.device}
        step = torch.zeros((), **zeros)  # type: ignore[call-overload]
        if parameter.dim() < 2:
            return {"step": step, "variance": torch.zeros(parameter.shape, **zeros)}  # type: ignore[call-overload]
        rows, columns = parameter.shape
        return {"step": step, "row": torch.zeros(rows, **zeros), "column": torch.zeros(columns, **zeros)}  # type: ignore[call-overload]

    @torch.no_grad()
    def update(self, parameter: Tensor, gradient: Tensor, state: Mapping[str, Tensor]) -> None:
        """One step, in place; every quantity stays a tensor, so nothing is read back to the host."""
        step = state["step"]
        step.add_(1)
        wide, grad = parameter.float(), gradient.float()
        eps = torch.finfo(torch.float32).eps
        weight = step**self.beta2_decay  # one minus beta2
        rho = torch.clamp(step**-0.5, max=self.lr)
        alpha = torch.clamp(_rms(wide), min=self.smallest_rms) * rho
        if "variance" in state:
            variance = state["variance"]
            variance.lerp_(grad.square(), weight)
        else:
            row, column = state["row"], state["column"]
            row.lerp_(grad.square().mean(dim=1), weight)
            column.lerp_(grad.square().mean(dim=0), weight)
            variance = torch.outer(row, column) / row.mean().clamp(min=eps)
        update = grad * variance.clamp(min=eps * eps).rsqrt()
        update = update / torch.clamp(_rms(update) / self.clip, min=1.0)
        parameter.copy_((wide - alpha * update).to(parameter.dtype))


def _rms(x: Tensor) -> Tensor:
    return x.square().mean().sqrt()
