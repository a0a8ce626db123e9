"""A torch callable as one jax function of abstract arrays: traced under torchax, never executed.

Runs in the environment of `breakcheck setup tpu` (torch, torchax, jax, libtpu).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import torch
from jax.extend.core import jaxpr_as_fun
from torch.utils import _pytree as pytree
from torchax.ops import mappings
from torchax.tensor import Tensor as JaxTensor
from torchax.view import View

from breakcheck.runtime.devices.workers.tensor_slots import Slot, find_slots
from breakcheck.runtime.devices.workers.torchax_gaps import Environment


@dataclass
class Traced:
    """One call as a jaxpr: `names` of its inputs in order; its outputs are the call's own and the changed inputs.

    changed: indices of inputs that the call writes (a KV cache, running statistics), which may be donated.
    """

    jaxpr: Any
    slots: list[Slot]
    avals: list[jax.ShapeDtypeStruct]
    changed: list[int]
    num_outputs: int


class Lowerer:
    """Turns calls of one model into jaxprs. `extra` names further tensors that a step reads and writes."""

    def __init__(self, model: Callable[..., Any], calls: list[Any], extra: dict[str, Any]) -> None:
        self.model = model
        self.extra = extra
        self.calls = [{"args": list(call.args), "kwargs": dict(call.kwargs)} for call in calls]
        self.env = Environment()
        roots: dict[str, Any] = {"": model, **extra}
        roots.update({f"call{index}": call for index, call in enumerate(self.calls)})
        self.slots = find_slots(roots)
        self.wrappers: list[JaxTensor] = []
        for slot in self.slots:
            aval = jax.ShapeDtypeStruct(tuple(slot.tensor.shape), mappings.t2j_dtype(slot.tensor.dtype))
            wrapper = JaxTensor(aval, self.env)
            self.wrappers.append(wrapper)
            slot.put(wrapper)

    def inputs_of(self, index: int) -> list[int]:
        """Which slots call `index` can see: the model's and its own arguments."""
        others = tuple(f"call{i}." for i in range(len(self.calls)) if i != index)
        return [i for i, slot in enumerate(self.slots) if not slot.name.startswith(others)]

    def trace(
        self, index: int, wrap: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None
    ) -> Traced:
        """Trace call `index`; raises what the model or jax raises (`trace_errors` puts it into words)."""
        chosen = self.inputs_of(index)
        wrappers = [self.wrappers[i] for i in chosen]
        avals = [wrapper._elem for wrapper in wrappers]
        changed: list[int] = []
        counts: list[int] = []
        call = self.calls[index]
        run = wrap(self._run) if wrap is not None else self._run

        def traced(arrays: list[jax.Array]) -> list[jax.Array]:
            for wrapper, array in zip(wrappers, arrays, strict=True):
                wrapper._elem = array
            outputs = run(call)
            changed[:] = [i for i, array in enumerate(arrays) if wrappers[i]._elem is not array]
            counts[:] = [len(outputs)]
            return [*outputs, *(wrappers[i]._elem for i in changed)]

        try:
            # A key of its own: what dropout draws from must not outlive the trace.
            with self.env.override_property(prng=jax.random.key(0)):
                jaxpr = jax.make_jaxpr(traced)(avals)
        finally:
            for wrapper, aval in zip(wrappers, avals, strict=True):
                wrapper._elem = aval
        return Traced(jaxpr, [self.slots[i] for i in chosen], avals, changed, counts[0])

    def _run(self, call: Mapping[str, Any]) -> list[jax.Array]:
        with self.env, torch.no_grad():
            result = self.model(*call["args"], **call["kwargs"])
        return arrays_of(result)


def arrays_of(result: Any) -> list[jax.Array]:
    """The arrays in a model's result: registered containers and the attributes of output objects."""
    leaves = pytree.tree_leaves(result)
    found = [leaf.jax() for leaf in leaves if isinstance(leaf, (JaxTensor, View))]
    if not found:
        found = [
            slot.tensor.jax()
            for slot in find_slots({"": result})
            if isinstance(slot.tensor, (JaxTensor, View))
        ]
    return found


def jit(traced: Traced, in_shardings: list[Any] | None, out_shardings: Any | None) -> Any:
    """The jitted program with every changed input donated; its arguments are `traced.avals`, one by one."""
    function = jaxpr_as_fun(traced.jaxpr)
    options: dict[str, Any] = {"donate_argnums": tuple(traced.changed)}
    if in_shardings is not None:
        options["in_shardings"] = tuple(in_shardings)
    if out_shardings is not None:
        options["out_shardings"] = out_shardings
    named = functools.wraps(function, assigned=())(lambda *arrays: tuple(function(*arrays)))
    named.__name__ = "program"
    return jax.jit(named, keep_unused=False, **options)
