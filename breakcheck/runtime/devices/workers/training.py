"""A training step as one jax program: loss, gradients of every parameter, and the optimiser's update."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import jax
import torch
from torch.utils import _pytree as pytree
from torchax.interop import jax_view, torch_view
from torchax.tensor import Tensor as JaxTensor

from breakcheck.case import Case
from breakcheck.runtime.devices.workers.lowering import Lowerer, Traced


def optimizer_state(case: Case) -> dict[str, dict[str, torch.Tensor]]:
    """The optimiser's state of every parameter, by name: inputs of the step like the parameters themselves."""
    if case.functional_optimizer is None or not isinstance(case.model, torch.nn.Module):
        return {}
    with torch.device("meta"):
        return {
            name: dict(case.functional_optimizer.init(parameter))
            for name, parameter in case.model.named_parameters()
            if parameter.requires_grad
        }


def train_step(lowerer: Lowerer, case: Case, index: int) -> Traced:
    """Trace call `index` as a step: its output is the loss, it changes the parameters and the optimiser's state.

    Without an optimiser the gradients are the outputs, in the order of the parameters.
    """
    held = [(slot, wrapper) for slot, wrapper in zip(lowerer.slots, lowerer.wrappers, strict=True)]
    trained = [
        (slot.name, wrapper) for slot, wrapper in held if slot.is_parameter and slot.tensor.requires_grad
    ]
    others = [wrapper for slot, wrapper in held if not (slot.is_parameter and slot.tensor.requires_grad)]
    state = lowerer.extra.get("optimizer", {})

    def wrap(_: Callable[..., Any]) -> Callable[..., Any]:
        def step(call: dict[str, Any]) -> list[jax.Array]:
            def loss_of(arrays: list[jax.Array]) -> tuple[jax.Array, list[Any]]:
                for (_, wrapper), array in zip(trained, arrays, strict=True):
                    wrapper._elem = array
                with lowerer.env, torch.no_grad(), _checkpointing():
                    loss = _loss(case, case.model(*call["args"], **call["kwargs"])).jax()
                return loss, [wrapper._elem for wrapper in others]

            arrays = [wrapper._elem for _, wrapper in trained]
            (loss, after), gradients = jax.value_and_grad(loss_of, has_aux=True)(arrays)
            for wrapper, array in zip(others, after, strict=True):
                wrapper._elem = array  # what the forward pass changed, without the tracers of the gradient
            for (_, wrapper), array in zip(trained, arrays, strict=True):
                wrapper._elem = array
            if case.functional_optimizer is None:
                return [loss, *gradients]
            with lowerer.env, torch.no_grad():
                for (name, wrapper), gradient in zip(trained, gradients, strict=True):
                    case.functional_optimizer.update(wrapper, JaxTensor(gradient, lowerer.env), state[name])
            return [loss]

        return step

    return lowerer.trace(index, wrap)


def _loss(case: Case, result: Any) -> Any:
    if case.loss is not None:
        return case.loss(result)
    floating = [
        leaf
        for leaf in pytree.tree_leaves(result)
        if isinstance(leaf, torch.Tensor) and leaf.is_floating_point()
    ]
    return torch.stack([leaf.float().sum() for leaf in floating]).sum()


@contextmanager
def _checkpointing() -> Iterator[None]:
    """`torch.utils.checkpoint.checkpoint` as jax's: the same regions are recomputed in the backward pass."""

    def recompute(
        function: Callable[..., Any], *args: Any, use_reentrant: bool = False, **kwargs: Any
    ) -> Any:
        def run(*arrays: Any) -> Any:
            return jax_view(function(*torch_view(arrays), **kwargs))

        return torch_view(jax.checkpoint(run)(*jax_view(args)))

    with mock.patch("torch.utils.checkpoint.checkpoint", recompute):
        yield
