"""What a call left behind, copied so that later calls can't change it: values, gradients, inputs, aliases, strides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from breakcheck.runtime.observe import Compiled


@dataclass
class Snapshot:
    """One call: tensors by where they are, and how outputs share memory with inputs.

    aliases: pairs (output, input) that share storage. strides: of each value.
    """

    values: dict[str, torch.Tensor] = field(default_factory=dict)
    gradients: dict[str, torch.Tensor] = field(default_factory=dict)
    inputs: dict[str, torch.Tensor] = field(default_factory=dict)
    aliases: set[tuple[str, str]] = field(default_factory=set)
    strides: dict[str, tuple[int, ...]] = field(default_factory=dict)


def tensors_of(value: Any, prefix: str = "") -> dict[str, torch.Tensor]:
    """All tensors inside nested containers, dataclasses and `Mapping`s, by path ("logits", "[0].hidden")."""
    import torch

    found: dict[str, torch.Tensor] = {}
    seen: set[int] = set()

    def walk(item: Any, path: str, depth: int) -> None:
        if isinstance(item, torch.Tensor):
            found[path or "output"] = item
            return
        if depth > 6 or id(item) in seen or isinstance(item, (str, bytes, int, float, bool, type(None))):
            return
        seen.add(id(item))
        if isinstance(item, Mapping):
            for key, part in item.items():
                walk(part, f"{path}.{key}" if path else str(key), depth + 1)
        elif isinstance(item, tuple) and hasattr(item, "_fields"):
            for name in item._fields:
                walk(getattr(item, name), f"{path}.{name}" if path else str(name), depth + 1)
        elif isinstance(item, (list, tuple)):
            for index, part in enumerate(item):
                walk(part, f"{path}[{index}]", depth + 1)
        elif (
            hasattr(item, "__dict__") and not isinstance(item, (type, torch.nn.Module)) and not callable(item)
        ):
            for name, part in vars(item).items():
                walk(part, f"{path}.{name}" if path else name, depth + 1)

    walk(value, prefix, 0)
    return found


def _storage(tensor: torch.Tensor) -> int:
    try:
        return tensor.untyped_storage().data_ptr()
    except (RuntimeError, NotImplementedError):  # subclasses without storage
        return 0


def snapshot(ready: Compiled, index: int, result: Any) -> Snapshot:
    """A copy of everything call `index` produced. Gradients are of parameters, and of inputs that ask for one."""
    import torch

    call = ready.calls[index]
    given = tensors_of({"args": call.args, "kwargs": dict(call.kwargs)})
    produced = tensors_of(result)
    shot = Snapshot()
    for path, tensor in produced.items():
        if isinstance(tensor, torch.Tensor) and not tensor.is_meta:
            shot.values[path] = _copy(tensor)
            shot.strides[path] = tuple(tensor.stride()) if tensor.layout is torch.strided else ()
    at = {_storage(tensor): path for path, tensor in given.items() if tensor.numel()}
    at.pop(0, None)
    shot.aliases = {(path, at[_storage(t)]) for path, t in produced.items() if _storage(t) in at}
    shot.inputs = {path: _copy(tensor) for path, tensor in given.items()}
    if ready.case.train:
        model = ready.case.model
        if isinstance(model, torch.nn.Module):
            for name, parameter in model.named_parameters():
                if parameter.grad is not None:
                    shot.gradients[name.removeprefix("_orig_mod.")] = _copy(parameter.grad)
        for path, tensor in given.items():
            if tensor.is_leaf and tensor.grad is not None:
                shot.gradients[path] = _copy(tensor.grad)
    return shot


def _copy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().clone()


def forget_gradients(ready: Compiled, index: int) -> None:
    """Clear gradients before a call, of parameters and inputs, so that they don't add up."""
    import torch

    if isinstance(ready.case.model, torch.nn.Module):
        ready.case.model.zero_grad(set_to_none=True)
    call = ready.calls[index]
    for tensor in tensors_of({"args": call.args, "kwargs": dict(call.kwargs)}).values():
        if tensor.is_leaf:
            tensor.grad = None


def snapshots(ready: Compiled) -> list[Snapshot]:
    """All calls of a case in order, each with its snapshot; exceptions pass through."""
    shots = []
    for index in range(len(ready.calls)):
        shots.append(snapshot(ready, index, ready.run(index)))
    return shots


Keep = Callable[[int, Any], None]
