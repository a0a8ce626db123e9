"""A training step as one callable on torch_xla: loss, gradients, and the update of the case's functional optimiser."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils import _pytree as pytree

from breakcheck.case import Case


class TrainStep:
    """Called like the model, it returns the loss (and the gradients where there is no optimiser).

    state: the optimiser's tensors by parameter name, to be placed and sharded like the parameters themselves.
    """

    def __init__(self, case: Case) -> None:
        assert isinstance(case.model, torch.nn.Module)
        self.case = case
        self.model = case.model
        optimizer = case.functional_optimizer
        self.state: dict[str, dict[str, torch.Tensor]] = (
            {name: dict(optimizer.init(parameter.detach())) for name, parameter in self._trained()}
            if optimizer is not None
            else {}
        )

    def __call__(self, *args: Any, **kwargs: Any) -> list[torch.Tensor]:
        """One step; the parameters have changed afterwards."""
        with torch.enable_grad():
            loss = self._loss(self.model(*args, **kwargs))
            loss.backward()  # type: ignore[no-untyped-call]
        optimizer = self.case.functional_optimizer
        result = [loss.detach()]
        with torch.no_grad():
            for name, parameter in self._trained():
                gradient = parameter.grad
                parameter.grad = None
                if gradient is None:
                    continue
                if optimizer is None:
                    result.append(gradient)
                else:
                    optimizer.update(parameter, gradient, self.state[name])
        return result

    def parameters(self) -> list[torch.Tensor]:
        """The trained parameters as they are now."""
        return [parameter.detach() for _, parameter in self._trained()]

    def _trained(self) -> list[tuple[str, torch.nn.Parameter]]:
        return [(name, p) for name, p in self.model.named_parameters() if p.requires_grad]

    def _loss(self, result: Any) -> torch.Tensor:
        if self.case.loss is not None:
            loss: torch.Tensor = self.case.loss(result)
            return loss
        floating = [
            leaf.float().sum()
            for leaf in pytree.tree_leaves(result)
            if isinstance(leaf, torch.Tensor) and leaf.is_floating_point()
        ]
        return torch.stack(floating).sum()
