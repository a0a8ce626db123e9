"""A sharding declared as data (name pattern to mesh axes), turned into jax shardings and constraints.

Keys are regular expressions that match a whole name: parameters and buffers by their dotted name, `input:NAME` for a
call's arguments (`input:args.0`), `output:NAME` for what the module of that name returns. Values name a mesh axis, or
None, for each dim in order; missing dims are whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import torch
from jax.sharding import NamedSharding, PartitionSpec
from torchax.tensor import Tensor as JaxTensor

from breakcheck.runtime.devices.workers.tensor_slots import Slot

Spec = tuple[str | None, ...]


class ShardingError(ValueError):
    """A table that doesn't fit the model or a mesh that doesn't fit the table, in one line."""


class Table:
    """The rows, and which of them were used; `shardings_of` and `constrain` mark them."""

    def __init__(self, rows: Mapping[str, Sequence[str | None]], mesh: Any) -> None:
        self.mesh = mesh
        self.rows = {pattern: tuple(spec) for pattern, spec in rows.items()}
        self.used: set[str] = set()
        self.uneven: dict[str, str] = {}
        for pattern, spec in self.rows.items():
            for axis in spec:
                if axis is not None and axis not in mesh.shape:
                    raise ShardingError(
                        f"row {pattern!r} names the mesh axis {axis!r}; --mesh has {', '.join(mesh.shape)}"
                    )

    def row(self, name: str) -> Spec | None:
        """The spec of a name, None when no row matches; raises when two do."""
        found = [pattern for pattern in self.rows if re.fullmatch(pattern, name)]
        if len(found) > 1:
            raise ShardingError(
                f"{name!r} matches two rows of the sharding table: {found[0]!r} and {found[1]!r}"
            )
        self.used.update(found)
        return self.rows[found[0]] if found else None

    def shardings_of(self, slots: list[Slot], call: int) -> list[NamedSharding]:
        """One sharding an input; raises `ShardingError` where a parameter or buffer matches no row."""
        result = []
        for slot in slots:
            name = re.sub(rf"^call{call}\.", "input:", slot.name)
            spec = self.row(name)
            if spec is None:
                if not name.startswith("input:"):
                    raise ShardingError(
                        f"{name!r} {list(slot.tensor.shape)} matches no row of the sharding table"
                    )
                spec = ()
            result.append(
                NamedSharding(self.mesh, self._spec(name, tuple(slot.tensor.shape), spec, strict=True))
            )
        return result

    def _spec(self, name: str, shape: tuple[int, ...], spec: Spec, strict: bool) -> PartitionSpec:
        axes: list[str | None] = []
        for size, axis in zip(shape, spec, strict=False):
            if axis is not None and size % self.mesh.shape[axis]:
                message = (
                    f"{name!r}: the mesh axis {axis}={self.mesh.shape[axis]} does not divide its size {size}"
                )
                if strict and not name.startswith("input:"):
                    raise ShardingError(message)
                self.uneven[name] = message
                axis = None
            axes.append(axis)
        return PartitionSpec(*axes)

    def install(self, model: torch.nn.Module) -> Callable[[], None]:
        """Constrain the outputs named in the table, by forward hooks; returns what takes the hooks away."""
        handles = []
        for name, module in model.named_modules():
            spec = self.row(f"output:{name}")
            if spec is not None:
                handles.append(module.register_forward_hook(self._hook(f"output:{name}", spec)))

        def remove() -> None:
            for handle in handles:
                handle.remove()

        return remove

    def _hook(self, name: str, spec: Spec) -> Callable[[Any, Any, Any], Any]:
        def constrain(module: Any, args: Any, output: Any) -> Any:
            if not isinstance(output, torch.Tensor):
                return output
            array = output.jax()  # type: ignore[attr-defined]
            sharding = NamedSharding(self.mesh, self._spec(name, tuple(array.shape), spec, strict=False))
            return JaxTensor(jax.lax.with_sharding_constraint(array, sharding), output._env)  # type: ignore[attr-defined]

        return constrain

    def unused(self) -> list[str]:
        """Rows that matched nothing, which is a mistake in the table."""
        return [pattern for pattern in self.rows if pattern not in self.used]
